/* Which rows a fold trains on and which it scores, against counts by hand (those of scikit-learn's TimeSeriesSplit and StratifiedKFold), and
 * which sample says which row of a forecast. */
#include "runtime/train/cross_validate.h"
#include "runtime/train/forecast.h"
#include "tests/unit/test.h"

enum { MOST = 64 };

/* A data set of rows alone. */
typedef struct {
    Recipe recipe;
    Table table;
    Dataset data;
    Part row_parts[MOST], fold[MOST];
    DataTarget target;
    uint32_t classes[MOST];
    uint32_t begin[4];
    Series series;
} Rows;

static void rows_new(Rows *r, size_t n)
{
    *r = (Rows){.table = {.n_rows = n}};
    r->recipe.split = (Split){.form = SPLIT_SHARES, .order = SPLIT_SHUFFLED, .seed = 7};
    r->data = (Dataset){.recipe = &r->recipe, .table = &r->table, .row_parts = r->row_parts, .targets = &r->target, .n_targets = 1};
    r->target = (DataTarget){.width = 1, .n_columns = 1, .steps = 1};
}

/* Series of these lengths in time order. */
static void in_time(Rows *r, const uint32_t *lengths, size_t n)
{
    r->recipe.order.form = ORDER_BY;
    for (size_t s = 0; s < n; s++) r->begin[s + 1] = r->begin[s] + lengths[s];
    r->series = (Series){.n = n, .begin = r->begin};
    r->data.series = &r->series;
}

/* "TTVV-": the parts of all rows in a fold. */
static const char *fold(Rows *r, size_t folds, size_t number, size_t repeat)
{
    static char text[MOST + 1];
    cross_parts(&r->data, folds, number, repeat, r->fold);
    for (size_t i = 0; i < r->table.n_rows; i++) text[i] = r->fold[i] == PART_TRAIN ? 'T' : r->fold[i] == PART_VALIDATION ? 'V' : '-';
    text[r->table.n_rows] = '\0';
    return text;
}

/* TimeSeriesSplit(n_splits=4) of 23 rows: test_size = 23 // 5 = 4, tests begin at 7, 11, 15, 19. */
TEST(expanding_windows)
{
    Rows r;
    rows_new(&r, 23);
    in_time(&r, (const uint32_t[]){23}, 1);
    STR(fold(&r, 4, 0, 0), "TTTTTTTVVVV------------");
    STR(fold(&r, 4, 1, 0), "TTTTTTTTTTTVVVV--------");
    STR(fold(&r, 4, 2, 0), "TTTTTTTTTTTTTTTVVVV----");
    STR(fold(&r, 4, 3, 0), "TTTTTTTTTTTTTTTTTTTVVVV");
    STR(fold(&r, 4, 0, 5), "TTTTTTTVVVV------------"); /* a repeat draws nothing */
    EQ(cross_rows(&r.data), 23);
}

/* The test part takes no part: 13 rows are left, 13 // 4 = 3 a stretch. */
TEST(test_rows_are_left_alone)
{
    Rows r;
    rows_new(&r, 18);
    in_time(&r, (const uint32_t[]){18}, 1);
    for (size_t i = 13; i < 18; i++) r.row_parts[i] = PART_TEST;
    STR(fold(&r, 3, 0, 0), "TTTTVVV-----------");
    STR(fold(&r, 3, 2, 0), "TTTTTTTTTTVVV-----");
    EQ(cross_rows(&r.data), 13);
}

/* Each series by itself: 9 // 3 = 3 and 7 // 3 = 2 rows a stretch. */
TEST(series)
{
    Rows r;
    rows_new(&r, 16);
    in_time(&r, (const uint32_t[]){9, 7}, 2);
    STR(fold(&r, 2, 0, 0), "TTTVVV---TTTVV--");
    STR(fold(&r, 2, 1, 0), "TTTTTTVVVTTTTTVV");
    EQ(cross_rows(&r.data), 7);
}

/* KFold(n_splits=4, shuffle=False) of 10 rows: sizes 3, 3, 2, 2. */
TEST(blocks)
{
    Rows r;
    rows_new(&r, 10);
    r.recipe.split.order = SPLIT_IN_ORDER;
    r.recipe.split.order_given = true;
    STR(fold(&r, 4, 0, 0), "VVVTTTTTTT");
    STR(fold(&r, 4, 1, 0), "TTTVVVTTTT");
    STR(fold(&r, 4, 2, 0), "TTTTTTVVTT");
    STR(fold(&r, 4, 3, 0), "TTTTTTTTVV");
}

