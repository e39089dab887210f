/* What the model says, in the target's own units, in a script of `nnl export`. See export.h. */
#include "src/report/export.h"

#include <string.h>

static void put_undo(Arena *arena, const SavedModel *saved, size_t column, const char *value, Buf *out)
{
    const KindRef ref = saved->extras.recipe->columns[column].scale;
    const TransformState *state = &saved->extras.fit->columns[column].scale;
    if (!ref.kind) {
        buf_put(out, value);
        return;
    }
    for (const char *at = transform_of(ref)->python_undo; *at;) {
        size_t n = *at == '{' ? strcspn(at, "}") : 0;
        if (!n) {
            buf_char(out, *at++);
            continue;
        }
        const char *name = arena_text(arena, at + 1, n - 1);
        at += n + 1;
        int argument = ref.kind->args ? kind_arg_index(ref.kind, name) : -1;
        if (str_eq(name, "x")) buf_put(out, value);
        else if (argument < 0) export_number(out, state->numbers[name[0] - '0']);
        else export_number(out, kind_get(arena, ref.kind, ref.args, &ref.kind->args[argument]).number);
    }
}

static void put_said(Buf *out, const char *prefix, const char *name)
{
    buf_put(out, "    said[");
    export_text(out, arena_printf(out->arena, "%s%s", prefix, name));
    buf_put(out, "] = ");
}

/* Whether numbers that are only ever 0 or 1 are answered as two classes: the output ends in a probability, or the loss wants one. */
static bool zero_one_classes(const SavedModel *saved, size_t k, const RecipeTarget *target)
{
    const ActivationKind *activation = graph_output_activation(saved->graph, (int)k);
    const LossKind *loss = saved->compile.optimizer.kind ? (const LossKind *)saved->compile.losses[k].kind : NULL;
    return target->zero_one && ((activation && activation->link != LINK_NONE) || (loss && loss->link != LINK_NONE));
}

/* How many answers are classes. */
static size_t count_classes(const SavedModel *saved)
{
    size_t n = 0;
    for (size_t k = 0; k < saved->graph->outputs.n; k++) {
        const RecipeTarget *target = &saved->extras.recipe->targets[saved->extras.output_targets[k]];
        if (target->classes) n++;
        else if (zero_one_classes(saved, k, target)) n += (size_t)shape_size(&saved->graph->outputs.at[k].wire->shape);
    }
    return n;
}

/* `of`: what stands before the label in the names of probabilities. */
static void put_classes(const RecipeTarget *target, const char *name, const char *of, const char *numbers, bool one_unit, const char *const *labels, size_t n,
                        Buf *out)
{
    /* Of two classes the one that counts as 1 comes last. */
    bool swapped = target->classes && n == 2 && target->positive == 0;
    const char *const two[] = {labels[n == 2 && swapped ? 1 : 0], labels[n == 2 && !swapped ? 1 : 0]};
    buf_put(out, "    labels = np.array(");
    export_texts(out, n == 2 ? two : labels, n);
    buf_put(out, ")\n");
    if (one_unit) buf_printf(out, "    probability = np.column_stack([1 - %s, %s])\n", numbers, numbers);
    else buf_printf(out, "    probability = values%s\n", swapped ? "[:, ::-1]" : "");
    put_said(out, "predicted_", name);
    if (n == 2) buf_put(out, "labels[(probability[:, 1] > 0.5).astype(int)]\n");
    else buf_put(out, "labels[probability.argmax(axis=1)]\n");
    for (size_t c = 0; c < n; c++) {
        put_said(out, "probability_", arena_printf(out->arena, "%s%s", of, n == 2 ? two[c] : labels[c]));
        buf_printf(out, "probability[:, %zu]\n", c);
    }
}

static void put_output(Arena *arena, const SavedModel *saved, size_t k, Buf *out)
{
    static const char *const zero_one[] = {"0", "1"};
    const Recipe *r = saved->extras.recipe;
    const RecipeTarget *target = &r->targets[saved->extras.output_targets[k]];
    size_t size = (size_t)shape_size(&saved->graph->outputs.at[k].wire->shape);
    size_t columns = target->classes ? 1 : size;
    buf_printf(out, "    values = np.asarray(outputs[%zu], \"float64\")\n    values = values.reshape(len(values), -1)\n", k);
    for (size_t i = 0; i < columns; i++) {
        size_t column = target->columns[i % target->n_columns];
        const char *name = r->columns[column].name;
        if (target->ahead_last) name = arena_printf(arena, "%s+%zu", name, target->ahead_first + i / target->n_columns);
        const char *value = arena_printf(arena, "values[:, %zu]", i);
        const char *of = count_classes(saved) > 1 ? arena_printf(arena, "%s_", name) : "";
        if (target->classes) {
            put_classes(target, name, of, value, size != target->n_labels, target->labels, target->n_labels, out);
        } else if (zero_one_classes(saved, k, target)) {
            put_classes(target, name, of, value, true, zero_one, 2, out);
        } else {
            put_said(out, "predicted_", name);
            put_undo(arena, saved, column, value, out);
            buf_char(out, '\n');
        }
    }
}

void export_answers(Arena *arena, const SavedModel *saved, Buf *out)
{
    const Graph *graph = saved->graph;
    buf_put(out, "def answers(outputs):\n    \"\"\"What the model says, a column for each answer");
    buf_put(out, saved->extras.recipe ? ", in the units of the table.\"\"\"\n    said = {}\n" : ".\"\"\"\n    said = {}\n");
    for (size_t k = 0; k < graph->outputs.n; k++) {
        if (saved->extras.recipe) {
            put_output(arena, saved, k, out);
            continue;
        }
        const char *name = graph->outputs.at[k].name;
        size_t size = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
        buf_printf(out, "    values = np.asarray(outputs[%zu])\n    values = values.reshape(len(values), -1)\n", k);
        for (size_t i = 0; i < size; i++) {
            put_said(out, "", size == 1 ? name : arena_printf(arena, "%s[%zu]", name, i));
            buf_printf(out, "values[:, %zu]\n", i);
        }
    }
    buf_put(out, "    return pd.DataFrame(said)\n\n\n");
}
