/* A data recipe in words, a line for each step of the preparation. See inspect.h. */
#include "src/report/inspect.h"

#include <math.h>

enum { MOST_SHOWN = 8 };

static const char *join(Arena *arena, const char *const *items, size_t n)
{
    return str_join(arena, items, n, false);
}

/* At most MOST_SHOWN of them, and how many there are. */
static const char *some(Arena *arena, const char *const *items, size_t n)
{
    Buf text = buf_in(arena);
    for (size_t i = 0; i < n && i < MOST_SHOWN; i++) buf_printf(&text, "%s%s", i ? ", " : "", items[i]);
    if (n > MOST_SHOWN) buf_printf(&text, ", … (%zu in all)", n);
    return text.n ? text.at : "none";
}

/* ---- Rows -------------------------------------------------------------------------------------------------------------------------- */

static void put_reading(Arena *arena, const Recipe *r, Buf *out)
{
    const CsvOptions *csv = &r->csv;
    Buf text = buf_in(arena);
    buf_printf(&text, "tables like \"%s\"", r->path);
    if (csv->header_none) buf_put(&text, ", no header");
    if (csv->delimiter && csv->delimiter != ',') buf_printf(&text, csv->delimiter == '\t' ? ", tabs between cells" : ", delimiter \"%c\"", csv->delimiter);
    if (csv->encoding) buf_printf(&text, ", encoding %s", csv->encoding);
    for (size_t i = 0; i < csv->n_missing; i++) buf_printf(&text, "%s\"%s\"", i ? ", " : ", missing ", csv->missing[i].text);
    inspect_line(out, "reads", text.at);
    for (size_t i = 0; i < csv->n_renames; i++)
        inspect_line(out, "rename", arena_printf(arena, "\"%s\" becomes %s", csv->renames[i].from, csv->renames[i].to));
    for (size_t i = 0; i < r->n_dates; i++) {
        const RecipeDate *date = &r->dates[i];
        inspect_line(out, "date", arena_printf(arena, "%s from %s%s%s", date->name, join(arena, date->from, date->n_from), date->format ? " as " : "",
                                               date->format ? date->format : ""));
    }
}

static void put_order(Arena *arena, const Recipe *r, Buf *out)
{
    const RecipeOrder *order = &r->order;
    if (order->form == ORDER_NONE) return;
    Buf text = buf_in(arena);
    if (order->form == ORDER_GIVEN) buf_put(&text, "as given");
    for (size_t i = 0; i < order->n_columns; i++) buf_printf(&text, "%s%s", i ? ", " : "", order->columns[i].name);
    if (order->every) buf_printf(&text, ", a row every %lld %s", (long long)order->every, time_unit_name(order->unit));
    inspect_line(out, "order", text.at);
    if (order->n_group) inspect_line(out, "series", arena_printf(arena, "one for each %s", join(arena, order->group, order->n_group)));
}

static void put_rows(Arena *arena, const Recipe *r, Buf *out)
{
    for (size_t i = 0; i < r->n_derives; i++) {
        Buf text = buf_in(arena);
        buf_printf(&text, "%s = ", r->derives[i].name);
        expr_print(r->derives[i].expr, &text);
        inspect_line(out, "derive", text.at);
    }
    for (size_t i = 0; i < r->n_wheres; i++) {
        Buf text = buf_in(arena);
        expr_print(r->wheres[i].expr, &text);
        inspect_line(out, "where", text.at);
    }
    if (r->take) inspect_line(out, "take", arena_printf(arena, "%s rows%s (in training)", str_thousands(arena, r->take), r->take_shuffled ? ", shuffled" : ""));
    if (r->drop_missing) inspect_line(out, "drop", "rows with missing cells");
    put_order(arena, r, out);
}

/* ---- Columns ----------------------------------------------------------------------------------------------------------------------- */

static const char *state_words(Arena *arena, const TransformState *state)
{
    size_t n = state->n_texts ? state->n_texts : state->n_numbers;
    if (!n) return "";
    const char **words = ARENA_ARRAY(arena, const char *, n);
    for (size_t i = 0; i < n; i++) words[i] = state->n_texts ? state->texts[i] : str_figure(arena, state->numbers[i], 7);
    return arena_printf(arena, " (learned: %s)", some(arena, words, n));
}

