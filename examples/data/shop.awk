# shop.awk: makes shop.csv, a table that is invented by rule, so that one can tell whether an answer is right:
# the rhythm of a week, one more every ten days, and 25 more on a holiday.
#     TZ=UTC awk -f shop.awk > shop.csv
BEGIN {
    print "day,sold,holiday_tomorrow"
    for (i = 0; i < 180; i++)
        printf "%s,%d,%d\n", strftime("%Y-%m-%d", 1704067200 + 86400 * i, 1), 40 + 12 * cos(6.2832 * i / 7) + i / 10 + 25 * holiday(i), holiday(i + 1)
}
function holiday(i) { return i % 17 == 5 || i % 23 == 9 }
