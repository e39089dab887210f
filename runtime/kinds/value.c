/* value.c: arguments of kinds: a value judged by its ArgSpec and stored at its offset, read back, and printed. */
#include "runtime/base/bug.h"
#include "runtime/kinds/kind.h"

#include <math.h>
#include <string.h>

/* Where an argument lies in its struct. */
static void *place(void *args, const ArgSpec *spec) { return (char *)args + spec->offset; }
static const void *place_const(const void *args, const ArgSpec *spec) { return (const char *)args + spec->offset; }

/* ---- Words of an argument ("valid|same|causal") -------------------------------------------------------------------- */

static size_t word_count(const char *words)
{
    size_t n = 1;
    for (const char *at = words; *at; at++) n += *at == '|';
    return n;
}

static const char *word_at(Arena *arena, const char *words, size_t i)
{
    while (i--) words += strcspn(words, "|") + 1;
    return arena_text(arena, words, strcspn(words, "|"));
}

static const char *const *word_list(Arena *arena, const char *words, size_t *n)
{
    *n = word_count(words);
    const char **list = ARENA_ARRAY(arena, const char *, *n);
    for (size_t i = 0; i < *n; i++) list[i] = word_at(arena, words, i);
    return list;
}

/* ---- What was wanted and what was found, for messages -------------------------------------------------------------- */

/* "a layer", "an activation". */
static const char *one_of_family(Arena *arena, Family family)
{
    const char *name = kind_family_name(family);
    return arena_printf(arena, "%s %s", strchr("aeiou", name[0]) ? "an" : "a", name);
}

static const char *wanted(Arena *arena, const ArgSpec *spec)
{
    const char *what = "";
    switch (spec->type) {
    case ARG_INT: what = spec->words ? arena_printf(arena, "a whole number or `%s`", spec->words) : "a whole number"; break;
    case ARG_FLOAT: what = "a number"; break;
    case ARG_BOOL: what = "`true` or `false`"; break;
    case ARG_WORD: {
        size_t n;
        const char *const *words = word_list(arena, spec->words, &n);
        what = arena_printf(arena, "one of %s", str_join(arena, words, n, true));
        break;
    }
    case ARG_NAME: what = "a name"; break;
    case ARG_TEXT: what = "a text in quotes"; break;
    case ARG_INTS: what = "a list of whole numbers"; break;
    case ARG_FLOATS: what = "a list of numbers"; break;
    case ARG_TEXTS: what = "a list of names"; break;
    case ARG_KIND: what = one_of_family(arena, spec->family); break;
    case ARG_FLOAT_OR_KIND: what = arena_printf(arena, "a number or %s", one_of_family(arena, spec->family)); break;
    case ARG_LAYER: what = "a layer"; break;
    case ARG_WIRES: what = "a list of wires"; break;
    }
    return spec->none ? arena_printf(arena, "%s or `none`", what) : what;
}

static const char *found(Arena *arena, const Value *value)
{
    const char *written = value->written ? value->written : "";
    switch (value->type) {
    case VALUE_NONE: return "`none`";
    case VALUE_INT:
    case VALUE_FLOAT:
        if (value->percent) return arena_printf(arena, "the share `%s`", written);
        return arena_printf(arena, "the number %s", *written ? written : str_double(arena, value->number));
    case VALUE_BOOL: return value->boolean ? "`true`" : "`false`";
    case VALUE_NAME: return arena_printf(arena, "the name `%s`", value->text);
    case VALUE_TEXT: return arena_printf(arena, "the text \"%s\"", value->text);
    case VALUE_LIST: return value->n == 0 ? "an empty list" : "a list";
    case VALUE_KIND: return arena_printf(arena, "the %s `%s`", kind_family_name(value->kind.kind->family), value->kind.kind->name);
    case VALUE_LAYER: return "a layer";
    case VALUE_WIRE: return "a wire";
    }
    BUG("a value without a type");
}

/* One value on its way into one argument. */
typedef struct {
    Arena *arena;
    const Kind *kind;
    const ArgSpec *spec;
    Diags *diags;
} Setting;

