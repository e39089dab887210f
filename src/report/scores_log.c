/* Evaluations as events of the log; see scores.h. */
#include "src/report/scores.h"

#include <math.h>

static void number(JsonOut *o, const char *prefix, const char *key, double value)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s", prefix, key);
    json_key(o, name);
    if (isnan(value)) json_null(o);
    else json_double(o, value);
}

static void put_numbers(JsonOut *o, const char *prefix, const NumberScore *s)
{
    number(o, prefix, "mae", s->mae);
    number(o, prefix, "rmse", s->rmse);
    number(o, prefix, "mape", s->mape);
    number(o, prefix, "r2", s->r2);
}

static void put_classes(JsonOut *o, const char *prefix, const ClassScore *s)
{
    number(o, prefix, "accuracy", s->accuracy);
    number(o, prefix, "precision", s->precision);
    number(o, prefix, "recall", s->recall);
    number(o, prefix, "f1", s->f1);
    number(o, prefix, "auc", s->auc);
}

static const char *prefix_of(Arena *arena, const Evaluation *e, size_t k, size_t c)
{
    const OutputScore *output = &e->outputs[k];
    if (e->n_outputs > 1 && output->n_columns > 1) return arena_printf(arena, "%s_%s_", output->name, output->columns[c].name);
    if (e->n_outputs > 1) return arena_printf(arena, "%s_", output->name);
    if (output->n_columns > 1) return arena_printf(arena, "%s_", output->columns[c].name);
    return "";
}

/* The score of a column over all steps (step 0) or at one of them; NULL: it has not so many. */
static const Score *score_at(const ColumnScore *column, size_t step)
{
    if (step == 0) return &column->all;
    return column->steps && step <= column->n_steps ? &column->steps[step - 1] : NULL;
}

static const BaselineScore *baseline_of(const Score *score, const char *name)
{
    for (size_t b = 0; score && b < score->n_baselines; b++)
        if (str_eq(score->baselines[b].name, name)) return &score->baselines[b];
    return NULL;
}

static void put_baseline(JsonOut *o, Arena *arena, const Evaluation *e, size_t step, const char *name)
{
    json_key(o, name);
    json_object(o);
    for (size_t k = 0; k < e->n_outputs; k++) {
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
            const ColumnScore *column = &e->outputs[k].columns[c];
            const BaselineScore *baseline = baseline_of(score_at(column, step), name);
            if (!baseline) continue;
            if (column->labels) put_classes(o, prefix_of(arena, e, k, c), &baseline->classes);
            else put_numbers(o, prefix_of(arena, e, k, c), &baseline->numbers);
        }
    }
    json_object_end(o);
}

/* The key `baseline`: baselines by name; columns that share one stand in it together. */
static void put_baselines(JsonOut *o, Arena *arena, const Evaluation *e, size_t step)
{
    VEC(const char *) names = {0};
    for (size_t k = 0; k < e->n_outputs; k++) {
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
            const Score *score = score_at(&e->outputs[k].columns[c], step);
            for (size_t b = 0; score && b < score->n_baselines; b++) {
                bool seen = false;
                for (size_t i = 0; i < names.n; i++) seen = seen || str_eq(names.at[i], score->baselines[b].name);
                if (!seen) VEC_PUSH(arena, names, score->baselines[b].name);
            }
        }
    }
    json_key(o, "baseline");
    json_object(o);
    for (size_t i = 0; i < names.n; i++) put_baseline(o, arena, e, step, names.at[i]);
    json_object_end(o);
}

/* The report's figures and those of the baselines. */
static void put_scores(JsonOut *o, Arena *arena, const Evaluation *e, size_t step)
{
    for (size_t k = 0; k < e->n_outputs; k++) {
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
            const ColumnScore *column = &e->outputs[k].columns[c];
            const Score *score = score_at(column, step);
            const char *prefix = prefix_of(arena, e, k, c);
            if (!score) continue;
            if (column->labels) put_classes(o, prefix, &score->classes);
            else put_numbers(o, prefix, &score->numbers);
            if (column->labels && !isnan(score->classes.threshold) && score->classes.threshold != 0.5)
                number(o, prefix, "threshold", score->classes.threshold);
            if (column->labels && step == 0 && !isnan(column->best_threshold)) number(o, prefix, "best_threshold", column->best_threshold);
            if (column->season && step == 0) number(o, prefix, "season", (double)column->season);
        }
    }
    put_baselines(o, arena, e, step);
}

/* The keys of an evaluation, without what names it. */
static void put_evaluation(JsonOut *o, Arena *arena, const Evaluation *e)
{
    json_key(o, "loss");
    json_double(o, e->loss);
    json_key(o, "metrics");
    json_object(o);
    for (size_t i = 0; i < e->n_names; i++) number(o, "", e->names[i], e->values[i]);
    json_object_end(o);
    put_scores(o, arena, e, 0);
    size_t steps = 0, ahead = 1;
    for (size_t k = 0; k < e->n_outputs; k++) {
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) {
            const ColumnScore *column = &e->outputs[k].columns[c];
            if (!column->steps || column->n_steps <= steps) continue;
            steps = column->n_steps;
            ahead = column->ahead;
        }
    }
    if (!steps) return;
    json_key(o, "steps");
    json_list(o);
    for (size_t step = 1; step <= steps; step++) {
        json_object(o);
        json_key(o, "ahead");
        json_int(o, (int64_t)(ahead + step - 1));
        put_scores(o, arena, e, step);
        json_object_end(o);
    }
    json_list_end(o);
}

static void text_key(JsonOut *o, const char *key, const char *text)
{
    json_key(o, key);
    json_text(o, text);
}

void scores_log(Log *log, const ScoredModel *model, const char *data)
{
    JsonOut *o = log_begin(log, "evaluate");
    if (!o) return;
    text_key(o, "model", model->model);
    text_key(o, "data", data);
    json_key(o, "samples");
    json_int(o, (int64_t)model->evaluation.samples);
    put_evaluation(o, log->arena, &model->evaluation);
    log_end(log);
}

static void put_named(JsonOut *o, Arena *arena, const char *name, const Evaluation *e)
{
    json_key(o, name);
    json_object(o);
    put_evaluation(o, arena, e);
    json_object_end(o);
}

void folds_log(Log *log, const char *model, const char *data, const CrossResult *r)
{
    JsonOut *o = log_begin(log, "cross_validate");
    if (!o) return;
    text_key(o, "model", model);
    text_key(o, "data", data);
    json_key(o, "folds");
    json_list(o);
    for (size_t f = 0; f < r->n_folds; f++) {
        const Fold *fold = &r->folds[f];
        json_object(o);
        json_key(o, "samples");
        json_int(o, (int64_t)fold->evaluation.samples);
        json_key(o, "training_samples");
        json_int(o, (int64_t)fold->n_train);
        json_key(o, "epochs");
        json_int(o, fold->epochs);
        put_evaluation(o, log->arena, &fold->evaluation);
        json_object_end(o);
    }
    json_list_end(o);
    put_named(o, log->arena, "mean", &r->mean);
    put_named(o, log->arena, "deviation", &r->deviation);
    put_baselines(o, log->arena, &r->mean, 0);
    log_end(log);
}
