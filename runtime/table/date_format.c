/* Dates by a format of the user's: `date COL as "%d.%m.%Y %H:%M"`, with the directives of Python's strptime that name a date. */
#include "runtime/table/date.h"

static const char *const months[] = {"january", "february", "march", "april", "may", "june", "july", "august", "september",
                                     "october", "november", "december"};
static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

bool date_format_check(const char *format, size_t *bad)
{
    for (size_t i = 0; format[i]; i++) {
        if (format[i] != '%') continue;
        if (!format[i + 1] || !strchr("YymdHIpMSfjbBaAz%", format[i + 1])) {
            *bad = i;
            return false;
        }
        i++;
    }
    return true;
}

static bool digits(const char **at, const char *end, int most, int *value)
{
    int n = 0;
    *value = 0;
    while (n < most && *at < end && **at >= '0' && **at <= '9') {
        *value = *value * 10 + (**at - '0');
        (*at)++;
        n++;
    }
    return n > 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* One of n names, whole or its first three letters, without regard to case. */
static bool name_of(const char **at, const char *end, const char *const *names, int n, bool whole, int *value)
{
    for (int i = 0; i < n; i++) {
        size_t length = whole ? strlen(names[i]) : 3;
        if ((size_t)(end - *at) < length) continue;
        size_t k = 0;
        while (k < length && lower((*at)[k]) == names[i][k]) k++;
        if (k < length) continue;
        *at += length;
        *value = i;
        return true;
    }
    return false;
}

bool date_parse_format(const char *text, size_t n, const char *format, double *seconds)
{
    const char *at = text, *end = text + n;
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, of_year = 0, half = -1, ignored;
    double fraction = 0, zone = 0;
    for (const char *f = format; *f; f++) {
        if (*f == ' ' || *f == '\t') {
            while (at < end && (*at == ' ' || *at == '\t')) at++;
            continue;
        }
        if (*f != '%') {
            if (at == end || *at++ != *f) return false;
            continue;
        }
        bool ok = true;
        switch (*++f) {
        case 'Y': {
            const char *first = at;
            ok = digits(&at, end, 4, &year) && at - first == 4;
            break;
        }
        case 'y': /* as POSIX: 69 to 99 are 1969 to 1999 */
            ok = digits(&at, end, 2, &year);
            year += year >= 69 ? 1900 : 2000;
            break;
        case 'm': ok = digits(&at, end, 2, &month); break;
        case 'd': ok = digits(&at, end, 2, &day); break;
        case 'H': ok = digits(&at, end, 2, &hour) && hour <= 23; break;
        case 'I':
            ok = digits(&at, end, 2, &hour) && hour >= 1 && hour <= 12;
            if (half < 0) half = 2;
            break;
        case 'p': {
            static const char *const halves[] = {"am", "pm"};
            ok = false;
            for (int i = 0; i < 2 && !ok; i++)
                if (end - at >= 2 && lower(at[0]) == halves[i][0] && lower(at[1]) == halves[i][1]) {
                    half = i;
                    at += 2;
                    ok = true;
                }
            break;
        }
        case 'M': ok = digits(&at, end, 2, &minute) && minute <= 59; break;
        case 'S': ok = digits(&at, end, 2, &second) && second <= 59; break;
        case 'f': {
            double unit = 1;
            const char *first = at;
            int value = 0;
            ok = digits(&at, end, 6, &value);
            for (const char *c = first; c < at; c++) unit *= 10;
            fraction = value / unit;
            break;
        }
        case 'j': ok = digits(&at, end, 3, &of_year) && of_year >= 1; break;
        case 'b':
            ok = name_of(&at, end, months, 12, false, &month);
            month++;
            break;
        case 'B':
            ok = name_of(&at, end, months, 12, true, &month);
            month++;
            break;
        case 'a': ok = name_of(&at, end, weekdays, 7, false, &ignored); break;
        case 'A': ok = name_of(&at, end, weekdays, 7, true, &ignored); break;
        case 'z': {
            if (at < end && (*at == 'Z' || *at == 'z')) {
                at++;
                break;
            }
            int hours, minutes = 0;
            ok = at < end && (*at == '+' || *at == '-');
            if (!ok) break;
            double sign = *at++ == '-' ? -1 : 1;
            ok = digits(&at, end, 2, &hours) && hours <= 15;
            if (at < end && *at == ':') at++;
            ok = ok && digits(&at, end, 2, &minutes) && minutes <= 59;
            zone = sign * (hours * 3600.0 + minutes * 60.0);
            break;
        }
        case '%':
            ok = at < end && *at == '%';
            at++;
            break;
        default: return false;
        }
        if (!ok) return false;
    }
    if (at != end) return false;
    if (half == 0 || half == 1) {
        if (hour < 1 || hour > 12) return false;
        hour = hour % 12 + half * 12;
    }
    if (month < 1 || month > 12 || day < 1 || day > date_month_days(year, month)) return false;
    if (of_year > (date_is_leap(year) ? 366 : 365)) return false;
    int64_t days = of_year > 0 ? date_days(year, 1, 1) + of_year - 1 : date_days(year, month, day);
    *seconds = (double)days * 86400.0 + hour * 3600.0 + minute * 60.0 + second + fraction - zone;
    return true;
}
