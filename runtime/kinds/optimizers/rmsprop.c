/* RMSprop.   v = rho v + (1 - rho) g^2;  d = v + eps (centered: a = rho a + (1 - rho) g;  d = v - a^2 + eps);
 * step = lr g / sqrt d: epsilon inside the root.   momentum mu > 0: m = mu m + step, w -= m; else w -= step. */
#include "runtime/kinds/optimizers/common.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    OptimizerCommon common;
    double rho, momentum, epsilon;
    bool centered;
} RmspropArgs;

static const ArgSpec args_of[] = {
    OPTIMIZER_RATE(RmspropArgs, "0.001"),
    ARG_FLOAT(RmspropArgs, rho, .fallback = "0.9", .min = 0, .max = 1, .usual_min = 0.5, .usual_max = 0.999,
              .help = "how slowly the mean of the squared gradients follows"),
    ARG_FLOAT(RmspropArgs, momentum, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.99,
              .help = "how much of the last step goes on into the next"),
    ARG_FLOAT(RmspropArgs, epsilon, .fallback = "1e-07", .min = 0, .max = HUGE_VAL, .help = "keeps the division away from zero"),
    ARG_BOOL(RmspropArgs, centered, false, .help = "divide by the spread of the gradients instead of their size"),
    OPTIMIZER_SHARED(RmspropArgs, "none"),
    ARG_END,
};

/* Keras's order; those that the arguments do not ask for are left out, see rmsprop_slots. */
static const char *const slot_names[] = {"velocity", "momentum", "average_gradient"};

static int rmsprop_slots(const void *args_)
{
    const RmspropArgs *args = args_;
    return 1 + (args->momentum > 0 ? 1 : 0) + (args->centered ? 1 : 0);
}

static void rmsprop_step(const OptimizerRun *run)
{
    const RmspropArgs *args = run->args;
    int next = 1;
    float *momentum = args->momentum > 0 ? run->slot[next++] : NULL;
    float *average = args->centered ? run->slot[next] : NULL;
    kernels()->rmsprop(run->n, run->w, run->g, run->slot[0], average, momentum, run->rate, (float)args->rho,
                       (float)(1.0 - args->rho), (float)args->momentum, (float)args->epsilon);
}

OPTIMIZER_CHECK(check_args, args_of)

const OptimizerKind optimizer_rmsprop = {
    .kind = {.name = "rmsprop",
             .keras = "RMSprop",
             .family = FAMILY_OPTIMIZER,
             .help = "steps divided by the recent size of each weight's gradients",
             .example = "optimizer rmsprop(learning_rate=0.001)",
             .args = args_of,
             .args_size = sizeof(RmspropArgs),
             .check = check_args},
    .n_slots = 3,
    .slot_names = slot_names,
    .slots = rmsprop_slots,
    .step = rmsprop_step,
};
