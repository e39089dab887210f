/* The time of rows as whole steps: what `every` counts by, and what comes after the last row. */
#ifndef NNL_DATA_CLOCK_H
#define NNL_DATA_CLOCK_H

#include "runtime/data/recipe.h"

typedef struct {
    const RecipeOrder *order;
    size_t *columns;       /* of the table, parallel to order->columns */
    TimeUnit unit;         /* of a step; UNIT_NONE: plain numbers, or no regular step */
    double step;           /* units, or numbers, from one row to the next; 0: unknown */
    bool year_week;        /* a `year` and a `week` column: weeks run to each year's own last one */
    int64_t first_year;
    size_t n_years;
    const int *weeks;      /* last week of each year from first_year on */
    const int64_t *weeks_before; /* weeks of the years before it */
    int usual_weeks;       /* of any other year */
} Clock;

/* Reads the years' last weeks from the table. The step is that of `every`; without it unit and step stay unknown. */
Clock clock_new(Arena *arena, const RecipeOrder *order, const Table *table);
/* Finds the step from neighbours of a series where the recipe says none: the same difference between at least four of five. */
void clock_guess(Clock *clock, Arena *arena, const Table *table, const Series *series);

/* The finest unit that the columns of the order tell; UNIT_NONE: plain numbers. */
TimeUnit order_finest(const RecipeOrder *order);

/* The times of a row: one number for each column of the order. */
void clock_read(const Clock *clock, const Table *table, size_t row, double *time);
/* The number of the unit (of `unit`) that a time lies in, counted from any fixed beginning. */
int64_t clock_ordinal(const Clock *clock, const double *time, TimeUnit unit);
/* The time `steps` steps later; false: the step is unknown. */
bool clock_later(const Clock *clock, const double *time, int64_t steps, double *later);
/* The time at which the unit of that number begins; a year and a week stay as they are. */
void clock_begin(const Clock *clock, int64_t ordinal, TimeUnit unit, double *time);
/* "2024-01-02", "2010 week 3", "17". */
const char *clock_text(const Clock *clock, Arena *arena, const Table *table, const double *time);

/* A border: rows up to and with a time that `text` names ("2019-06-30", "2019-06", "2019", "2014 20", "500"). false: it names none. */
typedef struct {
    double limit;              /* where there is a column of dates: moments before the limit, or with it where `closed` */
    bool closed;
    double parts[ORDER_COLUMNS_MAX];           /* columns of the calendar or of numbers: no part greater, compared one after another */
    size_t n_parts;
} ClockLimit;
bool clock_limit(const RecipeOrder *order, const char *text, ClockLimit *limit);
bool clock_within(const Clock *clock, const Table *table, size_t row, const ClockLimit *limit);

#endif
