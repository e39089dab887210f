/* Times as steps; see clock.h. */
#include "runtime/data/clock.h"

#include <math.h>

#define DAY_SECONDS 86400.0

static const double unit_seconds[] = {[UNIT_SECOND] = 1.0, [UNIT_MINUTE] = 60.0, [UNIT_HOUR] = 3600.0, [UNIT_DAY] = DAY_SECONDS,
                                      [UNIT_WEEK] = 7.0 * DAY_SECONDS, [UNIT_MONTH] = 0.0, [UNIT_QUARTER] = 0.0, [UNIT_YEAR] = 0.0};

static size_t role_at(const RecipeOrder *order, TimeRole role)
{
    for (size_t i = 0; i < order->n_columns; i++)
        if (order->columns[i].role == role) return i;
    return SIZE_MAX;
}

TimeUnit order_finest(const RecipeOrder *order)
{
    static const TimeUnit units[] = {[TIME_NUMBER] = UNIT_NONE,   [TIME_DATE] = UNIT_SECOND, [TIME_YEAR] = UNIT_YEAR,
                                     [TIME_QUARTER] = UNIT_QUARTER, [TIME_MONTH] = UNIT_MONTH, [TIME_WEEK] = UNIT_WEEK,
                                     [TIME_DAY] = UNIT_DAY,       [TIME_HOUR] = UNIT_HOUR,   [TIME_MINUTE] = UNIT_MINUTE,
                                     [TIME_SECOND] = UNIT_SECOND};
    TimeUnit finest = UNIT_NONE;
    for (size_t i = 0; i < order->n_columns; i++) {
        TimeUnit unit = units[order->columns[i].role];
        if (unit == UNIT_NONE) return UNIT_NONE;
        if (finest == UNIT_NONE || unit < finest) finest = unit;
    }
    if (finest != UNIT_NONE && role_at(order, TIME_DATE) == SIZE_MAX && role_at(order, TIME_YEAR) == SIZE_MAX) return UNIT_NONE;
    return finest;
}

/* ---- Weeks of years ------------------------------------------------------------------------------------------------------ */

/* The table's last year may end early: it has at least as many weeks as years usually have here. */
static void count_weeks(Clock *clock, Arena *arena, const Table *table, size_t year_column, size_t week_column)
{
    const double *years = table->columns[year_column].numbers, *weeks = table->columns[week_column].numbers;
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (size_t row = 0; row < table->n_rows; row++) {
        if (years[row] < low) low = years[row];
        if (years[row] > high) high = years[row];
    }
    enum { YEARS_MOST = 100000 };
    clock->usual_weeks = 52;
    if (!(high - low < YEARS_MOST)) return;
    clock->first_year = (int64_t)floor(low);
    clock->n_years = (size_t)((int64_t)floor(high) - clock->first_year) + 1;
    int *last = ARENA_ARRAY(arena, int, clock->n_years + 1);
    for (size_t row = 0; row < table->n_rows; row++) {
        if (isnan(years[row]) || isnan(weeks[row]) || weeks[row] < 1.0 || weeks[row] > 1000.0) continue;
        size_t y = (size_t)((int64_t)floor(years[row]) - clock->first_year);
        if ((int)weeks[row] > last[y]) last[y] = (int)weeks[row];
    }
    size_t most = 0;
    for (size_t y = 0; y + 1 < clock->n_years; y++) {
        size_t alike = 0;
        for (size_t k = 0; k + 1 < clock->n_years; k++) alike += last[k] == last[y];
        if (last[y] == 0 || alike <= most) continue;
        most = alike;
        clock->usual_weeks = last[y];
    }
    int64_t *before = ARENA_ARRAY(arena, int64_t, clock->n_years + 1);
    for (size_t y = 0; y < clock->n_years; y++) {
        if (last[y] == 0 || (y + 1 == clock->n_years && last[y] < clock->usual_weeks)) last[y] = clock->usual_weeks;
        before[y + 1] = before[y] + last[y];
    }
    clock->weeks = last;
    clock->weeks_before = before;
}

static int weeks_of(const Clock *clock, int64_t year)
{
    int64_t y = year - clock->first_year;
    return y >= 0 && (size_t)y < clock->n_years ? clock->weeks[y] : clock->usual_weeks;
}

static int64_t weeks_until(const Clock *clock, int64_t year)
{
    int64_t y = year - clock->first_year;
    if (y < 0) return y * clock->usual_weeks;
    if ((size_t)y <= clock->n_years && clock->weeks_before) return clock->weeks_before[y];
    int64_t beyond = y - (int64_t)clock->n_years;
    return (clock->weeks_before ? clock->weeks_before[clock->n_years] : 0) + beyond * clock->usual_weeks;
}

