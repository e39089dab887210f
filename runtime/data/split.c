/* Rows to parts; see split.h. */
#include "runtime/data/split.h"

#include "runtime/base/rng.h"

#include <math.h>

static const char *const part_names[] = {"train", "validation", "test", ""};

const char *part_name(Part part)
{
    return part_names[part];
}

Part part_find(const char *name)
{
    for (int part = 0; part < PART_COUNT; part++)
        if (str_eq(name, part_names[part])) return (Part)part;
    return PART_NONE;
}

/* Borders in the order the script names the parts. `rest` is what all the others leave, wherever it stands. Percentages run on as
 * sums of shares, so that rounding never adds up; a count moves the border by itself. */
void split_sizes(const Split *split, size_t n, size_t sizes[PART_COUNT])
{
    for (int part = 0; part < PART_COUNT; part++) sizes[part] = 0;
    if (split->form == SPLIT_ALL_TRAIN) sizes[PART_TRAIN] = n;
    if (split->form != SPLIT_SHARES) return;
    double all = (double)n, shares = 0.0, counts = 0.0;
    Part rest = PART_NONE;
    for (size_t i = 0; i < split->n_parts; i++) {
        const SplitShare *share = &split->part[split->sequence[i]];
        if (share->form == SHARE_PERCENT) shares += share->share;
        else if (share->form == SHARE_COUNT) counts += (double)share->count;
        else rest = split->sequence[i];
    }
    double rest_share = fmax(0.0, 1.0 - shares), done_shares = 0.0, done_counts = 0.0;
    size_t border = 0;
    for (size_t i = 0; i < split->n_parts; i++) {
        Part part = split->sequence[i];
        const SplitShare *share = &split->part[part];
        if (share->form == SHARE_PERCENT) {
            done_shares += share->share;
        } else if (share->form == SHARE_COUNT) {
            done_counts += (double)share->count;
        } else {
            done_shares += rest_share;
            done_counts -= counts;
        }
        double exact = all * done_shares + done_counts;
        /* 0.7 + 0.15 is 0.85 less one bit, but a person means 0.85. */
        double next = floor(exact + 0.5 + 1e-9 + fabs(exact) * 1e-14);
        if (part == rest && i + 1 == split->n_parts) next = all;
        next = fmin(fmax(next, (double)border), all);
        sizes[part] = (size_t)next - border;
        border = (size_t)next;
    }
}

typedef struct {
    const Split *split;
    size_t n_strata;
    size_t n_parts; /* those of the split, then one for rows of no part */
    size_t *stratum_left, part_left[PART_COUNT + 1];
    size_t *cell;    /* [n_strata][n_parts]: rows of the stratum in the part */
    bool *bumped;    /* the cell got one row above the whole ones of its quota */
} Strata;

typedef struct {
    double remainder;
    size_t part, stratum;
} Remainder;

static int compare_remainders(const void *a, const void *b)
{
    const Remainder *x = a, *y = b;
    double difference = x->remainder - y->remainder;
    /* Quotas are quotients of whole numbers: what differs by less is equal. */
    if (difference > 1e-9) return -1;
    if (difference < -1e-9) return 1;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return x->stratum < y->stratum ? -1 : x->stratum > y->stratum;
}

static void give(Strata *s, size_t stratum, size_t part)
{
    s->cell[stratum * s->n_parts + part]++;
    s->bumped[stratum * s->n_parts + part] = true;
    s->stratum_left[stratum]--;
    s->part_left[part]--;
}

/* What the largest remainders could not place: the part that still wants rows takes one where it has only its whole quota, from a part
 * that in turn takes one of the stratum left over. If there is none, any cell will do. */
static void place_leftovers(Strata *s)
{
    for (size_t stratum = 0; stratum < s->n_strata; stratum++) {
        while (s->stratum_left[stratum] > 0) {
            size_t part = 0;
            while (s->part_left[part] == 0) part++;
            bool moved = !s->bumped[stratum * s->n_parts + part];
            if (moved) give(s, stratum, part);
            for (size_t other = 0; other < s->n_strata && !moved; other++) {
                for (size_t to = 0; to < s->n_parts && !moved; to++) {
                    if (s->bumped[other * s->n_parts + part] || !s->bumped[other * s->n_parts + to]) continue;
                    if (s->bumped[stratum * s->n_parts + to]) continue;
                    s->cell[other * s->n_parts + to]--;
                    s->bumped[other * s->n_parts + to] = false;
                    s->part_left[to]++;
                    s->stratum_left[other]++;
                    give(s, other, part);
                    give(s, stratum, to);
                    moved = true;
                }
            }
            if (!moved) give(s, stratum, part);
        }
    }
}

static void divide_strata(Strata *s, size_t n)
{
    size_t cells = s->n_strata * s->n_parts;
    size_t sizes[PART_COUNT + 1];
    memcpy(sizes, s->part_left, sizeof sizes);
    Remainder *remainders = memory_alloc(memory_product(cells, sizeof *remainders));
    for (size_t stratum = 0; stratum < s->n_strata; stratum++) {
        size_t rows = s->stratum_left[stratum];
        for (size_t part = 0; part < s->n_parts; part++) {
            double quota = (double)rows * (double)sizes[part] / (double)n;
            size_t whole = (size_t)floor(quota + 1e-9);
            s->cell[stratum * s->n_parts + part] = whole;
            s->stratum_left[stratum] -= whole;
            s->part_left[part] -= whole;
            remainders[stratum * s->n_parts + part] = (Remainder){quota - (double)whole, part, stratum};
        }
    }
    qsort(remainders, cells, sizeof *remainders, compare_remainders);
    for (size_t i = 0; i < cells; i++)
        if (s->stratum_left[remainders[i].stratum] && s->part_left[remainders[i].part])
            give(s, remainders[i].stratum, remainders[i].part);
    place_leftovers(s);
    free(remainders);
}

