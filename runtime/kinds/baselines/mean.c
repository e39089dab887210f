/* The baseline that always says the mean of the training targets. */
#include "runtime/kinds/baseline.h"

static void learn(const BaselineTask *task, double *out)
{
    double sum = 0.0;
    for (size_t i = 0; i < task->n; i++) sum += task->numbers[i];
    *out = task->n ? sum / (double)task->n : 0.0;
}

const BaselineKind baseline_mean = {
    .kind = {.name = "mean", .family = FAMILY_BASELINE, .help = "always says the mean of the training rows"},
    .learn = learn,
};
