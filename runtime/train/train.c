/* The loop of a training: epochs, batches, validation, callbacks. Buffers are laid out before the first step; the step loop
 * itself allocates nothing. */
#include "runtime/train/train.h"

#include <string.h>
#include <time.h>

#include "runtime/base/bug.h"
#include "runtime/train/backup.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double training_seconds(const Training *t)
{
    return t->seconds + now() - t->started;
}

/* ---- Batches --------------------------------------------------------------------------------------------------------- */

/* The weight of each row in the loss: its own times its class's. */
static void fill_row_weights(const TrainRun *run, const double *class_weights, size_t output, const uint32_t *samples, size_t n, float *out)
{
    dataset_weights(run->data, samples, n, out);
    if (!class_weights) return;
    size_t target = run->config->outputs[output].target;
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)out[i] * class_weights[dataset_target_class(run->data, target, samples[i])]);
}

static void fill_batch(const TrainRun *run, Plan *plan, const double *class_weights, const uint32_t *samples, size_t n)
{
    const TrainConfig *config = run->config;
    for (size_t i = 0; i < run->model->graph->inputs.n; i++)
        dataset_gather(run->data, config->input_groups[i], samples, n, plan_input(plan, (int)i));
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        float *target = plan_target(plan, (int)k);
        if (target) dataset_target(run->data, output->target, loss_target_form(output, run->data), samples, n, target);
        float *weights = plan_row_weights(plan, (int)k);
        if (weights) fill_row_weights(run, class_weights, k, samples, n, weights);
    }
}

/* class_weight balanced: rows / (classes * rows of the class), over the training rows. */
static const double *balanced_weights(const TrainRun *run)
{
    size_t target = run->config->outputs[0].target, n = run->data->targets[target].n_classes;
    double *counts = ARENA_ARRAY(run->arena, double, n + 1);
    for (size_t i = 0; i < run->train.n; i++) counts[dataset_target_class(run->data, target, run->train.samples[i])] += 1.0;
    for (size_t c = 0; c < n; c++) counts[c] = counts[c] > 0.0 ? (double)run->train.n / ((double)n * counts[c]) : 0.0;
    return counts;
}

/* ---- Plans ----------------------------------------------------------------------------------------------------------- */

static Plan *make_plan(const TrainRun *run, bool training, bool weighted)
{
    const TrainConfig *config = run->config;
    PlanOutput *outputs = ARENA_ARRAY(run->arena, PlanOutput, config->n_outputs);
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        outputs[k] = (PlanOutput){.loss = output->loss, .weight = output->weight, .row_weights = training && weighted, .clipped = output->clipped};
    }
    size_t longest = training ? run->train.n : run->validation.n;
    int64_t batch = config->batch < (int64_t)longest ? config->batch : (int64_t)longest;
    PlanConfig plan = {.batch = batch, .training = training, .outputs = outputs, .optimizer = config->optimizer, .par = run->par};
    return plan_new(run->arena, run->model, &plan, run->diags);
}

/* ---- Callbacks ------------------------------------------------------------------------------------------------------- */

typedef bool Hook(CallbackRun *run);

static const CallbackKind *callback_kind(const KindRef *ref)
{
    return (const CallbackKind *)ref->kind;
}

/* Calls one hook (its offset in CallbackKind) of every callback, in the order of the script, then makes the backup that one of them may
 * have asked for. false: something was reported. */
static bool call_back(Training *t, int64_t epoch, size_t hook)
{
    bool ok = true;
    for (size_t c = 0; c < t->run->config->n_callbacks; c++) {
        t->callbacks[c].epoch = epoch;
        t->callbacks[c].batch = t->batch - 1;
        Hook *function = *(Hook *const *)((const char *)t->run->config->callbacks[c].kind + hook);
        if (function && !function(&t->callbacks[c])) ok = false;
    }
    if (t->backup_asked && ok) ok = backup_write(t);
    t->backup_asked = false;
    return ok;
}

static void prepare_callbacks(Training *t)
{
    const TrainRun *run = t->run;
    const TrainConfig *config = run->config;
    t->callbacks = ARENA_ARRAY(run->arena, CallbackRun, config->n_callbacks);
    for (size_t c = 0; c < config->n_callbacks; c++) {
        t->callbacks[c] = (CallbackRun){.args = config->callbacks[c].args, .training = t, .ask = &training_services, .arena = run->arena,
                                        .diags = run->diags, .span = config->callback_spans[c], .epochs = config->epochs, .folder = config->folder};
        t->callbacks[c].state = arena_alloc(run->arena, callback_kind(&config->callbacks[c])->state_size + 1);
    }
}

/* ---- Epochs ---------------------------------------------------------------------------------------------------------- */

