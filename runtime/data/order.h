/* Time in a table: which columns say when a row was, which say whose it is, and what follows from both.
 *
 * Rows of an ordered table stand series by series (one series for each combination of the `group by` columns, in the order in
 * which these first appear), and within a series in time order. A run is a stretch of neighbours: it ends with its series and
 * where `drop missing` took rows out. Windows, steps ahead and columns that look back stay within a run. */
#ifndef NNL_DATA_ORDER_H
#define NNL_DATA_ORDER_H

#include "runtime/table/table.h"

/* What a column of `order by` says. The calendar's parts are known by the column's name (`year`, `Month`, `주`). */
typedef enum {
    TIME_NUMBER,
    TIME_DATE,
    TIME_YEAR,
    TIME_QUARTER,
    TIME_MONTH,
    TIME_WEEK,
    TIME_DAY,
    TIME_HOUR,
    TIME_MINUTE,
    TIME_SECOND
} TimeRole;

typedef enum { UNIT_NONE, UNIT_SECOND, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_QUARTER, UNIT_YEAR } TimeUnit;
/* "minute", …; UNIT_NONE: "". */
const char *time_unit_name(TimeUnit unit);
/* UNIT_NONE: there is none of that name. `plural` forms count too. */
TimeUnit time_unit_find(const char *name);
/* What a column of that name says; TIME_NUMBER: nothing of the calendar. */
TimeRole time_role_find(const char *name);

typedef enum { STEP_ONE, STEP_MEAN, STEP_SUM, STEP_FIRST, STEP_LAST } StepMerge; /* what becomes of several rows of one step */

typedef enum { ORDER_NONE, ORDER_GIVEN, ORDER_BY } OrderForm;

typedef struct {
    const char *name;
    TimeRole role;
    Span span;
} RecipeOrderColumn;

#define ORDER_COLUMNS_MAX 8 /* a year, quarter, month, week, day, hour, minute and second */

typedef struct {
    OrderForm form;
    const RecipeOrderColumn *columns; /* ORDER_BY: least often changing first */
    size_t n_columns;
    int64_t every; /* rows are this many units apart; 0: nothing said */
    TimeUnit unit;
    StepMerge merge;
    const char *const *group; /* columns of `group by` */
    const Span *group_spans;
    size_t n_group;
    Span span, every_span, group_span; /* of the clauses */
} RecipeOrder;

/* A column of dates that is made when the table is read: `date COL as "…"`, `date NAME from COL, COL as "…"`, or a column of `order by` that holds
 * dates in another form than ISO. */
typedef struct {
    const char *name;
    const char *const *from; /* the columns whose cells, joined by one blank, are read; one that is `name` itself is replaced */
    size_t n_from;
    const char *format; /* NULL: in `form` */
    DateForm form;
    Span span;
} RecipeDate;

/* Where the rows of an ordered table belong. */
typedef struct {
    size_t n;               /* series */
    const char *const *names; /* of each: "store=3, item=7"; "" without `group by` */
    const uint32_t *begin;  /* of each: its first row; n + 1 numbers */
    const uint32_t *series; /* of each row */
    const uint32_t *place;  /* of each row: how many rows of its run stand before it */
} Series;

#endif
