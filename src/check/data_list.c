/* Columns where a clause lists them: names, quoted names, `all`, `numbers`, `texts`. */
#include "src/check/data_inside.h"

bool data_is_name(const Ast *item)
{
    return item->type == AST_NAME || item->type == AST_TEXT;
}

const char *data_name(const DataCheck *c, const Ast *item)
{
    if (item->type == AST_NAME) return item->name;
    if (item->type == AST_TEXT) return str_nfc(c->arena, item->text, strlen(item->text));
    return NULL;
}

const char *data_written(const DataCheck *c, const char *name)
{
    if (str_is_name(name) && !str_eq(name, "all") && !str_eq(name, "numbers") && !str_eq(name, "texts")) return name;
    return arena_printf(c->arena, "\"%s\"", name);
}

UsedColumn *data_used(DataCheck *c, size_t table_column)
{
    size_t at = table_column < c->used_place.n ? c->used_place.at[table_column] : NO_COLUMN;
    return at == NO_COLUMN ? NULL : &c->used.at[at];
}

/* A column's name in the place of another: quotes stay, and an expression takes a name that is no plain word as column("…"). */
static const char *nearest_written(const DataCheck *c, const char *name, Span span)
{
    size_t n;
    const char *text = sources_text(diags_sources(c->diags), span.source, &n);
    if (text && text[span.begin] == '"') return arena_printf(c->arena, "\"%s\"", name);
    const char *written = data_written(c, name);
    return c->in_expression && written[0] == '"' ? arena_printf(c->arena, "column(%s)", written) : written;
}

size_t data_column(DataCheck *c, const char *name, Span span)
{
    size_t at = table_find(c->table, name);
    if (at != NO_COLUMN) return at;
    size_t told = name_index_find(c->unknown_names, name);
    if (told != NO_NAME) {
        const UnknownColumn *before = &c->unknown.at[told];
        diag_label(before->diag, span, E0402_again);
        if (before->fix) diag_edit(before->fix, span, before->nearest);
        return NO_COLUMN;
    }
    enum { SHOWN = 12 };
    const char *const *names = table_names(c->table);
    size_t n = c->table->n_columns < SHOWN ? c->table->n_columns : SHOWN;
    Diag *e = diag(c->diags, E0402, span, A("data", c->recipe->name), A("file", c->table->path), A("name", name),
                   A("columns", str_join(c->arena, names, n, n == c->table->n_columns)), AI("n", c->table->n_columns - n));
    const char *nearest = diags_nearest(c->diags, name, names, c->table->n_columns);
    UnknownColumn unknown = {.diag = e};
    if (nearest) {
        Fix *fix = diag_fix(e, COMMON_did_you_mean, A("nearest", nearest));
        if (!strpbrk(nearest, "\"\\")) {
            unknown.fix = fix;
            unknown.nearest = nearest_written(c, nearest, span);
            diag_edit(fix, span, unknown.nearest);
        }
    }
    if (n < c->table->n_columns) diag_note(e, E0402_more);
    else diag_note(e, E0402_columns);
    VEC_PUSH(c->arena, c->unknown, unknown);
    name_index_add(c->unknown_names, name);
    return NO_COLUMN;
}

static void select_many(DataCheck *c, const Ast *item, bool used, SelectedList *list)
{
    bool *except = ARENA_ARRAY(c->arena, bool, c->table->n_columns + 1);
    for (size_t i = 0; item->type == AST_ALL && i < item->items.n; i++) {
        const char *name = data_name(c, item->items.at[i]);
        size_t at = name ? data_column(c, name, item->items.at[i]->span) : NO_COLUMN;
        if (at != NO_COLUMN) except[at] = true;
    }
    for (size_t at = 0; at < c->table->n_columns; at++) {
        const Column *column = &c->table->columns[at];
        if (except[at]) continue;
        if (item->type == AST_NUMBERS && column->type != COLUMN_NUMBER) continue;
        if (item->type == AST_TEXTS && column->type != COLUMN_TEXT) continue;
        if (used) {
            const UsedColumn *in_use = data_used(c, at);
            if (!in_use || !in_use->recipe.is_feature) continue;
        } else if (name_index_find(c->excluded, column->name) != NO_NAME) {
            continue;
        }
        Selected selected = {at, item};
        VEC_PUSH(c->arena, *list, selected);
    }
}

SelectedList data_select(DataCheck *c, const AstList *items, bool used, const char *what)
{
    SelectedList list = {0};
    for (size_t i = 0; i < items->n; i++) {
        const Ast *item = items->at[i];
        if (item->type == AST_ALL || item->type == AST_NUMBERS || item->type == AST_TEXTS) {
            select_many(c, item, used, &list);
            continue;
        }
        const char *name = data_name(c, item);
        if (!name) continue; /* could not be read: reported by the parser */
        size_t at = data_column(c, name, item->span);
        if (at == NO_COLUMN) continue;
        if (used && !data_used(c, at)) {
            if (c->unread || c->waits) continue;
            Diag *e = diag(c->diags, E0418, item->span, A("word", what), A("column", name));
            diag_fix(e, E0418_help);
            continue;
        }
        Selected selected = {at, item};
        VEC_PUSH(c->arena, list, selected);
    }
    return list;
}
