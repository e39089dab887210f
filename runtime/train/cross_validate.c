/* The trainings of folds, and what comes of them all; see cross_validate.h. */
#include "runtime/train/cross_validate.h"

#include <math.h>
#include <string.h>

/* ---- Mean and deviation ---------------------------------------------------------------------------------------------------- */

/* One figure over all folds; folds without it do not count. */
typedef struct {
    size_t n;
    double mean, deviation;
} Spread;

static Spread spread_of(const double *values, size_t n)
{
    Spread s = {.mean = (double)NAN, .deviation = (double)NAN};
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) continue;
        sum += values[i];
        s.n++;
    }
    if (s.n) s.mean = sum / (double)s.n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) squares += (values[i] - s.mean) * (values[i] - s.mean);
    if (s.n > 1) s.deviation = sqrt(squares / (double)(s.n - 1));
    return s;
}

/* Where a score stands in an evaluation: of the model (baseline -1) or of a baseline; step -1: over all steps. */
typedef struct {
    size_t output, column;
    int step, baseline;
} Place;

static Score *place_score(const Evaluation *e, const Place *p)
{
    ColumnScore *column = &e->outputs[p->output].columns[p->column];
    return p->step < 0 ? &column->all : &column->steps[p->step];
}

static NumberScore *place_numbers(const Evaluation *e, const Place *p)
{
    Score *score = place_score(e, p);
    return p->baseline < 0 ? &score->numbers : &score->baselines[p->baseline].numbers;
}

static ClassScore *place_classes(const Evaluation *e, const Place *p)
{
    Score *score = place_score(e, p);
    return p->baseline < 0 ? &score->classes : &score->baselines[p->baseline].classes;
}

static double *figure_of(const Evaluation *e, const Place *p, bool classes, size_t i)
{
    if (classes) {
        ClassScore *s = place_classes(e, p);
        double *const figures[] = {&s->accuracy, &s->precision, &s->recall, &s->f1, &s->auc};
        return figures[i];
    }
    NumberScore *s = place_numbers(e, p);
    double *const figures[] = {&s->mae, &s->rmse, &s->mape, &s->r2};
    return figures[i];
}

static void summarize_place(CrossResult *r, const Place *p, bool classes, double *values)
{
    for (size_t i = 0; i < (classes ? 5u : 4u); i++) {
        for (size_t f = 0; f < r->n_folds; f++) values[f] = *figure_of(&r->folds[f].evaluation, p, classes, i);
        Spread s = spread_of(values, r->n_folds);
        *figure_of(&r->mean, p, classes, i) = s.mean;
        *figure_of(&r->deviation, p, classes, i) = s.deviation;
    }
    if (classes) place_classes(&r->mean, p)->threshold = place_classes(&r->deviation, p)->threshold = (double)NAN;
}

/* The number of baselines that every fold has: the season may not be found in all of them. */
static size_t common_baselines(const CrossResult *r, size_t output, size_t column, const char **names)
{
    const Score *first = &r->folds[0].evaluation.outputs[output].columns[column].all;
    size_t n = 0;
    for (size_t b = 0; b < first->n_baselines; b++) {
        bool everywhere = true;
        for (size_t f = 1; f < r->n_folds; f++) {
            const Score *other = &r->folds[f].evaluation.outputs[output].columns[column].all;
            bool found = false;
            for (size_t i = 0; i < other->n_baselines; i++) found = found || str_eq(other->baselines[i].name, first->baselines[b].name);
            everywhere = everywhere && found;
        }
        if (everywhere) names[n++] = first->baselines[b].name;
    }
    return n;
}

static void keep_baselines(Score *score, const char *const *names, size_t n)
{
    size_t kept = 0;
    for (size_t b = 0; b < score->n_baselines; b++)
        for (size_t i = 0; i < n; i++)
            if (str_eq(score->baselines[b].name, names[i])) {
                score->baselines[kept++] = score->baselines[b];
                break;
            }
    score->n_baselines = kept;
    score->best = 0;
}

