/* Reading nnl.json: what was learned from the training rows, held to the recipe's columns and to what their kinds learn; then widths, held to
 * the graph. See recipe_inside.h. */
#include "runtime/file/recipe_inside.h"

/* ---- What was learned --------------------------------------------------------------------------------------------------------------- */

static TransformState state_of(In *in, const Json *object, const char *key)
{
    TransformState state = {0};
    const Json *json = json_get(object, key);
    if (json_get(json, "numbers")) state.numbers = read_numbers(in, json, "numbers", &state.n_numbers);
    if (json_get(json, "texts")) state.texts = read_texts(in, json, "texts", &state.n_texts);
    state.constant = read_bool(json, "constant");
    return state;
}

/* What a kind learns of a column like this one has as many numbers or texts as the state must have. */
static bool learned_alike(In *in, KindRef ref, const RecipeColumn *column, const TransformState *state)
{
    const TransformKind *kind = transform_of(ref);
    if (!kind || !kind->fit) return state->n_numbers == 0 && state->n_texts == 0;
    static const double numbers[] = {0.0, 1.0};
    static const uint32_t codes[] = {0, 1};
    static const char *const texts[] = {"a", "b"};
    bool text = column->type == COLUMN_TEXT;
    TransformCells cells = {.numbers = text ? NULL : numbers, .codes = text ? codes : NULL, .texts = text ? texts : NULL, .n_texts = text ? 2 : 0, .n = 2};
    TransformState learned = kind->fit(ref.args, in->arena, &cells);
    if (kind->use == TRANSFORM_ENCODE) return (learned.n_numbers == 0) == (state->n_numbers == 0 || text) && (learned.n_texts == 0 || state->n_texts > 0 || state->n_numbers == 0);
    return learned.n_numbers == state->n_numbers && learned.n_texts == state->n_texts;
}

/* The scale of each series. */
static const TransformState *scales_of(In *in, const Json *json, const RecipeColumn *column, size_t n_series)
{
    const Json *list = read_list(in, json, "scales");
    TransformState *scales = ARENA_ARRAY(in->arena, TransformState, n_series + 1);
    if (list->n != n_series) read_fail(in, "`%s` was scaled for %zu series, but %zu are known", column->name, list->n, n_series);
    for (size_t s = 0; s < n_series && !in->failed; s++) {
        scales[s] = state_of(in, &list->items[s], "scale");
        if (!learned_alike(in, column->scale, column, &scales[s])) read_fail(in, "what was learned of the series of `%s` does not fit it", column->name);
    }
    return scales;
}

Fit *read_fit(In *in, const Json *json, const Recipe *recipe)
{
    const Json *list = read_list(in, json, "fit");
    Fit *fit = ARENA_NEW(in->arena, Fit);
    fit->series = read_texts(in, json, "series", &fit->n_series);
    ColumnFit *columns = ARENA_ARRAY(in->arena, ColumnFit, recipe->n_columns + 1);
    if (list->n != recipe->n_columns) read_fail(in, "what was learned does not fit the columns");
    for (size_t i = 0; i < recipe->n_columns && !in->failed; i++) {
        const RecipeColumn *c = &recipe->columns[i];
        ColumnFit *f = &columns[i];
        *f = (ColumnFit){.fill = state_of(in, &list->items[i], "fill"), .encode = state_of(in, &list->items[i], "encode"),
                         .scale = state_of(in, &list->items[i], "scale")};
        bool text = c->type == COLUMN_TEXT, filled = c->fill == FILL_NUMBER || c->fill == FILL_TEXT;
        bool fill_fits = filled ? f->fill.n_numbers + f->fill.n_texts == 1 && (f->fill.n_texts == 1) == text : learned_alike(in, c->fill_kind, c, &f->fill);
        const Json *scales = json_get(&list->items[i], "scales");
        if ((scales != NULL) != (c->per_group && fit->n_series > 0 && c->scale.kind && transform_of(c->scale)->fit))
            read_fail(in, "what was learned of the series of `%s` does not fit it", c->name);
        if (scales) f->scales = scales_of(in, &list->items[i], c, fit->n_series);
        if (!fill_fits || !learned_alike(in, c->encode, c, &f->encode) || !learned_alike(in, c->scale, c, &f->scale))
            read_fail(in, "what was learned of the column `%s` does not fit it", c->name);
    }
    fit->columns = columns;
    fit->n_columns = recipe->n_columns;
    return fit;
}

/* ---- Against the graph ---------------------------------------------------------------------------------------------------------------- */

/* Numbers a sample has in a group. */
static double group_size(const Recipe *recipe, const Fit *fit, const RecipeGroup *group)
{
    double width = 0;
    for (size_t i = 0; i < group->n_columns; i++) {
        const RecipeColumn *column = &recipe->columns[group->columns[i]];
        const TransformKind *encode = transform_of(column->encode);
        width += encode && encode->width ? (double)encode->width(column->encode.args, &fit->columns[group->columns[i]].encode) : 1.0;
    }
    return width;
}

static bool inputs_fit(In *in, const SavedExtras *x)
{
    const Graph *graph = in->r->graph;
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const RecipeGroup *group = &x->recipe->groups[x->input_groups[i]];
        const Shape *shape = &graph->inputs.at[i].wire->shape;
        double size = group_size(x->recipe, x->fit, group);
        if (group->as.rank > 0) {
            double as = 1;
            for (int d = 0; d < group->as.rank; d++) as *= (double)group->as.dim[d];
            if (as != size) return read_fail(in, "the group `%s` has %.0f numbers, but a shape of %.0f", group->name, size, as);
        }
        if (group->window) size *= (double)((group->window - 1) / group->every + 1);
        if (shape_known(shape) && (double)shape_size(shape) != size)
            return read_fail(in, "the group `%s` has %.0f numbers, but the input `%s` takes %s", group->name, size, graph->inputs.at[i].name, shape_text(in->arena, shape));
    }
    return true;
}

static bool outputs_fit(In *in, const SavedExtras *x)
{
    const Graph *graph = in->r->graph;
    for (size_t k = 0; k < graph->outputs.n; k++) {
        const RecipeTarget *target = &x->recipe->targets[x->output_targets[k]];
        const Shape *shape = &graph->outputs.at[k].wire->shape;
        if (!shape_known(shape)) return read_fail(in, "the output `%s` has no known length", graph->outputs.at[k].name);
        size_t size = (size_t)shape_size(shape);
        bool fits = target->classes ? size == target->n_labels || (target->n_labels == 2 && size == 1) : size == target->n_columns * (target->ahead_last - target->ahead_first + 1);
        if (!fits) return read_fail(in, "the output `%s` gives %zu numbers, which does not fit the target `%s`", graph->outputs.at[k].name, size, target->name);
    }
    return true;
}

bool read_fits_graph(In *in, const SavedExtras *x)
{
    return inputs_fit(in, x) && outputs_fit(in, x);
}
