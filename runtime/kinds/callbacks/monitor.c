/* What callbacks share. */
#include "runtime/kinds/callback.h"

#include <math.h>
#include <string.h>

bool monitor_improves(const CallbackRun *run, const char *monitor, int mode, double min_delta, const MonitorState *state, double value)
{
    if (!state->seen) return true;
    int direction = mode == MODE_MIN ? -1 : mode == MODE_MAX ? 1 : run->ask->direction(run->training, monitor);
    double delta = fabs(min_delta);
    /* Keras compares float32 figures with a Python float: in double. */
    return direction > 0 ? value - delta > state->best : value + delta < state->best;
}

const char *callback_number(Arena *arena, double value)
{
    /* Python changes to an exponent at 1e16, C's %.15g already at 1e15. */
    if (fabs(value) >= 1e15 && fabs(value) < 1e16) return arena_printf(arena, "%.1f", value);
    const char *text = str_double(arena, value);
    return strpbrk(text, ".en") ? text : arena_printf(arena, "%s.0", text);
}
