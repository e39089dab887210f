/* early_stopping: ends training when a figure no longer improves, and puts the best weights back.
 *
 * Rules of Keras 3 (callbacks/early_stopping.py); only the defaults patience 5 and restore_best_weights true are ours. Epochs
 * before start_from_epoch are passed over. wait grows by one each epoch; an improvement sets it to 0, unless there is a baseline that
 * it does not beat; the test for the end stands on the branch without improvement, and the first epoch never ends training. */
#include "runtime/kinds/callback.h"

#include <math.h>

typedef struct {
    const char *monitor;
    double min_delta;
    int64_t patience;
    int64_t verbose;
    int mode;
    double baseline;
    bool restore_best_weights;
    int64_t start_from_epoch;
} Args;

typedef struct {
    MonitorState monitor;
    int64_t wait;
    bool kept;
} State;

static const ArgSpec args[] = {
    ARG_NAME(Args, monitor, .fallback = "val_loss", .help = "the figure to watch"),
    ARG_FLOAT(Args, min_delta, .fallback = "0", .help = "an improvement must be larger than this"),
    ARG_INT(Args, patience, .fallback = "5", .min = 0, .max = 1e9, .help = "epochs to wait for an improvement"),
    ARG_INT(Args, verbose, .fallback = "0", .min = 0, .max = 1, .help = "1: say so when training ends early"),
    ARG_WORD(Args, mode, "auto|min|max", "auto", .help = "whether less or more is better; `auto` knows it from the figure"),
    ARG_FLOAT(Args, baseline, .fallback = "none", .none = true, .help = "a value that must be beaten"),
    ARG_BOOL(Args, restore_best_weights, true, .help = "put the weights of the best epoch back at the end"),
    ARG_INT(Args, start_from_epoch, .fallback = "0", .min = 0, .max = 1e9, .help = "epochs to let pass first"),
    ARG_END};

static bool better_than_baseline(const CallbackRun *run, const Args *a, double value)
{
    MonitorState baseline = {.best = a->baseline, .seen = true};
    return monitor_improves(run, a->monitor, a->mode, a->min_delta, &baseline, value);
}

static bool epoch_end(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    double value;
    if (run->epoch < a->start_from_epoch || !run->ask->figure(run->training, a->monitor, &value)) return true;
    s->wait++;
    if (monitor_improves(run, a->monitor, a->mode, a->min_delta, &s->monitor, value)) {
        s->monitor = (MonitorState){.best = value, .best_epoch = run->epoch, .seen = true};
        run->ask->best(run->training, run->epoch + 1, a->monitor, value);
        if (a->restore_best_weights) {
            run->ask->keep_weights(run->training);
            s->kept = true;
        }
        if (isnan(a->baseline) || better_than_baseline(run, a, value)) s->wait = 0;
        return true;
    }
    if (s->wait < a->patience || run->epoch == 0) return true;
    run->ask->stop(run->training, "early_stopping");
    if (a->verbose) run->ask->say(run->training, arena_printf(run->arena, "Epoch %lld: early stopping\n", (long long)run->epoch + 1));
    return true;
}

static bool end(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    if (!a->restore_best_weights || !s->kept) return true;
    run->ask->restore_weights(run->training);
    if (a->verbose)
        run->ask->say(run->training, arena_printf(run->arena, "Restoring model weights from the end of the best epoch: %lld.\n",
                                                  (long long)s->monitor.best_epoch + 1));
    return true;
}

const CallbackKind callback_early_stopping = {
    .kind = {.name = "early_stopping", .keras = "EarlyStopping", .family = FAMILY_CALLBACK,
             .help = "ends training when a figure no longer improves, and puts the best weights back",
             .example = "callback early_stopping(monitor=val_loss, patience=5)", .args = args, .args_size = sizeof(Args)},
    .state_size = sizeof(State),
    .monitor = "monitor",
    .epoch_end = epoch_end,
    .end = end,
};
