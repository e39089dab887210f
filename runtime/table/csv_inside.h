/* What the files of the CSV reader share: the text of a file, its cells, its rows; not for others. */
#ifndef NNL_TABLE_CSV_INSIDE_H
#define NNL_TABLE_CSV_INSIDE_H

#include "runtime/base/par.h"
#include "runtime/base/vec.h"
#include "runtime/table/csv.h"
#include "runtime/table/text_index.h"

#include <float.h>
#include <math.h>

/* Behind the text of every file stand at least this many readable zero bytes: numbers are read without looking for its end. */
#define CSV_PAD 16
/* Every so many rows the line number is noted, so that a row's line is found by counting few line ends. */
#define LINE_MARK 1024

/* The cell that cell_at found last: whoever goes through a row cell by cell reads on from there. */
typedef struct {
    size_t row_begin, column;
    const char *at; /* NULL: none yet */
} CellLast;

struct TableFile {
    const char *path;
    uint32_t source;
    const char *text;
    size_t n;
    char delimiter;
    size_t header_begin; /* SIZE_MAX: no header line */
    size_t n_rows, n_columns;
    const size_t *map; /* of a second table brought to the columns of a first: the first's file_column → ours; NULL: the same */
    size_t n_map;
    const uint32_t *begin32; /* where each row begins: the one or, for texts of 4 GB and more, the other */
    const uint64_t *begin64;
    const uint32_t *line_marks; /* line of each LINE_MARK-th row */
    struct Markers *markers;    /* of missing cells */
    CellLast *last;             /* for one thread */
};

static inline size_t file_row_begin(const TableFile *file, size_t row)
{
    return file->begin32 ? file->begin32[row] : (size_t)file->begin64[row];
}

typedef enum { CELL_FINE, CELL_UNCLOSED, CELL_AFTER_QUOTE } CellFault;

/* One cell: its content (still with doubled quotes where `doubled`) and its whole extent. */
typedef struct {
    const char *at;
    size_t n;
    const char *begin, *end; /* with quotes, without surrounding blanks */
    bool quoted, doubled;
    CellFault fault;
    uint32_t newlines; /* inside */
} Cell;

/* Reads the cell at p and returns where its delimiter, its line feed or the end of the text stands. */
const char *cell_scan(const char *p, const char *end, char delimiter, Cell *cell);
/* Its content; `scratch` is overwritten where quotes have to be made single. Ends in no NUL. */
const char *cell_content(const Cell *cell, Buf *scratch, size_t *n);
/* The cell number `column` of the row that begins at `row`; false: the row has fewer. */
bool cell_at(const TableFile *file, size_t row_begin, size_t column, Cell *cell);
/* Whether nothing but blanks stands on the line at p; *next is behind its end. */
bool line_blank(const char *p, const char *end, char delimiter, const char **next);

/* The markers of missing cells, ready for comparison. */
typedef struct {
    const char *text;
    size_t n;
    bool is_number;
    double number;
    bool used;
} Marker;
typedef struct Markers {
    Marker *at;
    size_t n;
    size_t n_numbers; /* those that are compared by value */
} Markers;
Markers markers_new(Arena *arena, const CsvOptions *options);
bool cell_is_missing(const char *text, size_t n, Markers *markers);
bool number_is_missing(double value, Markers *markers);

/* csv_text.c: the text of a file, decoded to UTF-8; false: reported. */
/* What stands in each CSV_BLOCK bytes. Where no cell is quoted and no line is blank, each line is a row: how many rows stand above a place
 * is known by the line feeds alone. */
enum { CSV_BLOCK = 256 << 10 };
typedef struct {
    uint32_t line_feeds;
    bool quotes, zeros, high;
    bool indented; /* a line begins with a blank, so that it may be blank as a whole */
} CsvBlock;
typedef struct {
    const char *text; /* CSV_PAD zero bytes behind it */
    size_t n;         /* without a byte order mark */
    uint32_t source;
    CsvBlock *blocks;
    size_t n_blocks;
    size_t filled;    /* bytes before the blank lines at the end */
    size_t line_feeds;
    bool zeros, high; /* bytes 0, bytes that are not ASCII */
    const char *encoding;
    bool encoding_found;
} CsvText;
/* csv_survey.c: fills in all from `blocks` to `high`. */
void csv_survey(Arena *arena, Par *par, CsvText *text);
bool csv_text(Arena *arena, Par *par, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place, Diags *diags,
              CsvText *text);
/* csv.c: all the rest, from n bytes with CSV_PAD zero bytes behind them. */
Table *csv_parse(Arena *arena, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place, Diags *diags,
                 TableFacts *facts);

/* csv_map.c: the n bytes of a file, mapped, with a page of zeros behind them for readers that look a few bytes ahead. NULL: *error says why. */
const char *csv_map(const char *path, int fd, size_t n, int *error);

/* csv_encoding.c */
/* Turns n bytes into UTF-8 by a name that people use; NULL: reported (or, where diags is NULL, not possible). */
char *encoding_decode(Arena *arena, const char *path, const char *bytes, size_t n, const char *name, Span place, Diags *diags,
                      size_t *decoded);
bool encoding_is_utf8(const char *name);
void encoding_report_byte(Arena *arena, const char *path, const char *bytes, size_t n, size_t at, const char *name, Span place,
                          Diags *diags);