static bool report_nan(Training *t, const PlanBatch *batch, int64_t epoch, int64_t number)
{
    PlanNan nan = plan_find_nan(t->train_plan, batch);
    const TrainRun *run = t->run;
    if (t->backup) backup_close(t); /* going on from it would end here again */
    Diag *e = diag(run->diags, E0710, run->config->span, A("model", run->model->graph->name), AI("epoch", epoch + 1), AI("batch", number + 1));
    if (nan.layer) {
        if (nan.call) diag_label(e, nan.call->span, E0710_layer, A("layer", nan.layer), A("part", nan.part));
        else diag_note(e, E0710_first, A("layer", nan.layer), A("part", nan.part));
    } else {
        diag_note(e, E0710_where, A("part", nan.part));
    }
    diag_fix(e, E0710_help);
    return false;
}

typedef enum { EPOCH_DONE, EPOCH_CUT, EPOCH_FAILED } EpochEnd;

static EpochEnd train_epoch(Training *t, int64_t epoch, const double *class_weights, int *interrupted)
{
    const TrainRun *run = t->run;
    const TrainObserver *observer = &run->observer;
    int64_t size = run->config->batch;
    int64_t n_batches = ((int64_t)run->train.n + size - 1) / size;
    epoch_begin(&t->order, (uint32_t)epoch);
    if (t->batch == 0) {
        figures_reset(&t->train_figures);
        t->epoch_rate = run->model->optimizer.rate;
    }
#ifdef NNL_DEBUG
    uint64_t allocations = memory_allocations();
#endif
    for (int64_t b = t->batch; b < n_batches; b++) {
        if (t->stopping && t->reason == STOP_NAN) break;
        size_t n;
        const uint32_t *samples = epoch_batch(&t->order, (size_t)(b * size), (size_t)size, &n);
        fill_batch(run, t->train_plan, class_weights, samples, n);
        PlanBatch batch = {.samples = (int64_t)n, .first_sample = b * size, .epoch = (uint32_t)epoch, .training = run->training};
        PlanResult result;
        plan_train(t->train_plan, &batch, &result);
        figures_add(&t->train_figures, &result, (int64_t)n);
#ifdef NNL_DEBUG
        ENSURE(memory_allocations() == allocations);
#endif
        t->batch = b + 1;
        t->within = true;
        bool ok = call_back(t, epoch, offsetof(CallbackKind, batch_end));
        t->within = false;
        if (!ok) return EPOCH_FAILED;
        if (!result.finite && !t->stopping) {
            report_nan(t, &batch, epoch, b);
            return EPOCH_FAILED;
        }
        if (observer->batch) observer->batch(observer->owner, epoch + 1, b + 1, n_batches, figures_loss(&t->train_figures));
        *interrupted = observer->interrupted ? observer->interrupted(observer->owner) : 0;
        if (*interrupted) return EPOCH_CUT;
#ifdef NNL_DEBUG
        allocations = memory_allocations();
#endif
    }
    return EPOCH_DONE;
}

static void validate(Training *t)
{
    const TrainRun *run = t->run;
    figures_reset(&t->validation_figures);
    size_t size = (size_t)run->config->batch;
    for (size_t at = 0; at < run->validation.n; at += size) {
        size_t n = run->validation.n - at < size ? run->validation.n - at : size;
        fill_batch(run, t->validation_plan, NULL, run->validation.samples + at, n);
        PlanBatch batch = {.samples = (int64_t)n, .first_sample = (int64_t)at, .training = run->training};
        PlanResult result;
        plan_evaluate(t->validation_plan, &batch, &result);
        figures_add(&t->validation_figures, &result, (int64_t)n);
    }
}

/* The epoch's figures under their names, in the history too. */
static void record(Training *t, double seconds)
{
    History *history = t->history;
    t->n_added = 0;
    for (size_t i = 0; i < t->n_names; i++) {
        const char *name = t->names[i];
        bool found = str_starts(name, "val_") ? figures_value(&t->validation_figures, name + 4, &t->values[i])
                                              : figures_value(&t->train_figures, name, &t->values[i]);
        ENSURE(found);
        history->values[history->n_epochs][i] = t->values[i];
    }
    history->rates[history->n_epochs] = t->epoch_rate;
    history->seconds[history->n_epochs] = seconds;
    history->n_epochs++;
}

static void prepare_history(Training *t)
{
    const TrainRun *run = t->run;
    const char **names;
    t->n_names = train_figure_names(run->arena, run->config, run->validation.n > 0, &names);
    t->names = ARENA_ARRAY(run->arena, const char *, t->n_names + MAX_ADDED);
    memcpy(t->names, names, t->n_names * sizeof *names);
    t->values = ARENA_ARRAY(run->arena, double, t->n_names + MAX_ADDED);
    History *history = t->history;
    size_t epochs = (size_t)run->config->epochs;
    *history = (History){.names = names, .n_names = t->n_names};
    history->rates = ARENA_ARRAY(run->arena, double, epochs);
    history->seconds = ARENA_ARRAY(run->arena, double, epochs);
    history->values = ARENA_ARRAY(run->arena, double *, epochs);
    double *block = ARENA_ARRAY(run->arena, double, memory_product(epochs, t->n_names));
    for (size_t e = 0; e < epochs; e++) history->values[e] = block + e * t->n_names;
}

