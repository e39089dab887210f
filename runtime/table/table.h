/* Tables: typed columns of cells, each row knowing where in its file it stood.
 *
 * Numbers and dates are doubles, one array a column: class labels, keys and seconds since 1970 stay exact, comparisons agree with
 * the text of the file, and rounding to float happens once, where samples are laid out. NaN is a missing cell, and no cell
 * holds an infinity. Texts are codes into the column's distinct texts, in order of first appearance.
 *
 * A table is never changed once it is handed out: what selects, sorts or adds returns a new Table, which shares the arrays of
 * columns that stay as they were. Filter first, gather once: table_select copies every column. */
#ifndef NNL_TABLE_TABLE_H
#define NNL_TABLE_TABLE_H

#include "runtime/base/diag.h"
#include "runtime/base/name_index.h"
#include "runtime/table/date.h"

#include <stdio.h>

#define TEXT_MISSING UINT32_MAX
#define TABLE_MISSING __builtin_nan("") /* of numbers and dates; test with isnan */
#define NO_COLUMN SIZE_MAX
#define NO_ROW UINT32_MAX
#define TABLE_ROWS_MAX 1000000000u

typedef enum { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_DATE } ColumnType;
/* "numbers", "texts", "dates". */
const char *column_type_name(ColumnType type);

/* Why a column with numbers or dates in it is one of texts. */
typedef enum {
    ODD_NONE,
    ODD_OTHER,     /* any other text */
    ODD_PERCENT,   /* 12% */
    ODD_THOUSANDS, /* 1,234 */
    ODD_CURRENCY,  /* $5, 3,000원 */
    ODD_COMMA,     /* 3,14 */
    ODD_INFINITE,  /* inf */
    ODD_NO_DAY     /* 2023-02-30 among dates */
} OddCell;

#define ODD_ROWS 3
/* Of a TEXT column: how many cells are numbers (or dates), how many are neither, and the first of these. `n_spoiled` of the odd ones are
 * numbers to people (12%, $5, 1,234). */
typedef struct {
    size_t n_numbers, n_dates, n_odd, n_spoiled;
    OddCell why;             /* of the first */
    uint32_t rows[ODD_ROWS]; /* rows of the table as it was read */
    const char *texts[ODD_ROWS];
} ColumnOdd;

typedef struct TextIndex TextIndex;

typedef struct {
    const char *name; /* NFC */
    ColumnType type;
    const double *numbers;    /* NUMBER, DATE (seconds since 1970 in UTC): one a row, NaN is missing */
    const uint32_t *codes;    /* TEXT: one a row, TEXT_MISSING is missing */
    const char *const *texts; /* TEXT: the distinct texts, by code; after table_select some may no longer occur */
    size_t n_texts;
    TextIndex *index;  /* TEXT: finds codes; see column_code */
    DateForm form;     /* DATE: how dates are written */
    size_t n_missing;
    size_t file_column; /* its place in a row of the file, or NO_COLUMN where it was derived */
    ColumnOdd odd;
} Column;

/* A file that rows came from. Opaque to callers but for the functions below. */
typedef struct TableFile TableFile;

typedef struct ColumnRoom ColumnRoom;

typedef struct {
    const char *path; /* as messages show it; of a joined table the first file's */
    size_t n_rows, n_columns;
    const Column *columns;
    NameIndex *names;  /* of the columns; perhaps of more behind them, which a wider table added */
    ColumnRoom *room;  /* where table_add_column made it: `columns` has room for more */
    const uint32_t *origin; /* row → number of that row in the files (files of a joined table count on), NULL: the same */
    const TableFile *const *files;
    size_t n_files;
} Table;

/* The column of that name (NFC), or NO_COLUMN. */
size_t table_find(const Table *table, const char *name);
/* As above; an absent one is reported at `place` with the nearest names and the edit. */
bool table_require(const Table *table, const char *name, Span place, Diags *diags, size_t *column);
/* Names of all columns, n_columns of them. */
const char *const *table_names(const Table *table);

/* Text of a cell of a TEXT column, NULL where missing. */
const char *column_text(const Column *column, size_t row);
/* The code of a text in a TEXT column, or TEXT_MISSING. */
uint32_t column_code(const Column *column, const char *text);
bool column_is_missing(const Column *column, size_t row);

