/* Reading CSV and TSV files into tables.
 *
 * RFC 4180: cells in double quotes may hold delimiters, line ends and doubled quotes; CRLF, LF and CR end lines; a BOM is accepted; blank
 * lines are skipped; blanks around an unquoted cell are cut. Missing are: the empty cell, `NA`, `NaN` and `null` in these spellings
 * or in one case throughout (`nan`, `NAN`, `NULL`; but `Na` and `na` are texts), quoted or not, and what `missing` adds.
 *
 * A column is of numbers where each cell is missing or what Python's float() reads (without `_`, `inf`, `nan`), of dates where
 * each is an ISO date or time, or each an ISO month, else of texts. A column with missing cells alone is one of numbers. */
#ifndef NNL_TABLE_CSV_H
#define NNL_TABLE_CSV_H

#include "runtime/table/table.h"

/* The cells beside the empty one that are missing in every table; ended by NULL. */
extern const char *const csv_missing_words[];

/* A marker of `missing`. A text that reads as a number, like a number itself, is compared by value, else exactly (NFC). */
typedef struct {
    const char *text; /* as given: "?", "-9999", or a number's text */
    Span span;
} CsvMissing;

typedef struct {
    const char *from, *to; /* NFC */
    Span from_span, to_span;
} CsvRename;

/* Zero means: nothing said. Spans are those of the script's clauses. */
typedef struct {
    const char *written; /* the path as the script writes it, for the edit that mends it; NULL: path */
    bool header_none;
    bool header_found; /* a first line with a number in it is a row, not a header */
    const char *const *header; /* names for a file without a header line */
    size_t n_header;
    Span header_span;
    const Span *header_spans; /* one a name, or NULL */
    char delimiter;           /* 0: found by looking (.tsv: a tab) */
    Span delimiter_span;
    const char *encoding; /* NULL: found by looking */
    Span encoding_span;
    const CsvMissing *missing;
    size_t n_missing;
    const CsvRename *renames;
    size_t n_renames;
    bool further; /* a second file of the same block: a marker need not occur in each */
    Span clause; /* an empty span where a line of the data block may be inserted, for fixes; NO_SPAN: none */
} CsvOptions;

/* What was found by looking, to be said in one line by the caller. */
typedef struct {
    char delimiter;
    bool delimiter_found; /* not given in the script and other than a comma (a tab in a .tsv) */
    const char *encoding; /* "UTF-8", "cp949", … */
    bool encoding_found;  /* not given and other than UTF-8 */
    size_t n_rows, n_columns, n_missing;
} TableFacts;

/* Reads the file. Registers its text as a source (so spans of cells work for as long as the sources live); the text of a file
 * up to 64 MB is held in memory, a larger one stays mapped. script_place is the path's place in the script (NO_SPAN: the command line).
 * facts may be NULL. NULL: reported. */
Table *csv_read(Arena *arena, const char *path, const CsvOptions *options, Span script_place, Diags *diags, TableFacts *facts);
/* The same from n bytes in memory, which must outlive the sources. */
Table *csv_read_memory(Arena *arena, const char *path, const char *text, size_t n, const CsvOptions *options, Span script_place,
                       Diags *diags, TableFacts *facts);

/* The number that n bytes spell, as Python's float() rounds it; false where they spell none. Infinite where it is too large. */
bool csv_number(const char *text, size_t n, double *value);

#endif
