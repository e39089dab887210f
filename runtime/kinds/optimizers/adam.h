/* Adam's arguments, step and figures, shared by adam and adamw, which differ in one default. */
#ifndef NNL_KINDS_OPTIMIZERS_ADAM_H
#define NNL_KINDS_OPTIMIZERS_ADAM_H

#include "runtime/kinds/optimizers/common.h"

typedef struct {
    OptimizerCommon common;
    double beta_1, beta_2, epsilon;
    bool amsgrad;
} AdamArgs;

#define ADAM_ARGS(decay)                                                                                                 \
    OPTIMIZER_RATE(AdamArgs, "0.001"),                                                                                   \
        ARG_FLOAT(AdamArgs, beta_1, .fallback = "0.9", .min = 0, .max = 1, .max_open = true, .usual_min = 0.5,           \
                  .usual_max = 0.99, .help = "how slowly the mean of the gradients follows"),                            \
        ARG_FLOAT(AdamArgs, beta_2, .fallback = "0.999", .min = 0, .max = 1, .max_open = true, .usual_min = 0.9,         \
                  .usual_max = 0.99999, .help = "how slowly the mean of their squares follows"),                         \
        ARG_FLOAT(AdamArgs, epsilon, .fallback = "1e-07", .min = 0, .max = HUGE_VAL,                                     \
                  .help = "keeps the division away from zero"),                                                          \
        ARG_BOOL(AdamArgs, amsgrad, false, .help = "divide by the largest mean of squares so far"),                      \
        OPTIMIZER_SHARED(AdamArgs, decay), ARG_END

enum { ADAM_SLOTS = 3, ADAM_SCALARS = 2 };
extern const char *const adam_slot_names[];
int adam_slots(const void *args);
void adam_begin(const void *args, int64_t iteration, double *scalars);
void adam_step(const OptimizerRun *run);

#endif
