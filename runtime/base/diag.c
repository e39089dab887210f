/* Diagnostics: collecting them. Texts are filled in diag_text.c, pictures drawn in diag_draw.c and diag_fix.c, all printed by diag_print.c. */
#include "runtime/base/diag_inside.h"

#include "runtime/base/bug.h"
#include "runtime/base/rng.h"

#include <string.h>

Diags *diags_new(Arena *arena, Sources *sources)
{
    Diags *diags = ARENA_NEW(arena, Diags);
    diags->arena = arena;
    diags->sources = sources;
    return diags;
}

Sources *diags_sources(Diags *diags)
{
    return diags->sources;
}

static bool is_warning_code(DiagCode code)
{
    return diag_code_name(code)[0] == 'W';
}

bool diag_is_error(const Diag *diag)
{
    return diag->owner->strict || !is_warning_code(diag->code);
}

/* Copies of the values: a caller's may live on its stack. */
static const DiagArg *copy_args(Arena *arena, const DiagArg *args)
{
    size_t n = 0;
    while (args && args[n].name) {
        n++;
    }
    DiagArg *copy = ARENA_ARRAY(arena, DiagArg, n + 1);
    for (size_t i = 0; i < n; i++) {
        copy[i] = args[i];
        if (args[i].type == DIAG_ARG_TEXT) {
            copy[i].text = args[i].text ? arena_copy(arena, args[i].text) : "";
        }
    }
    return copy;
}

static bool same_place(Span a, Span b)
{
    return a.source == b.source && a.begin == b.begin && a.end == b.end;
}

/* A code stands at a place once. Without a place, another message is another mistake. */
static bool is_same(const Diag *a, const Diag *b)
{
    return a->code == b->code && same_place(a->span, b->span) && (a->span.source != 0 || str_eq(a->message, b->message));
}

/* Where a diagnostic stands among the places, or would stand. */
static Diag **place_of(const Diags *diags, const Diag *diag)
{
    Span span = diag->span;
    uint64_t hash = span.source != 0 ? rng_mix(rng_mix(span.begin << 16 ^ diag->code) ^ span.end) : rng_stream(diag->message);
    size_t i = (size_t)hash & diags->places_mask;
    while (diags->places[i] && !is_same(diags->places[i], diag)) {
        i = (i + 1) & diags->places_mask;
    }
    return &diags->places[i];
}

/* False where it repeats another one. */
static bool take_place(Diags *diags, Diag *diag)
{
    enum { FIRST = 64 };
    if (diags->n_places * 2 >= diags->places_mask) {
        Diag **old = diags->places;
        size_t n = old ? diags->places_mask + 1 : 0;
        diags->places_mask = (n > 0 ? 2 * n : FIRST) - 1;
        diags->places = ARENA_ARRAY(diags->arena, Diag *, diags->places_mask + 1);
        for (size_t i = 0; i < n; i++) {
            if (old[i]) {
                *place_of(diags, old[i]) = old[i];
            }
        }
    }
    Diag **place = place_of(diags, diag);
    if (*place) {
        return false;
    }
    *place = diag;
    diags->n_places++;
    return true;
}

/* The first source is what the command was given; a script also ends in .nnl or comes from standard input. */
static bool is_file(const Diags *diags, uint32_t source)
{
    if (source <= 1) {
        return false;
    }
    const char *path = sources_path(diags->sources, source);
    return !str_ends(path, ".nnl") && !str_eq(path, "-") && path[0] != '<';
}

Diag *diag_add(Diags *diags, DiagCode code, Span span, const DiagArg *args)
{
    ENSURE(code > DIAG_NONE && code < DIAG_CODE_COUNT);
    Diag *diag = ARENA_NEW(diags->arena, Diag);
    diag->owner = diags;
    diag->code = code;
    diag->span = span;
    diag->args = copy_args(diags->arena, args);
    diag->message = diag_fill(diags->arena, diag_code_message(code), diag->args, NULL);
    diag->file_fault = is_file(diags, span.source);
    diag->order = diags->made++;
    if (!diags->allowed[code] && take_place(diags, diag)) {
        VEC_PUSH(diags->arena, diags->all, diag);
        diags->n_warnings += is_warning_code(code);
    }
    return diag;
}