/* csv_sniff.c: the delimiter; 0: doubtful, reported. */
const char *delimiter_name(char delimiter);
char csv_sniff(const CsvText *text, const char *path, const CsvOptions *options, Span place, Diags *diags);

/* csv_header.c: names of columns; *rows is where the first row begins, *line its line. */
typedef struct {
    const char **names;
    size_t n;
    size_t header_begin;
    size_t rows;
    uint32_t rows_line;
} CsvHeader;
bool csv_header(Arena *arena, const CsvText *text, const char *path, char delimiter, const CsvOptions *options, Span place,
                Diags *diags, CsvHeader *header);

/* csv.c: a quote that does not close, or closes too early. */
void csv_report_fault(const char *path, uint32_t source, const char *text, const Cell *cell, Diags *diags);
/* csv_columns.c: rows into columns. */
bool csv_columns(Arena *arena, Par *par, TableFile *file, const CsvText *text, const CsvHeader *header, const CsvOptions *options,
                 Markers *markers, Diags *diags, Column *columns);
/* csv_reread.c: the columns marked, whose cells stood in `file`, as texts or dates after all. */
void csv_reread(Arena *arena, const TableFile *file, Column *columns, const bool *marked, Markers *markers);
/* Counts what in a column of texts is number or date. */
void column_count_odd(Column *column, size_t n_rows);
OddCell odd_kind(const char *text, size_t n);

/* ---- numbers ---- */

extern const double csv_powers[23]; /* 10^0 … 10^22, all exact in double */
extern const uint64_t csv_ten[9];  /* 10^0 … 10^8 */
/* The number spelled from begin to end (which the grammar already allows), rounded rightly whatever its length. */
double number_exact(const char *begin, const char *end, uint64_t digits, int n_digits, int exponent);

static inline bool digit_at(const char *p)
{
    return (unsigned char)(*p - '0') < 10;
}

/* The digits at p, at most eight of them, and their value. All eight bytes are looked at together: a byte is a digit where its high half is 3
 * with and without 6 added; carries spoil only bytes behind one that is none. Then pairs, fours and eights are summed in one register.
 * No branch depends on how many digits there are: in a column of measurements that is a coin toss for each cell. */
static inline int digit_run(const char *p, uint64_t *value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t v;
    memcpy(&v, p, 8);
    uint64_t other = ((v & 0xF0F0F0F0F0F0F0F0u) ^ 0x3030303030303030u) |
                     (((v + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) ^ 0x3030303030303030u);
    int n = other ? __builtin_ctzll(other) >> 3 : 8;
    /* The first digit belongs in the lowest byte of eight; fewer are moved up, with zeros before them. */
    v = n == 8 ? v : v << (56 - 8 * n) << 8;
    v = (v & 0x0F0F0F0F0F0F0F0Fu) * 2561 >> 8;
    v = (v & 0x00FF00FF00FF00FFu) * 6553601 >> 16;
    *value = (v & 0x0000FFFF0000FFFFu) * 42949672960001u >> 32;
    return n;
#else
    int n = 0;
    for (*value = 0; n < 8 && digit_at(p + n); n++) *value = *value * 10 + (uint64_t)(p[n] - '0');
    return n;
#endif
}

/* Reads [+-] digits [. digits] [e [+-] digits] at p; returns what stands behind it, or NULL where no number begins (or, where
 * `finite`, one too large for a double). Up to 19 digits and
 * a power of ten to 22 make one exact product or quotient (Clinger); the rest goes to number_exact. */
static inline const char *number_scan(const char *p, bool finite, double *value)
{
    const char *begin = p;
    bool negative = *p == '-';
    p += negative | (*p == '+');
    uint64_t m, part;
    int run = digit_run(p, &m), n_digits = run, exponent = 0;
    p += run;
    while (run == 8) {
        run = digit_run(p, &part);
        m = m * csv_ten[run] + part;
        p += run;
        n_digits += run;
    }
    if (*p == '.') {
        p++;
        do {
            run = digit_run(p, &part);
            m = m * csv_ten[run] + part;
            p += run;
            exponent -= run;
        } while (run == 8);
        n_digits -= exponent;
    }
    if (n_digits == 0) return NULL;
    if ((*p | 0x20) == 'e') {
        const char *q = p + 1;
        bool below = *q == '-';
        q += below || *q == '+';
        if (!digit_at(q)) return NULL;
        int written = 0;
        while (digit_at(q)) {
            if (written < 100000000) written = written * 10 + (*q - '0');
            q++;
        }
        exponent += below ? -written : written;
        p = q;
    }
    if (n_digits <= 19 && m <= (uint64_t)1 << 53 && (unsigned)(exponent + 22) <= 44) {
        /* The sign goes in before the conversion, without a branch: signs are as good as random. Zero has no negative there. */
        double v = (double)(((int64_t)m ^ -(int64_t)negative) + negative);
        v = exponent < 0 ? v / csv_powers[-exponent] : v * csv_powers[exponent];
        *value = m == 0 && negative ? -0.0 : v;
        return p;
    }
    double v = number_exact(begin, p, m, n_digits, exponent);
    *value = negative ? -v : v;
    return isfinite(v) || !finite ? p : NULL;
}

#endif
