/* Evaluations as text and as events; see scores.h. */
#include "src/report/scores.h"

#include <math.h>
#include <stdlib.h>

#include "src/report/grid.h"

static const char *figure(Arena *arena, double value)
{
    return isnan(value) ? "-" : str_figure(arena, value, 4);
}

static int by_loss(const void *a, const void *b)
{
    const ScoredModel *x = *(const ScoredModel *const *)a, *y = *(const ScoredModel *const *)b;
    return (x->evaluation.loss > y->evaluation.loss) - (x->evaluation.loss < y->evaluation.loss);
}

static void number_row(Grid *grid, Arena *arena, const char *name, const NumberScore *s)
{
    grid_cell(grid, name);
    grid_cell(grid, figure(arena, s->mae));
    grid_cell(grid, figure(arena, s->rmse));
    grid_cell(grid, isnan(s->mape) ? "-" : arena_printf(arena, "%s %%", figure(arena, s->mape)));
    grid_cell(grid, figure(arena, s->r2));
}

static void class_row(Grid *grid, Arena *arena, const char *name, const ClassScore *s)
{
    grid_cell(grid, name);
    grid_cell(grid, figure(arena, s->accuracy));
    grid_cell(grid, figure(arena, s->precision));
    grid_cell(grid, figure(arena, s->recall));
    grid_cell(grid, figure(arena, s->f1));
    grid_cell(grid, figure(arena, s->auc));
}

static void confusion(Arena *arena, const ColumnScore *column, Buf *out)
{
    size_t n = column->n_labels;
    const ClassScore *s = &column->classes;
    buf_put(out, "  True classes in rows, answers in columns:\n");
    Grid grid = grid_new(arena, n + 1);
    grid_cell(&grid, "");
    for (size_t c = 0; c < n; c++) grid_cell(&grid, column->labels[c]);
    for (size_t r = 0; r < n; r++) {
        grid_cell(&grid, column->labels[r]);
        for (size_t c = 0; c < n; c++) grid_cell(&grid, str_thousands(arena, (int64_t)s->confusion[r * n + c]));
    }
    grid_print(&grid, "    ", out);
    Grid classes = grid_new(arena, 5);
    static const char *const header[] = {"class", "precision", "recall", "f1", "rows"};
    for (size_t i = 0; i < 5; i++) grid_cell(&classes, header[i]);
    for (size_t c = 0; c < n; c++) {
        size_t rows = 0;
        for (size_t k = 0; k < n; k++) rows += s->confusion[c * n + k];
        grid_cell(&classes, column->labels[c]);
        grid_cell(&classes, figure(arena, s->class_precision[c]));
        grid_cell(&classes, figure(arena, s->class_recall[c]));
        grid_cell(&classes, figure(arena, s->class_f1[c]));
        grid_cell(&classes, str_thousands(arena, (int64_t)rows));
    }
    grid_print(&classes, "    ", out);
}

/* The table of one column: a line for each model, one for the baseline. */
static void column_table(Arena *arena, const ScoredModel *const *models, size_t n, size_t k, size_t c, Buf *out)
{
    const ColumnScore *first = &models[0]->evaluation.outputs[k].columns[c];
    static const char *const numbers[] = {"", "MAE", "RMSE", "MAPE", "R²"};
    static const char *const classes[] = {"", "accuracy", "precision", "recall", "f1", "auc"};
    size_t n_columns = first->labels ? 6 : 5;
    Grid grid = grid_new(arena, n_columns);
    for (size_t i = 0; i < n_columns; i++) grid_cell(&grid, first->labels ? classes[i] : numbers[i]);
    for (size_t m = 0; m < n; m++) {
        const ColumnScore *column = &models[m]->evaluation.outputs[k].columns[c];
        if (column->labels) class_row(&grid, arena, models[m]->model, &column->classes);
        else number_row(&grid, arena, models[m]->model, &column->numbers);
    }
    const char *baseline = arena_printf(arena, "baseline: %s", first->baseline);
    if (first->labels) class_row(&grid, arena, baseline, &first->baseline_classes);
    else number_row(&grid, arena, baseline, &first->baseline_numbers);
    bool several = models[0]->evaluation.n_outputs > 1 || models[0]->evaluation.outputs[k].n_columns > 1;
    if (several) buf_printf(out, "  %s:\n", first->name);
    grid_print(&grid, "  ", out);
    for (size_t m = 0; m < n; m++) {
        const ColumnScore *column = &models[m]->evaluation.outputs[k].columns[c];
        if (column->labels && n == 1) confusion(arena, column, out);
        if (column->labels && !isnan(column->best_threshold))
            buf_printf(out, "  Best F1 of %s on the validation rows at `threshold %s`%s.\n", models[m]->model, figure(arena, column->best_threshold),
                       column->classes.threshold == 0.5 ? " (0.5 is used here)" : "");
    }
}

