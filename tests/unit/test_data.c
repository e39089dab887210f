/* Splits, transforms, prepared tables and epochs. Expected sizes of splits are worked out by hand from the rules of the language
 * (borders at the rounded product of rows and cumulative share, half up; strata by largest remainder). */
#include "tests/unit/test.h"

#include "runtime/data/batch.h"
#include "runtime/data/recipe.h"

/* ---- split ------------------------------------------------------------------------------------------------------------ */

static Split shares(double train, double validation, double test)
{
    Split split = {.form = SPLIT_SHARES, .n_parts = 0};
    const double share[] = {train, validation, test};
    for (int part = 0; part < PART_COUNT; part++) {
        if (share[part] <= 0.0) continue;
        split.part[part] = (SplitShare){.form = SHARE_PERCENT, .share = share[part]};
        split.sequence[split.n_parts++] = (Part)part;
    }
    return split;
}

static void sizes_are(const Split *split, size_t n, size_t train, size_t validation, size_t test)
{
    size_t sizes[PART_COUNT];
    split_sizes(split, n, sizes);
    EQ(sizes[PART_TRAIN], train);
    EQ(sizes[PART_VALIDATION], validation);
    EQ(sizes[PART_TEST], test);
}

TEST(borders)
{
    Split split = shares(0.7, 0.15, 0.15);
    sizes_are(&split, 100, 70, 15, 15);
    sizes_are(&split, 30, 21, 5, 4);      /* 25.5 rounds up: 26 */
    sizes_are(&split, 10, 7, 2, 1);       /* 8.5 rounds up: 9 */
    sizes_are(&split, 150, 105, 23, 22);  /* 127.5: 128 */
    sizes_are(&split, 2201, 1541, 330, 330);
    split = shares(0.8, 0.0, 0.2);
    sizes_are(&split, 1, 1, 0, 0);
    sizes_are(&split, 101, 81, 0, 20);    /* 80.8 */
    split = shares(0.64, 0.16, 0.2);
    sizes_are(&split, 25, 16, 4, 5);
    split = shares(0.5, 0.3, 0.0);        /* a fifth belongs to no part */
    sizes_are(&split, 10, 5, 3, 0);
}

TEST(counts_and_rest)
{
    Split split = {.form = SPLIT_SHARES, .n_parts = 2, .sequence = {PART_TRAIN, PART_VALIDATION}};
    split.part[PART_TRAIN].form = SHARE_REST;
    split.part[PART_VALIDATION] = (SplitShare){.form = SHARE_COUNT, .count = 20};
    sizes_are(&split, 103, 83, 20, 0);
    split.sequence[0] = PART_VALIDATION;
    split.sequence[1] = PART_TRAIN;
    sizes_are(&split, 103, 83, 20, 0);
    split = shares(0.7, 0.15, 0.15);
    split.part[PART_VALIDATION].form = SHARE_REST;
    sizes_are(&split, 100, 70, 15, 15);
    split.part[PART_TEST] = (SplitShare){.form = SHARE_COUNT, .count = 7};
    sizes_are(&split, 33, 23, 3, 7);      /* 23.1, 26, 33 */
}

