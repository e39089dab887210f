/* What the transforms share: leaving out missing cells, finding categories, quantiles. */
#include "runtime/kinds/transform.h"

#include <math.h>

#define CELL_MISSING UINT32_MAX

int transform_compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b)
{
    /* Bytes of UTF-8 sort like the code points they spell. */
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

double *transform_present(Arena *arena, const TransformCells *cells, size_t *n)
{
    double *present = ARENA_ARRAY(arena, double, cells->n + 1);
    *n = 0;
    for (size_t i = 0; i < cells->n; i++) {
        double value = cells->numbers[cells->rows ? cells->rows[i] : i];
        if (!isnan(value)) present[(*n)++] = value;
    }
    return present;
}

TransformState transform_numbers(Arena *arena, const double *numbers, size_t k)
{
    double *copy = ARENA_ARRAY(arena, double, k);
    if (k) memcpy(copy, numbers, k * sizeof *copy);
    return (TransformState){.numbers = copy, .n_numbers = k};
}

TransformState transform_categories(Arena *arena, const TransformCells *cells)
{
    TransformState state = {0};
    if (cells->numbers) {
        size_t n, distinct = 0;
        double *present = transform_present(arena, cells, &n);
        qsort(present, n, sizeof *present, transform_compare_doubles);
        for (size_t i = 0; i < n; i++)
            if (i == 0 || present[i] != present[distinct - 1]) present[distinct++] = present[i];
        return transform_numbers(arena, present, distinct);
    }
    bool *seen = ARENA_ARRAY(arena, bool, cells->n_texts + 1);
    for (size_t i = 0; i < cells->n; i++) {
        uint32_t code = cells->codes[cells->rows ? cells->rows[i] : i];
        if (code != CELL_MISSING) seen[code] = true;
    }
    const char **texts = ARENA_ARRAY(arena, const char *, cells->n_texts + 1);
    size_t n = 0;
    for (size_t code = 0; code < cells->n_texts; code++)
        if (seen[code]) texts[n++] = arena_copy(arena, cells->texts[code]);
    qsort(texts, n, sizeof *texts, compare_texts);
    state.texts = texts;
    state.n_texts = n;
    return state;
}

int64_t transform_find_number(const TransformState *state, double number)
{
    size_t low = 0, high = state->n_numbers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->numbers[middle] < number) low = middle + 1;
        else high = middle;
    }
    return low < state->n_numbers && state->numbers[low] == number ? (int64_t)low : -1;
}

int64_t transform_find_text(const TransformState *state, const char *text)
{
    size_t low = 0, high = state->n_texts;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(state->texts[middle], text) < 0) low = middle + 1;
        else high = middle;
    }
    return low < state->n_texts && strcmp(state->texts[low], text) == 0 ? (int64_t)low : -1;
}

size_t transform_category_count(const TransformState *state)
{
    return state->texts ? state->n_texts : state->n_numbers;
}

const char *transform_category_text(Arena *arena, const TransformState *state, size_t i)
{
    return state->texts ? state->texts[i] : str_double(arena, state->numbers[i]);
}

double transform_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0) return 0.0;
    double place = p * (double)(n - 1);
    size_t low = (size_t)place;
    if (low + 1 >= n) return sorted[n - 1];
    double part = place - (double)low, distance = sorted[low + 1] - sorted[low];
    return part < 0.5 ? sorted[low] + distance * part : sorted[low + 1] - distance * (1.0 - part);
}
