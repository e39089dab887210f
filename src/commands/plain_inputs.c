/* What feeds the inputs of a model without a recipe: the columns of a table fill them in the model's order, each folded row-major to its
 * input's shape; or each input has a table of its own; or the numbers of one sample are typed. See plain.h. */
#include "src/commands/plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static const Table *read_table(FileCommand *c, const char *path)
{
    CsvOptions options = {.header_found = true};
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
        } else {
            size_t row = 0;
            while (row < table->n_rows && isfinite((float)column->numbers[row])) row++;
            if (row == table->n_rows) continue;
            Diag *e = diag(c->diags, E0463, table_cell_span(table, row, i), A("column", column->name),
                           A("found", str_double(c->arena, column->numbers[row])));
            diag_note(e, E0463_end);
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
        ok = csv_number(at, length, &value) && isfinite((float)value) && n < input->size;
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

/* ---- The whole --------------------------------------------------------------------------------------------------------------------------- */

float plain_number(const PlainInput *input, size_t row, size_t i)
{
    return input->typed ? input->typed[i] : (float)input->table->columns[input->first + i].numbers[row];
}

bool plain_inputs(Plain *p)
{
    const Options *o = p->c->options;
    if (!input_sizes(p)) return false;
    if (o->n_files > 1) return one_table(p);
    return o->n_inputs ? tables_by_input(p) : typed_sample(p);
}
