/* reduce_lr_on_plateau: makes the learning rate smaller when a figure no longer improves.
 *
 * Rules of Keras 3 (callbacks/reduce_lr_on_plateau.py): the cooldown counter falls first, so a cooldown of 1 changes nothing;
 * rates are float32 figures read back. */
#include "runtime/kinds/callback.h"

#include "runtime/base/template.h"

typedef struct {
    const char *monitor;
    double factor;
    int64_t patience;
    int64_t verbose;
    int mode;
    double min_delta;
    int64_t cooldown;
    double min_lr;
} Args;

typedef struct {
    MonitorState monitor;
    int64_t wait, cooldown;
} State;

static const ArgSpec args[] = {
    ARG_NAME(Args, monitor, .fallback = "val_loss", .help = "the figure to watch"),
    ARG_FLOAT(Args, factor, .fallback = "0.1", .min = 0, .max = 1, .max_open = true, .help = "the new rate is the old one times this"),
    ARG_INT(Args, patience, .fallback = "10", .min = 0, .max = 1e9, .help = "epochs to wait for an improvement"),
    ARG_INT(Args, verbose, .fallback = "0", .min = 0, .max = 1, .help = "1: say so at each change"),
    ARG_WORD(Args, mode, "auto|min|max", "auto", .help = "whether less or more is better; `auto` knows it from the figure"),
    ARG_FLOAT(Args, min_delta, .fallback = "0.0001", .help = "an improvement must be larger than this"),
    ARG_INT(Args, cooldown, .fallback = "0", .min = 0, .max = 1e9, .help = "epochs to let pass after a change"),
    ARG_FLOAT(Args, min_lr, .fallback = "0", .min = 0, .max = 1e9, .help = "the smallest rate"),
    ARG_END};

static bool epoch_end(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    run->ask->add_figure(run->training, "learning_rate", run->ask->rate(run->training));
    double value;
    if (!run->ask->figure(run->training, a->monitor, &value)) return true;
    if (s->cooldown > 0) {
        s->cooldown--;
        s->wait = 0;
    }
    if (monitor_improves(run, a->monitor, a->mode, a->min_delta, &s->monitor, value)) {
        s->monitor = (MonitorState){.best = value, .best_epoch = run->epoch, .seen = true};
        s->wait = 0;
        return true;
    }
    if (s->cooldown > 0) return true;
    s->wait++;
    double old = run->ask->rate(run->training);
    if (s->wait < a->patience || old <= (double)(float)a->min_lr) return true;
    double rate = old * a->factor;
    if (rate < a->min_lr) rate = a->min_lr;
    run->ask->set_rate(run->training, rate);
    if (a->verbose)
        run->ask->say(run->training, arena_printf(run->arena, "\nEpoch %lld: ReduceLROnPlateau reducing learning rate to %s.\n",
                                                  (long long)run->epoch + 1, template_number(run->arena, rate)));
    s->cooldown = a->cooldown;
    s->wait = 0;
    return true;
}

const CallbackKind callback_reduce_lr_on_plateau = {
    .kind = {.name = "reduce_lr_on_plateau", .keras = "ReduceLROnPlateau", .family = FAMILY_CALLBACK,
             .help = "makes the learning rate smaller when a figure no longer improves",
             .example = "callback reduce_lr_on_plateau(patience=3, factor=0.5)", .args = args, .args_size = sizeof(Args)},
    .state_size = sizeof(State),
    .monitor = "monitor",
    .sets_rate = true,
    .epoch_end = epoch_end,
};
