/* Whether other data is prepared as that of a model's training; see statements_parts.h. Numbers scaled or encoded otherwise mean something else
 * to the model, and nothing about their shape tells. */
#include <string.h>

#include "src/check/statements_parts.h"

/* How samples are prepared, and the name for people. */
typedef struct {
    const char *name;
    const Recipe *recipe;
    const Fit *fit;
} Prepared;

/* Of a model's training: in this script, or as its file tells. */
static Prepared learned_by(const ProgramModel *model)
{
    if (model->trained_on) {
        const CheckedData *checked = model->trained_on->checked;
        return checked ? (Prepared){model->trained_on->name, checked->recipe, checked->dataset->fit} : (Prepared){0};
    }
    const ProgramSource *source = model->source;
    if (!source || !source->whole) return (Prepared){0};
    if (source->of) return learned_by(source->of);
    if (!source->saved || !source->saved->extras.recipe) return (Prepared){0};
    return (Prepared){source->written, source->saved->extras.recipe, source->saved->extras.fit};
}

static const char *method_said(Arena *arena, KindRef ref)
{
    if (!ref.kind) return "as it is";
    Buf text = buf_in(arena);
    buf_put(&text, ref.kind->name);
    Buf args = buf_in(arena);
    kind_print_args(ref.kind, ref.args, &args);
    if (args.n) buf_printf(&text, "(%s)", args.at);
    return arena_printf(arena, "%s", text.at);
}

static bool same_state(const TransformState *a, const TransformState *b)
{
    if (a->n_numbers != b->n_numbers || a->n_texts != b->n_texts) return false;
    for (size_t i = 0; i < a->n_numbers; i++)
        if (a->numbers[i] != b->numbers[i]) return false;
    for (size_t i = 0; i < a->n_texts; i++)
        if (!str_eq(a->texts[i], b->texts[i])) return false;
    return true;
}

/* One column of each: what is other about the second, or NULL. */
static const char *difference(Arena *arena, const Prepared *a, size_t i, const Prepared *b, size_t k)
{
    const RecipeColumn *x = &a->recipe->columns[i], *y = &b->recipe->columns[k];
    const ColumnFit *of_x = &a->fit->columns[i], *of_y = &b->fit->columns[k];
    const char *scale_x = method_said(arena, x->scale), *scale_y = method_said(arena, y->scale);
    if (!str_eq(scale_x, scale_y)) return arena_printf(arena, "scaled %s, not %s", scale_y, scale_x);
    const char *encode_x = method_said(arena, x->encode), *encode_y = method_said(arena, y->encode);
    if (!str_eq(encode_x, encode_y)) return arena_printf(arena, "encoded %s, not %s", encode_y, encode_x);
    if (x->per_group || y->per_group) return NULL; /* each series has its own */
    if (!same_state(&of_x->scale, &of_y->scale)) return arena_printf(arena, "scaled %s by what its own rows told", scale_y);
    if (!same_state(&of_x->encode, &of_y->encode)) return "encoded by the categories of its own rows";
    return NULL;
}

static bool warn_columns(Statements *s, const ProgramModel *model, const ProgramData *data, const Prepared *a, const size_t *columns_a, size_t n_a,
                         const Prepared *b, const size_t *columns_b, size_t n_b, Span span)
{
    for (size_t i = 0; i < n_a && i < n_b; i++) {
        const char *how = difference(s->arena, a, columns_a[i], b, columns_b[i]);
        if (!how) continue;
        const char *column = b->recipe->columns[columns_b[i]].name;
        Diag *e = diag(s->diags, W0611, span, A("model", model->name), A("other", a->name), A("data", data->name), A("column", column));
        diag_primary(e, W0611_here, A("column", column), A("how", how));
        diag_note(e, W0611_note);
        diag_fix(e, W0611_help, A("file", data->checked->recipe->path));
        return true;
    }
    return false;
}

void statement_prepared_alike(Statements *s, const ProgramModel *model, const ProgramData *data, Span span)
{
    Prepared a = learned_by(model);
    if (!a.recipe || !data->checked || data == model->trained_on) return;
    Prepared b = {data->name, data->checked->recipe, data->checked->dataset->fit};
    for (size_t i = 0; i < a.recipe->n_groups && i < b.recipe->n_groups; i++) {
        const RecipeGroup *x = &a.recipe->groups[i], *y = &b.recipe->groups[i];
        if (warn_columns(s, model, data, &a, x->columns, x->n_columns, &b, y->columns, y->n_columns, span)) return;
    }
    for (size_t i = 0; i < a.recipe->n_targets && i < b.recipe->n_targets; i++) {
        const RecipeTarget *x = &a.recipe->targets[i], *y = &b.recipe->targets[i];
        if (warn_columns(s, model, data, &a, x->columns, x->n_columns, &b, y->columns, y->n_columns, span)) return;
    }
}
