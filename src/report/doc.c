/* doc.c: the documentation of kinds, generated from their records. */
#include "src/report/doc.h"

#include "runtime/base/bug.h"

#include <string.h>

static const char *plural(Arena *arena, const char *family)
{
    if (str_eq(family, "loss")) return "losses";
    return arena_printf(arena, "%ss", family);
}

static bool is_hidden(const Kind *kind) { return kind->family == FAMILY_LAYER && ((const LayerKind *)kind)->hidden; }

/* ---- Arguments ----------------------------------------------------------------------------------------------------- */

static const char *type_words(Arena *arena, const ArgSpec *spec)
{
    switch (spec->type) {
    case ARG_INT: return "whole number";
    case ARG_FLOAT: return "number";
    case ARG_BOOL: return "true or false";
    case ARG_WORD: {
        Buf words = buf_in(arena);
        for (const char *c = spec->words; *c; c++) {
            if (*c == '|') buf_put(&words, " / ");
            else buf_char(&words, *c);
        }
        return words.at;
    }
    case ARG_NAME: return "name";
    case ARG_TEXT: return "text";
    case ARG_INTS: return "list of whole numbers";
    case ARG_FLOATS: return "list of numbers";
    case ARG_TEXTS: return "list of names";
    case ARG_KIND: return kind_family_name(spec->family);
    case ARG_FLOAT_OR_KIND: return arena_printf(arena, "number or %s", kind_family_name(spec->family));
    case ARG_LAYER: return "layer";
    case ARG_WIRES: return "list of wires";
    }
    BUG("an argument without a type");
}

/* "0 to 1", "1 or more", or nothing. */
static const char *range_words(Arena *arena, const ArgSpec *spec)
{
    if (spec->type != ARG_INT && spec->type != ARG_FLOAT && spec->type != ARG_FLOAT_OR_KIND) return "";
    if (spec->min == 0 && spec->max == 0 && !spec->min_open) return "";
    const char *low = str_figure(arena, spec->min, 6), *high = str_figure(arena, spec->max, 6);
    if (spec->max >= 1e9 || spec->max == 0) return arena_printf(arena, spec->min_open ? ", above %s" : ", %s or more", low);
    return arena_printf(arena, ", %s%s to %s%s", spec->min_open ? "above " : "", low, spec->max_open ? "below " : "", high);
}

static void print_arguments(Arena *arena, const Kind *kind, Buf *out)
{
    size_t widest = 0;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++)
        if (strlen(spec->name) > widest) widest = strlen(spec->name);
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        buf_printf(out, "  %-*s  %s\n", (int)widest, spec->name, spec->help ? spec->help : "");
        buf_printf(out, "  %-*s  %s%s%s; ", (int)widest, "", type_words(arena, spec), range_words(arena, spec), spec->none ? ", or none" : "");
        if (spec->required) buf_put(out, "must be given\n");
        else buf_printf(out, "%s unless given\n", spec->fallback ? spec->fallback : "none");
    }
    if (kind->family == FAMILY_LAYER) {
        buf_printf(out, "  %-*s  %s\n", (int)widest, "name", "the layer's name in logs and files");
        buf_printf(out, "  %-*s  %s\n", (int)widest, "", "text; numbered unless given");
        buf_printf(out, "  %-*s  %s\n", (int)widest, "trainable", "whether training changes its weights");
        buf_printf(out, "  %-*s  %s\n", (int)widest, "", "true or false; true unless given");
    }
}

/* "dense(units, activation=linear, use_bias=true, …)" */
static void print_signature(const Kind *kind, Buf *out)
{
    buf_put(out, kind->name);
    bool any = false;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        buf_put(out, any ? ", " : "(");
        buf_put(out, spec->name);
        if (!spec->required) buf_printf(out, "=%s", spec->fallback ? spec->fallback : "none");
        any = true;
    }
    if (any) buf_char(out, ')');
    buf_char(out, '\n');
}