/* Every row is scored once in a repeat; classes differ by one row at most between folds; repeats draw anew, the split's seed too. */
TEST(stratified)
{
    Rows r;
    rows_new(&r, 50);
    static const size_t sizes[] = {26, 13, 7}; /* and 4 rows of the test part */
    size_t row = 0;
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < sizes[c]; i++) r.classes[row++] = (uint32_t)c;
    for (; row < 50; row++) r.row_parts[row] = PART_TEST;
    r.target.classes = r.classes;
    r.target.n_classes = 3;
    char first[MOST + 1];
    for (size_t repeat = 0; repeat < 2; repeat++) {
        size_t scored[MOST] = {0};
        for (size_t f = 0; f < 5; f++) {
            const char *text = fold(&r, 5, f, repeat);
            size_t counts[3] = {0}, all = 0;
            for (size_t i = 0; i < 46; i++) {
                OK(text[i] != '-');
                if (text[i] != 'V') continue;
                counts[r.classes[i]]++;
                scored[i]++;
                all++;
            }
            for (size_t i = 46; i < 50; i++) OK(text[i] == '-');
            for (size_t c = 0; c < 3; c++) OK(counts[c] == sizes[c] / 5 || counts[c] == sizes[c] / 5 + 1);
            OK(all == 9 || all == 10);
            if (f > 0) continue;
            if (repeat == 0) memcpy(first, text, sizeof first);
            else OK(strcmp(first, text) != 0);
        }
        for (size_t i = 0; i < 46; i++) EQ(scored[i], 1);
    }
    STR(fold(&r, 5, 0, 0), first);
    r.recipe.split.seed = 8;
    OK(strcmp(fold(&r, 5, 0, 0), first) != 0);
    Arena *arena = arena_new("test");
    size_t n;
    const size_t *strata = cross_strata(&r.data, arena, &n);
    EQ(n, 3);
    for (size_t c = 0; c < 3; c++) EQ(strata[c], sizes[c]);
    arena_free(arena);
}

/* ---- Forecasts ----------------------------------------------------------------------------------------------------------------- */

static size_t inputs(size_t first, size_t last, size_t n)
{
    RecipeTarget target = {.ahead_first = first, .ahead_last = last};
    return forecast_inputs(&(Recipe){.targets = &target, .n_targets = 1}, n);
}

TEST(forecast_blocks)
{
    /* ahead 1: each row from the one before it; n rows need n - 1 of them as inputs. */
    for (size_t j = 1; j < 10; j++) EQ(forecast_ahead(1, 1, j), 1);
    EQ(inputs(1, 1, 1), 0);
    EQ(inputs(1, 1, 12), 11);
    /* ahead 1..7: rows 1 … 7 from the last known row, 8 … 14 from row 7, 15 from row 14. */
    for (size_t j = 1; j <= 7; j++) EQ(forecast_ahead(1, 7, j), j);
    for (size_t j = 8; j <= 14; j++) EQ(forecast_ahead(1, 7, j), j - 7);
    EQ(forecast_ahead(1, 7, 15), 1);
    EQ(inputs(1, 7, 7), 0);
    EQ(inputs(1, 7, 14), 7);
    EQ(inputs(1, 7, 15), 14);
    /* ahead 3: row j from row j - 3, so three rows need nothing new. */
    for (size_t j = 1; j < 10; j++) EQ(forecast_ahead(3, 3, j), 3);
    EQ(inputs(3, 3, 3), 0);
    EQ(inputs(3, 3, 5), 2);
    /* ahead 4..6: rows 1 … 3 from known rows four before them, 4 … 6 from the last known, 7 … 9 from row 3. */
    EQ(forecast_ahead(4, 6, 1), 4);
    EQ(forecast_ahead(4, 6, 3), 4);
    EQ(forecast_ahead(4, 6, 4), 4);
    EQ(forecast_ahead(4, 6, 6), 6);
    EQ(forecast_ahead(4, 6, 7), 4);
    EQ(forecast_ahead(4, 6, 9), 6);
    EQ(inputs(4, 6, 6), 0);
    EQ(inputs(4, 6, 7), 3);
}
