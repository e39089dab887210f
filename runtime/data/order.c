/* Words of time: units, and the calendar's parts by a column's name. */
#include "runtime/data/order.h"

static const char *const units[] = {"", "second", "minute", "hour", "day", "week", "month", "quarter", "year"};

const char *time_unit_name(TimeUnit unit)
{
    return units[unit];
}

TimeUnit time_unit_find(const char *name)
{
    size_t n = strlen(name);
    for (int unit = UNIT_SECOND; unit <= UNIT_YEAR; unit++) {
        size_t length = strlen(units[unit]);
        if (strncmp(name, units[unit], length) == 0 && (n == length || (n == length + 1 && name[length] == 's'))) return (TimeUnit)unit;
    }
    return UNIT_NONE;
}

TimeRole time_role_find(const char *name)
{
    static const struct {
        const char *name;
        TimeRole role;
    } words[] = {
        {"year", TIME_YEAR},       {"yr", TIME_YEAR},     {"yyyy", TIME_YEAR},       {"년", TIME_YEAR},        {"연도", TIME_YEAR},
        {"년도", TIME_YEAR},       {"quarter", TIME_QUARTER}, {"qtr", TIME_QUARTER}, {"분기", TIME_QUARTER},   {"month", TIME_MONTH},
        {"mon", TIME_MONTH},       {"mo", TIME_MONTH},    {"mm", TIME_MONTH},        {"월", TIME_MONTH},       {"week", TIME_WEEK},
        {"wk", TIME_WEEK},         {"주", TIME_WEEK},     {"주차", TIME_WEEK},       {"day", TIME_DAY},        {"dd", TIME_DAY},
        {"일", TIME_DAY},          {"hour", TIME_HOUR},   {"hr", TIME_HOUR},         {"hh", TIME_HOUR},        {"시", TIME_HOUR},
        {"시간", TIME_HOUR},       {"minute", TIME_MINUTE}, {"min", TIME_MINUTE},    {"분", TIME_MINUTE},      {"second", TIME_SECOND},
        {"sec", TIME_SECOND},      {"초", TIME_SECOND},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_fold(name, words[i].name)) return words[i].role;
    return TIME_NUMBER;
}
