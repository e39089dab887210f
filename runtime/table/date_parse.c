/* Texts to dates: one small reader for each form that people write, and the guess which form a column has. */
#include "runtime/table/date.h"

#include <math.h>

typedef struct {
    const char *at, *end;
} Reader;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Least to most digits as a number. */
static bool number(Reader *r, int least, int most, int *value)
{
    int n = 0, v = 0;
    while (n < most && r->at < r->end && is_digit(*r->at)) {
        v = v * 10 + (*r->at++ - '0');
        n++;
    }
    *value = v;
    return n >= least && !(r->at < r->end && is_digit(*r->at));
}

static bool eat(Reader *r, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0) return false;
    r->at += n;
    return true;
}

static void blanks(Reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) r->at++;
}

static bool at_end(const Reader *r)
{
    return r->at == r->end;
}

static bool moment(int year, int month, int day, double time, double *seconds)
{
    if (month < 1 || month > 12 || day < 1 || day > date_month_days(year, month)) return false;
    *seconds = (double)date_days(year, month, day) * 86400.0 + time;
    return true;
}

/* 15:04, 15:04:05, 15:04:05.25, then Z or +09:00, +0900, +09. Second 60 does not exist here: days have 86,400 seconds. */
static bool clock_time(Reader *r, double *time)
{
    int hour, minute, second = 0;
    if (!number(r, 1, 2, &hour) || hour > 23 || !eat(r, ":") || !number(r, 2, 2, &minute) || minute > 59) return false;
    double fraction = 0;
    if (eat(r, ":")) {
        if (!number(r, 2, 2, &second) || second > 59) return false;
        if (r->at < r->end && (*r->at == '.' || *r->at == ',')) {
            r->at++;
            double numerator = 0, denominator = 1;
            const char *first = r->at;
            while (r->at < r->end && is_digit(*r->at)) {
                if (r->at - first < 15) {
                    numerator = numerator * 10 + (*r->at - '0');
                    denominator *= 10;
                }
                r->at++;
            }
            if (r->at == first) return false;
            fraction = numerator / denominator;
        }
    }
    *time = hour * 3600.0 + minute * 60.0 + second + fraction;
    if (eat(r, "Z") || eat(r, "z")) return true;
    if (r->at < r->end && (*r->at == '+' || *r->at == '-')) {
        double sign = *r->at++ == '-' ? -1 : 1;
        int hours, minutes = 0;
        if (r->end - r->at >= 2 && is_digit(r->at[0]) && is_digit(r->at[1])) {
            hours = (r->at[0] - '0') * 10 + (r->at[1] - '0');
            r->at += 2;
        } else {
            return false;
        }
        bool colon = eat(r, ":");
        if ((colon || (r->at < r->end && is_digit(*r->at))) && !number(r, 2, 2, &minutes)) return false;
        if (hours > 15 || minutes > 59) return false;
        *time -= sign * (hours * 3600.0 + minutes * 60.0);
    }
    return true;
}

/* A time behind a date, or nothing. */
static bool perhaps_time(Reader *r, double *time)
{
    *time = 0;
    blanks(r);
    return at_end(r) || clock_time(r, time);
}

static bool parse_iso_day(Reader *r, DateForm form, double *seconds)
{
    int year, month, day;
    if (!number(r, 4, 4, &year) || !eat(r, "-") || !number(r, 2, 2, &month) || !eat(r, "-") || !number(r, 2, 2, &day)) return false;
    double time = 0;
    if (form == DATE_TIME) {
        if (!eat(r, "T") && !eat(r, " ")) return false;
        blanks(r);
        if (!clock_time(r, &time)) return false;
    }
    return at_end(r) && moment(year, month, day, time, seconds);
}

static bool parse_korean(Reader *r, double *seconds)
{
    int year, month, day = 1;
    if (!number(r, 4, 4, &year)) return false;
    blanks(r);
    if (!eat(r, "년")) return false;
    blanks(r);
    if (!number(r, 1, 2, &month)) return false;
    blanks(r);
    if (!eat(r, "월")) return false;
    blanks(r);
    double time = 0;
    if (!at_end(r)) {
        if (!number(r, 1, 2, &day)) return false;
        blanks(r);
        if (!eat(r, "일")) return false;
        blanks(r);
    }
    bool afternoon = eat(r, "오후"), morning = !afternoon && eat(r, "오전");
    blanks(r);
    if (!at_end(r)) {
        Reader back = *r;
        int hour, minute = 0, second = 0;
        if (!number(r, 1, 2, &hour)) return false;
        blanks(r);
        if (eat(r, "시")) {
            blanks(r);
            if (!at_end(r)) {
                if (!number(r, 1, 2, &minute)) return false;
                blanks(r);
                if (!eat(r, "분")) return false;
                blanks(r);
            }
            if (!at_end(r)) {
                if (!number(r, 1, 2, &second)) return false;
                blanks(r);
                if (!eat(r, "초")) return false;
                blanks(r);
            }
            if (hour > 23 || minute > 59 || second > 59) return false;
            time = hour * 3600.0 + minute * 60.0 + second;
        } else {
            *r = back;
            if (!clock_time(r, &time)) return false;
        }
        if (afternoon || morning) {
            int h = (int)(time / 3600.0);
            if (h < 1 || h > 12) return false;
            time += (afternoon ? (h == 12 ? 0 : 12) : (h == 12 ? -12 : 0)) * 3600.0;
        }
    } else if (afternoon || morning) {
        return false;
    }
    return at_end(r) && moment(year, month, day, time, seconds);
}