static Diag *wrong_type(const Setting *s, const Value *value)
{
    Diag *e = diag(s->diags, E0221, value->span, A("argument", s->spec->name), A("kind", s->kind->name),
                   A("wanted", wanted(s->arena, s->spec)), A("found", found(s->arena, value)));
    diag_primary(e, E0221_here);
    return e;
}

static bool quoted_word(const Setting *s, const Value *value)
{
    Diag *e = diag(s->diags, E0225, value->span, A("argument", s->spec->name), A("text", value->text));
    diag_edit(diag_fix(e, E0225_bare), value->span, value->text);
    return false;
}

/* ---- Numbers ------------------------------------------------------------------------------------------------------- */

/* "from 0 to 1 (1 left out)", as an ArgSpec's bounds say it. */
static const char *bounds(Arena *arena, const ArgSpec *spec)
{
    const char *low = str_figure(arena, spec->min, 6);
    const char *high = str_figure(arena, spec->max, 6);
    if (spec->max >= 1e9 || (spec->max == 0 && spec->min > 0))
        return arena_printf(arena, spec->min_open ? "above %s" : "%s or more", low);
    if (spec->min_open && spec->max_open) return arena_printf(arena, "between %s and %s, without the two", low, high);
    if (spec->min_open) return arena_printf(arena, "above %s and at most %s", low, high);
    if (spec->max_open) return arena_printf(arena, "at least %s and below %s", low, high);
    return arena_printf(arena, "from %s to %s", low, high);
}

static bool in_bounds(const Setting *s, double number, const Value *value)
{
    const ArgSpec *spec = s->spec;
    if (spec->min == 0 && spec->max == 0 && !spec->min_open) return true;
    bool no_max = spec->max == 0 && spec->min >= 0;
    bool low = spec->min_open ? number > spec->min : number >= spec->min;
    bool high = no_max || (spec->max_open ? number < spec->max : number <= spec->max);
    if (low && high) return true; /* NaN fails both */
    Diag *e = diag(s->diags, E0222, value->span, A("argument", spec->name), A("owner", arena_printf(s->arena, " of `%s`", s->kind->name)),
                   A("bounds", bounds(s->arena, spec)),
                   A("value", value->written ? value->written : str_double(s->arena, number)));
    diag_primary(e, E0222_here);
    diag_note(e, E0222_meaning, A("meaning", spec->help ? spec->help : ""));
    if (spec->max == 1 && number > 1 && number <= 100 && !value->percent) { /* 30 for 30% */
        const char *share = str_double(s->arena, number / 100);
        diag_edit(diag_fix(e, E0222_share, A("share", share)), value->span, share);
    }
    return false;
}

static bool take_int(const Setting *s, const Value *value, int64_t *into)
{
    if (s->spec->words && (value->type == VALUE_NAME || value->type == VALUE_TEXT) && str_eq(value->text, s->spec->words)) {
        if (value->type == VALUE_TEXT) return quoted_word(s, value);
        *into = ARG_NO_INT;
        return true;
    }
    if (value->type == VALUE_FLOAT && !value->percent) {
        if (floor(value->number) != value->number || fabs(value->number) > 9007199254740992.0) {
            Diag *e = diag(s->diags, E0224, value->span, A("argument", s->spec->name), A("kind", s->kind->name),
                           A("value", value->written ? value->written : str_double(s->arena, value->number)),
                           A("number", str_double(s->arena, value->number)));
            diag_primary(e, E0224_here);
            return false;
        }
    } else if (value->type != VALUE_INT || value->percent) {
        Diag *e = wrong_type(s, value);
        if (value->type == VALUE_TEXT && value->text[0] && strspn(value->text, "0123456789") == strlen(value->text))
            diag_edit(diag_fix(e, E0221_unquote), value->span, value->text);
        return false;
    }
    int64_t number = value->type == VALUE_INT ? value->integer : (int64_t)value->number;
    if (!in_bounds(s, (double)number, value)) return false;
    *into = number;
    return true;
}

static bool take_float(const Setting *s, const Value *value, double *into)
{
    if (value->type != VALUE_INT && value->type != VALUE_FLOAT) {
        wrong_type(s, value);
        return false;
    }
    if (!in_bounds(s, value->number, value)) return false;
    *into = value->number;
    return true;
}

