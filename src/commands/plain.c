/* Predictions of a model without our recipe (from Keras), from plain numbers; see command.h and plain.h. */
#include "src/commands/plain.h"

#include <math.h>
#include <string.h>

#include "runtime/plan/plan.h"

enum { BATCH = 32 };

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
                    float id = plain_number(input, row, n);
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
                for (size_t k = 0; k < p->inputs[i].size; k++) *to++ = plain_number(&p->inputs[i], at + row, k);
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
    size_t n = p->own.n, at = 0;
    for (size_t k = 0; k < p->c->saved.graph->outputs.n; k++) n += p->sizes[k];
    const char **cells = ARENA_ARRAY(arena, const char *, n + 1);
    for (size_t i = 0; i < p->own.n; i++) cells[at++] = table_cell_text(arena, p->own.at[i].table, row, p->own.at[i].column);
    for (size_t k = 0; k < p->c->saved.graph->outputs.n; k++)
        for (size_t i = 0; i < p->sizes[k]; i++) cells[at++] = str_float(arena, p->answers[k][row * p->sizes[k] + i]);
    return cells;
}

typedef VEC(const char *) NameList;

static bool listed(const NameList *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->at[i], name)) return true;
    return false;
}

/* The name of a column; with that of its input where another input's table has one of the same name. */
static const char *own_name(const Plain *p, size_t t, size_t column)
{
    const char *name = p->tables[t]->columns[column].name;
    for (size_t other = 0; other < p->n_tables; other++) {
        for (size_t i = 0; other != t && i < p->tables[other]->n_columns; i++) {
            if (!str_eq(p->tables[other]->columns[i].name, name)) continue;
            size_t k = 0;
            while (p->inputs[k].table != p->tables[t]) k++;
            return arena_printf(p->c->arena, "%s.%s", p->inputs[k].name, name);
        }
    }
    return name;
}

/* The columns of the tables, then the answers. A column that is called like an answer gives way: two of one name could not be read again. */
static void list_columns(Plain *p, AnswerTable *table)
{
    Arena *arena = p->c->arena;
    const Graph *graph = p->c->saved.graph;
    NameList answers = {0}, header = {0}, left = {0};
    for (size_t k = 0; k < graph->outputs.n; k++) {
        const char *name = graph->outputs.at[k].name;
        for (size_t i = 0; i < p->sizes[k]; i++) VEC_PUSH(arena, answers, p->sizes[k] == 1 ? name : arena_printf(arena, "%s[%zu]", name, i));
    }
    for (size_t t = 0; t < p->n_tables; t++) {
        for (size_t i = 0; i < p->tables[t]->n_columns; i++) {
            const char *name = own_name(p, t, i);
            if (listed(&answers, name)) {
                VEC_PUSH(arena, left, name);
                continue;
            }
            PlainOwn own = {p->tables[t], i};
            VEC_PUSH(arena, p->own, own);
            VEC_PUSH(arena, header, name);
        }
    }
    table->n_own = header.n;
    for (size_t i = 0; i < answers.n; i++) VEC_PUSH(arena, header, answers.at[i]);
    table->header = header.at;
    table->n_columns = header.n;
    if (!left.n) return;
    Diag *w = diag(p->c->diags, W0871, NO_SPAN, A("columns", str_join(arena, left.at, left.n, true)), AI("n", left.n));
    diag_fix(w, W0871_help);
}

bool predict_plainly(FileCommand *c)
{
    Plain p = {.c = c};
    const Options *o = c->options;
    if (!plain_inputs(&p) || !ids_known(&p) || !answer_all(&p)) return false;
    AnswerTable table = {.n_rows = p.n_rows, .row = plain_row, .owner = &p};
    list_columns(&p, &table);
    const char *source = o->n_files > 1 ? o->files[1] : o->n_inputs ? o->inputs[0].value : "the sample typed";
    return command_answers(c, &table, source, o->n_params > 0);
}
