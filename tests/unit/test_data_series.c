/* Tables in time order: samples counted by hand from the rules of the language, poisoned test rows, naive forecasts, rows behind the end,
 * and times as steps. */
#include "tests/unit/test.h"

#include "runtime/data/clock.h"
#include "runtime/data/series.h"

#define DAY 86400.0

/* ---- A recipe: date, store (two series), v (target and feature), u (filled along the series), lag = shift(v, 4), flat = rolling_mean(u, 3) --- */

typedef struct {
    Arena *arena;
    Diags *diags;
    Recipe recipe;
    RecipeGroup group;
    RecipeTarget target;
} Bench;

static Expr *call(Arena *arena, const char *name, const char *column, double n)
{
    Expr *expr = expr_new(arena, EXPR_CALL, NO_SPAN);
    expr->function = expr_function_find(name);
    expr->args = ARENA_ARRAY(arena, Expr *, 2);
    expr->args[0] = expr_column(arena, column, NO_SPAN);
    expr->args[1] = expr_number(arena, n, NO_SPAN);
    expr->n_args = 2;
    return expr;
}

static Split shares(double train, double validation, double test)
{
    Split split = {.form = SPLIT_SHARES, .order = SPLIT_IN_ORDER, .n_parts = 0};
    const double share[] = {train, validation, test};
    for (int part = 0; part < PART_COUNT; part++) {
        split.part[part] = (SplitShare){.form = SHARE_PERCENT, .share = share[part]};
        split.sequence[split.n_parts++] = (Part)part;
    }
    return split;
}

static Bench *bench_new(bool grouped, bool derived)
{
    Arena *arena = arena_new("test");
    Bench *bench = ARENA_NEW(arena, Bench);
    bench->arena = arena;
    bench->diags = diags_new(arena, sources_new(arena));
    static const char *const names[] = {"v", "u", "lag", "flat"};
    RecipeColumn *columns = ARENA_ARRAY(arena, RecipeColumn, 4);
    size_t n = derived ? 4 : 2;
    const Kind *standard = kind_find(FAMILY_TRANSFORM, "standard");
    for (size_t i = 0; i < n; i++)
        columns[i] = (RecipeColumn){.name = names[i], .is_feature = true, .scale = {standard, kind_defaults(arena, standard)}};
    columns[0].is_target = true;
    columns[0].per_group = grouped;
    columns[1].fill = FILL_LINEAR;
    RecipeDerive *derives = ARENA_ARRAY(arena, RecipeDerive, 2);
    derives[0] = (RecipeDerive){.name = "lag", .expr = call(arena, "shift", "v", 4), .looks_back = true, .depth = 4};
    derives[1] = (RecipeDerive){.name = "flat", .expr = call(arena, "rolling_mean", "u", 3), .looks_back = true, .depth = 2};
    columns[2].depth = derived ? 4 : 0;
    columns[3].depth = derived ? 2 : 0;
    static const size_t all[] = {0, 1, 2, 3};
    bench->group = (RecipeGroup){.name = "x", .columns = all, .n_columns = n, .window = 10, .every = 1};
    bench->target = (RecipeTarget){.name = "v", .columns = all, .n_columns = 1, .ahead_first = 1, .ahead_last = 1};
    static const RecipeOrderColumn date[] = {{.name = "date", .role = TIME_DATE}};
    static const char *const store[] = {"store"};
    bench->recipe = (Recipe){.name = "d", .path = "table.csv", .columns = columns, .n_columns = n, .groups = &bench->group, .n_groups = 1,
                             .targets = &bench->target, .n_targets = 1, .derives = derives, .n_derives = derived ? 2 : 0, .stride = 1,
                             .order = {.form = ORDER_BY, .columns = date, .n_columns = 1, .group = store, .n_group = grouped ? 1 : 0},
                             .split = shares(0.7, 0.15, 0.15)};
    return bench;
}

