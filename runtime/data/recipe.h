/* How a table becomes samples: the checked description, what was learned from training rows, and the prepared numbers.
 *
 * Recipe   what the script says, with every name and word looked up; plain data without syntax, so that a model file can hold it.
 * Fit      what was learned from the training rows alone: fills, categories, scales.
 * Dataset  the prepared table: one row-major block of float32 for each input group, targets, weights, and the samples of each part.
 *
 * A sample is a place in the block, not a copy: for plain tables the row of its own number, for windows the rows that end there.
 * Memory does not grow with the length of a window. */
#ifndef NNL_DATA_RECIPE_H
#define NNL_DATA_RECIPE_H

#include "runtime/data/order.h"
#include "runtime/data/split.h"
#include "runtime/kinds/transform.h"
#include "runtime/table/csv.h"
#include "runtime/table/expr.h"

/* ---- Recipe -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    Expr *expr;
    bool looks_back; /* or uses a column that does: calculated once rows stand in order and gaps are filled */
    size_t depth;    /* rows of its run that must stand before a row for it to have a value */
    Span span;       /* of the clause */
} RecipeDerive;

typedef struct {
    Expr *expr;
    Span span;
} RecipeWhere;

/* PREVIOUS and LINEAR fill along a series: with the last value before the gap, or on the line between the values around it. */
typedef enum { FILL_NONE, FILL_LEARNED, FILL_NUMBER, FILL_TEXT, FILL_PREVIOUS, FILL_LINEAR } FillForm;

/* A column in use: as a feature, a target or both (in different groups). */
typedef struct {
    const char *name;
    ColumnType type; /* as the training table has it; another table must agree */
    bool is_feature, is_target;
    bool known;     /* `known`: its future is, and a file tells it to `forecast` */
    bool per_group; /* scaled for each series by itself */
    size_t depth;   /* of a derived column: see RecipeDerive */
    FillForm fill;
    KindRef fill_kind; /* FILL_LEARNED */
    double fill_number;
    const char *fill_text;
    KindRef encode; /* kind NULL: none */
    KindRef scale;  /* kind NULL, or `none`: as it is */
    Span span;      /* where the script names it (or the selection that takes it in) */
    Span fill_span, encode_span, scale_span;
} RecipeColumn;

/* Columns that feed one model input. */
typedef struct {
    const char *name;      /* "x" where the script names none */
    bool named;
    const size_t *columns; /* places in recipe->columns */
    size_t n_columns;
    Shape as;              /* `as [T, F]`; rank 0: a vector of the group's width */
    size_t window;         /* consecutive rows a sample spans; 0: its own row alone, and no axis of steps */
    size_t every;          /* of these the last, and every so many-th before it; 1 where there is no window */
    Span span;
} RecipeGroup;

/* Columns that one model output is compared with. */
typedef struct {
    const char *name; /* the output's; the column's where the script names none and it is one column; else "y" */
    bool named;
    const size_t *columns;
    size_t n_columns;
    bool classes;     /* texts, or `as class` */
    bool zero_one;    /* numbers that are only ever 0 or 1 in the whole table */
    const char *const *labels; /* of classes, sorted, from the whole table */
    const double *label_numbers; /* of a class column of numbers: parallel to labels; else NULL */
    size_t n_labels;
    size_t positive;  /* of two classes: the place of the label that counts as 1 */
    bool positive_given;
    size_t ahead_first, ahead_last; /* `ahead 1..7`: rows behind the sample's last one; both 0: the value in that row itself */
    Span span, ahead_span;
} RecipeTarget;

/* A column of the file as it was read (after rename): what another file of the same recipe is held to. */
typedef struct {
    const char *name;
    ColumnType type;
} RecipeFileColumn;

typedef struct {
    const char *name;
    const char *path;    /* as written */
    const char *file;    /* where it was found: path, seen from the script's folder */
    CsvOptions csv;
    const RecipeFileColumn *file_columns;
    size_t n_file_columns;
    const RecipeDate *dates;
    size_t n_dates;
    const RecipeDerive *derives;
    size_t n_derives;
    const RecipeWhere *wheres;
    size_t n_wheres;
    int64_t take; /* 0: all rows */
    bool take_shuffled;
    bool drop_missing;
    RecipeOrder order;
    size_t stride; /* of `window`: a sample at every so many-th row; 1 or more */
    RecipeColumn *columns;
    size_t n_columns;
    const RecipeGroup *groups;
    size_t n_groups;
    const RecipeTarget *targets;
    size_t n_targets;
    Split split;
    const char *part_path[PART_COUNT]; /* `validation from`, `test from`, as written; NULL: none */
    const char *part_file[PART_COUNT];
    Span part_span[PART_COUNT];
    const char *weight; /* column, or NULL */
    Span span;          /* `data NAME` in the script; NO_SPAN: from a model file */
} Recipe;

/* How many rows of its run must stand before a row for the expression to have a value, where its columns may be derived ones. In *back
 * whether it looks back at all, itself or in a derived column. */
size_t recipe_depth(const Expr *expr, const RecipeDerive *derives, size_t n, bool *back);

