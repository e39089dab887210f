/* Dates: calendars beside pandas, the ways people write them, formats. */
#include "runtime/base/json.h"
#include "runtime/table/date.h"
#include "tests/unit/test.h"

static const Json *oracle(Arena *arena)
{
    FILE *file = fopen("tests/oracles/table.json", "rb");
    OK(file != NULL);
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *text = arena_alloc(arena, n + 1);
    OK(fread(text, 1, n, file) == n);
    fclose(file);
    Sources *sources = sources_new(arena);
    return json_read(arena, sources_add(sources, "table.json", text, n), JSON_STRICT, diags_new(arena, sources));
}

TEST(calendar_as_pandas_has_it)
{
    Arena *arena = arena_new("test");
    const Json *dates = json_get(oracle(arena), "dates");
    OK(dates && dates->n > 300);
    for (size_t i = 0; dates && i < dates->n; i++) {
        const char *text = dates->items[i].items[0].text;
        const Json *want = dates->items[i].items[1].items;
        double seconds = 0;
        DateForm form;
        OK(date_parse_iso(text, strlen(text), &form, &seconds));
        EQ(form, DATE_TIME);
        NEAR(seconds, want[0].number, 0);
        DateParts p = date_parts(seconds);
        EQ(p.year, want[1].integer);
        EQ((p.month - 1) / 3 + 1, want[2].integer);
        EQ(p.month, want[3].integer);
        EQ(p.iso_week, want[4].integer);
        EQ(p.day, want[5].integer);
        EQ(p.day_of_year, want[6].integer);
        EQ(p.weekday, want[7].integer);
        EQ(p.hour, want[8].integer);
        EQ(p.minute, want[9].integer);
        NEAR(p.second, want[10].number, 0);
        STR(date_text(arena, seconds, DATE_TIME), text);
    }
    arena_free(arena);
}

TEST(days_there_and_back)
{
    int64_t day = date_days(-400, 1, 1);
    for (int64_t year = -400; year < 3000; year++)
        for (int month = 1; month <= 12; month++)
            for (int d = 1; d <= date_month_days(year, month); d++, day++) {
                if (date_days(year, month, d) != day) EQ(date_days(year, month, d), day);
                if (day % 17 != 0) continue;
                DateParts p = date_parts((double)day * 86400);
                if (p.year != year || p.month != month || p.day != d) EQ(p.year, year);
            }
    EQ(date_days(1970, 1, 1), 0);
    EQ(date_days(2000, 3, 1), 11017);
    EQ(date_iso_week(2021, 1), date_days(2021, 1, 4));
    EQ(date_iso_weeks(2020), 53);
    EQ(date_iso_weeks(2021), 52);
}

TEST(forms)
{
    static const struct {
        const char *text;
        DateForm form;
        const char *expected; /* NULL: none */
    } cases[] = {
        {"1949-01", DATE_MONTH, "1949-01"}, {"1949-13", DATE_MONTH, NULL}, {"1949-1", DATE_MONTH, NULL},
        {"2024-02-29", DATE_DAY, "2024-02-29"}, {"2023-02-29", DATE_DAY, NULL}, {"2023-02-28x", DATE_DAY, NULL}, {"23-02-28", DATE_DAY, NULL},
        {"2024-01-02T03:04", DATE_TIME, "2024-01-02 03:04:00"}, {"2024-01-02 03:04:05.25", DATE_TIME, "2024-01-02 03:04:05.25"},
        {"2024-01-02T03:04:05Z", DATE_TIME, "2024-01-02 03:04:05"}, {"2024-01-02T03:04:05+09:00", DATE_TIME, "2024-01-01 18:04:05"},
        {"2024-01-02T03:04:05-0330", DATE_TIME, "2024-01-02 06:34:05"}, {"2024-01-02 24:00", DATE_TIME, NULL},
        {"2024-01-02 3:04", DATE_TIME, "2024-01-02 03:04:00"}, {"2024-01-02 03:60", DATE_TIME, NULL}, {"2024-01-02 03", DATE_TIME, NULL},
        {"20240102", DATE_COMPACT, "2024-01-02"}, {"20241302", DATE_COMPACT, NULL}, {"2024010", DATE_COMPACT, NULL},
        {"2024년 1월 2일", DATE_KOREAN, "2024-01-02"}, {"2024년1월2일", DATE_KOREAN, "2024-01-02"}, {"2024년 1월", DATE_KOREAN, "2024-01-01"},
        {"2024년 1월 2일 오후 3시 5분", DATE_KOREAN, "2024-01-02 15:05:00"}, {"2024년 1월 2일 15시", DATE_KOREAN, "2024-01-02 15:00:00"},
        {"2024년 1월 2일 15:04", DATE_KOREAN, "2024-01-02 15:04:00"}, {"2024년 2월 30일", DATE_KOREAN, NULL}, {"2024년", DATE_KOREAN, NULL},
        {"2024/1/2", DATE_YMD, "2024-01-02"}, {"2024.01.02.", DATE_YMD, "2024-01-02"}, {"2024. 1. 2.", DATE_YMD, "2024-01-02"},
        {"2024/1/2 3:04", DATE_YMD, "2024-01-02 03:04:00"}, {"2024/1-2", DATE_YMD, NULL},
        {"2/1/2024", DATE_DMY, "2024-01-02"}, {"02.01.2024 15:04", DATE_DMY, "2024-01-02 15:04:00"}, {"1/13/2024", DATE_DMY, NULL},
        {"1/2/2024", DATE_MDY, "2024-01-02"}, {"13/1/2024", DATE_MDY, NULL}, {"1/2/24", DATE_MDY, NULL}, {"", DATE_DAY, NULL},
    };
    Arena *arena = arena_new("test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds;
        bool ok = date_parse(cases[i].text, strlen(cases[i].text), cases[i].form, &seconds);
        STR(ok ? date_text(arena, seconds, cases[i].form) : NULL, cases[i].expected);
    }
    OK(date_looks_iso("2023-02-30", 10));
    OK(!date_looks_iso("2023-02-28", 10));
    OK(!date_looks_iso("555-1234", 8));
    arena_free(arena);
}

