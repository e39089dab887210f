/* Predictions of a model without our recipe (from Keras): the columns of a table fill its inputs in the model's order, each folded
 * row-major to its input's shape; or each input has a table of its own; or the numbers of one sample are typed. See command.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/plan/plan.h"
#include "src/commands/command.h"

enum { BATCH = 32 };

typedef struct {
    const char *name;
    Shape shape;
    size_t size;         /* numbers a sample */
    const Table *table;  /* its columns from `first` on; NULL: typed */
    size_t first;
    const float *typed;
} PlainInput;

typedef struct {
    FileCommand *c;
    PlainInput *inputs;
    size_t n_inputs;
    size_t n_rows;
    const Table **tables; /* whose columns stand first in the output */
    size_t n_tables;
    float **answers;      /* of each output, row by row */
    size_t *sizes;
} Plain;

static bool input_sizes(Plain *p)
{
    FileCommand *c = p->c;
    const Graph *graph = c->saved.graph;
    p->n_inputs = graph->inputs.n;
    p->inputs = ARENA_ARRAY(c->arena, PlainInput, p->n_inputs + 1);
    for (size_t i = 0; i < p->n_inputs; i++) {
        const GraphPort *port = &graph->inputs.at[i];
        if (!shape_known(&port->wire->shape)) {
            diag_fix(diag(c->diags, E0881, NO_SPAN, A("input", port->name)), E0881_help);
            return false;
        }
        p->inputs[i] = (PlainInput){.name = port->name, .shape = port->wire->shape, .size = (size_t)shape_size(&port->wire->shape)};
    }
    return true;
}

/* ---- Tables ----------------------------------------------------------------------------------------------------------------------- */

/* Whether the first line of a file is of numbers alone, so that it has no header. What cannot be read is reported by csv_read. */
static bool begins_with_numbers(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;
    ssize_t n = file ? getline(&line, &room, file) : -1;
    bool numbers = n > 0, any = false;
    const char *at = line;
    while (numbers && at && *at && *at != '\n' && *at != '\r') {
        at += strspn(at, " \"");
        size_t length = strcspn(at, ",;\t|\" \r\n");
        double value;
        if (length && !csv_number(at, length, &value)) numbers = false;
        any = any || length;
        at += length;
        at += strspn(at, " \"");
        if (*at && strchr(",;\t|", *at)) at++;
    }
    free(line);
    if (file) fclose(file);
    return numbers && any;
}

static const Table *read_table(FileCommand *c, const char *path)
{
    CsvOptions options = {.header_none = begins_with_numbers(path)};
    return csv_read(c->arena, path, &options, NO_SPAN, c->diags, NULL);
}

static bool judge_columns(FileCommand *c, const Table *table)
{
    bool ok = true;
    for (size_t i = 0; i < table->n_columns; i++) {
        const Column *column = &table->columns[i];
        if (column->type != COLUMN_NUMBER) {
            uint32_t row = column->odd.n_odd ? column->odd.rows[0] : 0;
            Span cell = table_cell_span(table, row, i);
            Diag *e = diag(c->diags, E0876, cell, A("column", column->name), A("model", c->path));
            if (cell.source) diag_primary(e, E0876_cell);
            ok = false;
        } else if (column->n_missing) {
            size_t row = 0;
            while (row < table->n_rows && !column_is_missing(column, row)) row++;
            Span cell = table_cell_span(table, row, i);
            Diag *e = diag(c->diags, E0877, cell, A("column", column->name), A("model", c->path));
            if (cell.source) diag_primary(e, E0877_cell);
            ok = false;
        }
    }
    return ok;
}

/* "`size` (5 numbers) and `place` (8 numbers)". */
static const char *input_words(Plain *p)
{
    const char **words = ARENA_ARRAY(p->c->arena, const char *, p->n_inputs + 1);
    for (size_t i = 0; i < p->n_inputs; i++)
        words[i] = arena_printf(p->c->arena, "`%s` %s", p->inputs[i].name, shape_text(p->c->arena, &p->inputs[i].shape));
    return str_join(p->c->arena, words, p->n_inputs, false);
}

static bool width_fits(Plain *p, const Table *table, const char *path, size_t wanted)
{
    if (table->n_columns == wanted) return true;
    Diag *e = diag(p->c->diags, E0875, NO_SPAN, A("file", path), AI("columns", table->n_columns), A("model", p->c->path), AI("numbers", wanted));
    diag_note(e, E0875_inputs, A("inputs", input_words(p)));
    return false;
}

static bool one_table(Plain *p)
{
    FileCommand *c = p->c;
    const char *path = c->options->files[1];
    const Table *table = read_table(c, path);
    if (!table) return false;
    size_t wanted = 0;
    for (size_t i = 0; i < p->n_inputs; i++) {
        p->inputs[i].table = table;
        p->inputs[i].first = wanted;
        wanted += p->inputs[i].size;
    }
    p->n_rows = table->n_rows;
    p->tables = ARENA_ARRAY(c->arena, const Table *, 1);
    p->tables[p->n_tables++] = table;
    return width_fits(p, table, path, wanted) && judge_columns(c, table);
}