/* A row's place for people: line in its file, from 1, header and quoted line ends counted. 0 where it is in no file. */
size_t table_line(const Table *table, size_t row);
/* The file a row comes from, counted from 0; n_files where it is in none. */
size_t table_file(const Table *table, size_t row);
/* Whole row; cell (the row where the column is derived; NO_SPAN where the row is in no file); cell of the header (NO_SPAN: none). */
Span table_row_span(const Table *table, size_t row);
Span table_cell_span(const Table *table, size_t row, size_t column);
Span table_header_span(const Table *table, size_t column);
/* A cell's text as it stood in the file, without quotes and surrounding blanks; a derived cell's value as text. "" where
 * empty; "NA" stays "NA". Never NULL. */
const char *table_cell_text(Arena *arena, const Table *table, size_t row, size_t column);
/* A text as a CSV cell: in quotes where it needs them. */
void table_put_cell(Buf *out, const char *text, char delimiter);
/* A line of a CSV, written to the file; `line` is room for it. */
void table_put_line(Buf *line, const char *const *cells, size_t n, FILE *file);

/* Building. numbers / codes are taken over, not copied; n_missing is counted. */
Table *table_new(Arena *arena, const char *path, size_t n_rows);
/* A table without rows of these columns, n of them, which are taken over. */
Table *table_of_columns(Arena *arena, const char *path, const Column *columns, size_t n);
Table *table_add_numbers(Arena *arena, const Table *table, const char *name, ColumnType type, const double *numbers);
/* texts: one a row, NULL is missing. */
Table *table_add_texts(Arena *arena, const Table *table, const char *name, const char *const *texts);
Table *table_add_column(Arena *arena, const Table *table, const Column *column);
/* A copy whose columns the caller may change, but for their names, until he hands it out. */
Table *table_copy(Arena *arena, const Table *table, Column **columns);
/* With column number `at` replaced. */
Table *table_with_column(Arena *arena, const Table *table, size_t at, const Column *column);
Table *table_rename(Arena *arena, const Table *table, size_t column, const char *name);
/* A TEXT column with the cells of column as they stood in the file (missing ones stay missing): for labels and dates that were
 * read as numbers. */
Column table_as_text(Arena *arena, const Table *table, size_t column);

/* The rows of the list, in its order (it may repeat rows). */
Table *table_select(Arena *arena, const Table *table, const uint32_t *rows, size_t n);
/* The first n rows; copies nothing. */
Table *table_first(Arena *arena, const Table *table, size_t n);
/* The rows in ascending order of the columns (texts by code point, missing last), equal ones in their order; n_rows numbers. */
uint32_t *table_sorted(Arena *arena, const Table *table, const size_t *columns, size_t n);
/* The distinct texts that occur, by code point; *n of them. */
const char *const *column_labels(Arena *arena, const Table *table, size_t column, size_t *n);

/* The columns of `like`, in its order, taken from `table` by name: for a second file (`validation from`, prediction). Columns
 * not in `needed` (NULL: all) may be absent and are then filled with missing cells. A column of numbers or dates that `like` holds as texts becomes texts; the
 * other way round is an error that names the cells. NULL: reported at `place`. */
Table *table_match(Arena *arena, const Table *table, const Table *like, const bool *needed, Span place, Diags *diags);
/* The rows of a, then those of b, whose columns agree (table_match). */
Table *table_concat(Arena *arena, const Table *a, const Table *b);

/* Says in a diagnostic of the caller's why a TEXT column is none of numbers: label at the first odd cell, note with counts, and
 * the remedy (`missing "n/a"`, …); the edit is put at `clause`, an empty span where a line of the data block may stand (NO_SPAN: a
 * sentence only). Nothing where no cell is a number. True if something was said. */
bool table_explain_text(Diag *diag, const Table *table, size_t column, Span clause);
/* W0502 for a column of which most cells are numbers, plain or spoiled, but some are not. */
void table_warn_text(const Table *table, size_t column, Span place, Span clause, Diags *diags);

#endif