/* Three numbers with one separator of / . - between; a point or nothing behind the last, blanks behind separators ("2024. 1. 2."). */
static bool parse_three(Reader *r, DateForm form, double *seconds)
{
    int part[3];
    char separator = 0;
    for (int i = 0; i < 3; i++) {
        bool year = (form == DATE_YMD ? 0 : 2) == i;
        if (!number(r, year ? 4 : 1, year ? 4 : 2, &part[i])) return false;
        if (i == 2) break;
        if (at_end(r) || !strchr("/.-", *r->at) || (separator != 0 && separator != *r->at)) return false;
        separator = *r->at++;
        blanks(r);
    }
    if (separator == '.') (void)eat(r, ".");
    double time;
    if (!at_end(r) && *r->at != ' ' && *r->at != 'T') return false;
    (void)eat(r, "T");
    if (!perhaps_time(r, &time) || !at_end(r)) return false;
    if (form == DATE_YMD) return moment(part[0], part[1], part[2], time, seconds);
    if (form == DATE_DMY) return moment(part[2], part[1], part[0], time, seconds);
    return moment(part[2], part[0], part[1], time, seconds);
}

bool date_parse(const char *text, size_t n, DateForm form, double *seconds)
{
    Reader r = {text, text + n};
    int year, month, day;
    switch (form) {
    case DATE_MONTH:
        return number(&r, 4, 4, &year) && eat(&r, "-") && number(&r, 2, 2, &month) && at_end(&r) && moment(year, month, 1, 0, seconds);
    case DATE_DAY:
    case DATE_TIME: return parse_iso_day(&r, form, seconds);
    case DATE_COMPACT:
        if (n != 8 || !number(&r, 8, 8, &year)) return false;
        day = year % 100;
        month = year / 100 % 100;
        return moment(year / 10000, month, day, 0, seconds);
    case DATE_KOREAN: return parse_korean(&r, seconds);
    case DATE_YMD:
    case DATE_DMY:
    case DATE_MDY: return parse_three(&r, form, seconds);
    case DATE_NONE: break;
    }
    return false;
}

bool date_parse_iso(const char *text, size_t n, DateForm *form, double *seconds)
{
    if (n < 7 || text[4] != '-') return false;
    DateForm f = n == 7 ? DATE_MONTH : n == 10 ? DATE_DAY : DATE_TIME;
    if (!date_parse(text, n, f, seconds)) return false;
    *form = f;
    return true;
}

bool date_looks_iso(const char *text, size_t n)
{
    static const char shape[] = "dddd-dd-dd";
    double seconds;
    DateForm form;
    if (n < 7 || n == 8 || n == 9) return false;
    for (size_t i = 0; i < n && i < 10; i++)
        if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
    return !date_parse_iso(text, n, &form, &seconds);
}

DateGuess date_guess(const char *const *texts, size_t n)
{
    static const DateForm forms[] = {DATE_MONTH, DATE_DAY, DATE_TIME, DATE_COMPACT, DATE_KOREAN, DATE_YMD, DATE_DMY, DATE_MDY};
    enum { FORMS = sizeof forms / sizeof *forms };
    size_t failed[FORMS];
    size_t seen = 0, odd = SIZE_MAX;
    for (size_t f = 0; f < FORMS; f++) failed[f] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (!texts[i]) continue;
        seen++;
        bool any = false;
        for (size_t f = 0; f < FORMS; f++) {
            double seconds;
            bool fits = date_parse(texts[i], strlen(texts[i]), forms[f], &seconds);
            if (!fits && failed[f] == SIZE_MAX) failed[f] = i;
            any = any || fits;
        }
        if (!any && odd == SIZE_MAX) odd = i;
    }
    DateGuess guess = {DATE_NONE, false, odd};
    if (seen == 0) return guess;
    /* ISO days and ISO times may stand together. */
    bool day_or_time = true;
    if (failed[1] != SIZE_MAX && failed[2] != SIZE_MAX) {
        for (size_t i = 0; i < n && day_or_time; i++) {
            double seconds;
            if (texts[i])
                day_or_time = date_parse(texts[i], strlen(texts[i]), DATE_DAY, &seconds) ||
                              date_parse(texts[i], strlen(texts[i]), DATE_TIME, &seconds);
        }
        if (day_or_time) return (DateGuess){DATE_TIME, false, SIZE_MAX};
    }
    for (size_t f = 0; f < FORMS; f++) {
        if (failed[f] != SIZE_MAX) continue;
        guess.form = forms[f];
        guess.settled = SIZE_MAX;
        if (forms[f] == DATE_DMY) {
            guess.doubtful = failed[f + 1] == SIZE_MAX;
            guess.settled = failed[f + 1];
        } else if (forms[f] == DATE_MDY) {
            guess.settled = failed[f - 1];
        }
        break;
    }
    return guess;
}
