/* What the files diag*.c share; included by these alone. */
#ifndef NNL_BASE_DIAG_INSIDE_H
#define NNL_BASE_DIAG_INSIDE_H

#include "runtime/base/diag.h"
#include "runtime/base/vec.h"

typedef struct {
    Span span;
    const char *text;
} DiagLabel;

struct Fix {
    Diag *diag;
    const char *text;
    VEC(DiagEdit) edits;
};

struct Diag {
    Diags *owner;
    DiagCode code;
    Span span;
    const DiagArg *args; /* ended by a NULL name */
    const char *message;
    const char *primary; /* text at the primary span, or NULL */
    VEC(DiagLabel) labels;
    VEC(const char *) notes;
    VEC(Fix *) fixes;
    bool file_fault, printed;
    size_t order;
};

struct Diags {
    Arena *arena;
    Sources *sources;
    VEC(Diag *) all; /* those that count: neither repeated nor silenced */
    size_t n_warnings; /* of these */
    Diag **places;     /* a hash of all that ever counted, by code and place; at most half full */
    size_t n_places, places_mask;
    size_t compared;   /* pairs of letters, see diags_nearest */
    bool allowed[DIAG_CODE_COUNT];
    bool strict;
    bool printed; /* something was printed already */
    size_t made;
};

bool diag_is_error(const Diag *diag);

/* The template with its places filled from args, then from more; both ended by a NULL name, more may be NULL. */
const char *diag_fill(Arena *arena, const char *text, const DiagArg *args, const DiagArg *more);
const char *diag_text_of(DiagText text);
/* Text for a terminal: control characters, bad bytes and marks that turn the writing direction become visible signs. */
void diag_put_visible(Buf *out, const char *text, size_t n);

/* Where drawing goes and how. */
typedef struct {
    Buf *out;
    Arena *arena;
    const Sources *sources;
    bool colour;
    bool is_error;
    int gutter; /* digits of the largest line number shown */
} Paper;

/* The 16 colours of every terminal, as the middle of their escape sequences. */
#define COLOUR_ERROR "1;31"
#define COLOUR_WARNING "1;33"
#define COLOUR_GUTTER "34"
#define COLOUR_SECOND "34"
#define COLOUR_NOTE "1"
#define COLOUR_HELP "1;36"
#define COLOUR_ADD "32"
#define COLOUR_REMOVE "31"

void paper_colour(Paper *p, const char *colour);
void paper_plain(Paper *p);

/* Digits for the gutter so that every line of this diagnostic fits. */
int diag_gutter(const Sources *sources, const Diag *diag);
/* The places with their source lines. */
void diag_draw_places(Paper *p, const Diag *diag);
/* The lines of a remedy as they will be. */
void diag_draw_fix(Paper *p, const Fix *fix);
/* "   |" */
void diag_draw_bar(Paper *p);

/* A mark under a line, in columns from 0, and the line it stands under. */
typedef struct {
    size_t begin, end; /* columns, from 0 */
    char sign;         /* ^ - + ~ */
    const char *colour;
    const char *text; /* NULL: none */
} DiagMark;
typedef struct {
    size_t number;
    size_t begin, end; /* bytes of the source */
    VEC(DiagMark) marks;
} DiagLine;

/* Lines beyond this, such as a binary file's, are never looked at as a whole. */
enum { DIAG_LINE_BYTES = 4 << 10 };

/* Of such a line, [*begin, *end) is cut down to what stands around the bytes from `from` to `to`, between characters. */
void diag_narrow(const char *text, size_t *begin, size_t *end, size_t from, size_t to);
/* The line and the rows with its marks; text is where the line begins. */
void diag_draw_line(Paper *p, DiagLine *line, const char *text);
/* "  --> file:line:column", or with another arrow. */
void diag_draw_header(Paper *p, const char *arrow, Span span);
size_t diag_newlines(const char *text, size_t n);

#endif