static bool take_bool(const Setting *s, const Value *value, bool *into)
{
    if (value->type == VALUE_BOOL) {
        *into = value->boolean;
        return true;
    }
    Diag *e = wrong_type(s, value);
    bool yes = (value->type == VALUE_NAME && (str_eq_fold(value->text, "true") || str_eq_fold(value->text, "yes") ||
                                              str_eq_fold(value->text, "on"))) ||
               (value->type == VALUE_INT && value->integer == 1);
    bool no = (value->type == VALUE_NAME && (str_eq_fold(value->text, "false") || str_eq_fold(value->text, "no") ||
                                             str_eq_fold(value->text, "off"))) ||
              (value->type == VALUE_INT && value->integer == 0);
    if (yes || no) diag_edit(diag_fix(e, E0221_write, A("word", yes ? "true" : "false")), value->span, yes ? "true" : "false");
    return false;
}

/* ---- Words, names, texts ------------------------------------------------------------------------------------------- */

static bool take_word(const Setting *s, const Value *value, int *into)
{
    size_t n;
    const char *const *words = word_list(s->arena, s->spec->words, &n);
    const char *word = value->type == VALUE_NAME || value->type == VALUE_TEXT ? value->text
                       : value->type == VALUE_NONE                             ? "none"
                       : value->type == VALUE_BOOL                             ? (value->boolean ? "true" : "false")
                                                                               : NULL;
    for (size_t i = 0; word && i < n; i++) {
        if (!str_eq(words[i], word)) continue;
        if (value->type == VALUE_TEXT) return quoted_word(s, value);
        *into = (int)i;
        return true;
    }
    Diag *e = diag(s->diags, E0223, value->span, A("argument", s->spec->name), A("kind", s->kind->name),
                   A("words", str_join(s->arena, words, n, true)), A("found", found(s->arena, value)));
    if (word) diag_did_you_mean(e, value->span, str_nearest(word, words, n));
    return false;
}

static bool take_text(const Setting *s, const Value *value, const char **into)
{
    if (value->type == VALUE_TEXT) {
        *into = arena_copy(s->arena, value->text);
        return true;
    }
    Diag *e = wrong_type(s, value);
    if (value->type == VALUE_NAME)
        diag_edit(diag_fix(e, E0221_quote), value->span, arena_printf(s->arena, "\"%s\"", value->text));
    return false;
}

static bool take_name(const Setting *s, const Value *value, const char **into)
{
    if (value->type == VALUE_NAME) {
        *into = arena_copy(s->arena, value->text);
        return true;
    }
    if (value->type == VALUE_TEXT) return quoted_word(s, value);
    wrong_type(s, value);
    return false;
}

/* ---- Kinds --------------------------------------------------------------------------------------------------------- */

static bool take_kind(const Setting *s, const Value *value, KindRef *into)
{
    const ArgSpec *spec = s->spec;
    if (value->type == VALUE_KIND && value->kind.kind->family == spec->family) {
        Buf text = buf_in(s->arena);
        if (spec->family == FAMILY_ACTIVATION && spec->fallback) { /* the layer that is one activation takes its arguments */
            kind_print_args(value->kind.kind, value->kind.args, &text);
            if (text.n > 0) {
                Diag *e = diag(s->diags, E0228, value->span, A("activation", value->kind.kind->name), A("kind", s->kind->name),
                               A("arguments", text.at));
                diag_primary(e, E0228_here);
                if (kind_find(FAMILY_LAYER, value->kind.kind->name)) diag_fix(e, E0228_apart);
                else diag_edit(diag_fix(e, E0228_bare), value->span, value->kind.kind->name);
                return false;
            }
        }
        *into = value->kind;
        return true;
    }
    if (value->type == VALUE_NAME || value->type == VALUE_TEXT) {
        const Kind *kind = kind_find(spec->family, value->text);
        if (kind && value->type == VALUE_TEXT) return quoted_word(s, value);
        if (!kind) {
            kind_unknown(s->diags, spec->family, value->text, value->span);
            return false;
        }
        for (const ArgSpec *inner = kind->args; inner && inner->name; inner++) {
            if (!inner->required) continue;
            Diag *e = diag(s->diags, E0205, value->span, A("kind", kind->name), A("name", inner->name),
                           A("help", inner->help ? inner->help : inner->name));
            if (kind->example) diag_note(e, E0205_example, A("example", kind->example));
            return false;
        }
        *into = (KindRef){kind, kind_defaults(s->arena, kind)};
        return true;
    }
    wrong_type(s, value);
    return false;
}