static Score copy_score(Arena *arena, const Score *from)
{
    Score score = *from;
    score.baselines = ARENA_ARRAY(arena, BaselineScore, from->n_baselines);
    memcpy(score.baselines, from->baselines, from->n_baselines * sizeof *score.baselines);
    return score;
}

/* An evaluation of the same make, to be filled. */
static Evaluation copy_evaluation(Arena *arena, const Evaluation *from)
{
    Evaluation e = *from;
    e.values = ARENA_ARRAY(arena, double, from->n_names);
    e.outputs = ARENA_ARRAY(arena, OutputScore, from->n_outputs);
    for (size_t k = 0; k < from->n_outputs; k++) {
        e.outputs[k] = from->outputs[k];
        e.outputs[k].columns = ARENA_ARRAY(arena, ColumnScore, from->outputs[k].n_columns);
        for (size_t c = 0; c < from->outputs[k].n_columns; c++) {
            const ColumnScore *column = &from->outputs[k].columns[c];
            ColumnScore *copy = &e.outputs[k].columns[c];
            *copy = *column;
            copy->best_threshold = (double)NAN;
            copy->all = copy_score(arena, &column->all);
            if (!column->steps) continue;
            copy->steps = ARENA_ARRAY(arena, Score, column->n_steps);
            for (size_t s = 0; s < column->n_steps; s++) copy->steps[s] = copy_score(arena, &column->steps[s]);
        }
    }
    return e;
}

static void judge(Score *score, bool classes)
{
    for (size_t b = 1; b < score->n_baselines; b++) {
        const BaselineScore *now = &score->baselines[b], *best = &score->baselines[score->best];
        if (classes ? now->classes.accuracy > best->classes.accuracy : now->numbers.rmse < best->numbers.rmse) score->best = b;
    }
    const BaselineScore *best = &score->baselines[score->best];
    score->beaten = classes ? score->classes.accuracy > best->classes.accuracy : score->numbers.rmse < best->numbers.rmse;
}

static void summarize_column(Arena *arena, CrossResult *r, size_t k, size_t c, double *values)
{
    ColumnScore *mean = &r->mean.outputs[k].columns[c], *deviation = &r->deviation.outputs[k].columns[c];
    bool classes = mean->labels != NULL;
    const char **names = ARENA_ARRAY(arena, const char *, mean->all.n_baselines);
    size_t n = common_baselines(r, k, c, names);
    for (int step = -1; step < (mean->steps ? (int)mean->n_steps : 0); step++) {
        Place p = {.output = k, .column = c, .step = step, .baseline = -1};
        for (size_t f = 0; f < r->n_folds; f++) keep_baselines(place_score(&r->folds[f].evaluation, &p), names, n);
        keep_baselines(place_score(&r->mean, &p), names, n);
        keep_baselines(place_score(&r->deviation, &p), names, n);
        for (; p.baseline < (int)n; p.baseline++) summarize_place(r, &p, classes, values);
        p.baseline = -1;
        judge(place_score(&r->mean, &p), classes);
    }
    for (size_t f = 0; f < r->n_folds; f++)
        if (r->folds[f].evaluation.outputs[k].columns[c].season != mean->season) mean->season = deviation->season = 0;
}

static void summarize(Arena *arena, CrossResult *r)
{
    r->mean = copy_evaluation(arena, &r->folds[0].evaluation);
    r->deviation = copy_evaluation(arena, &r->folds[0].evaluation);
    double *values = ARENA_ARRAY(arena, double, r->n_folds);
    for (size_t f = 0; f < r->n_folds; f++) values[f] = r->folds[f].evaluation.loss;
    Spread loss = spread_of(values, r->n_folds);
    r->mean.loss = loss.mean;
    r->deviation.loss = loss.deviation;
    for (size_t i = 0; i < r->mean.n_names; i++) {
        for (size_t f = 0; f < r->n_folds; f++) values[f] = r->folds[f].evaluation.values[i];
        Spread s = spread_of(values, r->n_folds);
        r->mean.values[i] = s.mean;
        r->deviation.values[i] = s.deviation;
    }
    for (size_t k = 0; k < r->mean.n_outputs; k++)
        for (size_t c = 0; c < r->mean.outputs[k].n_columns; c++) summarize_column(arena, r, k, c, values);
}