static void count_parts(const Part *parts, const uint32_t *strata, size_t n, uint32_t stratum, size_t counts[PART_COUNT + 1])
{
    memset(counts, 0, (PART_COUNT + 1) * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        if (!strata || strata[i] == stratum) counts[parts[i]]++;
}

TEST(in_order_and_shuffled)
{
    Split split = shares(0.7, 0.15, 0.15);
    split.order = SPLIT_IN_ORDER;
    Part parts[100], other[100], third[100];
    split_rows(&split, 100, NULL, 0, parts);
    for (int i = 0; i < 100; i++) EQ(parts[i], i < 70 ? PART_TRAIN : i < 85 ? PART_VALIDATION : PART_TEST);
    split.order = SPLIT_SHUFFLED;
    split_rows(&split, 100, NULL, 0, parts);
    split_rows(&split, 100, NULL, 0, other);
    split.seed = 7;
    split_rows(&split, 100, NULL, 0, third);
    size_t counts[PART_COUNT + 1];
    count_parts(parts, NULL, 100, 0, counts);
    EQ(counts[PART_TRAIN], 70);
    EQ(counts[PART_VALIDATION], 15);
    OK(memcmp(parts, other, sizeof parts) == 0);
    OK(memcmp(parts, third, sizeof parts) != 0);
}

TEST(strata_by_largest_remainder)
{
    /* 50 rows a class: 35, 7.5, 7.5; the tie goes to the earlier part. */
    enum { N = 150 };
    Split split = shares(0.7, 0.15, 0.15);
    split.order = SPLIT_STRATIFIED;
    uint32_t strata[N];
    Part parts[N];
    size_t counts[PART_COUNT + 1];
    for (uint32_t i = 0; i < N; i++) strata[i] = i % 3;
    split_rows(&split, N, strata, 3, parts);
    for (uint32_t stratum = 0; stratum < 3; stratum++) {
        count_parts(parts, strata, N, stratum, counts);
        EQ(counts[PART_TRAIN], 35);
        EQ(counts[PART_VALIDATION], 8);
        EQ(counts[PART_TEST], 7);
    }
    /* 33: 21.12, 5.28, 6.6; 2: 1.28, 0.32, 0.4; 1: 0.64, 0.16, 0.2. */
    static const size_t rows[] = {33, 2, 1}, expected[][3] = {{21, 5, 7}, {1, 0, 1}, {1, 0, 0}};
    split = shares(0.64, 0.16, 0.2);
    split.order = SPLIT_STRATIFIED;
    for (size_t k = 0; k < 3; k++) {
        memset(strata, 0, sizeof strata);
        split_rows(&split, rows[k], strata, 1, parts);
        count_parts(parts, NULL, rows[k], 0, counts);
        for (int part = 0; part < PART_COUNT; part++) EQ(counts[part], expected[k][part]);
    }
}

TEST(strata_meet_counts_exactly)
{
    /* 20 of 150 rows, 50 a class: 6.67 each, so 7, 7 and 6. */
    enum { N = 150 };
    Split split = {.form = SPLIT_SHARES, .order = SPLIT_STRATIFIED, .n_parts = 2, .sequence = {PART_TRAIN, PART_TEST}};
    split.part[PART_TRAIN].form = SHARE_REST;
    split.part[PART_TEST] = (SplitShare){.form = SHARE_COUNT, .count = 20};
    uint32_t strata[N];
    Part parts[N];
    for (uint32_t i = 0; i < N; i++) strata[i] = i % 3;
    split_rows(&split, N, strata, 3, parts);
    size_t counts[PART_COUNT + 1];
    count_parts(parts, NULL, N, 0, counts);
    EQ(counts[PART_TEST], 20);
    for (uint32_t stratum = 0; stratum < 3; stratum++) {
        count_parts(parts, strata, N, stratum, counts);
        OK(counts[PART_TEST] == 6 || counts[PART_TEST] == 7);
    }
    /* Many strata of all sizes: counts hold, and no stratum is off by a row or more. */
    for (uint32_t turn = 0; turn < 40; turn++) {
        uint32_t n_strata = 1 + turn % 13;
        size_t in_stratum[13] = {0};
        split.part[PART_TEST].count = 1 + (int64_t)(turn * 7 % 100);
        for (uint32_t i = 0; i < N; i++) in_stratum[strata[i] = (i * (turn + 3) + i * i / 7) % n_strata]++;
        split_rows(&split, N, strata, n_strata, parts);
        count_parts(parts, NULL, N, 0, counts);
        EQ(counts[PART_TEST], split.part[PART_TEST].count);
        for (uint32_t stratum = 0; stratum < n_strata; stratum++) {
            count_parts(parts, strata, N, stratum, counts);
            NEAR(counts[PART_TEST], (double)in_stratum[stratum] * (double)split.part[PART_TEST].count / N, 1.0);
        }
    }
}

/* ---- transforms --------------------------------------------------------------------------------------------------------- */

TEST(every_scale_comes_back)
{
    Arena *arena = arena_new("test");
    static const double train[] = {3, -0.5, 7.25, 3, 12, 0.125, 5, 5, 9.5, 2}, ask[] = {3, -0.75, 100, 0, 12, 7.7, 5.0001};
    TransformCells cells = {.numbers = train, .n = sizeof train / sizeof *train};
    size_t n, tried = 0;
    const Kind *const *kinds = kind_list(FAMILY_TRANSFORM, &n);
    for (size_t i = 0; i < n; i++) {
        const TransformKind *kind = (const TransformKind *)kinds[i];
        if (kind->use != TRANSFORM_SCALE) continue;
        tried++;
        void *args = kind_defaults(arena, kinds[i]);
        if (str_eq(kinds[i]->name, "divide")) *(double *)args = 255.0;
        TransformState state = kind->fit ? kind->fit(args, arena, &cells) : (TransformState){0};
        for (size_t k = 0; k < sizeof ask / sizeof *ask; k++)
            NEAR(kind->unscale(args, &state, kind->scale(args, &state, ask[k])), ask[k], 1e-12 * (1.0 + fabs(ask[k])));
    }
    EQ(tried, 6);
    arena_free(arena);
}

TEST(every_encoding_comes_back)
{
    Arena *arena = arena_new("test");
    static const char *const texts[] = {"pro", "basic", "max"};
    static const uint32_t codes[] = {0, 1, 2, UINT32_MAX, 1, 0};
    TransformCells cells = {.codes = codes, .texts = texts, .n_texts = 3, .n = 6};
    size_t n, tried = 0;
    const Kind *const *kinds = kind_list(FAMILY_TRANSFORM, &n);
    for (size_t i = 0; i < n; i++) {
        const TransformKind *kind = (const TransformKind *)kinds[i];
        if (kind->use != TRANSFORM_ENCODE) continue;
        tried++;
        for (int drop_first = 0; drop_first < 2; drop_first++) {
            bool *args = kind_defaults(arena, kinds[i]);
            if (kinds[i]->args) *args = drop_first != 0;
            TransformState state = kind->fit(args, arena, &cells);
            EQ(state.n_texts, 3);
            STR(state.texts[0], "basic");
            STR(state.texts[2], "pro");
            size_t width = kind->width ? kind->width(args, &state) : 1;
            for (int64_t category = 0; category < 3; category++) {
                float out[3] = {9, 9, 9};
                kind->encode(args, &state, &category, 1, out, width);
                EQ(kind->decode(args, &state, out), category);
            }
            int64_t unseen = -1;
            float out[3] = {9, 9, 9};
            kind->encode(args, &state, &unseen, 1, out, width);
            for (size_t k = 0; k < width; k++) EQ(out[k], 0);
        }
    }
    EQ(tried, 2);
    arena_free(arena);
}

TEST(a_constant_column_becomes_zeros_and_comes_back)
{
    Arena *arena = arena_new("test");
    static const double same[] = {0.1, 0.1, 0.1};
    TransformCells cells = {.numbers = same, .n = 3};
    static const char *const names[] = {"standard", "minmax", "robust"};
    for (size_t i = 0; i < 3; i++) {
        const TransformKind *kind = (const TransformKind *)kind_find(FAMILY_TRANSFORM, names[i]);
        const void *args = kind_defaults(arena, &kind->kind);
        TransformState state = kind->fit(args, arena, &cells);
        OK(state.constant);
        EQ(kind->scale(args, &state, 0.1), 0);
        EQ(kind->scale(args, &state, 1e9), 0);
        NEAR(kind->unscale(args, &state, 0.0), 0.1, 0.0);
    }
    arena_free(arena);
}

/* ---- prepared tables ---------------------------------------------------------------------------------------------------- */

enum { ROWS = 40 };

typedef struct {
    Arena *arena;
    Diags *diags;
    Recipe recipe;
} Bench;

static KindRef method(Arena *arena, const char *name)
{
    const Kind *kind = kind_find(FAMILY_TRANSFORM, name);
    return (KindRef){kind, kind_defaults(arena, kind)};
}

/* Features a (gaps filled by the median, standard), b (minmax), c (robust, gaps filled by the mean), k (numbers as categories),
 * plan (texts, gaps filled by the most common); target y, scaled. */
static Bench bench_new(void)
{
    Bench bench = {.arena = arena_new("test")};
    Arena *arena = bench.arena;
    bench.diags = diags_new(arena, sources_new(arena));
    static const char *const names[] = {"a", "b", "c", "k", "plan", "y"};
    RecipeColumn *columns = ARENA_ARRAY(arena, RecipeColumn, 6);
    for (size_t i = 0; i < 6; i++) columns[i] = (RecipeColumn){.name = names[i], .is_feature = i < 5, .is_target = i == 5};
    columns[4].type = COLUMN_TEXT;
    columns[0].fill = columns[2].fill = columns[4].fill = FILL_LEARNED;
    columns[0].fill_kind = method(arena, "median");
    columns[2].fill_kind = method(arena, "mean");
    columns[4].fill_kind = method(arena, "most_common");
    columns[0].scale = columns[5].scale = method(arena, "standard");
    columns[1].scale = method(arena, "minmax");
    columns[2].scale = method(arena, "robust");
    columns[3].encode = method(arena, "one_hot");
    columns[4].encode = method(arena, "index");
    static const size_t features[] = {0, 1, 2, 3, 4}, target[] = {5};
    RecipeGroup *group = ARENA_NEW(arena, RecipeGroup);
    *group = (RecipeGroup){.name = "x", .columns = features, .n_columns = 5};
    RecipeTarget *answer = ARENA_NEW(arena, RecipeTarget);
    *answer = (RecipeTarget){.name = "y", .columns = target, .n_columns = 1};
    bench.recipe = (Recipe){.name = "d", .path = "table.csv", .columns = columns, .n_columns = 6, .groups = group, .n_groups = 1,
                            .targets = answer, .n_targets = 1, .split = shares(0.6, 0.2, 0.2)};
    return bench;
}

static const Table *bench_table(Arena *arena, const Part *parts, double poison)
{
    static const char *const plans[] = {"pro", "basic", "max"};
    static const char *const names[] = {"a", "b", "c", "k"};
    const Table *table = table_new(arena, "table.csv", ROWS);
    for (size_t c = 0; c < 4; c++) {
        double *numbers = ARENA_ARRAY(arena, double, ROWS);
        for (size_t i = 0; i < ROWS; i++) {
            numbers[i] = c == 3 ? (double)(i % 3 + 1) : sin((double)(i * (c + 2))) * 10.0 + (double)c;
            if ((c == 0 && i % 7 == 3) || (c == 2 && i % 9 == 5)) numbers[i] = (double)NAN;
            if (parts && parts[i] == PART_TEST) numbers[i] *= poison;
        }
        table = table_add_numbers(arena, table, names[c], COLUMN_NUMBER, numbers);
    }
    const char **texts = ARENA_ARRAY(arena, const char *, ROWS);
    for (size_t i = 0; i < ROWS; i++) texts[i] = i % 11 == 4 ? NULL : plans[(i * 5 + i / 7) % 3];
    table = table_add_texts(arena, table, "plan", texts);
    double *y = ARENA_ARRAY(arena, double, ROWS);
    for (size_t i = 0; i < ROWS; i++) y[i] = cos((double)i) * (parts && parts[i] == PART_TEST ? poison : 1.0);
    return table_add_numbers(arena, table, "y", COLUMN_NUMBER, y);
}

TEST(poisoned_test_rows_change_no_other_bit)
{
    for (int order = SPLIT_SHUFFLED; order <= SPLIT_IN_ORDER; order++) {
        Bench bench = bench_new();
        bench.recipe.split.order = (SplitOrder)order;
        Part parts[ROWS];
        split_rows(&bench.recipe.split, ROWS, NULL, 0, parts);
        const Table *clean = bench_table(bench.arena, parts, 1.0), *poisoned = bench_table(bench.arena, parts, 1e9);
        Dataset *a = dataset_new(&bench.recipe, bench.arena, clean, clean, NULL, parts, NULL);
        Dataset *b = dataset_new(&bench.recipe, bench.arena, poisoned, poisoned, NULL, parts, NULL);
        OK(a && b);
        if (!a || !b) return;
        EQ(a->groups[0].width, b->groups[0].width);
        size_t width = a->groups[0].width, differ = 0;
        for (size_t i = 0; i < ROWS; i++) {
            const float *x = a->groups[0].block + i * width, *z = b->groups[0].block + i * width;
            if (parts[i] == PART_TEST) {
                differ += memcmp(x, z, width * sizeof *x) != 0;
                continue;
            }
            OK(memcmp(x, z, width * sizeof *x) == 0);
            OK(memcmp(a->targets[0].numbers + i, b->targets[0].numbers + i, sizeof *x) == 0);
        }
        OK(differ > 0);
        arena_free(bench.arena);
    }
}

TEST(gather_targets_and_undo)
{
    Bench bench = bench_new();
    Part parts[ROWS];
    split_rows(&bench.recipe.split, ROWS, NULL, 0, parts);
    const Table *table = bench_table(bench.arena, parts, 1.0);
    Dataset *data = dataset_new(&bench.recipe, bench.arena, table, table, NULL, parts, bench.diags);
    OK(data != NULL);
    if (!data) return;
    EQ(data->parts[PART_TRAIN].n + data->parts[PART_VALIDATION].n + data->parts[PART_TEST].n, ROWS);
    EQ(data->groups[0].width, 3 + 3 + 1);
    STR(data->groups[0].columns[3], "k=1");
    STR(data->groups[0].columns[6], "plan");
    EQ(dataset_group_size(data, 0), 7);
    static const uint32_t samples[] = {39, 0, 17};
    float x[3 * 7], y[3];
    dataset_gather(data, 0, samples, 3, x);
    for (size_t i = 0; i < 3; i++) OK(memcmp(x + i * 7, data->groups[0].block + samples[i] * 7, 7 * sizeof *x) == 0);
    dataset_target(data, 0, TARGET_NUMBERS, samples, 3, y);
    double back[3];
    dataset_target_undo(data, 0, samples, y, 3, back);
    for (size_t i = 0; i < 3; i++) NEAR(back[i], cos((double)samples[i]), 1e-6);
    EQ(dataset_target_size(data, 0, TARGET_ONE_HOT), 0);
    float weight[3];
    dataset_weights(data, samples, 3, weight);
    EQ(weight[2], 1);
    arena_free(bench.arena);
}

TEST(classes_in_every_form)
{
    Bench bench = bench_new();
    static const char *const labels[] = {"basic", "max", "pro"};
    static const size_t features[] = {1}, target[] = {4};
    bench.recipe.columns[4].encode = (KindRef){NULL, NULL};
    RecipeGroup group = {.name = "x", .columns = features, .n_columns = 1};
    RecipeTarget answer = {.name = "plan", .columns = target, .n_columns = 1, .classes = true, .labels = labels, .n_labels = 3};
    bench.recipe.groups = &group;
    bench.recipe.targets = &answer;
    Part parts[ROWS];
    split_rows(&bench.recipe.split, ROWS, NULL, 0, parts);
    const Table *table = bench_table(bench.arena, NULL, 1.0);
    Dataset *data = dataset_new(&bench.recipe, bench.arena, table, table, NULL, parts, bench.diags);
    OK(data != NULL);
    if (!data) return;
    static const uint32_t samples[] = {0, 1, 2}; /* pro, max, basic */
    float one_hot[9], index[3];
    dataset_target(data, 0, TARGET_ONE_HOT, samples, 3, one_hot);
    dataset_target(data, 0, TARGET_INDEX, samples, 3, index);
    EQ(index[0], 2);
    EQ(index[1], 1);
    EQ(index[2], 0);
    for (size_t i = 0; i < 9; i++) EQ(one_hot[i], (i == 2 || i == 4 || i == 6));
    EQ(dataset_target_size(data, 0, TARGET_NUMBERS), 0);
    arena_free(bench.arena);
}

TEST(a_table_of_names_is_refused_before_it_is_laid_out)
{
    /* E0477: 70,000 different texts in as many rows would take 70,000 * 70,000 * 4 bytes. */
    enum { MANY = 70000 };
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    const char **texts = ARENA_ARRAY(arena, const char *, MANY);
    for (int i = 0; i < MANY; i++) texts[i] = arena_printf(arena, "name %d", i);
    const Table *table = table_add_texts(arena, table_new(arena, "names.csv", MANY), "name", texts);
    RecipeColumn column = {.name = "name", .type = COLUMN_TEXT, .is_feature = true, .encode = method(arena, "one_hot")};
    static const size_t columns[] = {0};
    RecipeGroup group = {.name = "x", .columns = columns, .n_columns = 1};
    Recipe recipe = {.name = "d", .path = "names.csv", .columns = &column, .n_columns = 1, .groups = &group, .n_groups = 1};
    Part *parts = ARENA_ARRAY(arena, Part, MANY);
    split_rows(&recipe.split, MANY, NULL, 0, parts);
    OK(dataset_new(&recipe, arena, table, table, NULL, parts, diags) == NULL);
    EQ(diags_count(diags), 1);
    STR(diag_code_name(diag_code(diags_at(diags, 0))), "E0477");
    arena_free(arena);
}

/* ---- epochs ------------------------------------------------------------------------------------------------------------- */

TEST(an_epoch_takes_each_sample_once)
{
    Arena *arena = arena_new("test");
    uint32_t samples[103];
    for (uint32_t i = 0; i < 103; i++) samples[i] = i * 2;
    Epoch epoch = epoch_new(arena, (DataPart){samples, 103}, true, 1, rng_stream("m/shuffle"), 0);
    uint32_t first[103];
    for (uint32_t number = 0; number < 3; number++) {
        epoch_begin(&epoch, number);
        bool seen[206] = {false};
        size_t taken = 0, n, batches = 0;
        for (size_t at = 0;; at += n) {
            const uint32_t *batch = epoch_batch(&epoch, at, 32, &n);
            if (n == 0) break;
            batches++;
            for (size_t i = 0; i < n; i++) {
                OK(!seen[batch[i]]);
                seen[batch[i]] = true;
                if (number == 0) first[taken] = batch[i];
                taken++;
            }
        }
        EQ(taken, 103);
        EQ(batches, 4);
    }
    OK(memcmp(first, epoch.now, sizeof first) != 0);
    epoch_begin(&epoch, 0); /* an order is drawn by its number, not by what came before */
    OK(memcmp(first, epoch.now, sizeof first) == 0);
    Epoch plain = epoch_new(arena, (DataPart){samples, 103}, false, 1, 0, 0);
    epoch_begin(&plain, 5);
    size_t n;
    OK(memcmp(epoch_batch(&plain, 0, 103, &n), samples, sizeof samples) == 0);
    arena_free(arena);
}