/* ---- Lists --------------------------------------------------------------------------------------------------------- */

static bool list_length(const Setting *s, const Value *value, size_t n)
{
    const ArgSpec *spec = s->spec;
    if (n >= spec->least && (spec->most == 0 || n <= spec->most)) return true;
    const char *many = spec->least == spec->most ? arena_printf(s->arena, "%zu", spec->least)
                       : spec->most == 0         ? arena_printf(s->arena, "at least %zu", spec->least)
                                                 : arena_printf(s->arena, "%zu to %zu", spec->least, spec->most);
    diag(s->diags, E0227, value->span, A("argument", spec->name), A("kind", s->kind->name), A("many", many),
         AI("found", n));
    return false;
}

static bool take_list(const Setting *s, const Value *value, void *into)
{
    const ArgSpec *spec = s->spec;
    const Value *items = value;
    size_t n = 1;
    if (value->type == VALUE_LIST) {
        items = value->items;
        n = value->n;
    }
    if (!list_length(s, value, n)) return false;
    int64_t *ints = ARENA_ARRAY(s->arena, int64_t, n);
    double *floats = ARENA_ARRAY(s->arena, double, n);
    const char **texts = ARENA_ARRAY(s->arena, const char *, n);
    Wire **wires = ARENA_ARRAY(s->arena, Wire *, n);
    for (size_t i = 0; i < n; i++) {
        const Value *item = &items[i];
        switch (spec->type) {
        case ARG_INTS:
            if (item->type == VALUE_NONE && spec->none) ints[i] = ARG_NO_INT;
            else if (!take_int(s, item, &ints[i])) return false;
            break;
        case ARG_FLOATS:
            if (!take_float(s, item, &floats[i])) return false;
            break;
        case ARG_TEXTS:
            if (item->type != VALUE_NAME && item->type != VALUE_TEXT) {
                wrong_type(s, item);
                return false;
            }
            texts[i] = arena_copy(s->arena, item->text);
            break;
        case ARG_WIRES:
            if (item->type != VALUE_WIRE) {
                wrong_type(s, item);
                return false;
            }
            wires[i] = item->wire;
            break;
        case ARG_INT:
        case ARG_FLOAT:
        case ARG_BOOL:
        case ARG_WORD:
        case ARG_NAME:
        case ARG_TEXT:
        case ARG_KIND:
        case ARG_FLOAT_OR_KIND:
        case ARG_LAYER: BUG("no list");
        }
    }
    if (spec->type == ARG_INTS) *(ArgInts *)into = (ArgInts){ints, n};
    if (spec->type == ARG_FLOATS) *(ArgFloats *)into = (ArgFloats){floats, n};
    if (spec->type == ARG_TEXTS) *(ArgTexts *)into = (ArgTexts){texts, n};
    if (spec->type == ARG_WIRES) *(ArgWires *)into = (ArgWires){wires, n};
    return true;
}

/* ---- The entries --------------------------------------------------------------------------------------------------- */

static void set_none(const ArgSpec *spec, void *into)
{
    switch (spec->type) {
    case ARG_INT: *(int64_t *)into = ARG_NO_INT; break;
    case ARG_FLOAT: *(double *)into = (double)NAN; break;
    case ARG_NAME:
    case ARG_TEXT: *(const char **)into = NULL; break;
    case ARG_INTS: *(ArgInts *)into = (ArgInts){0}; break;
    case ARG_FLOATS: *(ArgFloats *)into = (ArgFloats){0}; break;
    case ARG_TEXTS: *(ArgTexts *)into = (ArgTexts){0}; break;
    case ARG_WIRES: *(ArgWires *)into = (ArgWires){0}; break;
    case ARG_KIND: *(KindRef *)into = (KindRef){0}; break;
    case ARG_FLOAT_OR_KIND: *(ArgRate *)into = (ArgRate){.value = (double)NAN}; break;
    case ARG_LAYER: *(Layer **)into = NULL; break;
    case ARG_BOOL:
    case ARG_WORD: BUG("an argument that cannot be none");
    }
}