static const char *sub_text(const Diag *diag, DiagText text, const DiagArg *args)
{
    return diag_fill(diag->owner->arena, diag_text_of(text), args, diag->args);
}

void diag_primary_add(Diag *diag, DiagText text, const DiagArg *args)
{
    diag->primary = sub_text(diag, text, args);
}

void diag_label_add(Diag *diag, Span span, DiagText text, const DiagArg *args)
{
    if (span.source != 0) {
        DiagLabel label = {.span = span, .text = sub_text(diag, text, args)};
        VEC_PUSH(diag->owner->arena, diag->labels, label);
    }
}

void diag_note_add(Diag *diag, DiagText text, const DiagArg *args)
{
    VEC_PUSH(diag->owner->arena, diag->notes, sub_text(diag, text, args));
}

Fix *diag_fix_add(Diag *diag, DiagText text, const DiagArg *args)
{
    Fix *fix = ARENA_NEW(diag->owner->arena, Fix);
    fix->diag = diag;
    fix->text = sub_text(diag, text, args);
    VEC_PUSH(diag->owner->arena, diag->fixes, fix);
    return fix;
}

void diag_edit(Fix *fix, Span span, const char *text)
{
    if (span.source != 0) {
        Arena *arena = fix->diag->owner->arena;
        DiagEdit edit = {.span = span, .text = arena_copy(arena, text)};
        VEC_PUSH(arena, fix->edits, edit);
    }
}

void diag_did_you_mean(Diag *diag, Span span, const char *nearest)
{
    if (nearest) {
        Fix *fix = diag_fix(diag, COMMON_did_you_mean, A("nearest", nearest));
        diag_edit(fix, span, nearest);
    }
}

Diag *diags_get(Diags *diags, size_t i)
{
    return diags->all.at[i];
}

Span diag_span(const Diag *diag)
{
    return diag->span;
}

const char *diags_nearest(Diags *diags, const char *name, const char *const *names, size_t n)
{
    enum { COMPARED_MOST = 400000000 /* about a second */ };
    if (diags->compared >= COMPARED_MOST) {
        return NULL;
    }
    size_t length = strlen(name), letters = 0;
    for (size_t i = 0; i < length && letters <= STR_NEAREST_LETTERS; letters++) {
        str_code_point(name, length, &i);
    }
    diags->compared += letters > STR_NEAREST_LETTERS ? n : n * letters * letters; /* one so long is only looked for as it is */
    return str_nearest(name, names, n);
}

void diag_file_fault(Diag *diag)
{
    diag->file_fault = true;
}

size_t diags_errors(const Diags *diags)
{
    return diags->all.n - (diags->strict ? 0 : diags->n_warnings);
}

size_t diags_warnings(const Diags *diags)
{
    return diags->all.n - diags_errors(diags);
}

int diags_exit_code(const Diags *diags)
{
    int code = 0;
    for (size_t i = 0; i < diags->all.n; i++) {
        const Diag *diag = diags->all.at[i];
        if (diag_is_error(diag)) {
            if (!diag->file_fault) {
                return 1;
            }
            code = 3;
        }
    }
    return code;
}

void diags_allow(Diags *diags, DiagCode code)
{
    if (!is_warning_code(code)) {
        return;
    }
    diags->allowed[code] = true;
    size_t kept = 0;
    for (size_t i = 0; i < diags->all.n; i++) {
        if (diags->all.at[i]->code != code) {
            diags->all.at[kept++] = diags->all.at[i];
        }
    }
    diags->n_warnings -= diags->all.n - kept;
    diags->all.n = kept;
}

void diags_strict(Diags *diags)
{
    diags->strict = true;
}

size_t diags_count(const Diags *diags)
{
    return diags->all.n;
}

const Diag *diags_at(const Diags *diags, size_t i)
{
    ENSURE(i < diags->all.n);
    return diags->all.at[i];
}

DiagCode diag_code(const Diag *diag)
{
    return diag->code;
}

const char *diag_message(const Diag *diag)
{
    return diag->message;
}

size_t diag_fix_count(const Diag *diag)
{
    return diag->fixes.n;
}

size_t diag_fix_edits(const Diag *diag, size_t fix, const DiagEdit **edits)
{
    ENSURE(fix < diag->fixes.n);
    *edits = diag->fixes.at[fix]->edits.at;
    return diag->fixes.at[fix]->edits.n;
}
