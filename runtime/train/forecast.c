/* Forecasts; see forecast.h. */
#include "runtime/train/forecast.h"

#include <math.h>
#include <string.h>

size_t forecast_ahead(size_t first, size_t last, size_t j)
{
    if (j < first) return first;
    size_t length = last - first + 1;
    return j - (j - first) / length * length;
}

size_t forecast_inputs(const Recipe *recipe, size_t n)
{
    size_t most = 0;
    for (size_t t = 0; t < recipe->n_targets; t++) {
        size_t ahead = forecast_ahead(recipe->targets[t].ahead_first, recipe->targets[t].ahead_last, n);
        if (n > ahead && n - ahead > most) most = n - ahead;
    }
    return most;
}

/* The answers of all series from one base row, kept while the block lasts. */
typedef struct {
    uint32_t *samples;  /* of each series */
    float *answers;     /* of each series: the output's numbers */
    double *values;     /* the same in the target's units */
    size_t base;        /* rows behind the end the base lies, plus the target's reach, so that it is never 0 once filled */
} Block;

/* Answers of output k for the samples that end `ahead` rows before row j, in the target's units. */
static void answer_block(const ForecastRun *run, Plan *plan, size_t batch, size_t k, size_t j, size_t ahead, Block *block)
{
    const Dataset *data = run->future->data;
    const Graph *graph = run->model->graph;
    size_t n = run->future->n_series, size = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
    for (size_t s = 0; s < n; s++) block->samples[s] = series_future_sample(run->future, s, j - 1, ahead);
    for (size_t at = 0; at < n; at += batch) {
        size_t part = n - at < batch ? n - at : batch;
        for (size_t i = 0; i < graph->inputs.n; i++) dataset_gather(data, run->config->input_groups[i], block->samples + at, part, plan_input(plan, (int)i));
        plan_forward(plan, &(PlanBatch){.samples = (int64_t)part, .first_sample = (int64_t)at});
        memcpy(block->answers + at * size, plan_output(plan, (int)k), part * size * sizeof(float));
    }
    dataset_target_undo(data, run->config->outputs[k].target, block->samples, block->answers, n, block->values);
}

static const char *const *list_header(const ForecastRun *run, Forecast *f)
{
    VEC(const char *) header = {0};
    VEC_PUSH(run->arena, header, "step");
    const char *const *own = series_future_columns(run->future, run->arena, &f->n_own);
    for (size_t i = 0; i < f->n_own; i++) VEC_PUSH(run->arena, header, own[i]);
    const Recipe *recipe = run->future->data->recipe;
    for (size_t k = 0; k < run->config->n_outputs; k++) {
        const RecipeTarget *target = &recipe->targets[run->config->outputs[k].target];
        for (size_t c = 0; c < target->n_columns; c++)
            VEC_PUSH(run->arena, header, arena_printf(run->arena, "predicted_%s", recipe->columns[target->columns[c]].name));
        f->n_values += target->n_columns;
    }
    f->n_columns = header.n;
    return header.at;
}

static void say_row(const ForecastRun *run, Forecast *f, Plan *plan, size_t batch, Block *blocks, size_t j)
{
    const Dataset *data = run->future->data;
    for (size_t k = 0, at = 0; k < run->config->n_outputs; k++) {
        size_t t = run->config->outputs[k].target;
        const RecipeTarget *target = &data->recipe->targets[t];
        size_t ahead = forecast_ahead(target->ahead_first, target->ahead_last, j), base = j + target->ahead_last - ahead + 1;
        if (blocks[k].base != base) answer_block(run, plan, batch, k, j, ahead, &blocks[k]);
        blocks[k].base = base;
        size_t n_columns = target->n_columns, width = (target->ahead_last - target->ahead_first + 1) * n_columns;
        for (size_t s = 0; s < f->n_series; s++) {
            for (size_t c = 0; c < n_columns; c++) {
                double value = blocks[k].values[s * width + (ahead - target->ahead_first) * n_columns + c];
                f->values[(s * f->n_steps + j - 1) * f->n_values + at + c] = value;
                series_future_set(run->future, s, j - 1, t, c, value);
            }
        }
        at += n_columns;
    }
}

static bool all_numbers(const ForecastRun *run, const Forecast *f)
{
    size_t first = f->n_steps;
    for (size_t i = 0; i < f->n_series * f->n_steps * f->n_values; i++) {
        size_t step = i / f->n_values % f->n_steps;
        if (!isfinite(f->values[i]) && step < first) first = step;
    }
    if (first == f->n_steps) return true;
    Diag *e = diag(run->diags, E0711, run->span, A("model", run->model->graph->name), AI("step", first + 1));
    diag_note(e, E0711_note);
    diag_fix(e, E0711_help);
    return false;
}

bool forecast_run(const ForecastRun *run, Forecast *f)
{
    *f = (Forecast){.n_series = run->future->n_series, .n_steps = run->future->n_rows};
    Arena *arena = run->arena;
    const Graph *graph = run->model->graph;
    f->header = list_header(run, f);
    size_t batch = (size_t)run->config->batch < f->n_series ? (size_t)run->config->batch : f->n_series;
    PlanConfig config = {.batch = (int64_t)batch, .par = run->par};
    Plan *plan = plan_new(arena, run->model, &config, run->diags);
    if (!plan) return false;
    Block *blocks = ARENA_ARRAY(arena, Block, run->config->n_outputs);
    for (size_t k = 0; k < run->config->n_outputs; k++) {
        size_t size = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
        blocks[k].samples = ARENA_ARRAY(arena, uint32_t, f->n_series);
        blocks[k].answers = ARENA_ARRAY(arena, float, memory_product(size, f->n_series));
        blocks[k].values = ARENA_ARRAY(arena, double, memory_product(size, f->n_series));
    }
    size_t n_rows = memory_product(f->n_series, f->n_steps), inputs = forecast_inputs(run->future->data->recipe, f->n_steps);
    f->values = ARENA_ARRAY(arena, double, memory_product(n_rows, f->n_values));
    const char **own = ARENA_ARRAY(arena, const char *, memory_product(n_rows, f->n_own));
    for (size_t j = 1; j <= f->n_steps; j++) {
        say_row(run, f, plan, batch, blocks, j);
        for (size_t s = 0; s < f->n_series; s++) {
            if (j <= inputs) series_future_ready(run->future, s, j - 1);
            const char *const *cells = series_future_cells(run->future, arena, s, j - 1);
            for (size_t c = 0; c < f->n_own; c++) own[(s * f->n_steps + j - 1) * f->n_own + c] = cells[c];
        }
    }
    f->own = own;
    return all_numbers(run, f);
}

const char **forecast_row(const Forecast *f, size_t row, Arena *arena)
{
    const char **cells = ARENA_ARRAY(arena, const char *, f->n_columns);
    size_t n = 0;
    cells[n++] = arena_printf(arena, "%zu", row % f->n_steps + 1);
    for (size_t c = 0; c < f->n_own; c++) cells[n++] = f->own[row * f->n_own + c];
    for (size_t v = 0; v < f->n_values; v++) cells[n++] = str_float(arena, (float)f->values[row * f->n_values + v]);
    return cells;
}

void forecast_csv(const Forecast *f, FILE *file)
{
    Arena *arena = arena_new("forecast");
    Buf line = buf_in(arena);
    table_put_line(&line, f->header, f->n_columns, file);
    for (size_t row = 0; row < f->n_series * f->n_steps; row++) {
        Arena *cells = arena_new("row");
        table_put_line(&line, forecast_row(f, row, cells), f->n_columns, file);
        arena_free(cells);
    }
    arena_free(arena);
}
