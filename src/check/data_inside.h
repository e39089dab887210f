/* Inside of check/data*.c: what is known of a data block while its clauses are read. */
#ifndef NNL_CHECK_DATA_INSIDE_H
#define NNL_CHECK_DATA_INSIDE_H

#include "src/check/args.h"
#include "src/check/data.h"

/* How closely a clause names a column: a name beats a selection (`texts`), a selection beats a clause without columns. */
typedef enum { CLAIM_NONE, CLAIM_BARE, CLAIM_SELECTION, CLAIM_NAME } Claim;

/* A column in use. */
typedef struct {
    RecipeColumn recipe;
    size_t table_column;
    const Ast *item;   /* the name, or the selection, that takes it in as a feature; else the target's */
    const Ast *clause; /* the `features` clause, for the edit that leaves it out; NULL: none */
    Claim encode, scale, fill;
} UsedColumn;

typedef struct {
    Diag *diag;
    Fix *fix; /* puts the nearest name in every place; NULL: there is none */
    const char *nearest;
} UnknownColumn;

/* A column selected from the table. */
typedef struct {
    size_t column;   /* of the table */
    const Ast *item; /* AST_NAME, AST_TEXT, or the selection */
} Selected;

typedef VEC(Selected) SelectedList;

typedef struct {
    Arena *arena;
    Scope *scope;
    Diags *diags;
    ArgContext args;
    const Named *named;
    const Ast *ast;
    Recipe *recipe;
    const Table *own;    /* the block's file as it was read; NULL: it could not be */
    const Table *raw;    /* with the files of `validation from` and `test from` behind it */
    size_t part_begin[PART_COUNT], part_rows[PART_COUNT]; /* rows of raw that came from files of their own */
    const Table *table;  /* with derived columns */
    const Table *ordered; /* those in use, in order */
    const Series *series; /* of these; NULL: no order */
    const Table *rows;   /* the same with what the rows around give: gaps filled along a series, columns that look back */
    Part *parts;
    Dataset *dataset;
    RecipeCounts counts;
    VEC(UsedColumn) used;
    VEC(size_t) used_place; /* of a table column: its place in `used`, or NO_COLUMN; as far as it reaches */
    VEC(UnknownColumn) unknown;
    NameIndex *unknown_names; /* parallel */
    VEC(const char *) facts;
    NameIndex *excluded; /* columns that `all` leaves out: split by, weight, order, group, targets */
    const Ast **target_clauses; /* parallel to recipe->targets */
    bool in_expression;  /* names are looked up for `derive` or `where` */
    bool waits;          /* a clause is not carried out yet: what follows from it is not judged */
    bool unread;         /* a line could not be read */
    Diag *unordered;     /* something needs an order and there is none: E0457 */
    size_t errors;       /* before this block */
} DataCheck;

/* data_list.c: columns where they are listed. */
/* Name of AST_NAME or AST_TEXT in normal form C; NULL: neither. */
const char *data_name(const DataCheck *c, const Ast *item);
/* Place of a column in c->table; NO_COLUMN: reported, once for each name, with labels at later places. */
size_t data_column(DataCheck *c, const char *name, Span span);
/* The columns of a list. used: selections pick from the features in use, names from all columns in use (others are reported as
 * `what` of something that is no feature). Names that do not exist are reported. */
SelectedList data_select(DataCheck *c, const AstList *items, bool used, const char *what);
/* The used column of a table column, or NULL. */
UsedColumn *data_used(DataCheck *c, size_t table_column);
bool data_is_name(const Ast *item);
/* A column's name as a list writes it: in quotes where it is no plain name. */
const char *data_written(const DataCheck *c, const char *name);

/* data_read.c: the file and how to read it. */
void data_read(DataCheck *c);
/* Puts the files of `validation from` and `test from` behind the own one. */
bool data_read_parts(DataCheck *c);

/* data_dates.c: columns that are read as dates. */
void data_dates(DataCheck *c);

/* data_order.c: order by, group by, known, window. */
void data_order(DataCheck *c);
void data_known(DataCheck *c);
void data_windows(DataCheck *c);
/* Reports, once for the block, that something needs an order. */
void data_needs_order(DataCheck *c, const char *what, Span span);
/* Reports a column that looks back where none can be used. */
bool data_refuse_back(DataCheck *c, const char *what, const char *name, Span span);
/* What was found out about the rows and their samples. */
void data_tell_order(DataCheck *c);
/* Parts that no sample ends in. */
bool data_judge_samples(DataCheck *c);

/* data_expr.c: derive and where. */
void data_derive(DataCheck *c);
void data_where(DataCheck *c);

/* data_columns.c: features and targets, data_methods.c: encode, scale, fill, drop, weight. */
void data_features(DataCheck *c);
/* A remedy that takes the column out of `features`. */
void data_leave_out(DataCheck *c, Diag *diag, DiagText text, const UsedColumn *used);
void data_targets(DataCheck *c);
void data_methods(DataCheck *c);
void data_weight(DataCheck *c);

/* data_split.c: take and split. */
void data_take(DataCheck *c);
void data_split(DataCheck *c);
/* Sizes against rows, and the part of each row; after the rows in use are known. */
bool data_divide(DataCheck *c);
/* data_borders.c: parts of an ordered table: by series, by `until`. */
void data_until(DataCheck *c, const Ast *ast, Part part);
/* " (2020-01-01 to 2020-03-10)": the times of a part's rows; "" without `order by`. */
const char *data_times(DataCheck *c, Part part);
bool data_has_until(const DataCheck *c);
bool data_divide_series(DataCheck *c, const uint32_t *own, size_t n);
bool data_judge_counts(DataCheck *c, size_t n);
/* Parts must follow each other in time where samples reach over rows. */
bool data_judge_sequence(DataCheck *c);
bool data_judge_shuffled(DataCheck *c);

/* data_judge.c: what only the cells can tell. */
/* Features that are no numbers, targets that cannot be compared with, labels of classes. */
bool data_judge_columns(DataCheck *c);
/* Widths of groups, once the samples are prepared. */
bool data_judge_groups(DataCheck *c);
/* data_lint.c: runs, but is likely wrong. */
void data_lint(DataCheck *c);

/* data.c */
void data_fact(DataCheck *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reports what is not carried out yet: a word of waiting.def and how a person would call it. */
void data_waits(DataCheck *c, Span span, int place, const char *name, const char *what);
/* The first clause of that type, or NULL. */
const Ast *data_clause(const DataCheck *c, AstType type);
/* Adds a remedy that inserts a line into the block; a sentence only where there is no room for one. */
void data_fix_line(DataCheck *c, Diag *diag, DiagText text, const DiagArg *args, const char *line);
#define data_fix(c, e, text, line, ...) \
    data_fix_line((c), (e), (text), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}}, (line))

#endif