/* n days of each of `stores` series, mixed: the later ones first. Test rows times `poison`. */
static const Table *bench_table(Bench *bench, size_t n, size_t stores, double poison, bool gaps)
{
    Arena *arena = bench->arena;
    static const char *const names[] = {"north", "south", "east"};
    size_t rows = n * stores;
    double *date = ARENA_ARRAY(arena, double, rows + 1), *v = ARENA_ARRAY(arena, double, rows + 1), *u = ARENA_ARRAY(arena, double, rows + 1);
    const char **store = ARENA_ARRAY(arena, const char *, rows + 1);
    for (size_t i = 0; i < rows; i++) {
        size_t day = n - 1 - i / stores;
        double times = day >= (size_t)((double)n * 0.85 + 0.5) ? poison : 1.0;
        store[i] = names[i % stores];
        date[i] = (double)(19000 + day) * DAY;
        v[i] = times * (sin((double)day) * 5.0 + (double)day + 100.0 * (double)(i % stores));
        u[i] = times * (cos((double)day) * 3.0 + 7.0);
        if (gaps && (day % 9 == 4 || (day >= n * 7 / 10 - 2 && day <= n * 7 / 10))) u[i] = (double)NAN; /* also over a border */
    }
    const Table *table = table_new(arena, "table.csv", rows);
    table = table_add_numbers(arena, table, "date", COLUMN_DATE, date);
    table = table_add_texts(arena, table, "store", store);
    table = table_add_numbers(arena, table, "v", COLUMN_NUMBER, v);
    return table_add_numbers(arena, table, "u", COLUMN_NUMBER, u);
}

static Dataset *prepare(Bench *bench, const Table *table)
{
    RecipeCounts counts;
    const Series *series;
    const Table *rows = recipe_rows(&bench->recipe, bench->arena, table, table->n_rows, ROWS_LEARN, &counts, &series, bench->diags);
    if (!rows || !series) return NULL;
    Part *parts = ARENA_ARRAY(bench->arena, Part, rows->n_rows + 1);
    for (size_t s = 0; s < series->n; s++)
        split_rows(&bench->recipe.split, series->begin[s + 1] - series->begin[s], NULL, 0, parts + series->begin[s]);
    return dataset_new(&bench->recipe, bench->arena, table, rows, series, parts, bench->diags);
}

static void counts_are(const Dataset *data, size_t train, size_t validation, size_t test)
{
    OK(data != NULL);
    if (!data) return;
    EQ(data->parts[PART_TRAIN].n, train);
    EQ(data->parts[PART_VALIDATION].n, validation);
    EQ(data->parts[PART_TEST].n, test);
}

/* ---- Counts ---------------------------------------------------------------------------------------------------------------------- */

TEST(a_hundred_rows_and_a_window_of_ten)
{
    Bench *bench = bench_new(false, false);
    const Table *table = bench_table(bench, 100, 1, 1.0, false);
    counts_are(prepare(bench, table), 60, 15, 15);
    bench->target.ahead_last = 7;
    counts_are(prepare(bench, table), 54, 9, 9);
    bench->target.ahead_first = 7; /* targets in row 16 and later: 70 - 16, 15, 15 */
    counts_are(prepare(bench, table), 54, 15, 15);
    bench->target.ahead_first = bench->target.ahead_last = 0;
    counts_are(prepare(bench, table), 61, 15, 15);
    bench->target.ahead_first = bench->target.ahead_last = 1;
    bench->recipe.stride = 4; /* windows end in row 9, 13, …, 97; their targets in 10, 14, …, 98: 15 below 70, then 70, 74, 78, 82, then 86, 90, 94, 98 */
    counts_are(prepare(bench, table), 15, 4, 4);
    bench->recipe.stride = 1;
    bench->group.window = 0;
    counts_are(prepare(bench, table), 69, 15, 15);
    arena_free(bench->arena);
}

TEST(looking_back_takes_rows_from_the_beginning)
{
    Bench *bench = bench_new(false, true);
    const Table *table = bench_table(bench, 100, 1, 1.0, false);
    const Dataset *data = prepare(bench, table);
    counts_are(data, 56, 15, 15); /* the window's first row needs 4 rows before it */
    if (!data) return;
    EQ(data->no_past, 13);
    EQ(data->no_future, 1);
    EQ(dataset_row(data, 0), 13);
    arena_free(bench->arena);
}