/* ---- Trainings --------------------------------------------------------------------------------------------------------------- */

/* The script's configuration without callbacks that write files: folds leave nothing behind. */
static TrainConfig fold_config(const CrossRun *run, bool *watched)
{
    TrainConfig config = *run->config;
    KindRef *callbacks = ARENA_ARRAY(run->arena, KindRef, config.n_callbacks + 1);
    Span *spans = ARENA_ARRAY(run->arena, Span, config.n_callbacks + 1);
    size_t n = 0;
    for (size_t i = 0; i < config.n_callbacks; i++) {
        const CallbackKind *kind = (const CallbackKind *)config.callbacks[i].kind;
        if (kind->writes || kind->backup) continue;
        *watched = *watched || (kind->monitor && (!kind->watches || kind->watches(config.callbacks[i].args)));
        callbacks[n] = config.callbacks[i];
        spans[n++] = config.callback_spans[i];
    }
    config.callbacks = callbacks;
    config.callback_spans = spans;
    config.n_callbacks = n;
    return config;
}

bool cross_filled(const Dataset *fold_data, size_t fold, size_t folds, Span span, Diags *diags)
{
    for (Part part = PART_TRAIN; part <= PART_VALIDATION; part++) {
        if (fold_data->parts[part].n) continue;
        const char *does = part == PART_TRAIN ? "trains" : "can be scored";
        diag_fix(diag(diags, E0617, span, AI("fold", fold + 1), AI("folds", folds), A("does", does)), E0617_help);
        return false;
    }
    return true;
}

static bool run_fold(const CrossRun *run, const TrainConfig *config, size_t number, Arena *arena, Fold *fold, bool *lacking, int *interrupted)
{
    Part *parts = ARENA_ARRAY(arena, Part, run->data->table->n_rows + 1);
    cross_parts(run->data, run->folds, number % run->folds, number / run->folds, parts);
    const Dataset *data = dataset_fold(run->data, arena, parts);
    if (!data) return false;
    *lacking = !cross_filled(data, number % run->folds, run->folds, run->span, run->diags);
    if (*lacking) return false;
    /* Weights of their own for each fold, the first fold's being those that `train` begins with. */
    Model *model = model_new(arena, run->graph, run->seed + number);
    TrainObserver observer = run->observer;
    TrainRun train = {.arena = arena, .model = model, .config = config, .data = data, .train = data->parts[PART_TRAIN],
                      .validation = data->parts[PART_VALIDATION], .seed = run->seed, .training = (uint32_t)number, .par = run->par,
                      .observer = observer, .diags = run->diags};
    TrainResult result;
    if (!train_model(&train, &result)) return false;
    if (result.reason == STOP_INTERRUPTED) {
        *interrupted = result.terminated ? 2 : 1;
        return false;
    }
    fold->n_train = train.train.n;
    fold->epochs = result.epoch;
    /* What is kept of a fold lives on; the model and its table go. */
    EvaluateRun evaluate = {.arena = run->arena, .model = model, .config = config, .trained_on = data, .data = data,
                            .samples = data->parts[PART_VALIDATION], .threshold = (double)NAN, .par = run->par, .diags = run->diags};
    return evaluate_model(&evaluate, &fold->evaluation);
}

bool cross_validate(const CrossRun *run, CrossResult *r, int *interrupted)
{
    *r = (CrossResult){.n_folds = run->folds * run->repeats, .ordered = run->data->recipe->order.form != ORDER_NONE};
    *interrupted = 0;
    r->folds = ARENA_ARRAY(run->arena, Fold, r->n_folds);
    TrainConfig config = fold_config(run, &r->watched);
    bool ok = true;
    for (size_t i = 0; i < r->n_folds && ok; i++) {
        Arena *arena = arena_new("a fold");
        ok = run_fold(run, &config, i, arena, &r->folds[i], &r->lacking, interrupted);
        arena_free(arena);
    }
    if (ok) summarize(run->arena, r);
    return ok;
}