Clock clock_new(Arena *arena, const RecipeOrder *order, const Table *table)
{
    Clock clock = {.order = order, .unit = order->every ? order->unit : UNIT_NONE, .step = (double)order->every};
    clock.columns = ARENA_ARRAY(arena, size_t, order->n_columns + 1);
    for (size_t i = 0; i < order->n_columns; i++) clock.columns[i] = table_find(table, order->columns[i].name);
    size_t year = role_at(order, TIME_YEAR), week = role_at(order, TIME_WEEK);
    clock.year_week = year != SIZE_MAX && week != SIZE_MAX && order->n_columns == 2;
    if (clock.year_week) count_weeks(&clock, arena, table, clock.columns[year], clock.columns[week]);
    return clock;
}

void clock_read(const Clock *clock, const Table *table, size_t row, double *time)
{
    for (size_t i = 0; i < clock->order->n_columns; i++) time[i] = table->columns[clock->columns[i]].numbers[row];
}

/* ---- Calendar ------------------------------------------------------------------------------------------------------------ */

static double part(const RecipeOrder *order, const double *time, TimeRole role, double otherwise)
{
    size_t at = role_at(order, role);
    return at == SIZE_MAX ? otherwise : time[at];
}

/* Columns of the calendar as a moment. */
static double moment(const RecipeOrder *order, const double *time)
{
    size_t date = role_at(order, TIME_DATE);
    if (date != SIZE_MAX && order->n_columns == 1) return time[date];
    double month = part(order, time, TIME_MONTH, 1.0);
    if (role_at(order, TIME_MONTH) == SIZE_MAX) month = 3.0 * (part(order, time, TIME_QUARTER, 1.0) - 1.0) + 1.0;
    if (!(month >= 1.0 && month <= 12.0)) month = 1.0;
    double days = date != SIZE_MAX ? time[date] / DAY_SECONDS
                                   : (double)date_days((int64_t)part(order, time, TIME_YEAR, 1970.0), (int)month, 1) + part(order, time, TIME_DAY, 1.0) - 1.0;
    if (date == SIZE_MAX && role_at(order, TIME_WEEK) != SIZE_MAX) days += 7.0 * (part(order, time, TIME_WEEK, 1.0) - 1.0);
    return days * DAY_SECONDS + part(order, time, TIME_HOUR, 0.0) * 3600.0 + part(order, time, TIME_MINUTE, 0.0) * 60.0 +
           part(order, time, TIME_SECOND, 0.0);
}

static int64_t ordinal_of(double seconds, TimeUnit unit)
{
    DateParts p = date_parts(seconds);
    switch (unit) {
    case UNIT_NONE: return 0;
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_DAY: return (int64_t)floor(seconds / unit_seconds[unit]);
    case UNIT_WEEK: return (int64_t)floor((seconds / DAY_SECONDS + 3.0) / 7.0); /* from Monday */
    case UNIT_MONTH: return p.year * 12 + p.month - 1;
    case UNIT_QUARTER: return p.year * 4 + (p.month - 1) / 3;
    case UNIT_YEAR: return p.year;
    }
    return 0;
}

int64_t clock_ordinal(const Clock *clock, const double *time, TimeUnit unit)
{
    if (!clock->year_week) return ordinal_of(moment(clock->order, time), unit);
    int64_t year = (int64_t)part(clock->order, time, TIME_YEAR, 0.0);
    if (unit == UNIT_YEAR) return year;
    return weeks_until(clock, year) + (int64_t)part(clock->order, time, TIME_WEEK, 1.0) - 1;
}

/* The same day of the month so many months later; the last day stays the last, and a day that a month lacks becomes its last. */
static double add_months(double seconds, int64_t months)
{
    DateParts p = date_parts(seconds);
    bool last = p.day == date_month_days(p.year, p.month);
    int64_t ordinal = p.year * 12 + p.month - 1 + months;
    int64_t year = ordinal >= 0 ? ordinal / 12 : -((11 - ordinal) / 12);
    int month = (int)(ordinal - year * 12) + 1, days = date_month_days(year, month);
    int day = p.day < days && !(last && p.day > 27) ? p.day : days;
    double clock = seconds - floor(seconds / DAY_SECONDS) * DAY_SECONDS;
    return (double)date_days(year, month, day) * DAY_SECONDS + clock;
}

static double moment_later(double seconds, TimeUnit unit, double units)
{
    int64_t months = unit == UNIT_YEAR ? 12 : unit == UNIT_QUARTER ? 3 : 1;
    if (unit >= UNIT_MONTH) return add_months(seconds, months * (int64_t)units);
    return seconds + units * unit_seconds[unit];
}

