/* What callbacks may ask of a training; see kinds/callback.h. */
#include "runtime/train/evaluate.h"
#include "runtime/train/saving.h"
#include "runtime/train/training.h"

static bool figure(const Training *t, const char *name, double *value)
{
    if (t->within) return figures_value(&t->train_figures, name, value);
    for (size_t i = 0; i < t->n_names + t->n_added; i++) {
        if (!str_eq(t->names[i], name)) continue;
        *value = t->values[i];
        return true;
    }
    return false;
}

static int direction(const Training *t, const char *name)
{
    return train_figure_direction(t->run->config, name);
}

static size_t figures(const Training *t, const char *const **names, const double **values)
{
    *names = t->names;
    *values = t->values;
    return t->n_names + t->n_added;
}

static void add_figure(Training *t, const char *name, double value)
{
    size_t n = t->n_names + t->n_added;
    for (size_t i = t->n_names; i < n; i++) {
        if (!str_eq(t->names[i], name)) continue;
        t->values[i] = value;
        return;
    }
    if (t->n_added == MAX_ADDED) return;
    t->names[n] = name;
    t->values[n] = value;
    t->n_added++;
}

static bool validates(const Training *t)
{
    return t->run->validation.n > 0;
}

static double rate(const Training *t)
{
    return t->run->model->optimizer.rate;
}

static void set_rate(Training *t, double value)
{
    model_set_rate(t->run->model, value);
}

static double running_loss(const Training *t)
{
    return figures_loss(&t->train_figures);
}

static void stop(Training *t, const char *reason)
{
    t->stopping = true;
    t->reason = str_eq(reason, "nan") ? STOP_NAN : STOP_EARLY;
}

static void keep_weights(Training *t)
{
    model_keep(t->run->model, &t->best_weights);
}

static void restore_weights(Training *t)
{
    if (!t->best_weights) return;
    model_restore(t->run->model, t->best_weights);
    t->result->restored = t->result->best_epoch < t->result->epoch;
}

static void note_best(Training *t, int64_t epoch, const char *monitor, double value)
{
    if (t->watched) return;
    t->result->best_epoch = epoch;
    t->result->monitor = monitor;
    t->result->best = value;
}

static void best(Training *t, int64_t epoch, const char *monitor, double value)
{
    t->watched = false;
    note_best(t, epoch, monitor, value);
    t->watched = true;
}

static void say(Training *t, const char *text)
{
    if (t->run->observer.say) t->run->observer.say(t->run->observer.owner, text);
}

static bool save(Training *t, const char *path, const char *shown, bool weights_only)
{
    const TrainRun *run = t->run;
    Arena *arena = arena_new("a file of a training");
    bool ok;
    if (weights_only) {
        ok = saved_write_weights(arena, run->model, path, shown, run->config->span, run->diags);
    } else {
        KerasCompile compile = train_compile(arena, run->config);
        SavedExtras extras = train_extras(arena, run->config, run->data, t->result, run->params, run->n_params, run->seed, run->training + 1);
        if (!t->scores) {
            EvaluateRun learn = {.arena = run->arena, .model = run->model, .config = run->config, .trained_on = run->data};
            t->scores = evaluate_learn(&learn, false, &t->n_scores);
        }
        extras.scores = t->scores;
        extras.n_scores = t->n_scores;
        ok = saved_write(arena, run->model, &compile, &extras, path, shown, run->config->span, run->diags);
    }
    arena_free(arena);
    if (!ok) return false;
    TrainFile file = {t->epoch + !!t->batch, arena_copy(run->arena, shown)};
    VEC_PUSH(run->arena, t->files, file);
    if (run->observer.file) run->observer.file(run->observer.owner, file.epoch, file.shown);
    return true;
}

static void keep_backup(Training *t)
{
    t->backup_asked = true;
}

const TrainingServices training_services = {
    .figure = figure,
    .direction = direction,
    .figures = figures,
    .add_figure = add_figure,
    .validates = validates,
    .rate = rate,
    .set_rate = set_rate,
    .running_loss = running_loss,
    .stop = stop,
    .keep_weights = keep_weights,
    .restore_weights = restore_weights,
    .best = best,
    .note_best = note_best,
    .say = say,
    .save = save,
    .keep_backup = keep_backup,
};