static bool unknown_input(Plain *p, const char *name)
{
    FileCommand *c = p->c;
    const char **names = ARENA_ARRAY(c->arena, const char *, p->n_inputs + 1);
    for (size_t i = 0; i < p->n_inputs; i++) names[i] = p->inputs[i].name;
    const char *nearest = str_nearest(name, names, p->n_inputs);
    bool file = c->options->n_inputs > 0;
    c->usage = true;
    Diag *e = diag(c->diags, file ? E0882 : E0870, NO_SPAN, A("model", c->path), A("name", name));
    if (nearest) diag_fix(e, file ? E0882_nearest : E0870_nearest, A("nearest", nearest));
    diag_fix(e, file ? E0882_all : E0870_all, A("names", str_join(c->arena, names, p->n_inputs, true)));
    return false;
}

static PlainInput *input_named(Plain *p, const char *name)
{
    for (size_t i = 0; i < p->n_inputs; i++)
        if (str_eq(p->inputs[i].name, name)) return &p->inputs[i];
    return NULL;
}

/* Each input must have been given; else reports those that were not. */
static bool all_given(Plain *p)
{
    const char **lacking = ARENA_ARRAY(p->c->arena, const char *, p->n_inputs + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->n_inputs; i++)
        if (!p->inputs[i].table && !p->inputs[i].typed) lacking[n++] = p->inputs[i].name;
    if (!n) return true;
    p->c->usage = true;
    Diag *e = diag(p->c->diags, E0871, NO_SPAN, A("names", str_join(p->c->arena, lacking, n, true)));
    if (p->c->options->n_params) diag_fix(e, E0871_list);
    else diag_fix(e, E0871_input);
    return false;
}

static bool tables_by_input(Plain *p)
{
    FileCommand *c = p->c;
    p->tables = ARENA_ARRAY(c->arena, const Table *, c->options->n_inputs);
    bool ok = true;
    for (size_t k = 0; k < c->options->n_inputs; k++) {
        const CliParam *given = &c->options->inputs[k];
        PlainInput *input = input_named(p, given->name);
        if (!input) {
            ok = unknown_input(p, given->name);
            continue;
        }
        input->table = read_table(c, given->value);
        if (!input->table || !width_fits(p, input->table, given->value, input->size) || !judge_columns(c, input->table)) {
            ok = false;
            continue;
        }
        if (p->n_tables && input->table->n_rows != p->n_rows) {
            diag_fix(diag(c->diags, E0878, NO_SPAN, A("file", given->value), AI("rows", input->table->n_rows),
                          A("other", c->options->inputs[0].value), AI("others", p->n_rows)), E0878_help);
            ok = false;
        } else if (!p->n_tables) {
            p->n_rows = input->table->n_rows;
        }
        p->tables[p->n_tables++] = input->table;
    }
    return ok && all_given(p);
}

/* ---- One sample, typed: NAME=1,2,3 -------------------------------------------------------------------------------------------------- */

static bool typed_input(Plain *p, PlainInput *input, const char *text)
{
    Arena *arena = p->c->arena;
    float *numbers = ARENA_ARRAY(arena, float, input->size);
    size_t n = 0;
    bool ok = true;
    for (const char *at = text; ok; at++) {
        at += strspn(at, " ");
        size_t length = strcspn(at, ",");
        double value;
        ok = csv_number(at, length, &value) && isfinite(value) && n < input->size;
        if (ok) numbers[n++] = (float)value;
        at += length;
        if (!*at) break;
    }
    if (ok && n == input->size) {
        input->typed = numbers;
        return true;
    }
    p->c->usage = true;
    const char *wanted = input->size == 1 ? "a number" : arena_printf(arena, "%zu numbers with commas between them", input->size);
    diag(p->c->diags, E0872, NO_SPAN, A("name", input->name), A("wanted", wanted), A("value", text));
    return false;
}

static bool typed_sample(Plain *p)
{
    const Options *o = p->c->options;
    bool ok = true;
    for (size_t i = 0; i < o->n_params; i++) {
        PlainInput *input = input_named(p, o->params[i].name);
        if (!input) ok = unknown_input(p, o->params[i].name);
        else if (!typed_input(p, input, o->params[i].value)) ok = false;
    }
    p->n_rows = 1;
    return ok && all_given(p);
}

/* ---- Answers ------------------------------------------------------------------------------------------------------------------------- */

static float input_number(const PlainInput *input, size_t row, size_t i)
{
    return input->typed ? input->typed[i] : (float)input->table->columns[input->first + i].numbers[row];
}