/* The place of a column in use, or NO_COLUMN. */
size_t recipe_column(const Recipe *recipe, const char *name);

/* ---- From a file to the rows in use ---------------------------------------------------------------------------------- */

/* How many rows each step took away or added. */
typedef struct {
    size_t read, where, unknown /* where: the test had no answer */, take, dropped;
    size_t merged;   /* rows of one step that went into another */
    size_t inserted; /* for steps that the file lacks */
} RecipeCounts;

typedef enum {
    ROWS_LEARN,   /* the recipe's own table */
    ROWS_PART,    /* `validation from`, evaluate on a file: no `take` */
    ROWS_PREDICT, /* the target may be absent; no `take`; a `where` that needs absent columns is left out */
    ROWS_FUTURE,  /* rows behind the end: the columns of the order, the group and `known`, no `where` */
} RowsUse;

/* dates → derive (within the row) → where → take → drop missing → order, steps, series. `table` is as it was read. Rows from number n_own on
 * (counted over the files of the table) come from `validation from` and `test from`: `take` leaves them alone. *series is NULL for a
 * table without order. Rows of steps that the file lacks have no origin (NO_ROW). NULL: reported. */
const Table *recipe_rows(const Recipe *recipe, Arena *arena, const Table *table, size_t n_own, RowsUse use, RecipeCounts *counts,
                         const Series **series, Diags *diags);
/* The columns that `date` and `order by` read as dates. NULL: reported (a cell that is no date). */
const Table *recipe_dates(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags);
/* The derived columns that do not look back. */
const Table *recipe_derive(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags);
/* What comes once the parts are known: gaps filled along the series (never with what lies behind a border), then columns that look
 * back. The same table where the recipe has neither. NULL: reported. */
const Table *recipe_past(const Recipe *recipe, Arena *arena, const Table *rows, const Series *series, const Part *parts, RowsUse use,
                         Diags *diags);
/* Cells of a column in use (place in recipe->columns) that are missing and should not be: without those at the beginning of a run that have too
 * little past. `first` (may be NULL) gets the rows of the first `most`. */
size_t recipe_lacks(const Recipe *recipe, size_t column, const Table *rows, const Series *series, uint32_t *first, size_t most);
/* Whether the recipe has a window, a target ahead, a column that looks back or a fill along the series: then parts must follow each other in time. */
bool recipe_uses_order(const Recipe *recipe);
/* Which columns of the file (parallel to file_columns) this use cannot do without; in the arena. */
const bool *recipe_needed(const Recipe *recipe, Arena *arena, RowsUse use);
/* A table without rows that has the file's columns, to hold another file to (table_match). */
const Table *recipe_file_table(const Recipe *recipe, Arena *arena);

/* Another file: all its columns as it was read, and the rows in use with the recipe's columns. */
typedef struct {
    const Table *source;
    const Table *rows;
    const Series *series; /* NULL: no order */
    RecipeCounts counts;
} RecipeFile;
/* Reads a file by the recipe's options and brings it to the rows in use. place: where the path stands (NO_SPAN: the command line).
 * false: reported. */
bool recipe_read(const Recipe *recipe, Arena *arena, const char *file, const char *written, RowsUse use, Span place, RecipeFile *out,
                 Diags *diags);
/* The same from a table that was read already. */
bool recipe_from_table(const Recipe *recipe, Arena *arena, const Table *source, RowsUse use, Span place, RecipeFile *out, Diags *diags);

/* ---- Fit ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    TransformState fill, encode, scale;
    const bool *seen; /* of each category of `encode`: whether these training rows have it; NULL: all. See dataset_fold */
    const TransformState *scales; /* `per group`: of each of the fit's series; else NULL */
} ColumnFit;

typedef struct {
    const ColumnFit *columns; /* parallel to recipe->columns */
    size_t n_columns;
    const char *const *series; /* names of the series that training has rows of, where something is scaled `per group` */
    size_t n_series;
} Fit;

/* Learns from the rows whose part is training. series may be NULL. */
Fit fit_learn(const Recipe *recipe, Arena *arena, const Table *table, const Series *series, const Part *parts);
/* The fit's place of each series of a table; false: one was never trained on (reported at the clause). */
bool fit_series(const Recipe *recipe, const Fit *fit, Arena *arena, const Table *table, const Series *series, RowsUse use, size_t **places,
                Diags *diags);
/* What scales a column in rows of that place. */
const TransformState *fit_scale(const Fit *fit, size_t column, size_t place);

/* ---- Dataset ------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    Shape shape;         /* of a sample */
    size_t width;        /* numbers a row of the block */
    float *block;        /* n_rows × width */
    const char *const *columns; /* name of each number: "temp", "plan=basic" */
    const size_t *sources;      /* the place in recipe->columns each number comes from */
    int64_t categories;  /* whole numbers below this (all columns index-encoded); 0: other numbers */
    size_t steps, every; /* rows a sample takes: the last and (steps - 1) before it, `every` rows apart */
    bool window;         /* the sample has an axis of steps */
} DataGroup;

