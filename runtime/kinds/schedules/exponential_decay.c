/* rate(s) = initial_learning_rate * decay_rate ^ (s / decay_steps); staircase: the exponent is floored. s is 0 at the first step. */
#include "runtime/kinds/kind.h"

#include <math.h>

typedef struct {
    double initial_learning_rate;
    int64_t decay_steps;
    double decay_rate;
    bool staircase;
} DecayArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(DecayArgs, initial_learning_rate, .required = true, .min = 0, .max = HUGE_VAL, .usual_min = 1e-6, .usual_max = 1,
              .help = "the learning rate at the first step"),
    ARG_INT(DecayArgs, decay_steps, .required = true, .min = 1, .max = 1e18, .help = "the number of steps (batches) for one decay"),
    ARG_FLOAT(DecayArgs, decay_rate, .required = true, .min = 0, .max = HUGE_VAL, .usual_min = 0.1, .usual_max = 1,
              .help = "what the rate is multiplied by in so many steps"),
    ARG_BOOL(DecayArgs, staircase, false, .help = "decay at once after each decay_steps instead of gradually"),
    ARG_END,
};

static double rate_at(const void *args_, int64_t iteration)
{
    const DecayArgs *args = args_;
    double exponent = (double)iteration / (double)args->decay_steps;
    if (args->staircase) exponent = floor(exponent);
    return args->initial_learning_rate * pow(args->decay_rate, exponent);
}

const ScheduleKind schedule_exponential_decay = {
    .kind = {.name = "exponential_decay",
             .keras = "ExponentialDecay",
             .family = FAMILY_SCHEDULE,
             .help = "a learning rate that shrinks by the same factor again and again",
             .example = "optimizer adam(learning_rate=exponential_decay(0.01, decay_steps=100, decay_rate=0.96))",
             .args = args_of,
             .args_size = sizeof(DecayArgs)},
    .rate = rate_at,
};