/* A moment in the columns of the calendar. */
static void put_moment(const RecipeOrder *order, double seconds, double *time)
{
    DateParts p = date_parts(seconds);
    for (size_t i = 0; i < order->n_columns; i++) {
        switch (order->columns[i].role) {
        case TIME_NUMBER: break;
        case TIME_DATE: time[i] = order->n_columns == 1 ? seconds : floor(seconds / DAY_SECONDS) * DAY_SECONDS; break;
        case TIME_YEAR: time[i] = (double)p.year; break;
        case TIME_QUARTER: time[i] = (double)((p.month - 1) / 3 + 1); break;
        case TIME_MONTH: time[i] = p.month; break;
        case TIME_WEEK: time[i] = floor((p.day_of_year - 1) / 7.0) + 1.0; break;
        case TIME_DAY: time[i] = p.day; break;
        case TIME_HOUR: time[i] = p.hour; break;
        case TIME_MINUTE: time[i] = p.minute; break;
        case TIME_SECOND: time[i] = p.second; break;
        }
    }
}

bool clock_later(const Clock *clock, const double *time, int64_t steps, double *later)
{
    const RecipeOrder *order = clock->order;
    if (clock->step == 0.0 || order->form != ORDER_BY) return false;
    double units = clock->step * (double)steps;
    for (size_t i = 0; i < order->n_columns; i++) later[i] = time[i];
    if (clock->unit == UNIT_NONE) {
        later[order->n_columns - 1] += units;
        return true;
    }
    if (!clock->year_week) {
        put_moment(order, moment_later(moment(order, time), clock->unit, units), later);
        return true;
    }
    size_t year_at = role_at(order, TIME_YEAR), week_at = role_at(order, TIME_WEEK);
    if (clock->unit == UNIT_YEAR) {
        later[year_at] += units;
        return true;
    }
    int64_t ordinal = clock_ordinal(clock, time, UNIT_WEEK) + (int64_t)units, year = (int64_t)time[year_at];
    while (ordinal < weeks_until(clock, year)) year--;
    while (ordinal >= weeks_until(clock, year) + weeks_of(clock, year)) year++;
    later[year_at] = (double)year;
    later[week_at] = (double)(ordinal - weeks_until(clock, year)) + 1.0;
    return true;
}

void clock_begin(const Clock *clock, int64_t ordinal, TimeUnit unit, double *time)
{
    if (clock->year_week) return;
    double seconds = 0.0;
    switch (unit) {
    case UNIT_NONE: return;
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_DAY: seconds = (double)ordinal * unit_seconds[unit]; break;
    case UNIT_WEEK: seconds = ((double)ordinal * 7.0 - 3.0) * DAY_SECONDS; break;
    case UNIT_MONTH:
    case UNIT_QUARTER:
    case UNIT_YEAR: {
        int64_t months = unit == UNIT_MONTH ? 1 : unit == UNIT_QUARTER ? 3 : 12;
        seconds = add_months((double)date_days(0, 1, 1) * DAY_SECONDS, ordinal * months);
    }
    }
    put_moment(clock->order, seconds, time);
}

/* ---- The step between rows ------------------------------------------------------------------------------------------------ */

/* The median of the differences, where at least four of five have it; else 0. */
static double usual_difference(double *differences, size_t n)
{
    if (n == 0) return 0.0;
    qsort(differences, n, sizeof *differences, transform_compare_doubles);
    double median = differences[n / 2];
    size_t alike = 0;
    for (size_t i = 0; i < n; i++) alike += differences[i] == median;
    return 5 * alike >= 4 * n && median > 0.0 ? median : 0.0;
}

typedef double Difference(const Clock *clock, const double *a, const double *b);

static double in_seconds(const Clock *clock, const double *a, const double *b)
{
    return moment(clock->order, b) - moment(clock->order, a);
}

/* NaN where the day within the month differs, but from one month's last to another's. */
static double in_months(const Clock *clock, const double *a, const double *b)
{
    double from = moment(clock->order, a), to = moment(clock->order, b);
    int64_t months = ordinal_of(to, UNIT_MONTH) - ordinal_of(from, UNIT_MONTH);
    return add_months(from, months) == to ? (double)months : -1.0;
}

static double in_weeks(const Clock *clock, const double *a, const double *b)
{
    return (double)(clock_ordinal(clock, b, UNIT_WEEK) - clock_ordinal(clock, a, UNIT_WEEK));
}

static double in_numbers(const Clock *clock, const double *a, const double *b)
{
    size_t last = clock->order->n_columns - 1;
    return b[last] - a[last];
}