static void put_fill(Arena *arena, const RecipeColumn *column, const ColumnFit *fit, Buf *text)
{
    switch (column->fill) {
    case FILL_NONE: return;
    case FILL_LEARNED: buf_printf(text, ", gaps: %s%s", inspect_kind(arena, column->fill_kind), state_words(arena, &fit->fill)); return;
    case FILL_NUMBER: buf_printf(text, ", gaps: %s", str_figure(arena, column->fill_number, 9)); return;
    case FILL_TEXT: buf_printf(text, ", gaps: \"%s\"", column->fill_text); return;
    case FILL_PREVIOUS: buf_put(text, ", gaps: the value before"); return;
    case FILL_LINEAR: buf_put(text, ", gaps: the line between the values around"); return;
    }
}

static const char *column_words(Arena *arena, const Recipe *r, const Fit *fit, size_t c)
{
    const RecipeColumn *column = &r->columns[c];
    Buf text = buf_in(arena);
    buf_put(&text, column->name);
    if (column->encode.kind) buf_printf(&text, ": %s%s", inspect_kind(arena, column->encode), state_words(arena, &fit->columns[c].encode));
    else if (column->scale.kind) buf_printf(&text, ": %s%s%s", inspect_kind(arena, column->scale), column->per_group ? " per series" : "",
                                            state_words(arena, &fit->columns[c].scale));
    else buf_put(&text, column->type == COLUMN_TEXT ? ": a text" : ": as it is");
    put_fill(arena, column, &fit->columns[c], &text);
    return text.at;
}

static void put_groups(Arena *arena, const Recipe *r, const Fit *fit, Buf *out)
{
    for (size_t g = 0; g < r->n_groups; g++) {
        const RecipeGroup *group = &r->groups[g];
        Buf text = buf_in(arena);
        buf_printf(&text, "%s, from %zu %s", group->name, group->n_columns, group->n_columns == 1 ? "column" : "columns");
        if (group->as.rank) buf_printf(&text, ", folded to %s", shape_text(arena, &group->as));
        if (group->window) buf_printf(&text, ", of the last %zu rows", group->window);
        if (group->window && group->every > 1) buf_printf(&text, ", %zu rows apart", group->every);
        inspect_line(out, "input", text.at);
        for (size_t i = 0; i < group->n_columns; i++)
            inspect_line(out, "", arena_printf(arena, "  %s", column_words(arena, r, fit, group->columns[i])));
    }
    if (r->stride > 1) inspect_line(out, "", arena_printf(arena, "a sample every %zu rows", r->stride));
}

static void put_targets(Arena *arena, const Recipe *r, const Fit *fit, Buf *out)
{
    for (size_t t = 0; t < r->n_targets; t++) {
        const RecipeTarget *target = &r->targets[t];
        Buf text = buf_in(arena);
        const char **names = ARENA_ARRAY(arena, const char *, target->n_columns + 1);
        for (size_t i = 0; i < target->n_columns; i++)
            names[i] = target->classes ? r->columns[target->columns[i]].name : column_words(arena, r, fit, target->columns[i]);
        buf_put(&text, join(arena, names, target->n_columns));
        if (target->ahead_last == target->ahead_first && target->ahead_last) buf_printf(&text, ", %zu %s later", target->ahead_first, target->ahead_first == 1 ? "row" : "rows");
        else if (target->ahead_last) buf_printf(&text, ", %zu to %zu rows later", target->ahead_first, target->ahead_last);
        if (target->classes) buf_printf(&text, ", classes %s", some(arena, target->labels, target->n_labels));
        if (target->classes && target->n_labels == 2) buf_printf(&text, "; `%s` counts as 1", target->labels[target->positive]);
        inspect_line(out, "target", text.at);
    }
    if (r->weight) inspect_line(out, "weight", r->weight);
}

void inspect_recipe(Arena *arena, const Recipe *recipe, const Fit *fit, Buf *out)
{
    put_reading(arena, recipe, out);
    put_rows(arena, recipe, out);
    put_groups(arena, recipe, fit, out);
    put_targets(arena, recipe, fit, out);
}