typedef struct {
    const char *name;
    size_t width;      /* numbers a sample: n_columns × steps; of classes 1 */
    size_t n_columns;  /* numbers a row */
    size_t ahead, steps; /* a sample's first target row lies `ahead` rows behind its last input row, and `steps` rows count */
    float *numbers;    /* n_rows × n_columns, scaled; classes: 1 for the positive label else 0, where there are two; may be NULL */
    uint32_t *classes; /* n_rows class indexes; NULL where the target is plain numbers */
    const size_t *table_columns; /* where its columns stand in data->table */
    size_t n_classes;  /* also 2 where numbers are only ever 0 and 1; else 0 */
} DataTarget;

typedef struct {
    const uint32_t *samples; /* in file (or time) order */
    size_t n;
} DataPart;

typedef struct {
    const Recipe *recipe;
    const Fit *fit;
    const Table *table;       /* the rows in use, filled along their series, with columns that look back */
    const Table *rows;        /* the same before that: what dataset_new was given */
    const Series *series;     /* NULL: no order */
    const size_t *fit_places; /* of each series: its place in the fit; NULL: nothing is scaled `per group` */
    const Table *source;      /* as it was read, with all columns: for output; see dataset_source_row */
    const Part *row_parts;    /* part of each row */
    DataGroup *groups;
    size_t n_groups;
    DataTarget *targets;      /* n_targets 0: the table has no target (prediction) */
    size_t n_targets;
    float *weights;           /* of each row, NULL: all 1 */
    const uint32_t *sample_rows; /* last input row of each sample; NULL: sample i is row i */
    const Part *sample_parts;    /* NULL: that of its row */
    size_t no_past, no_future, straddling; /* rows that end no sample: too little before, no target behind, targets on both sides of a border */
    size_t n_samples;
    DataPart parts[PART_COUNT];
    DataPart all;
} Dataset;

/* Learns from the training rows and prepares all rows (as recipe_rows gave them); `source` is the table the rows were read from. Warns of
 * constant columns and unseen categories (diags NULL: says nothing, for folds). NULL: reported (missing cells that nothing fills, numbers
 * that have no scaled value). A sample belongs to the part of its target rows. */
Dataset *dataset_new(const Recipe *recipe, Arena *arena, const Table *source, const Table *rows, const Series *series, const Part *parts,
                     Diags *diags);
/* The same rows in other parts, everything learned anew; says nothing. Categories keep the places they have in `data`, so that the shapes of
 * its groups stay; those that the training rows now lack are encoded as never seen. */
Dataset *dataset_fold(const Dataset *data, Arena *arena, const Part *parts);
/* Prepares another file by what was learned. All its samples are in `all`; no part holds any. NULL: reported. */
Dataset *dataset_apply(const Recipe *recipe, const Fit *fit, Arena *arena, const RecipeFile *file, RowsUse use, Diags *diags);

/* A part's samples; PART_NONE: all. */
DataPart dataset_part(const Dataset *data, Part part);
/* Copies the inputs of n samples, one behind the other. */
void dataset_gather(const Dataset *data, size_t group, const uint32_t *samples, size_t n, float *out);
/* Floats a sample has in a group. */
size_t dataset_group_size(const Dataset *data, size_t group);
/* The targets of n samples in the form a loss wants: NUMBERS `width` numbers (of two classes 1 or 0), ONE_HOT n_classes, INDEX one. */
void dataset_target(const Dataset *data, size_t target, TargetForm form, const uint32_t *samples, size_t n, float *out);
/* Numbers a sample has in that form; 0: the target cannot be given in it. */
size_t dataset_target_size(const Dataset *data, size_t target, TargetForm form);
/* Row weights (1 where the recipe has none). */
void dataset_weights(const Dataset *data, const uint32_t *samples, size_t n, float *out);
/* n × width numbers on the model's scale, back in the target's own units; samples[i] is the sample that row i of values belongs to. */
void dataset_target_undo(const Dataset *data, size_t target, const uint32_t *samples, const float *values, size_t n, double *out);
/* The target's own value of a sample, before scaling: number i of `width` (step i / n_columns, column i % n_columns). */
double dataset_target_raw(const Dataset *data, size_t target, uint32_t sample, size_t i);
/* Name of number i of a target: "temp"; "temp+3" where it lies ahead. */
const char *dataset_target_name(const Dataset *data, Arena *arena, size_t target, size_t i);
/* Row of the table that number i of the target stands in. */
size_t dataset_target_row(const Dataset *data, size_t target, uint32_t sample, size_t i);
/* Class index of a sample. */
uint32_t dataset_target_class(const Dataset *data, size_t target, uint32_t sample);
/* Row of the table that a sample's inputs end in, and its line in its file (0: a row that no file has). */
size_t dataset_row(const Dataset *data, uint32_t sample);
/* Row of data->source that it is; NO_ROW: none. */
size_t dataset_source_row(const Dataset *data, uint32_t sample);
size_t dataset_line(const Dataset *data, uint32_t sample);
/* Part of a sample. */
Part dataset_sample_part(const Dataset *data, uint32_t sample);

#endif
