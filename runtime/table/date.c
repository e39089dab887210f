/* Civil-day arithmetic and dates as text. The day count is Howard Hinnant's: years begin in March, so that the leap day is the last
 * of its year, and an era of 400 years has 146,097 days. */
#include "runtime/table/date.h"

#include <math.h>

#define DAY_SECONDS 86400.0

int64_t date_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

bool date_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && date_is_leap(year) ? 29 : days[month - 1];
}

/* 1970-01-01 was a Thursday (3). */
static int weekday_of(int64_t days)
{
    int64_t w = (days + 3) % 7;
    return (int)(w < 0 ? w + 7 : w);
}

int64_t date_iso_week(int64_t iso_year, int week)
{
    int64_t fourth = date_days(iso_year, 1, 4); /* always in week 1 */
    return fourth - weekday_of(fourth) + 7 * (int64_t)(week - 1);
}

int date_iso_weeks(int64_t iso_year)
{
    return (int)((date_iso_week(iso_year + 1, 1) - date_iso_week(iso_year, 1)) / 7);
}

DateParts date_parts(double seconds)
{
    DateParts p = {0};
    double whole_days = floor(seconds / DAY_SECONDS);
    double rest = seconds - whole_days * DAY_SECONDS;
    int64_t days = (int64_t)whole_days;
    civil(days, &p.year, &p.month, &p.day);
    p.hour = (int)(rest / 3600.0);
    rest -= p.hour * 3600.0;
    p.minute = (int)(rest / 60.0);
    p.second = rest - p.minute * 60.0;
    p.weekday = weekday_of(days);
    p.day_of_year = (int)(days - date_days(p.year, 1, 1)) + 1;
    /* An ISO week belongs to the year that holds its Thursday. */
    int64_t thursday = days - p.weekday + 3;
    int month, day;
    civil(thursday, &p.iso_year, &month, &day);
    p.iso_week = (int)((thursday - date_days(p.iso_year, 1, 1)) / 7) + 1;
    return p;
}

const char *date_text(Arena *arena, double seconds, DateForm form)
{
    if (isnan(seconds)) return "";
    DateParts p = date_parts(seconds);
    if (form == DATE_MONTH) return arena_printf(arena, "%04lld-%02d", (long long)p.year, p.month);
    const char *day = arena_printf(arena, "%04lld-%02d-%02d", (long long)p.year, p.month, p.day);
    bool midnight = p.hour == 0 && p.minute == 0 && p.second == 0;
    if (form != DATE_TIME && midnight) return day;
    double whole = floor(p.second);
    const char *time = arena_printf(arena, "%s %02d:%02d:%02d", day, p.hour, p.minute, (int)whole);
    /* Doubles near today hold microseconds and no more. */
    int micro = (int)lrint((p.second - whole) * 1e6);
    if (micro == 0 || micro == 1000000) return time;
    char *with = arena_printf(arena, "%s.%06d", time, micro);
    size_t n = strlen(with);
    while (with[n - 1] == '0') with[--n] = '\0';
    return with;
}
