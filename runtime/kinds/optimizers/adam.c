/* Adam.   m += (g - m)(1 - b1);  v += (g^2 - v)(1 - b2);  a = lr sqrt(1 - b2^t) / (1 - b1^t);  w -= a m / (sqrt v + eps)
 * with t = 1 at the first step; epsilon stands beside the uncorrected root. amsgrad: the largest v so far in its place.
 * All in float32, the powers too, as Keras has it. */
#include "runtime/kinds/optimizers/adam.h"

#include "runtime/tensor/kernels.h"

static const ArgSpec args_of[] = {ADAM_ARGS("none")};

const char *const adam_slot_names[] = {"momentum", "velocity", "velocity_hat"};

int adam_slots(const void *args)
{
    return ((const AdamArgs *)args)->amsgrad ? 3 : 2;
}

void adam_begin(const void *args_, int64_t iteration, double *scalars)
{
    const AdamArgs *args = args_;
    scalars[0] = (double)sqrtf(1.0f - optimizer_power(args->beta_2, iteration + 1));
    scalars[1] = (double)(1.0f - optimizer_power(args->beta_1, iteration + 1));
}

void adam_step(const OptimizerRun *run)
{
    const AdamArgs *args = run->args;
    float alpha = run->rate * (float)run->scalars[0] / (float)run->scalars[1];
    kernels()->adam(run->n, run->w, run->g, run->slot[0], run->slot[1], args->amsgrad ? run->slot[2] : NULL, alpha,
                    (float)(1.0 - args->beta_1), (float)(1.0 - args->beta_2), (float)args->epsilon);
}

OPTIMIZER_CHECK(check_args, args_of)

const OptimizerKind optimizer_adam = {
    .kind = {.name = "adam",
             .keras = "Adam",
             .family = FAMILY_OPTIMIZER,
             .help = "steps scaled for each weight by the size of its gradients; a good first choice",
             .example = "optimizer adam(learning_rate=0.001)",
             .args = args_of,
             .args_size = sizeof(AdamArgs),
             .check = check_args},
    .n_slots = ADAM_SLOTS,
    .n_scalars = ADAM_SCALARS,
    .slot_names = adam_slot_names,
    .slots_by_turns = 2,
    .slots = adam_slots,
    .begin = adam_begin,
    .step = adam_step,
};
