/* What the commands on a saved model share; see command.h. */
#include "src/commands/command.h"

#include <math.h>
#include <stdio.h>

#include "runtime/file/output.h"
#include "src/report/grid.h"

bool command_is_model(const char *path)
{
    return str_ends(path, ".keras");
}

void command_begin(FileCommand *c, const Options *options)
{
    *c = (FileCommand){.arena = arena_new("model file"), .options = options, .path = options->files[0]};
    Sources *sources = sources_new(c->arena);
    /* A mistake in the first source would count as one of a script. */
    sources_add(sources, "command line", "", 0);
    c->diags = diags_new(c->arena, sources);
    if (options->strict) diags_strict(c->diags);
}

const char *command_model(const FileCommand *c)
{
    return c->saved.graph->name;
}

bool command_read(FileCommand *c)
{
    uint64_t seed = c->options->has_seed ? c->options->seed : 1;
    if (!saved_read(c->arena, c->path, c->path, NO_SPAN, seed, c->diags, &c->saved)) return false;
    if (!log_open(&c->log, c->options->log, c->diags)) return false;
    ProgramModel model = {.name = command_model(c), .graph = c->saved.graph};
    log_model(&c->log, &model);
    return true;
}

int command_end(FileCommand *c)
{
    par_close(c->par);
    log_close(&c->log);
    Buf out = buf_in(c->arena);
    diags_print(c->diags, c->options->style, &out);
    if (out.n) fwrite(out.at, 1, out.n, stderr);
    int code = diags_errors(c->diags) == 0 ? 0 : c->usage ? 2 : 3;
    arena_free(c->arena);
    return code;
}

void command_put(const Buf *out)
{
    if (out->n) fwrite(out->at, 1, out->n, stdout);
}

Par *command_pool(FileCommand *c)
{
    if (!c->par) c->par = par_open(c->options->threads);
    return c->par;
}

/* ---- What the model was trained to do ------------------------------------------------------------------------------------------ */

static void output_metrics(const FileCommand *c, size_t k, TrainOutput *output)
{
    const KerasCompile *compile = &c->saved.compile;
    const LossKind *loss = (const LossKind *)output->loss.kind;
    bool classes = c->saved.extras.recipe->targets[output->target].classes;
    TargetForm form = loss ? loss->target : classes ? TARGET_ONE_HOT : TARGET_NUMBERS;
    output->metrics = ARENA_ARRAY(c->arena, TrainMetric, compile->n_metrics[k] + 1);
    for (size_t m = 0; m < compile->n_metrics[k]; m++) {
        KindRef ref = compile->metrics[k][m].ref;
        const MetricKind *kind = (const MetricKind *)ref.kind;
        if (kind->resolve) {
            const MetricKind *meant = kind->resolve(ref.args, shape_last(&c->saved.graph->outputs.at[k].wire->shape), form);
            ref = (KindRef){&meant->kind, kind_defaults(c->arena, &meant->kind)};
        }
        output->metrics[output->n_metrics++] = (TrainMetric){.ref = ref, .name = compile->metrics[k][m].name};
    }
}

const TrainConfig *command_config(const FileCommand *c)
{
    const SavedExtras *extras = &c->saved.extras;
    const KerasCompile *compile = &c->saved.compile;
    const Graph *graph = c->saved.graph;
    TrainConfig *config = ARENA_NEW(c->arena, TrainConfig);
    *config = (TrainConfig){.epochs = 1, .batch = extras->batch > 0 ? extras->batch : 32, .optimizer = compile->optimizer, .n_outputs = graph->outputs.n,
                            .input_groups = extras->input_groups, .folder = ""};
    config->outputs = ARENA_ARRAY(c->arena, TrainOutput, graph->outputs.n);
    for (size_t k = 0; k < graph->outputs.n; k++) {
        TrainOutput *output = &config->outputs[k];
        *output = (TrainOutput){.name = graph->outputs.at[k].name, .weight = 1.0, .target = extras->output_targets[k]};
        if (!compile->optimizer.kind) continue;
        output->loss = compile->losses[k];
        output->weight = compile->weights[k];
        output_metrics(c, k, output);
    }
    return config;
}

/* ---- Answers -------------------------------------------------------------------------------------------------------------------- */

enum { SHOWN_ROWS = 10 };

static void print_rows(FileCommand *c, const AnswerTable *table, const char *source)
{
    size_t rows = table->n_rows < SHOWN_ROWS ? table->n_rows : SHOWN_ROWS;
    Buf out = buf_in(c->arena);
    buf_printf(&out, "Predictions of %s (%s rows%s)\n", source, str_thousands(c->arena, (int64_t)table->n_rows),
               rows < table->n_rows ? ", the first 10" : "");
    Grid grid = grid_new(c->arena, table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++) grid_cell(&grid, table->header[i]);
    for (size_t row = 0; row < rows; row++) {
        const char **cells = table->row(table->owner, row, c->arena);
        for (size_t i = 0; i < table->n_columns; i++) grid_cell(&grid, cells[i]);
    }
    grid_print(&grid, "  ", &out);
    command_put(&out);
}

static void print_typed(FileCommand *c, const AnswerTable *table)
{
    Buf out = buf_in(c->arena);
    const char **cells = table->row(table->owner, 0, c->arena);
    for (size_t i = table->n_own; i < table->n_columns; i++) buf_printf(&out, "%s: %s\n", table->header[i], cells[i]);
    command_put(&out);
}

static bool write_rows(FileCommand *c, const AnswerTable *table)
{
    Output output;
    const char *path = c->options->output;
    if (!output_open(&output, c->arena, path, path, NO_SPAN, c->diags)) return false;
    Buf line = buf_in(c->arena);
    table_put_line(&line, table->header, table->n_columns, output.file);
    for (size_t row = 0; row < table->n_rows; row++) {
        Arena *arena = arena_new("prediction");
        table_put_line(&line, table->row(table->owner, row, arena), table->n_columns, output.file);
        arena_free(arena);
    }
    if (!output_close(&output, c->diags)) return false;
    if (!c->options->quiet) {
        Buf out = buf_in(c->arena);
        buf_printf(&out, "Wrote %s predictions to %s\n", str_thousands(c->arena, (int64_t)table->n_rows), path);
        command_put(&out);
    }
    return true;
}

bool command_answers(FileCommand *c, const AnswerTable *table, const char *source, bool typed)
{
    if (c->options->output) {
        if (!write_rows(c, table)) return false;
    } else if (typed) {
        print_typed(c, table);
    } else {
        print_rows(c, table, source);
    }
    JsonOut *o = log_begin(&c->log, "predict");
    if (!o) return true;
    json_key(o, "model");
    json_text(o, command_model(c));
    json_key(o, "file");
    if (c->options->output) json_text(o, c->options->output);
    else json_null(o);
    log_end(&c->log);
    return true;
}
