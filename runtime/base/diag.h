/* Diagnostics: what is wrong, where, why, and how to mend it.
 *
 * Texts live once, in codes/NAME.def (joined by diag_codes.def), with named places:
 *
 *     CODE(E0311, "`{layer}` needs a sequence, but {input} holds one vector per sample")
 *     TEXT(E0311, found,  "expects [time, features], got {shape}")
 *     TEXT(E0311, keep,   "keep every step in the layer before it")
 *
 * and a call gives the values by these names:
 *
 *     Diag *e = diag(d, E0311, span, A("layer", kind->name), A("input", "`h1`"));
 *     diag_primary(e, E0311_found, A("shape", "[16]"));
 *     diag_label(e, earlier, E0311_kept, A("shape", "[16]"));
 *     diag_note(e, E0311_note);
 *     Fix *f = diag_fix(e, E0311_keep);            a remedy that is an edit; without edits it is a sentence of advice
 *     diag_edit(f, span_before(closing), ", return_sequences=true");
 *
 * A sub-text that lacks a value takes the one the diagnostic was given under that name. Values are copied. Beside `{x}` a text
 * may choose by number: "{n} {n|row has|rows have}" takes the first where the value named n is 1. */
#ifndef NNL_BASE_DIAG_H
#define NNL_BASE_DIAG_H

#include "runtime/base/source.h"
#include "runtime/base/str.h"

typedef enum {
    DIAG_NONE,
#define CODE(code, message) code,
#define TEXT(code, key, text)
#include "runtime/base/diag_codes.def"
#undef CODE
#undef TEXT
    DIAG_CODE_COUNT
} DiagCode;

typedef enum {
    DIAG_TEXT_NONE,
#define CODE(code, message)
#define TEXT(code, key, text) code##_##key,
#include "runtime/base/diag_codes.def"
#undef CODE
#undef TEXT
    DIAG_TEXT_COUNT
} DiagText;

/* A named value. A(name, text), AI(name, integer), AF(name, figure). */
typedef struct {
    const char *name;
    const char *text;
    enum { DIAG_ARG_TEXT, DIAG_ARG_INT, DIAG_ARG_FIGURE } type;
    int64_t integer;
    double figure;
} DiagArg;
#define A(n, t) ((DiagArg){.name = (n), .text = (t)})
#define AI(n, i) ((DiagArg){.name = (n), .type = DIAG_ARG_INT, .integer = (int64_t)(i)})
#define AF(n, f) ((DiagArg){.name = (n), .type = DIAG_ARG_FIGURE, .figure = (double)(f)})

typedef struct Diags Diags;
typedef struct Diag Diag;
typedef struct Fix Fix;

Diags *diags_new(Arena *arena, Sources *sources);
Sources *diags_sources(Diags *diags);

/* Adds a diagnostic: codes E… are errors, W… warnings. Never NULL (one that is silenced, or repeats code and place, is
 * still returned and may be dressed; it is not printed). */
Diag *diag_add(Diags *diags, DiagCode code, Span span, const DiagArg *args);
void diag_primary_add(Diag *diag, DiagText text, const DiagArg *args);
void diag_label_add(Diag *diag, Span span, DiagText text, const DiagArg *args);
void diag_note_add(Diag *diag, DiagText text, const DiagArg *args);
Fix *diag_fix_add(Diag *diag, DiagText text, const DiagArg *args);
#define diag(d, code, span, ...) diag_add((d), (code), (span), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}})
#define diag_primary(e, text, ...) diag_primary_add((e), (text), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}})
#define diag_label(e, span, text, ...) \
    diag_label_add((e), (span), (text), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}})
#define diag_note(e, text, ...) diag_note_add((e), (text), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}})
#define diag_fix(e, text, ...) diag_fix_add((e), (text), (const DiagArg[]){__VA_ARGS__ __VA_OPT__(, ) {0}})
/* Replaces the bytes of span by text (an empty span inserts, an empty text removes). */
void diag_edit(Fix *fix, Span span, const char *text);
/* An ordinary remedy: "did you mean `x`?" with the edit that puts it there; nothing where nearest is NULL. The sentence
 * is the common text of codes/common.def. */
void diag_did_you_mean(Diag *diag, Span span, const char *nearest);
/* The nearest of many names (str_nearest), such as a table's columns. A text with thousands of unknown names gets answers for the first
 * ones only: all of them would take minutes, and nobody reads so many. NULL: none. */
const char *diags_nearest(Diags *diags, const char *name, const char *const *names, size_t n);
/* Marks a mistake that lies in a data or model file, not in the script (exit code 3 if all are such). Implied where the
 * primary span lies in another source than the first, unless its path ends in .nnl. */
void diag_file_fault(Diag *diag);

/* Those that count, in the order of their making: a caller that knows more adds labels to what was reported since. */
Diag *diags_get(Diags *diags, size_t i);
Span diag_span(const Diag *diag);

/* Counts, so that a caller can see whether something was reported since. */
size_t diags_errors(const Diags *diags);
size_t diags_warnings(const Diags *diags);
/* 0 nothing wrong; 3 every error lies in a data or model file; else 1. */
int diags_exit_code(const Diags *diags);

/* allow: silences a warning of this code from now on (and those already there). */
void diags_allow(Diags *diags, DiagCode code);
/* --strict: warnings count as errors. */
void diags_strict(Diags *diags);

typedef struct {
    enum { DIAG_LONG, DIAG_SHORT, DIAG_JSON } form;
    bool colour;
} DiagStyle;
/* Prints all that were not printed yet, in order of source, then place, then severity, to the text. */
void diags_print(Diags *diags, DiagStyle style, Buf *out);

/* "E0311" → code, or DIAG_NONE. */
DiagCode diag_code_find(const char *name);
const char *diag_code_name(DiagCode code);
/* The message with its named places, for `nnl explain` and the documentation. */
const char *diag_code_message(DiagCode code);

/* Walking, for tests and for tools. */
typedef struct {
    Span span;
    const char *text;
} DiagEdit;
size_t diags_count(const Diags *diags);
const Diag *diags_at(const Diags *diags, size_t i);
DiagCode diag_code(const Diag *diag);
const char *diag_message(const Diag *diag);
size_t diag_fix_count(const Diag *diag);
size_t diag_fix_edits(const Diag *diag, size_t fix, const DiagEdit **edits);

#endif
