/* terminate_on_nan: ends this training, and not the whole run, when the loss is no number any more. */
#include "runtime/kinds/callback.h"

#include <math.h>

static bool batch_end(CallbackRun *run)
{
    if (!isfinite(run->ask->running_loss(run->training))) run->ask->stop(run->training, "nan");
    return true;
}

const CallbackKind callback_terminate_on_nan = {
    .kind = {.name = "terminate_on_nan", .keras = "TerminateOnNaN", .family = FAMILY_CALLBACK,
             .help = "ends the training when the loss is no number any more; the script goes on",
             .example = "callback terminate_on_nan", .args_size = 1},
    .batch_end = batch_end,
};