static bool prepare(Training *t, const double **class_weights)
{
    const TrainRun *run = t->run;
    const TrainConfig *config = run->config;
    *class_weights = config->class_balanced ? balanced_weights(run) : config->class_weights;
    bool weighted = run->data->weights || *class_weights;
    t->train_plan = make_plan(run, true, weighted);
    if (!t->train_plan) return false;
    t->train_figures = figures_new(run->arena, config, t->train_plan, run->model->graph);
    if (run->validation.n) {
        t->validation_plan = make_plan(run, false, false);
        if (!t->validation_plan) return false;
        t->validation_figures = figures_new(run->arena, config, t->validation_plan, run->model->graph);
    }
    uint64_t stream = rng_stream(arena_printf(run->arena, "%s/shuffle", run->model->graph->name));
    t->order = epoch_new(run->arena, run->train, config->shuffle, run->seed, stream, run->training);
    prepare_history(t);
    prepare_callbacks(t);
    return true;
}

/* Goes on from the backup, if there is one, and tells the observer what was done before. false: reported. */
static bool resume(Training *t)
{
    bool resumed;
    if (!backup_read(t, &resumed)) return false;
    if (!resumed) return true;
    const TrainRun *run = t->run;
    const TrainObserver *observer = &run->observer;
    if (observer->say)
        observer->say(observer->owner, arena_printf(run->arena, "going on from the backup: %lld epochs are done, and %lld batches of the next\n",
                                                    (long long)t->epoch, (long long)t->batch));
    t->result->epoch = t->epoch;
    size_t f = 0;
    for (int64_t epoch = 1; epoch <= t->epoch + 1; epoch++) {
        for (; f < t->files.n && t->files.at[f].epoch == epoch; f++)
            if (observer->file) observer->file(observer->owner, epoch, t->files.at[f].shown);
        if (epoch > t->epoch) break;
        t->history->n_epochs = (size_t)epoch;
        if (observer->epoch) observer->epoch(observer->owner, t->history);
    }
    return true;
}

static bool train_epochs(Training *t, const double *class_weights)
{
    const TrainRun *run = t->run;
    const TrainObserver *observer = &run->observer;
    TrainResult *result = t->result;
    bool failed = !call_back(t, t->epoch, offsetof(CallbackKind, begin));
    for (int64_t epoch = t->epoch; epoch < run->config->epochs && !failed && (!t->stopping || t->batch); epoch++) {
        if (!t->batch && !call_back(t, epoch, offsetof(CallbackKind, epoch_begin))) failed = true;
        int interrupted = 0;
        t->started = now();
        EpochEnd end = train_epoch(t, epoch, class_weights, &interrupted);
        if (end == EPOCH_FAILED) failed = true;
        if (end == EPOCH_CUT) {
            if (!call_back(t, epoch, offsetof(CallbackKind, interrupted))) failed = true;
            /* The cut epoch is neither validated nor logged. */
            t->stopping = true;
            t->reason = STOP_INTERRUPTED;
            result->terminated = interrupted == 2;
        }
        if (end != EPOCH_DONE) break;
        double seconds = training_seconds(t);
        if (run->validation.n) validate(t);
        record(t, seconds);
        result->epoch = t->epoch = epoch + 1;
        t->batch = 0;
        t->seconds = 0.0;
        if (!call_back(t, epoch, offsetof(CallbackKind, epoch_end))) failed = true;
        if (observer->epoch) observer->epoch(observer->owner, t->history);
    }
    if (!call_back(t, result->epoch ? result->epoch - 1 : 0, offsetof(CallbackKind, end))) failed = true;
    if (t->stopping) result->reason = t->reason;
    if (t->backup && !failed && result->reason != STOP_INTERRUPTED) backup_close(t);
    if (!failed) model_finish_training(run->model);
    return !failed;
}

bool train_model(const TrainRun *run, TrainResult *result)
{
    *result = (TrainResult){.reason = STOP_EPOCHS};
    Training training = {.run = run, .result = result, .history = &result->history};
    const double *class_weights;
    if (!prepare(&training, &class_weights)) return false;
    const TrainObserver *observer = &run->observer;
    if (observer->begin) observer->begin(observer->owner, run->config, run->train.n, run->validation.n);
    if (!backup_open(&training)) return false;
    bool ok = (!training.backup || resume(&training)) && train_epochs(&training, class_weights);
    backup_release(&training);
    return ok;
}