TEST(series_stay_apart)
{
    Bench *bench = bench_new(true, true);
    const Dataset *data = prepare(bench, bench_table(bench, 100, 3, 1.0, false));
    counts_are(data, 3 * 56, 45, 45);
    if (!data) return;
    EQ(data->series->n, 3);
    STR(data->series->names[0], "store=north");
    for (size_t i = 0; i < data->n_samples; i++) {
        size_t row = dataset_row(data, (uint32_t)i);
        EQ(data->series->series[row - 9], data->series->series[row]);
        EQ(data->series->series[dataset_target_row(data, 0, (uint32_t)i, 0)], data->series->series[row]);
    }
    /* A window is its ten rows, oldest first. */
    float window[10 * 4];
    uint32_t sample = data->parts[PART_TEST].samples[3];
    dataset_gather(data, 0, &sample, 1, window);
    OK(memcmp(window, data->groups[0].block + (dataset_row(data, sample) - 9) * 4, sizeof window) == 0);
    /* Each series has a scale of its own for v: its training rows have mean 0. */
    for (size_t s = 0; s < 3; s++) {
        double sum = 0.0;
        for (uint32_t row = data->series->begin[s]; row < data->series->begin[s] + 70; row++) sum += (double)data->groups[0].block[row * 4];
        NEAR(sum, 0.0, 1e-4);
    }
    /* And comes back by it. */
    float y[2];
    double back[2];
    uint32_t two[] = {data->parts[PART_TEST].samples[0], data->parts[PART_TEST].samples[44]};
    dataset_target(data, 0, TARGET_NUMBERS, two, 2, y);
    dataset_target_undo(data, 0, two, y, 2, back);
    for (size_t i = 0; i < 2; i++) NEAR(back[i], dataset_target_raw(data, 0, two[i], 0), 1e-4);
    STR(dataset_target_name(data, bench->arena, 0, 0), "v+1");
    arena_free(bench->arena);
}

TEST(of_a_window_every_third_row)
{
    Bench *bench = bench_new(false, false);
    bench->group.window = 12;
    bench->group.every = 3;
    const Dataset *data = prepare(bench, bench_table(bench, 100, 1, 1.0, false));
    counts_are(data, 58, 15, 15);
    if (!data) return;
    EQ(data->groups[0].steps, 4);
    float window[4 * 2];
    uint32_t sample = 5;
    dataset_gather(data, 0, &sample, 1, window);
    size_t row = dataset_row(data, sample);
    for (size_t step = 0; step < 4; step++)
        OK(memcmp(window + step * 2, data->groups[0].block + (row - 9 + 3 * step) * 2, 2 * sizeof *window) == 0);
    arena_free(bench->arena);
}

/* ---- Poison -------------------------------------------------------------------------------------------------------------------------- */

TEST(poisoned_test_rows_reach_no_window_before_them)
{
    for (int form = 0; form < 12; form++) {
        bool grouped = form & 1, derived = form & 2;
        size_t ahead = form < 4 ? 1 : form < 8 ? 7 : 0, stores = grouped ? 3 : 1;
        Bench *bench = bench_new(grouped, derived);
        bench->target.ahead_last = ahead;
        bench->target.ahead_first = ahead ? 1 : 0;
        if (form % 3 == 1) bench->group.every = 2;
        const Dataset *a = prepare(bench, bench_table(bench, 100, stores, 1.0, true));
        const Dataset *b = prepare(bench, bench_table(bench, 100, stores, 1e9, true));
        OK(a && b);
        if (!a || !b) return;
        size_t size = dataset_group_size(a, 0), differ = 0;
        float *x = ARENA_ARRAY(bench->arena, float, size), *z = ARENA_ARRAY(bench->arena, float, size), s[7], t[7];
        for (int part = 0; part < PART_COUNT; part++) {
            EQ(a->parts[part].n, b->parts[part].n);
            OK(a->parts[part].n > 0);
            for (size_t i = 0; i < a->parts[part].n; i++) {
                uint32_t sample = a->parts[part].samples[i];
                dataset_gather(a, 0, &sample, 1, x);
                dataset_gather(b, 0, &sample, 1, z);
                dataset_target(a, 0, TARGET_NUMBERS, &sample, 1, s);
                dataset_target(b, 0, TARGET_NUMBERS, &sample, 1, t);
                bool same = memcmp(x, z, size * sizeof *x) == 0 && memcmp(s, t, dataset_target_size(a, 0, TARGET_NUMBERS) * sizeof *s) == 0;
                if (part == PART_TEST) differ += !same;
                else OK(same);
            }
        }
        EQ(differ, a->parts[PART_TEST].n);
        arena_free(bench->arena);
    }
}