bool kind_set(Arena *arena, const Kind *kind, void *args, const ArgSpec *spec, const Value *value, Diags *diags)
{
    Setting s = {arena, kind, spec, diags};
    void *into = place(args, spec);
    if (value->type == VALUE_NONE && spec->none) {
        set_none(spec, into);
        return true;
    }
    switch (spec->type) {
    case ARG_INT: return take_int(&s, value, into);
    case ARG_FLOAT: return take_float(&s, value, into);
    case ARG_BOOL: return take_bool(&s, value, into);
    case ARG_WORD: return take_word(&s, value, into);
    case ARG_NAME: return take_name(&s, value, into);
    case ARG_TEXT: return take_text(&s, value, into);
    case ARG_INTS:
    case ARG_FLOATS:
    case ARG_TEXTS:
    case ARG_WIRES: return take_list(&s, value, into);
    case ARG_KIND: return take_kind(&s, value, into);
    case ARG_FLOAT_OR_KIND: {
        ArgRate rate = {0};
        bool number = value->type == VALUE_INT || value->type == VALUE_FLOAT;
        if (!(number ? take_float(&s, value, &rate.value) : take_kind(&s, value, &rate.kind))) return false;
        *(ArgRate *)into = rate;
        return true;
    }
    case ARG_LAYER:
        if (value->type != VALUE_LAYER) {
            wrong_type(&s, value);
            return false;
        }
        *(Layer **)into = value->layer;
        return true;
    }
    BUG("an argument without a type");
}

/* Absent values of types that have no sign for it are empty lists and NULL. */
void *kind_defaults(Arena *arena, const Kind *kind)
{
    void *args = arena_alloc(arena, kind->args_size > 0 ? kind->args_size : 1);
    Buf text = buf_in(arena);
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        if (spec->required) continue;
        if (!spec->fallback || str_eq(spec->fallback, "none")) {
            if (spec->type != ARG_BOOL && spec->type != ARG_WORD) set_none(spec, place(args, spec));
            else if (spec->fallback) buf_printf(&text, "%s%s=%s", text.n ? ", " : "", spec->name, spec->fallback);
            continue;
        }
        buf_printf(&text, "%s%s=%s", text.n ? ", " : "", spec->name, spec->fallback);
    }
    KindReader reader = {.arena = arena};
    if (text.n > 0 && !kind_read_args(&reader, kind, text.at, args)) BUG("a default that its own schema refuses");
    return args;
}

static Value value_int(int64_t number)
{
    return (Value){.type = VALUE_INT, .integer = number, .number = (double)number};
}

static Value value_float(double number)
{
    return isnan(number) ? (Value){.type = VALUE_NONE} : (Value){.type = VALUE_FLOAT, .number = number};
}

static Value value_kind(KindRef ref)
{
    return ref.kind ? (Value){.type = VALUE_KIND, .kind = ref} : (Value){.type = VALUE_NONE};
}