TEST(guesses)
{
    const char *doubtful[] = {"1/2/2024", NULL, "3/4/2024"}, *settled[] = {"1/2/2024", "13/2/2024"}, *american[] = {"1/2/2024", "1/31/2024"};
    const char *mixed[] = {"2024-01-02", "2024-01-02 10:00"}, *korean[] = {"2024년 1월 2일", "2024년 12월 31일"}, *none[] = {"20240102", "soon"};
    const char *contradictory[] = {"13/1/2024", "1/13/2024"};
    DateGuess g = date_guess(doubtful, 3);
    OK(g.form == DATE_DMY && g.doubtful);
    g = date_guess(settled, 2);
    OK(g.form == DATE_DMY && !g.doubtful && g.settled == 1);
    g = date_guess(american, 2);
    OK(g.form == DATE_MDY && !g.doubtful && g.settled == 1);
    g = date_guess(mixed, 2);
    OK(g.form == DATE_TIME);
    g = date_guess(korean, 2);
    OK(g.form == DATE_KOREAN);
    g = date_guess(none, 2);
    OK(g.form == DATE_NONE && g.settled == 1);
    g = date_guess(contradictory, 2);
    OK(g.form == DATE_NONE && g.settled == SIZE_MAX);
}

TEST(formats)
{
    static const struct {
        const char *text, *format, *expected;
    } cases[] = {
        {"02.01.2024 15:04", "%d.%m.%Y %H:%M", "2024-01-02 15:04:00"}, {"2 Jan 24", "%d %b %y", "2024-01-02 00:00:00"},
        {"Tuesday, January 2 2024", "%A, %B %d %Y", "2024-01-02 00:00:00"}, {"01/02/69", "%m/%d/%y", "1969-01-02 00:00:00"},
        {"12:30 am 2024-01-02", "%I:%M %p %Y-%m-%d", "2024-01-02 00:30:00"}, {"2024 60", "%Y %j", "2024-02-29 00:00:00"},
        {"2024-01-02 03:04:05.5 +09:00", "%Y-%m-%d %H:%M:%S.%f %z", "2024-01-01 18:04:05.5"}, {"100% 2024", "100%% %Y", "2024-01-01 00:00:00"},
        {"2024 1 2", "%Y%m%d", NULL}, {"20240102", "%Y%m%d", "2024-01-02 00:00:00"}, {"2024-02-30", "%Y-%m-%d", NULL},
        {"2024-01-02x", "%Y-%m-%d", NULL}, {"2023 366", "%Y %j", NULL},
    };
    Arena *arena = arena_new("test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds;
        bool ok = date_parse_format(cases[i].text, strlen(cases[i].text), cases[i].format, &seconds);
        STR(ok ? date_text(arena, seconds, DATE_TIME) : NULL, cases[i].expected);
    }
    size_t bad;
    OK(date_format_check("%d.%m.%Y", &bad));
    OK(!date_format_check("%d.%Q", &bad) && bad == 3);
    OK(!date_format_check("%", &bad));
    arena_free(arena);
}