/* ---- Naive forecasts -------------------------------------------------------------------------------------------------------------------- */

TEST(last_value_and_same_season)
{
    Bench *bench = bench_new(false, false);
    bench->target.ahead_last = 7;
    const Dataset *data = prepare(bench, bench_table(bench, 100, 1, 1.0, false));
    if (!data) return;
    OK(series_has_baseline(data, 0));
    const double *v = data->table->columns[table_find(data->table, "v")].numbers;
    uint32_t sample = data->parts[PART_TEST].samples[2];
    size_t row = dataset_row(data, sample);
    for (size_t i = 0; i < 7; i++) {
        NEAR(series_last_value(data, 0, sample, i), v[row], 0.0);
        /* 5 rows a season: steps 6 and 7 lie more than one ahead of what is known. */
        NEAR(series_same_season(data, 0, sample, i, 5), v[row + i + 1 - (i < 5 ? 5 : 10)], 0.0);
    }
    OK(isnan(series_same_season(data, 0, 0, 0, 50)));
    NEAR(series_same_season(data, 0, 0, 0, 10), v[0], 0.0); /* sample 0 ends in row 9; its target is row 10 */
    arena_free(bench->arena);
}

TEST(seasons_are_found)
{
    Bench *bench = bench_new(false, false);
    static const size_t seasons[] = {4, 7, 12, 24};
    for (size_t k = 0; k < 4; k++) {
        double *date = ARENA_ARRAY(bench->arena, double, 300), *v = ARENA_ARRAY(bench->arena, double, 300), *u = ARENA_ARRAY(bench->arena, double, 300);
        for (size_t i = 0; i < 300; i++) {
            date[i] = (double)i * DAY;
            v[i] = 0.3 * (double)i + 10.0 * sin(6.283185307179586 * (double)i / (double)seasons[k]) + (double)(i * 7919 % 13) * 0.3;
        }
        const Table *table = table_new(bench->arena, "t.csv", 300);
        table = table_add_numbers(bench->arena, table, "date", COLUMN_DATE, date);
        table = table_add_numbers(bench->arena, table, "v", COLUMN_NUMBER, v);
        table = table_add_numbers(bench->arena, table, "u", COLUMN_NUMBER, u);
        const Dataset *data = prepare(bench, table);
        OK(data != NULL);
        if (data) EQ(series_find_season(data, bench->arena, 0, 0, 60), seasons[k]);
    }
    arena_free(bench->arena);
}

/* ---- Rows behind the end -------------------------------------------------------------------------------------------------------------------- */

TEST(appended_rows_are_what_the_table_would_have)
{
    /* The table without its last 6 days, continued with them, must end in the same prepared numbers. */
    Bench *bench = bench_new(true, true);
    bench->recipe.columns[1].known = true;
    const Table *whole = bench_table(bench, 60, 2, 1.0, false);
    uint32_t *rows = ARENA_ARRAY(bench->arena, uint32_t, whole->n_rows);
    size_t n = 0;
    for (uint32_t row = 12; row < whole->n_rows; row++) rows[n++] = row;
    const Dataset *data = prepare(bench, table_select(bench->arena, whole, rows, n));
    OK(data != NULL);
    if (!data) return;
    size_t n_unknown;
    series_unknown(data, bench->arena, 6, &n_unknown);
    EQ(n_unknown, 0);
    SeriesFuture *future = series_future(data, bench->arena, 6, whole, NO_SPAN, bench->diags);
    OK(future != NULL);
    if (!future) return;
    EQ(future->n_series, 2);
    RecipeCounts counts;
    const Series *series;
    const Table *all = recipe_rows(&bench->recipe, bench->arena, whole, whole->n_rows, ROWS_LEARN, &counts, &series, bench->diags);
    Part *parts = ARENA_ARRAY(bench->arena, Part, all->n_rows + 1);
    const Dataset *full = dataset_apply(&bench->recipe, data->fit, bench->arena, &(RecipeFile){whole, all, series, counts}, ROWS_PREDICT, bench->diags);
    OK(full != NULL);
    if (!full) return;
    (void)parts;
    const double *v = all->columns[table_find(all, "v")].numbers;
    for (size_t s = 0; s < 2; s++) {
        for (size_t step = 0; step < 6; step++) {
            size_t row = series->begin[s] + 54 + step;
            series_future_set(future, s, step, 0, 0, v[row]);
            series_future_ready(future, s, step);
            uint32_t sample = series_future_sample(future, s, step, 0);
            STR(series_time(future->data, bench->arena, sample), series_time(full, bench->arena, row));
            OK(memcmp(future->data->groups[0].block + sample * 4, full->groups[0].block + row * 4, 4 * sizeof(float)) == 0);
        }
        float a[40], b[40];
        uint32_t last = series_future_sample(future, s, 5, 0), same = 0;
        while (dataset_row(full, same) != series->begin[s] + 59) same++;
        dataset_gather(future->data, 0, &last, 1, a);
        dataset_gather(full, 0, &same, 1, b);
        OK(memcmp(a, b, sizeof a) == 0);
    }
    size_t n_columns;
    const char *const *names = series_future_columns(future, bench->arena, &n_columns);
    EQ(n_columns, 2);
    STR(names[0], "date");
    STR(series_future_cells(future, bench->arena, 1, 0)[1], "south");
    arena_free(bench->arena);
}