static const char *inputs_words(Arena *arena, const LayerKind *kind)
{
    int least = kind->min_inputs, most = kind->max_inputs;
    if (least == 0 && most == 0) return "one";
    if (most < 0) return arena_printf(arena, "%d or more", least);
    if (least == most) return arena_printf(arena, "%d", least);
    return arena_printf(arena, "%d to %d", least, most);
}

static const char *mask_words(const LayerKind *kind)
{
    switch (kind->mask) {
    case MASK_PASS: return kind->uses_mask ? "used, and goes on" : "goes on";
    case MASK_DROP: return "lost, with a warning";
    case MASK_STOP: return "ends here";
    case MASK_HOOK: return kind->uses_mask ? "used; what goes on depends on the inputs and arguments" : "depends on the inputs and arguments";
    }
    BUG("a layer without a rule for masks");
}

static void print_kind(Arena *arena, const Kind *kind, Buf *out)
{
    buf_printf(out, "%s `%s`: %s\n\n", kind_family_name(kind->family), kind->name, kind->help);
    buf_put(out, "  ");
    print_signature(kind, out);
    if (kind->args && kind->args[0].name) {
        buf_put(out, "\narguments\n");
        print_arguments(arena, kind, out);
    }
    if (kind->family == FAMILY_LAYER) {
        const LayerKind *layer = (const LayerKind *)kind;
        buf_printf(out, "\ninputs   %s\n", inputs_words(arena, layer));
        buf_printf(out, "mask     %s\n", mask_words(layer));
    }
    if (kind->aliases) buf_printf(out, "\nalso written  %s\n", kind->aliases);
    if (kind->keras) buf_printf(out, "%skeras    %.*s\n", kind->family == FAMILY_LAYER ? "" : "\n", (int)strcspn(kind->keras, "|"), kind->keras);
    if (kind->example) buf_printf(out, "example  %s\n", kind->example);
}

/* ---- Lists --------------------------------------------------------------------------------------------------------- */

static bool print_family(Arena *arena, Family family, Buf *out)
{
    size_t n, widest = 0;
    const Kind *const *kinds = kind_list(family, &n);
    if (n == 0) return false;
    for (size_t i = 0; i < n; i++) {
        size_t width = strlen(kinds[i]->name);
        if (!is_hidden(kinds[i]) && width > widest) widest = width;
    }
    buf_printf(out, "%s\n", plural(arena, kind_family_name(family)));
    for (size_t i = 0; i < n; i++)
        if (!is_hidden(kinds[i])) buf_printf(out, "  %-*s  %s\n", (int)widest, kinds[i]->name, kinds[i]->help ? kinds[i]->help : "");
    return true;
}

bool doc_print(Arena *arena, const char *name, Buf *out)
{
    if (!name) {
        for (int family = 0; family < FAMILY_COUNT; family++) {
            Buf text = buf_in(arena);
            if (!print_family(arena, (Family)family, &text)) continue;
            buf_printf(out, "%s%s", out->n ? "\n" : "", text.at);
        }
        buf_put(out, "\n`nnl doc NAME` tells more about each.\n");
        return true;
    }
    bool found = false;
    for (int family = 0; family < FAMILY_COUNT; family++) {
        const char *one = kind_family_name((Family)family);
        if (str_eq(name, one) || str_eq(name, plural(arena, one))) return print_family(arena, (Family)family, out);
        const Kind *kind = kind_find((Family)family, name);
        if (!kind || is_hidden(kind)) continue;
        if (found) buf_char(out, '\n');
        print_kind(arena, kind, out);
        found = true;
    }
    if (found) return true;
    const char *nearest = NULL;
    for (int family = 0; family < FAMILY_COUNT && !nearest; family++) {
        if (kind_waiting((Family)family, name)) {
            buf_printf(out, "the %s `%s` is not carried out yet\n", kind_family_name((Family)family), name);
            return false;
        }
        nearest = kind_nearest((Family)family, name);
    }
    buf_printf(out, "there is nothing called `%s`", name);
    if (nearest) buf_printf(out, "; did you mean `%s`?", nearest);
    buf_put(out, "\n");
    return false;
}