static double guess(const Clock *clock, Arena *arena, const Table *table, const Series *series, Difference *difference)
{
    double *differences = ARENA_ARRAY(arena, double, table->n_rows + 1);
    double a[ORDER_COLUMNS_MAX] = {0}, b[ORDER_COLUMNS_MAX] = {0};
    size_t n = 0;
    for (size_t row = 1; row < table->n_rows; row++) {
        if (series->place[row] == 0) continue;
        clock_read(clock, table, row - 1, a);
        clock_read(clock, table, row, b);
        differences[n++] = difference(clock, a, b);
    }
    return usual_difference(differences, n);
}

void clock_guess(Clock *clock, Arena *arena, const Table *table, const Series *series)
{
    if (clock->step != 0.0 || clock->order->form != ORDER_BY) return;
    TimeUnit finest = order_finest(clock->order);
    if (clock->year_week) {
        clock->unit = UNIT_WEEK;
        clock->step = guess(clock, arena, table, series, in_weeks);
    } else if (finest == UNIT_NONE) {
        if (clock->order->n_columns == 1) clock->step = guess(clock, arena, table, series, in_numbers);
    } else {
        clock->unit = UNIT_MONTH;
        clock->step = guess(clock, arena, table, series, in_months);
        if (clock->step != 0.0) return;
        clock->unit = UNIT_SECOND;
        clock->step = guess(clock, arena, table, series, in_seconds);
    }
}

/* ---- Text ---------------------------------------------------------------------------------------------------------------- */

const char *clock_text(const Clock *clock, Arena *arena, const Table *table, const double *time)
{
    static const char *const words[] = {[TIME_NUMBER] = "", [TIME_DATE] = "", [TIME_YEAR] = "", [TIME_QUARTER] = "quarter ", [TIME_MONTH] = "month ",
                                        [TIME_WEEK] = "week ", [TIME_DAY] = "day ", [TIME_HOUR] = "hour ", [TIME_MINUTE] = "minute ",
                                        [TIME_SECOND] = "second "};
    Buf text = buf_in(arena);
    buf_put(&text, "");
    for (size_t i = 0; i < clock->order->n_columns; i++) {
        const Column *column = &table->columns[clock->columns[i]];
        TimeRole role = clock->order->columns[i].role;
        if (i) buf_char(&text, ' ');
        buf_put(&text, words[role]);
        buf_put(&text, column->type == COLUMN_DATE ? date_text(arena, time[i], column->form) : str_double(arena, time[i]));
    }
    return text.at;
}

/* ---- Borders --------------------------------------------------------------------------------------------------------------- */

/* "2019" and "2019-06" name a stretch: up to its end. */
static bool date_limit(const char *text, ClockLimit *limit)
{
    size_t n = strlen(text);
    double seconds;
    DateForm form;
    if (n == 4 && strspn(text, "0123456789") == 4) {
        int64_t year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
        limit->limit = (double)date_days(year + 1, 1, 1) * DAY_SECONDS;
        return true;
    }
    static const DateForm forms[] = {DATE_COMPACT, DATE_KOREAN, DATE_YMD};
    bool found = date_parse_iso(text, n, &form, &seconds);
    for (size_t i = 0; !found && i < sizeof forms / sizeof *forms; i++) {
        form = forms[i];
        found = date_parse(text, n, form, &seconds);
    }
    if (!found) return false;
    bool midnight = seconds == floor(seconds / DAY_SECONDS) * DAY_SECONDS;
    limit->limit = seconds;
    if (form == DATE_MONTH) limit->limit = add_months(seconds, 1);
    else if (form == DATE_TIME || !midnight) limit->closed = true;
    else limit->limit = seconds + DAY_SECONDS;
    return true;
}

bool clock_limit(const RecipeOrder *order, const char *text, ClockLimit *limit)
{
    *limit = (ClockLimit){0};
    if (role_at(order, TIME_DATE) != SIZE_MAX) return date_limit(text, limit);
    for (const char *p = text; *p;) {
        double value;
        size_t n = strcspn(p, " -:/T,.");
        if (order->n_columns == 1) n = strlen(p); /* one number, perhaps with a point */
        if (n == 0) {
            p++;
            continue;
        }
        if (limit->n_parts == ORDER_COLUMNS_MAX || !csv_number(p, n, &value)) return false;
        limit->parts[limit->n_parts++] = value;
        p += n;
    }
    return limit->n_parts > 0 && limit->n_parts <= order->n_columns;
}

bool clock_within(const Clock *clock, const Table *table, size_t row, const ClockLimit *limit)
{
    if (limit->n_parts == 0) {
        double time[ORDER_COLUMNS_MAX] = {0};
        clock_read(clock, table, row, time);
        double seconds = moment(clock->order, time);
        return limit->closed ? seconds <= limit->limit : seconds < limit->limit;
    }
    for (size_t i = 0; i < limit->n_parts; i++) {
        double time = table->columns[clock->columns[i]].numbers[row];
        if (time != limit->parts[i]) return time < limit->parts[i];
    }
    return true;
}
