/* AdamW: adam after a decay of the weights, 0.004 unless said otherwise. */
#include "runtime/kinds/optimizers/adam.h"

static const ArgSpec args_of[] = {ADAM_ARGS("0.004")};

OPTIMIZER_CHECK(check_args, args_of)

const OptimizerKind optimizer_adamw = {
    .kind = {.name = "adamw",
             .keras = "AdamW",
             .family = FAMILY_OPTIMIZER,
             .help = "adam with weights that shrink a little at each step",
             .example = "optimizer adamw(learning_rate=0.001, weight_decay=0.01)",
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
