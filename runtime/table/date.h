/* Dates and times: civil-day arithmetic in the proleptic Gregorian calendar and the ways people write dates.
 *
 * A moment is a double: seconds since 1970-01-01 in UTC; what names no time zone counts as UTC. Never strptime or mktime (locale, zone). */
#ifndef NNL_TABLE_DATE_H
#define NNL_TABLE_DATE_H

#include "runtime/base/str.h"

typedef enum {
    DATE_NONE,
    DATE_MONTH,    /* 1949-01 */
    DATE_DAY,      /* 2024-01-02 */
    DATE_TIME,     /* 2024-01-02 15:04, 2024-01-02T15:04:05.250Z, …+09:00 */
    DATE_COMPACT,  /* 20240102 */
    DATE_KOREAN,   /* 2024년 1월 2일, 2024년 1월, with 15시 4분 5초 */
    DATE_YMD,      /* 2024/1/2, 2024.1.2. (with a time) */
    DATE_DMY,      /* 2/1/2024, 02.01.2024, 2-1-2024 (with a time) */
    DATE_MDY       /* 1/2/2024 (with a time) */
} DateForm;

typedef struct {
    int64_t year;
    int month, day; /* from 1 */
    int hour, minute;
    double second;  /* with its fraction */
    int weekday;    /* 0 is Monday */
    int day_of_year; /* from 1 */
    int64_t iso_year; /* the year of the ISO week */
    int iso_week;
} DateParts;

/* Days since 1970-01-01 of a civil date, and back. */
int64_t date_days(int64_t year, int month, int day);
DateParts date_parts(double seconds);
bool date_is_leap(int64_t year);
int date_month_days(int64_t year, int month);
/* Monday of an ISO week as days since 1970; weeks in an ISO year (52 or 53). */
int64_t date_iso_week(int64_t iso_year, int week);
int date_iso_weeks(int64_t iso_year);

/* The whole text as a date of that form (blanks around it are the caller's); false: it is none. */
bool date_parse(const char *text, size_t n, DateForm form, double *seconds);
/* An ISO date, time or month, whichever it is. */
bool date_parse_iso(const char *text, size_t n, DateForm *form, double *seconds);
/* Whether the text is written like an ISO date but names no day (2023-02-30). */
bool date_looks_iso(const char *text, size_t n);

/* The form that all texts have (NULL entries are skipped). Where both DATE_DMY and DATE_MDY would do, `doubtful` is set; where one
 * did not, `settled` is the first text that rules the other out, else SIZE_MAX. DATE_NONE: no form fits; `settled` is then the first text that
 * fits none by itself, or SIZE_MAX. */
typedef struct {
    DateForm form;
    bool doubtful;
    size_t settled;
} DateGuess;
DateGuess date_guess(const char *const *texts, size_t n);

/* Formats of `date COL as "%d.%m.%Y %H:%M"`: %Y %y %m %d %H %I %p %M %S %f %j %b %B %a %A %z %% and literal text; a blank stands
 * for any number of blanks. *bad is the offset of a directive that does not exist or names nothing a date needs. */
bool date_format_check(const char *format, size_t *bad);
bool date_parse_format(const char *text, size_t n, const char *format, double *seconds);

/* "1949-01", "2024-01-02" or "2024-01-02 15:04:05", by form (all but DATE_MONTH: with the time where there is one). */
const char *date_text(Arena *arena, double seconds, DateForm form);

#endif
