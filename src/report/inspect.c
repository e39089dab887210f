/* `nnl inspect`: see inspect.h. */
#include "src/report/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "src/report/grid.h"
#include "src/report/summary.h"

enum { WHAT_WIDTH = 12 };

void inspect_line(Buf *out, const char *what, const char *text)
{
    size_t width = display_width(what, strlen(what), 0);
    buf_printf(out, "  %s", what);
    do buf_char(out, ' ');
    while (++width < WHAT_WIDTH);
    buf_printf(out, "%s\n", text);
}

const char *inspect_kind(Arena *arena, KindRef ref)
{
    if (!ref.kind) return "none";
    Buf args = buf_in(arena);
    kind_print_args(ref.kind, ref.args, &args);
    return args.n ? arena_printf(arena, "%s(%s)", ref.kind->name, args.at) : ref.kind->name;
}

/* The optimizer as a script would have written it: files hold the rate as a float32, which is 0.005 and not 0.004999999888241291. */
static const char *optimizer_words(Arena *arena, KindRef ref)
{
    char *args = arena_alloc(arena, ref.kind->args_size);
    memcpy(args, ref.args, ref.kind->args_size);
    for (const ArgSpec *spec = ref.kind->args; spec && spec->name; spec++) {
        if (spec->type != ARG_FLOAT_OR_KIND) continue;
        ArgRate *rate = (ArgRate *)(args + spec->offset);
        if (!rate->kind.kind && (double)(float)rate->value == rate->value) rate->value = strtod(str_float(arena, (float)rate->value), NULL);
    }
    return inspect_kind(arena, (KindRef){ref.kind, args});
}

/* ---- Compile settings ------------------------------------------------------------------------------------------------------------ */

static void put_compile(Arena *arena, const SavedModel *saved, Buf *out)
{
    const KerasCompile *compile = &saved->compile;
    if (!compile->optimizer.kind) {
        buf_put(out, "\nNot compiled: no optimizer, loss or metrics are kept\n");
        return;
    }
    buf_put(out, "\nTrained with\n");
    const char *state = saved->model->optimizer.ref.kind
                            ? arena_printf(arena, ", after %s updates", str_thousands(arena, model_updates(saved->model)))
                            : "";
    inspect_line(out, "optimizer", arena_printf(arena, "%s%s", optimizer_words(arena, compile->optimizer), state));
    size_t n = saved->graph->outputs.n;
    for (size_t k = 0; k < n; k++) {
        const char *of = n > 1 ? arena_printf(arena, " of %s", saved->graph->outputs.at[k].name) : "";
        const char *weight = compile->weights[k] != 1.0 ? arena_printf(arena, ", weight %s", str_figure(arena, compile->weights[k], 6)) : "";
        inspect_line(out, "loss", arena_printf(arena, "%s%s%s", inspect_kind(arena, compile->losses[k]), of, weight));
        if (!compile->n_metrics[k]) continue;
        Buf names = buf_in(arena);
        for (size_t m = 0; m < compile->n_metrics[k]; m++) buf_printf(&names, "%s%s", m ? ", " : "", inspect_kind(arena, compile->metrics[k][m].ref));
        inspect_line(out, "metrics", arena_printf(arena, "%s%s", names.at, of));
    }
}

/* ---- Training -------------------------------------------------------------------------------------------------------------------- */

static void history_row(Grid *grid, Arena *arena, const SavedHistory *history, size_t epoch)
{
    grid_cell(grid, arena_printf(arena, "%zu", epoch + 1));
    for (size_t i = 0; i < history->n_names; i++) grid_cell(grid, str_figure(arena, history->values[epoch][i], 4));
}

/* The first epoch, the best and the last. */
static void put_history(Arena *arena, const SavedExtras *extras, Buf *out)
{
    const SavedHistory *history = &extras->history;
    if (!history->n_epochs || !history->n_names) return;
    Grid grid = grid_new(arena, history->n_names + 1);
    grid_cell(&grid, "epoch");
    for (size_t i = 0; i < history->n_names; i++) grid_cell(&grid, history->names[i]);
    size_t last = history->n_epochs - 1, best = extras->best_epoch > 0 ? (size_t)extras->best_epoch - 1 : last;
    history_row(&grid, arena, history, 0);
    if (best > 0 && best < last) history_row(&grid, arena, history, best);
    if (last > 0) history_row(&grid, arena, history, last);
    grid_print(&grid, "    ", out);
}

static void put_training(Arena *arena, const SavedExtras *extras, Buf *out)
{
    if (!extras->trainings) return;
    buf_put(out, "\nTraining\n");
    const SavedHistory *history = &extras->history;
    double seconds = 0.0;
    for (size_t e = 0; history->seconds && e < history->n_epochs; e++) seconds += history->seconds[e];
    const char *took = history->seconds ? arena_printf(arena, " in %s s", str_figure(arena, seconds, 3)) : "";
    inspect_line(out, "epochs", arena_printf(arena, "%zu%s, batch %lld%s", history->n_epochs, took, (long long)extras->batch,
                                             extras->trainings > 1 ? arena_printf(arena, "; the last of %u trainings", extras->trainings) : ""));
    if (extras->monitor && extras->best_epoch > 0)
        inspect_line(out, "best", arena_printf(arena, "epoch %lld: %s %s", (long long)extras->best_epoch, extras->monitor, str_figure(arena, extras->best, 6)));
    put_history(arena, extras, out);
}

/* ---- The whole -------------------------------------------------------------------------------------------------------------------- */

static void put_script(Arena *arena, const SavedFile *file, const SavedExtras *extras, Buf *out)
{
    if (!file->ours) return;
    buf_put(out, "\nScript\n");
    inspect_line(out, "seed", arena_printf(arena, "%llu", (unsigned long long)extras->seed));
    for (size_t i = 0; i < extras->n_params; i++) {
        const SavedParam *param = &extras->params[i];
        inspect_line(out, i ? "" : "params", arena_printf(arena, "%s = %s%s%s", param->name, param->value, param->description ? "    " : "",
                                                          param->description ? param->description : ""));
    }
}

static void put_file(Arena *arena, const SavedFile *file, const Graph *graph, Buf *out)
{
    buf_printf(out, "%s: %s, weights %s", file->shown, str_bytes(arena, (double)file->size), str_bytes(arena, (double)file->n_weights));
    if (file->ours) buf_printf(out, "; saved by nnl (format %d)", SAVED_FORMAT);
    if (file->keras_version) buf_printf(out, "; %s Keras %s", file->ours ? "for" : "saved by", file->keras_version);
    buf_printf(out, "\n%zu %s, %s parameters\n\n", graph->layers.n, graph->layers.n == 1 ? "layer" : "layers",
               str_thousands(arena, graph_parameters(graph)));
}

void inspect_print(Arena *arena, const SavedModel *saved, Buf *out)
{
    put_file(arena, saved->file, saved->graph, out);
    summary_print(saved->graph, &saved->model->optimizer, out);
    put_compile(arena, saved, out);
    put_training(arena, &saved->extras, out);
    put_script(arena, saved->file, &saved->extras, out);
    if (saved->extras.recipe) {
        buf_printf(out, "\nData recipe `%s`\n", saved->extras.recipe->name);
        inspect_recipe(arena, saved->extras.recipe, saved->extras.fit, out);
    } else {
        buf_put(out, "\nNo data recipe: `nnl predict` takes tables of plain numbers, a column for each number of the inputs\n");
    }
}
