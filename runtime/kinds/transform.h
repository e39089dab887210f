/* Transforms: how cells of a column become numbers for the network, and how numbers come back.
 *
 * Three uses share one record. `fill` answers what stands in a missing cell, `encode` turns a category into numbers, `scale`
 * moves and stretches numbers. What a transform learns it learns from training rows alone (`fit`); the rest of the program
 * keeps what was learned as a TransformState, plain data that every file format can hold without knowing the kind. */
#ifndef NNL_KINDS_TRANSFORM_H
#define NNL_KINDS_TRANSFORM_H

#include "runtime/kinds/kind.h"

typedef enum { TRANSFORM_FILL, TRANSFORM_ENCODE, TRANSFORM_SCALE } TransformUse;

/* Cells of one column: numbers where the column is one of numbers (NaN is missing), else codes into texts (TEXT_MISSING,
 * UINT32_MAX, is missing). `rows` picks n of them, in order; NULL: the first n. */
typedef struct {
    const double *numbers;
    const uint32_t *codes;
    const char *const *texts;
    size_t n_texts;
    const uint32_t *rows;
    size_t n;
} TransformCells;

/* What fit learned. Categories of a column of numbers stand in `numbers`, those of a column of texts in `texts`. */
typedef struct {
    const double *numbers;
    size_t n_numbers;
    const char *const *texts;
    size_t n_texts;
    bool constant; /* all training cells are one value (or there are none): scales answer 0 */
} TransformState;

typedef struct TransformKind TransformKind;
struct TransformKind {
    Kind kind;
    TransformUse use;
    bool of_numbers, of_texts; /* what it can be applied to */
    bool has_lowest;           /* only numbers above `lowest` can be scaled (log1p: -1) */
    double lowest;
    /* Learns from the cells, missing ones left out. NULL: nothing to learn. */
    TransformState (*fit)(const void *args, Arena *arena, const TransformCells *cells);
    /* Numbers a cell becomes. NULL: one. */
    size_t (*width)(const void *args, const TransformState *state);
    /* ENCODE: the place of each cell's category in the state (from 0), or -1 for one never seen in training, becomes `width`
     * floats at out + i * stride. SCALE: each number becomes one float. */
    void (*encode)(const void *args, const TransformState *state, const int64_t *category, size_t n, float *out, size_t stride);
    double (*scale)(const void *args, const TransformState *state, double value);
    /* SCALE: the inverse. ENCODE: the place of the category that `width` numbers mean (the largest), -1: none. */
    double (*unscale)(const void *args, const TransformState *state, double value);
    int64_t (*decode)(const void *args, const TransformState *state, const float *values);
    /* ENCODE: name of the i-th number behind `COLUMN`: "=basic"; NULL: nothing behind it. */
    const char *(*suffix)(const void *args, const TransformState *state, Arena *arena, size_t i);
    /* The same in Python, for exported scripts. SCALE: over a column {x}, with the learned numbers {0}, {1} and arguments by name ({high}).
     * ENCODE: the columns it makes of {x}, {categories} being a list of them, by the helpers one_hot and numbered of such a script. */
    const char *python, *python_undo;
    /* ENCODE: how many different whole numbers it gives, for the layer that looks them up; NULL: not of that sort. */
    int64_t (*categories)(const void *args, const TransformState *state);
};

/* FILL kinds: fit leaves one number, or one text, in the state: what a missing cell becomes. */

static inline const TransformKind *transform_of(KindRef ref) { return (const TransformKind *)ref.kind; }

/* ---- Helpers for kinds --------------------------------------------------------------------------------------------- */

/* The numbers that are not missing, *n of them, in order. */
double *transform_present(Arena *arena, const TransformCells *cells, size_t *n);
/* A state of k numbers. */
TransformState transform_numbers(Arena *arena, const double *numbers, size_t k);
/* The distinct categories, sorted: numbers by value, texts by code point. */
TransformState transform_categories(Arena *arena, const TransformCells *cells);
/* How many there are. */
size_t transform_category_count(const TransformState *state);
/* The place of the category that a number or a text is, or -1. */
int64_t transform_find_number(const TransformState *state, double number);
int64_t transform_find_text(const TransformState *state, const char *text);
/* A category as text: "basic", "3". */
const char *transform_category_text(Arena *arena, const TransformState *state, size_t i);
/* The p-th quantile (0 … 1) of n sorted numbers, by linear interpolation as NumPy does. */
double transform_quantile(const double *sorted, size_t n, double p);
int transform_compare_doubles(const void *a, const void *b);

#endif