Value kind_get(Arena *arena, const Kind *kind, const void *args, const ArgSpec *spec)
{
    (void)kind;
    const void *from = place_const(args, spec);
    const Value none = {.type = VALUE_NONE};
    switch (spec->type) {
    case ARG_INT:
        if (*(const int64_t *)from == ARG_NO_INT) return spec->words ? (Value){.type = VALUE_NAME, .text = spec->words} : none;
        return value_int(*(const int64_t *)from);
    case ARG_FLOAT: return value_float(*(const double *)from);
    case ARG_BOOL: return (Value){.type = VALUE_BOOL, .boolean = *(const bool *)from};
    case ARG_WORD: {
        const char *word = word_at(arena, spec->words, (size_t)*(const int *)from);
        if (str_eq(word, "none")) return none;
        return (Value){.type = VALUE_NAME, .text = word};
    }
    case ARG_NAME:
    case ARG_TEXT: {
        const char *text = *(const char *const *)from;
        if (!text) return none;
        return (Value){.type = spec->type == ARG_NAME ? VALUE_NAME : VALUE_TEXT, .text = text};
    }
    case ARG_KIND: return value_kind(*(const KindRef *)from);
    case ARG_FLOAT_OR_KIND: {
        const ArgRate *rate = from;
        return rate->kind.kind ? value_kind(rate->kind) : value_float(rate->value);
    }
    case ARG_LAYER: {
        Layer *layer = *(Layer *const *)from;
        return layer ? (Value){.type = VALUE_LAYER, .layer = layer} : none;
    }
    case ARG_INTS:
    case ARG_FLOATS:
    case ARG_TEXTS:
    case ARG_WIRES: break;
    }
    /* All list structs are a pointer and a length. */
    size_t n = ((const ArgInts *)from)->n;
    if (n == 0) return none;
    Value *items = ARENA_ARRAY(arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        if (spec->type == ARG_INTS) {
            int64_t item = ((const ArgInts *)from)->at[i];
            items[i] = item == ARG_NO_INT ? none : value_int(item);
        }
        if (spec->type == ARG_FLOATS) items[i] = value_float(((const ArgFloats *)from)->at[i]);
        if (spec->type == ARG_TEXTS) items[i] = (Value){.type = VALUE_TEXT, .text = ((const ArgTexts *)from)->at[i]};
        if (spec->type == ARG_WIRES) items[i] = (Value){.type = VALUE_WIRE, .wire = ((const ArgWires *)from)->at[i]};
    }
    return (Value){.type = VALUE_LIST, .items = items, .n = n};
}

/* ---- Printing ------------------------------------------------------------------------------------------------------ */

static void print_text(const char *text, Buf *out)
{
    buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') buf_printf(out, "\\%c", *text);
        else if (*text == '\n') buf_put(out, "\\n");
        else if (*text == '\t') buf_put(out, "\\t");
        else buf_char(out, *text);
    }
    buf_char(out, '"');
}

static void print_kind(const Kind *kind, const void *args, Buf *out)
{
    buf_put(out, kind->name);
    Buf inside = buf_in(out->arena);
    kind_print_args(kind, args, &inside);
    if (inside.n > 0) buf_printf(out, "(%s)", inside.at);
}

static void print_value(const Value *value, Buf *out)
{
    switch (value->type) {
    case VALUE_NONE: buf_put(out, "none"); break;
    case VALUE_INT: buf_printf(out, "%lld", (long long)value->integer); break;
    case VALUE_FLOAT: buf_put(out, str_double(out->arena, value->number)); break;
    case VALUE_BOOL: buf_put(out, value->boolean ? "true" : "false"); break;
    case VALUE_NAME: buf_put(out, value->text); break;
    case VALUE_TEXT: print_text(value->text, out); break;
    case VALUE_LIST:
        buf_char(out, '[');
        for (size_t i = 0; i < value->n; i++) {
            if (i) buf_put(out, ", ");
            print_value(&value->items[i], out);
        }
        buf_char(out, ']');
        break;
    case VALUE_KIND: print_kind(value->kind.kind, value->kind.args, out); break;
    case VALUE_LAYER: print_kind(&value->layer->kind->kind, value->layer->args, out); break;
    case VALUE_WIRE: buf_put(out, value->wire->name ? value->wire->name : "_"); break;
    }
}

static const char *value_text(Arena *arena, const Kind *kind, const void *args, const ArgSpec *spec)
{
    Value value = kind_get(arena, kind, args, spec);
    Buf text = buf_in(arena);
    print_value(&value, &text);
    return text.at;
}

void kind_print_args(const Kind *kind, const void *args, Buf *out)
{
    if (!kind->args || !args) return;
    const void *defaults = kind_defaults(out->arena, kind);
    bool positional = true, any = false;
    for (const ArgSpec *spec = kind->args; spec->name; spec++) {
        const char *text = value_text(out->arena, kind, args, spec);
        if (!spec->required && str_eq(text, value_text(out->arena, kind, defaults, spec))) {
            positional = false;
            continue;
        }
        if (spec->type == ARG_BOOL) positional = false; /* a bare true tells nothing */
        if (any) buf_put(out, ", ");
        if (!positional) buf_printf(out, "%s=", spec->name);
        buf_put(out, text);
        any = true;
    }
}