/* Shares alone: each stratum by itself, whole rows of every quota first, then one more each by largest remainder. */
static void divide_by_shares(Strata *s)
{
    double quota[PART_COUNT + 1], rest = 1.0;
    const Split *split = s->split;
    for (size_t part = 0; part < split->n_parts; part++) {
        const SplitShare *share = &split->part[split->sequence[part]];
        quota[part] = share->form == SHARE_PERCENT ? share->share : 0.0;
        rest -= quota[part];
    }
    quota[split->n_parts] = rest;
    for (size_t part = 0; part < split->n_parts; part++) {
        if (split->part[split->sequence[part]].form != SHARE_REST) continue;
        quota[part] = rest;
        quota[split->n_parts] = 0.0;
    }
    for (size_t stratum = 0; stratum < s->n_strata; stratum++) {
        size_t *cell = &s->cell[stratum * s->n_parts], left = s->stratum_left[stratum];
        Remainder remainders[PART_COUNT + 1];
        for (size_t part = 0; part < s->n_parts; part++) {
            double exact = fmax(0.0, quota[part]) * (double)s->stratum_left[stratum];
            size_t whole = (size_t)floor(exact + 1e-9);
            cell[part] = whole < left ? whole : left;
            left -= cell[part];
            remainders[part] = (Remainder){exact - (double)whole, part, 0};
        }
        qsort(remainders, s->n_parts, sizeof *remainders, compare_remainders);
        for (size_t i = 0; left > 0; i = (i + 1) % s->n_parts, left--) cell[remainders[i].part]++;
    }
}

static bool has_counts(const Split *split)
{
    for (size_t i = 0; i < split->n_parts; i++)
        if (split->part[split->sequence[i]].form == SHARE_COUNT) return true;
    return false;
}

static void stratified(const Split *split, size_t n, const uint32_t *strata, size_t n_strata, const int64_t *order, Part *parts)
{
    Strata s = {.split = split, .n_strata = n_strata, .n_parts = split->n_parts + 1};
    size_t sizes[PART_COUNT], taken = 0;
    split_sizes(split, n, sizes);
    for (size_t i = 0; i < split->n_parts; i++) taken += s.part_left[i] = sizes[split->sequence[i]];
    s.part_left[split->n_parts] = n - taken;
    size_t cells = memory_product(n_strata, s.n_parts);
    s.stratum_left = memory_alloc(memory_product(n_strata, sizeof *s.stratum_left));
    s.cell = memory_alloc(memory_product(cells, sizeof *s.cell));
    s.bumped = memory_alloc(cells);
    memset(s.stratum_left, 0, n_strata * sizeof *s.stratum_left);
    memset(s.cell, 0, cells * sizeof *s.cell);
    memset(s.bumped, 0, cells);
    for (size_t i = 0; i < n; i++) s.stratum_left[strata[i]]++;
    if (has_counts(split)) divide_strata(&s, n);
    else divide_by_shares(&s);
    /* Each stratum's rows, in the drawn order, fill its parts one after another. */
    for (size_t i = 0; i < n; i++) {
        size_t row = (size_t)order[i], part = 0;
        size_t *cell = &s.cell[strata[row] * s.n_parts];
        while (part < split->n_parts && cell[part] == 0) part++;
        cell[part]--;
        parts[row] = part < split->n_parts ? split->sequence[part] : PART_NONE;
    }
    free(s.stratum_left);
    free(s.cell);
    free(s.bumped);
}

void split_rows(const Split *split, size_t n, const uint32_t *strata, size_t n_strata, Part *parts)
{
    if (split->form == SPLIT_ALL_TRAIN) {
        for (size_t i = 0; i < n; i++) parts[i] = PART_TRAIN;
        return;
    }
    if (n == 0) return;
    int64_t *order = memory_alloc(memory_product(n, sizeof *order));
    for (size_t i = 0; i < n; i++) order[i] = (int64_t)i;
    RngKey key = {.seed = split->seed, .stream = rng_stream("split")};
    if (split->order != SPLIT_IN_ORDER) rng_shuffle(&key, order, (int64_t)n);
    if (split->order == SPLIT_STRATIFIED && strata) {
        stratified(split, n, strata, n_strata, order, parts);
    } else {
        size_t sizes[PART_COUNT], at = 0;
        split_sizes(split, n, sizes);
        for (size_t i = 0; i < split->n_parts; i++)
            for (size_t k = 0; k < sizes[split->sequence[i]]; k++) parts[order[at++]] = split->sequence[i];
        while (at < n) parts[order[at++]] = PART_NONE;
    }
    free(order);
}

static bool share_names(const SplitShare *share, const Column *column, size_t row)
{
    for (size_t i = 0; i < share->n_values; i++) {
        if (column->type == COLUMN_TEXT) {
            if (str_eq(column_text(column, row), share->values[i])) return true;
        } else if (column->numbers[row] == share->numbers[i]) {
            return true;
        }
    }
    return false;
}

void split_rows_by(const Split *split, const Table *table, Part *parts)
{
    const Column *column = &table->columns[table_find(table, split->by)];
    for (size_t row = 0; row < table->n_rows; row++) {
        parts[row] = PART_NONE;
        if (column_is_missing(column, row)) continue;
        for (size_t i = 0; i < split->n_parts; i++) {
            if (!share_names(&split->part[split->sequence[i]], column, row)) continue;
            parts[row] = split->sequence[i];
            break;
        }
    }
}