TEST(what_nobody_knows_is_named)
{
    Bench *bench = bench_new(false, true);
    const Dataset *data = prepare(bench, bench_table(bench, 60, 1, 1.0, false));
    if (!data) return;
    size_t n;
    const char *const *names = series_unknown(data, bench->arena, 1, &n);
    EQ(n, 2); /* u, and flat, which is calculated from it; lag comes from the target */
    STR(names[0], "u");
    STR(names[1], "flat");
    series_unknown(data, bench->arena, 0, &n);
    EQ(n, 0);
    arena_free(bench->arena);
}

/* ---- Times ---------------------------------------------------------------------------------------------------------------------------------- */

TEST(times_go_on)
{
    Arena *arena = arena_new("test");
    static const RecipeOrderColumn date[] = {{.name = "date", .role = TIME_DATE}};
    RecipeOrder order = {.form = ORDER_BY, .columns = date, .n_columns = 1};
    static const struct {
        const char *from;
        TimeUnit unit;
        int64_t every, steps;
        const char *to;
    } cases[] = {
        {"2024-01-31", UNIT_MONTH, 1, 1, "2024-02-29"}, {"2024-02-29", UNIT_MONTH, 1, 1, "2024-03-31"}, {"2024-01-30", UNIT_MONTH, 1, 1, "2024-02-29"},
        {"2023-11-15", UNIT_MONTH, 1, 3, "2024-02-15"}, {"2023-12-31", UNIT_QUARTER, 1, 1, "2024-03-31"}, {"2023-02-28", UNIT_YEAR, 1, 1, "2024-02-29"},
        {"2024-02-28", UNIT_DAY, 1, 2, "2024-03-01"},   {"2024-12-30", UNIT_WEEK, 2, 1, "2025-01-13"},   {"1949-01-01", UNIT_MONTH, 1, 144, "1961-01-01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds, later;
        DateForm form;
        OK(date_parse_iso(cases[i].from, strlen(cases[i].from), &form, &seconds));
        order.every = cases[i].every;
        order.unit = cases[i].unit;
        Clock clock = {.order = &order, .unit = cases[i].unit, .step = (double)cases[i].every};
        OK(clock_later(&clock, &seconds, cases[i].steps, &later));
        STR(date_text(arena, later, DATE_DAY), cases[i].to);
    }
    arena_free(arena);
}

TEST(weeks_run_to_each_years_last)
{
    Arena *arena = arena_new("test");
    static const RecipeOrderColumn columns[] = {{.name = "year", .role = TIME_YEAR}, {.name = "week", .role = TIME_WEEK}};
    const RecipeOrder order = {.form = ORDER_BY, .columns = columns, .n_columns = 2, .every = 1, .unit = UNIT_WEEK};
    enum { N = 53 + 52 + 20 };
    double year[N], week[N];
    for (int i = 0; i < N; i++) {
        year[i] = i < 53 ? 2010 : i < 105 ? 2011 : 2012;
        week[i] = i < 53 ? i + 1 : i < 105 ? i - 52 : i - 104;
    }
    const Table *table = table_new(arena, "t.csv", N);
    table = table_add_numbers(arena, table, "year", COLUMN_NUMBER, year);
    table = table_add_numbers(arena, table, "week", COLUMN_NUMBER, week);
    Clock clock = clock_new(arena, &order, table);
    static const double cases[][5] = {{2010, 52, 1, 2010, 53}, {2010, 53, 1, 2011, 1}, {2011, 52, 1, 2012, 1}, {2012, 20, 1, 2012, 21}, {2010, 1, 105, 2012, 1}};
    for (size_t i = 0; i < 5; i++) {
        double time[8] = {cases[i][0], cases[i][1]}, later[8];
        OK(clock_later(&clock, time, (int64_t)cases[i][2], later));
        NEAR(later[0], cases[i][3], 0.0);
        NEAR(later[1], cases[i][4], 0.0);
    }
    double time[8] = {2011, 3};
    STR(clock_text(&clock, arena, table, time), "2011 week 3");
    arena_free(arena);
}

TEST(steps_are_guessed)
{
    Arena *arena = arena_new("test");
    static const RecipeOrderColumn date[] = {{.name = "date", .role = TIME_DATE}};
    const RecipeOrder order = {.form = ORDER_BY, .columns = date, .n_columns = 1};
    enum { N = 24 };
    uint32_t place[N];
    for (uint32_t i = 0; i < N; i++) place[i] = i;
    const Series series = {.n = 1, .place = place};
    for (int form = 0; form < 3; form++) {
        double *at = ARENA_ARRAY(arena, double, N);
        for (int i = 0; i < N; i++)
            at[i] = form == 0 ? (double)date_days(2000 + i / 12, i % 12 + 1, 1) * DAY : form == 1 ? i * 3600.0 : (double)(i + i / 5 * 2) * DAY;
        const Table *table = table_add_numbers(arena, table_new(arena, "t.csv", N), "date", COLUMN_DATE, at);
        Clock clock = clock_new(arena, &order, table);
        clock_guess(&clock, arena, table, &series);
        if (form == 0) OK(clock.unit == UNIT_MONTH && clock.step == 1.0);
        if (form == 1) OK(clock.unit == UNIT_SECOND && clock.step == 3600.0);
        if (form == 2) OK(clock.step == DAY); /* four of five */
    }
    arena_free(arena);
}

TEST(borders_in_time)
{
    static const RecipeOrderColumn date[] = {{.name = "date", .role = TIME_DATE}};
    const RecipeOrder order = {.form = ORDER_BY, .columns = date, .n_columns = 1};
    static const struct {
        const char *until, *last, *next; /* the last second within, the first one beyond */
    } cases[] = {
        {"2019", "2019-12-31 23:59:59", "2020-01-01 00:00:00"},
        {"2019-06", "2019-06-30 23:59:59", "2019-07-01 00:00:00"},
        {"2019-06-30", "2019-06-30 23:59:59", "2019-07-01 00:00:00"},
        {"20190630", "2019-06-30 12:00:00", "2019-07-01 00:00:00"},
        {"2019-06-30 12:00", "2019-06-30 12:00:00", "2019-06-30 12:00:01"},
    };
    Arena *arena = arena_new("test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ClockLimit limit;
        OK(clock_limit(&order, cases[i].until, &limit));
        double *at = ARENA_ARRAY(arena, double, 2);
        OK(date_parse(cases[i].last, strlen(cases[i].last), DATE_TIME, &at[0]));
        OK(date_parse(cases[i].next, strlen(cases[i].next), DATE_TIME, &at[1]));
        const Table *table = table_add_numbers(arena, table_new(arena, "t.csv", 2), "date", COLUMN_DATE, at);
        Clock clock = clock_new(arena, &order, table);
        OK(clock_within(&clock, table, 0, &limit));
        OK(!clock_within(&clock, table, 1, &limit));
    }
    ClockLimit limit;
    OK(!clock_limit(&order, "summer", &limit));
    OK(!clock_limit(&order, "2019-13", &limit));
    arena_free(arena);
}
