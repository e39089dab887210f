# Writes the tables of this folder from R's own package `datasets`.
#
#     cd examples/data && Rscript extract.R
#
# On Debian 12: apt-get install r-base-core. Nothing is drawn at random and nothing is left out,
# so the same R gives the same bytes again.

library(datasets)

write_table <- function(table, file)
    write.csv(table, file, row.names = FALSE, quote = FALSE, na = "NA")

# 150 flowers, 50 of each of three kinds.
write_table(iris, "iris.csv")

# 32 cars; their names are R's row names and become a column.
write_table(data.frame(car = rownames(mtcars), mtcars), "mtcars.csv")

# Four little tables with the same line through each of them.
write_table(anscombe, "anscombe.csv")

# R holds the Titanic as counts; one row for each of the 2201 persons, in the order of R's table.
counts <- as.data.frame(Titanic)
persons <- counts[rep(seq_len(nrow(counts)), counts$Freq), c("Class", "Sex", "Age", "Survived")]
write_table(persons, "titanic.csv")

# 153 days in New York; what was not measured is NA.
write_table(airquality, "airquality.csv")

# Passengers of airlines, in thousands, month by month.
year  <- floor(as.numeric(time(AirPassengers)) + 1e-6)
month <- as.integer(cycle(AirPassengers))
label <- sprintf("%d-%02d", year, month)
value <- as.integer(AirPassengers)
write_table(data.frame(month = label, passengers = value), "airpassengers.csv")

# The same figures once more, a year side by side: each row holds twelve months in a row (m01 the
# oldest, m12 the month named first) and the month that followed. 144 months give 132 such rows.
last <- 12:143
past <- sapply(1:12, function(k) value[last - 12 + k])
colnames(past) <- sprintf("m%02d", 1:12)
write_table(data.frame(last_month = label[last], past, following = value[last + 1]), "airpassengers_by_12.csv")
