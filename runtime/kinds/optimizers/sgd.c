/* Stochastic gradient descent.   w -= lr g.   With momentum mu: m = mu m - lr g; w += m; nesterov: w += mu m - lr g. */
#include "runtime/kinds/optimizers/common.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    OptimizerCommon common;
    double momentum;
    bool nesterov;
} SgdArgs;

static const ArgSpec args_of[] = {
    OPTIMIZER_RATE(SgdArgs, "0.01"),
    ARG_FLOAT(SgdArgs, momentum, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.99,
              .help = "how much of the last step goes on into the next"),
    ARG_BOOL(SgdArgs, nesterov, false, .help = "look ahead along the momentum"),
    OPTIMIZER_SHARED(SgdArgs, "none"),
    ARG_END,
};

static const char *const slot_names[] = {"momentum"};

static int sgd_slots(const void *args)
{
    return ((const SgdArgs *)args)->momentum != 0 ? 1 : 0;
}

static void sgd_step(const OptimizerRun *run)
{
    const SgdArgs *args = run->args;
    if (args->momentum == 0) kernels()->sgd(run->n, run->w, run->g, run->rate);
    else kernels()->sgd_momentum(run->n, run->w, run->g, run->slot[0], run->rate, (float)args->momentum, args->nesterov);
}

OPTIMIZER_CHECK(check_args, args_of)

const OptimizerKind optimizer_sgd = {
    .kind = {.name = "sgd",
             .keras = "SGD",
             .family = FAMILY_OPTIMIZER,
             .help = "plain steps down the gradient, perhaps with momentum",
             .example = "optimizer sgd(learning_rate=0.1, momentum=0.9)",
             .args = args_of,
             .args_size = sizeof(SgdArgs),
             .check = check_args},
    .n_slots = 1,
    .slot_names = slot_names,
    .slots = sgd_slots,
    .step = sgd_step,
};