/* Whole numbers that a layer looks up in a table must lie in it. */
static bool ids_known(Plain *p)
{
    const Graph *graph = p->c->saved.graph;
    for (size_t k = 0; k < graph->calls.n; k++) {
        const Call *call = graph->calls.at[k];
        if (!call->layer->kind->ids_below) continue;
        const Wire *wire = call->in[0];
        while (wire->maker && wire->maker->layer->kind->is_view) wire = wire->maker->in[0];
        for (size_t i = 0; i < p->n_inputs; i++) {
            if (graph->inputs.at[i].wire != wire) continue;
            const PlainInput *input = &p->inputs[i];
            int64_t below = call->layer->kind->ids_below(call);
            for (size_t row = 0; row < p->n_rows; row++) {
                for (size_t n = 0; n < input->size; n++) {
                    float id = input_number(input, row, n);
                    if (id >= 0 && id < (float)below && id == floorf(id)) continue;
                    Span cell = input->table ? table_cell_span(input->table, row, input->first + n) : NO_SPAN;
                    diag(p->c->diags, E0883, cell, A("layer", call->layer->name), AI("last", below - 1),
                         A("column", input->table ? input->table->columns[input->first + n].name : input->name), A("value", str_float(p->c->arena, id)));
                    return false;
                }
            }
        }
    }
    return true;
}

static bool answer_all(Plain *p)
{
    FileCommand *c = p->c;
    const Graph *graph = c->saved.graph;
    p->answers = ARENA_ARRAY(c->arena, float *, graph->outputs.n);
    p->sizes = ARENA_ARRAY(c->arena, size_t, graph->outputs.n);
    for (size_t k = 0; k < graph->outputs.n; k++) {
        p->sizes[k] = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
        p->answers[k] = ARENA_ARRAY(c->arena, float, memory_product(p->sizes[k], p->n_rows + 1));
    }
    size_t batch = p->n_rows < BATCH ? p->n_rows : BATCH;
    if (!batch) return true;
    PlanConfig config = {.batch = (int64_t)batch, .par = command_pool(c)};
    Plan *plan = plan_new(c->arena, c->saved.model, &config, c->diags);
    if (!plan) return false;
    for (size_t at = 0; at < p->n_rows; at += batch) {
        size_t n = p->n_rows - at < batch ? p->n_rows - at : batch;
        for (size_t i = 0; i < p->n_inputs; i++) {
            float *to = plan_input(plan, (int)i);
            for (size_t row = 0; row < n; row++)
                for (size_t k = 0; k < p->inputs[i].size; k++) *to++ = input_number(&p->inputs[i], at + row, k);
        }
        plan_forward(plan, &(PlanBatch){.samples = (int64_t)n, .first_sample = (int64_t)at});
        for (size_t k = 0; k < graph->outputs.n; k++)
            memcpy(p->answers[k] + at * p->sizes[k], plan_output(plan, (int)k), n * p->sizes[k] * sizeof(float));
    }
    return true;
}

static const char **plain_row(const void *owner, size_t row, Arena *arena)
{
    const Plain *p = owner;
    size_t n = 0, at = 0;
    for (size_t t = 0; t < p->n_tables; t++) n += p->tables[t]->n_columns;
    for (size_t k = 0; k < p->c->saved.graph->outputs.n; k++) n += p->sizes[k];
    const char **cells = ARENA_ARRAY(arena, const char *, n + 1);
    for (size_t t = 0; t < p->n_tables; t++)
        for (size_t i = 0; i < p->tables[t]->n_columns; i++) cells[at++] = table_cell_text(arena, p->tables[t], row, i);
    for (size_t k = 0; k < p->c->saved.graph->outputs.n; k++)
        for (size_t i = 0; i < p->sizes[k]; i++) cells[at++] = str_float(arena, p->answers[k][row * p->sizes[k] + i]);
    return cells;
}

static const char *const *plain_header(const Plain *p, size_t *n_own, size_t *n)
{
    Arena *arena = p->c->arena;
    const Graph *graph = p->c->saved.graph;
    VEC(const char *) header = {0};
    for (size_t t = 0; t < p->n_tables; t++)
        for (size_t i = 0; i < p->tables[t]->n_columns; i++) VEC_PUSH(arena, header, p->tables[t]->columns[i].name);
    *n_own = header.n;
    for (size_t k = 0; k < graph->outputs.n; k++) {
        const char *name = graph->outputs.at[k].name;
        for (size_t i = 0; i < p->sizes[k]; i++) VEC_PUSH(arena, header, p->sizes[k] == 1 ? name : arena_printf(arena, "%s[%zu]", name, i));
    }
    *n = header.n;
    return header.at;
}

bool predict_plainly(FileCommand *c)
{
    Plain p = {.c = c};
    const Options *o = c->options;
    if (!input_sizes(&p)) return false;
    bool read = o->n_files > 1 ? one_table(&p) : o->n_inputs ? tables_by_input(&p) : typed_sample(&p);
    if (!read || !ids_known(&p) || !answer_all(&p)) return false;
    AnswerTable table = {.n_rows = p.n_rows, .row = plain_row, .owner = &p};
    table.header = plain_header(&p, &table.n_own, &table.n_columns);
    const char *source = o->n_files > 1 ? o->files[1] : o->n_inputs ? o->inputs[0].value : "the sample typed";
    return command_answers(c, &table, source, o->n_params > 0);
}
