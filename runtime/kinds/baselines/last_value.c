/* The baseline that says for every step ahead what was last known: "as last time". */
#include "runtime/kinds/baseline.h"

static double say(const BaselinePast *past, uint32_t sample, size_t i)
{
    return past->back(past->owner, sample, i, 1);
}

const BaselineKind baseline_last_value = {
    .kind = {.name = "last_value", .family = FAMILY_BASELINE, .help = "says the last known value for every step ahead"},
    .say = say,
};