static void verdicts(const ScoredModel *const *models, size_t n, Buf *out)
{
    for (size_t m = 0; m < n; m++) {
        const Evaluation *e = &models[m]->evaluation;
        for (size_t k = 0; k < e->n_outputs; k++) {
            for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
                const ColumnScore *column = &e->outputs[k].columns[c];
                const char *by = column->labels ? "accuracy" : "RMSE";
                bool several = e->n_outputs > 1 || e->outputs[k].n_columns > 1;
                buf_printf(out, "  %s %s the naive baseline `%s`%s%s by %s.\n", models[m]->model, column->beaten ? "beats" : "does NOT beat",
                           column->baseline, several ? " for " : "", several ? column->name : "", by);
            }
        }
    }
}

void scores_print(Arena *arena, const ScoredModel *models, size_t n, const char *on, Buf *out)
{
    const ScoredModel **sorted = ARENA_ARRAY(arena, const ScoredModel *, n);
    for (size_t i = 0; i < n; i++) sorted[i] = &models[i];
    qsort(sorted, n, sizeof *sorted, by_loss);
    for (size_t m = 0; m < n; m++) {
        const Evaluation *e = &sorted[m]->evaluation;
        if (m == 0) buf_printf(out, "Score on %s (%s rows)\n", on, str_thousands(arena, (int64_t)e->samples));
        if (!e->samples) {
            buf_put(out, "  There are no rows to score.\n");
            return;
        }
        buf_printf(out, "  %s: loss %s", sorted[m]->model, figure(arena, e->loss));
        for (size_t i = 0; i < e->n_names; i++) buf_printf(out, ", %s %s", e->names[i], figure(arena, e->values[i]));
        buf_char(out, '\n');
    }
    for (size_t k = 0; k < sorted[0]->evaluation.n_outputs; k++)
        for (size_t c = 0; c < sorted[0]->evaluation.outputs[k].n_columns; c++) column_table(arena, sorted, n, k, c, out);
    verdicts(sorted, n, out);
}

/* ---- Event ----------------------------------------------------------------------------------------------------------- */

static void number(JsonOut *o, const char *prefix, const char *key, double value)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s", prefix, key);
    json_key(o, name);
    if (isnan(value)) json_null(o);
    else json_double(o, value);
}

static void log_column(JsonOut *o, const char *prefix, const ColumnScore *column, bool baseline)
{
    if (!column->labels) {
        const NumberScore *s = baseline ? &column->baseline_numbers : &column->numbers;
        number(o, prefix, "mae", s->mae);
        number(o, prefix, "rmse", s->rmse);
        number(o, prefix, "mape", s->mape);
        number(o, prefix, "r2", s->r2);
        return;
    }
    const ClassScore *s = baseline ? &column->baseline_classes : &column->classes;
    number(o, prefix, "accuracy", s->accuracy);
    number(o, prefix, "precision", s->precision);
    number(o, prefix, "recall", s->recall);
    number(o, prefix, "f1", s->f1);
    number(o, prefix, "auc", s->auc);
    if (baseline) return;
    if (!isnan(s->threshold) && s->threshold != 0.5) number(o, prefix, "threshold", s->threshold);
    if (!isnan(column->best_threshold)) number(o, prefix, "best_threshold", column->best_threshold);
}

static const char *prefix_of(Arena *arena, const Evaluation *e, size_t k, size_t c)
{
    const OutputScore *output = &e->outputs[k];
    if (e->n_outputs > 1 && output->n_columns > 1) return arena_printf(arena, "%s_%s_", output->name, output->columns[c].name);
    if (e->n_outputs > 1) return arena_printf(arena, "%s_", output->name);
    if (output->n_columns > 1) return arena_printf(arena, "%s_", output->columns[c].name);
    return "";
}

void scores_log(Log *log, const ScoredModel *model, const char *data)
{
    JsonOut *o = log_begin(log, "evaluate");
    if (!o) return;
    const Evaluation *e = &model->evaluation;
    json_key(o, "model");
    json_text(o, model->model);
    json_key(o, "data");
    json_text(o, data);
    json_key(o, "samples");
    json_int(o, (int64_t)e->samples);
    json_key(o, "loss");
    json_double(o, e->loss);
    json_key(o, "metrics");
    json_object(o);
    for (size_t i = 0; i < e->n_names; i++) number(o, "", e->names[i], e->values[i]);
    json_object_end(o);
    for (size_t k = 0; k < e->n_outputs; k++)
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) log_column(o, prefix_of(log->arena, e, k, c), &e->outputs[k].columns[c], false);
    json_key(o, "baseline");
    json_object(o);
    /* Baselines by name; the columns that share one stand in it together. */
    const char *open = NULL;
    for (size_t k = 0; k < e->n_outputs; k++) {
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
            const ColumnScore *first = &e->outputs[k].columns[c];
            bool done = false;
            for (size_t i = 0; i <= k && !done; i++)
                for (size_t j = 0; j < (i < k ? e->outputs[i].n_columns : c); j++) done = done || str_eq(e->outputs[i].columns[j].baseline, first->baseline);
            if (done) continue;
            open = first->baseline;
            json_key(o, open);
            json_object(o);
            for (size_t i = k; i < e->n_outputs; i++)
                for (size_t j = 0; j < e->outputs[i].n_columns; j++)
                    if (str_eq(e->outputs[i].columns[j].baseline, open)) log_column(o, prefix_of(log->arena, e, i, j), &e->outputs[i].columns[j], true);
            json_object_end(o);
        }
    }
    json_object_end(o);
    log_end(log);
}
