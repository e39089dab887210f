/* Evaluations as text; see scores.h. Their events: scores_log.c. */
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
    const ClassScore *s = &column->all.classes;
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

static const ColumnScore *column_of(const ScoredModel *model, size_t k, size_t c)
{
    return &model->evaluation.outputs[k].columns[c];
}

static bool several(const Evaluation *e, size_t k)
{
    return e->n_outputs > 1 || e->outputs[k].n_columns > 1;
}

static void header_row(Grid *grid, const ColumnScore *column)
{
    static const char *const numbers[] = {"", "MAE", "RMSE", "MAPE", "R²"}, *const classes[] = {"", "accuracy", "precision", "recall", "f1", "auc"};
    for (size_t i = 0; i < grid->n_columns; i++) grid_cell(grid, column->labels ? classes[i] : numbers[i]);
}

/* The figure by which a column is judged. */
static double judged(const ColumnScore *column, const Score *score)
{
    return column->labels ? score->classes.accuracy : score->numbers.rmse;
}

static double judged_baseline(const ColumnScore *column, const Score *score)
{
    if (!score->n_baselines) return (double)NAN;
    const BaselineScore *best = &score->baselines[score->best];
    return column->labels ? best->classes.accuracy : best->numbers.rmse;
}

/* A row for each step ahead: all figures of one model, or the leading one of several, beside the best baseline's. */
static void step_table(Arena *arena, const ScoredModel *const *models, size_t n, size_t k, size_t c, Buf *out)
{
    const ColumnScore *first = column_of(models[0], k, c);
    static const char *const numbers[] = {"MAE", "RMSE", "MAPE", "R²"}, *const classes[] = {"accuracy", "precision", "recall", "f1", "auc"};
    size_t figures = n > 1 ? n : first->labels ? 5 : 4;
    const char *by = first->labels ? "accuracy" : "RMSE";
    Grid grid = grid_new(arena, figures + 3);
    grid_cell(&grid, "ahead");
    for (size_t i = 0; i < figures; i++) grid_cell(&grid, n > 1 ? models[i]->model : first->labels ? classes[i] : numbers[i]);
    grid_cell(&grid, arena_printf(arena, "naive %s", by));
    grid_cell(&grid, "baseline");
    for (size_t step = 0; step < first->n_steps; step++) {
        const Score *score = &first->steps[step];
        const char *name = arena_printf(arena, "+%zu", first->ahead + step);
        if (n > 1) {
            grid_cell(&grid, name);
            for (size_t m = 0; m < n; m++) grid_cell(&grid, figure(arena, judged(first, &column_of(models[m], k, c)->steps[step])));
        } else if (first->labels) {
            class_row(&grid, arena, name, &score->classes);
        } else {
            number_row(&grid, arena, name, &score->numbers);
        }
        grid_cell(&grid, figure(arena, judged_baseline(first, score)));
        grid_cell(&grid, score->n_baselines ? score->baselines[score->best].name : "-");
    }
    grid.n_columns = figures + 3;
    buf_printf(out, "  Step by step%s, beside the best baseline of each:\n", n > 1 ? arena_printf(arena, " (%s)", by) : "");
    grid_print(&grid, "    ", out);
}

/* The table of one column: a line for each model, one for each baseline. */
static void column_table(Arena *arena, const ScoredModel *const *models, size_t n, size_t k, size_t c, Buf *out)
{
    const ColumnScore *first = column_of(models[0], k, c);
    Grid grid = grid_new(arena, first->labels ? 6 : 5);
    header_row(&grid, first);
    for (size_t m = 0; m < n; m++) {
        const Score *score = &column_of(models[m], k, c)->all;
        if (first->labels) class_row(&grid, arena, models[m]->model, &score->classes);
        else number_row(&grid, arena, models[m]->model, &score->numbers);
    }
    for (size_t b = 0; b < first->all.n_baselines; b++) {
        const BaselineScore *baseline = &first->all.baselines[b];
        const char *name = arena_printf(arena, "baseline: %s", baseline->name);
        if (first->labels) class_row(&grid, arena, name, &baseline->classes);
        else number_row(&grid, arena, name, &baseline->numbers);
    }
    if (several(&models[0]->evaluation, k)) buf_printf(out, "  %s:\n", first->name);
    grid_print(&grid, "  ", out);
    if (first->season) buf_printf(out, "  `same_season` goes back %zu rows.\n", first->season);
    if (first->steps) step_table(arena, models, n, k, c, out);
    for (size_t m = 0; m < n; m++) {
        const ColumnScore *column = column_of(models[m], k, c);
        if (column->labels && n == 1) confusion(arena, column, out);
        if (column->labels && !isnan(column->best_threshold))
            buf_printf(out, "  Best F1 of %s on the validation rows at `threshold %s`%s.\n", models[m]->model, figure(arena, column->best_threshold),
                       column->all.classes.threshold == 0.5 ? " (0.5 is used here)" : "");
    }
}

