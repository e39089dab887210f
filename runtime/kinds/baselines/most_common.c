/* The baseline that always says the most common class of the training rows; its probabilities are the classes' shares there. */
#include "runtime/kinds/baseline.h"

static void learn(const BaselineTask *task, double *out)
{
    for (size_t c = 0; c < task->n_classes; c++) out[c] = 0.0;
    for (size_t i = 0; i < task->n; i++) out[task->classes[i]] += 1.0 / (double)task->n;
}

const BaselineKind baseline_most_common = {
    .kind = {.name = "most_common", .family = FAMILY_BASELINE, .help = "always says the most common class of the training rows"},
    .for_classes = true,
    .learn = learn,
};
