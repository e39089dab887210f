/* What callbacks share. */
#include "runtime/kinds/callback.h"

#include <math.h>

bool monitor_improves(const CallbackRun *run, const char *monitor, int mode, double min_delta, const MonitorState *state, double value)
{
    if (!state->seen) return true;
    int direction = mode == MODE_MIN ? -1 : mode == MODE_MAX ? 1 : run->ask->direction(run->training, monitor);
    double delta = fabs(min_delta);
    /* Keras compares float32 figures with a Python float: in double. */
    return direction > 0 ? value - delta > state->best : value + delta < state->best;
}