static void verdict(const char *model, const Evaluation *e, size_t k, size_t c, const char *mean, Buf *out)
{
    const ColumnScore *column = &e->outputs[k].columns[c];
    const Score *score = &column->all;
    bool many = score->n_baselines > 1;
    if (!score->n_baselines) return;
    const char *by = column->labels ? "accuracy" : "RMSE";
    double own = judged(column, score), other = judged_baseline(column, score);
    if (column->labels && score->beaten && own == other) {
        by = "auc at the same accuracy";
        own = score->classes.auc;
        other = 0.5;
    }
    buf_printf(out, "  %s %s the %snaive baseline `%s`%s%s by %s%s: %s against %s.\n", model, score->beaten ? "beats" : "does NOT beat",
               many ? "best " : "", score->baselines[score->best].name, several(e, k) ? " for " : "", several(e, k) ? column->name : "", mean,
               by, figure(out->arena, own), figure(out->arena, other));
}

static void verdicts(const ScoredModel *const *models, size_t n, Buf *out)
{
    for (size_t m = 0; m < n; m++) {
        const Evaluation *e = &models[m]->evaluation;
        for (size_t k = 0; k < e->n_outputs; k++)
            for (size_t c = 0; c < e->outputs[k].n_columns; c++) verdict(models[m]->model, e, k, c, "", out);
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

/* ---- Folds ----------------------------------------------------------------------------------------------------------------- */

static void fold_row(Grid *grid, Arena *arena, const char *name, const Evaluation *e, size_t k, size_t c, const char *samples)
{
    const ColumnScore *column = &e->outputs[k].columns[c];
    if (column->labels) class_row(grid, arena, name, &column->all.classes);
    else number_row(grid, arena, name, &column->all.numbers);
    grid_cell(grid, figure(arena, e->loss));
    grid_cell(grid, samples);
}

static const char *with_deviation(Arena *arena, double mean, double deviation)
{
    if (isnan(mean)) return "-";
    if (deviation < 1e-12 * fabs(mean)) deviation = 0.0; /* equal but for rounding */
    return isnan(deviation) ? figure(arena, mean) : arena_printf(arena, "%s ± %s", figure(arena, mean), str_figure(arena, deviation, 2));
}

/* Mean and deviation of the model or, baseline given, of that one. */
static void mean_row(Grid *grid, Arena *arena, const char *name, const CrossResult *r, size_t k, size_t c, const BaselineScore *mean,
                     const BaselineScore *deviation)
{
    const ColumnScore *column = &r->mean.outputs[k].columns[c], *spread = &r->deviation.outputs[k].columns[c];
    grid_cell(grid, name);
    if (column->labels) {
        const ClassScore *m = mean ? &mean->classes : &column->all.classes, *d = mean ? &deviation->classes : &spread->all.classes;
        const double means[] = {m->accuracy, m->precision, m->recall, m->f1, m->auc}, spreads[] = {d->accuracy, d->precision, d->recall, d->f1, d->auc};
        for (size_t i = 0; i < 5; i++) grid_cell(grid, with_deviation(arena, means[i], spreads[i]));
    } else {
        const NumberScore *m = mean ? &mean->numbers : &column->all.numbers, *d = mean ? &deviation->numbers : &spread->all.numbers;
        const double means[] = {m->mae, m->rmse, m->mape, m->r2}, spreads[] = {d->mae, d->rmse, d->mape, d->r2};
        for (size_t i = 0; i < 4; i++) grid_cell(grid, with_deviation(arena, means[i], spreads[i]));
    }
    grid_cell(grid, mean ? "" : with_deviation(arena, r->mean.loss, r->deviation.loss));
    grid_cell(grid, "");
}

void folds_print(Arena *arena, const char *model, const char *data, const CrossResult *r, Buf *out)
{
    buf_printf(out, "Cross-validation of %s on %s: %zu folds%s\n", model, data, r->n_folds,
               r->ordered ? ", each trained on what came before it" : "");
    for (size_t k = 0; k < r->mean.n_outputs; k++) {
        for (size_t c = 0; c < r->mean.outputs[k].n_columns; c++) {
            const ColumnScore *column = &r->mean.outputs[k].columns[c];
            Grid grid = grid_new(arena, column->labels ? 8 : 7);
            static const char *const numbers[] = {"fold", "MAE", "RMSE", "MAPE", "R²", "loss", "rows"},
                                     *const classes[] = {"fold", "accuracy", "precision", "recall", "f1", "auc", "loss", "rows"};
            for (size_t i = 0; i < grid.n_columns; i++) grid_cell(&grid, column->labels ? classes[i] : numbers[i]);
            for (size_t f = 0; f < r->n_folds; f++) {
                const char *rows = arena_printf(arena, "%s after %s", str_thousands(arena, (int64_t)r->folds[f].evaluation.samples),
                                                str_thousands(arena, (int64_t)r->folds[f].n_train));
                fold_row(&grid, arena, arena_printf(arena, "%zu", f + 1), &r->folds[f].evaluation, k, c, rows);
            }
            mean_row(&grid, arena, "mean", r, k, c, NULL, NULL);
            for (size_t b = 0; b < column->all.n_baselines; b++)
                mean_row(&grid, arena, arena_printf(arena, "baseline: %s", column->all.baselines[b].name), r, k, c, &column->all.baselines[b],
                         &r->deviation.outputs[k].columns[c].all.baselines[b]);
            if (several(&r->mean, k)) buf_printf(out, "  %s:\n", column->name);
            grid_print(&grid, "  ", out);
            verdict(model, &r->mean, k, c, "mean ", out);
        }
    }
    if (r->watched) buf_put(out, "  A callback watched the rows of each fold that are scored here, so these figures are a little too good.\n");
}
