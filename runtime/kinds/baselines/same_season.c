/* The baseline that says what was so many seasons ago: the same month of last year, the same hour of yesterday. Where the series does
 * not reach back a season, it says the last known value, so that it answers for the same samples as the model. */
#include "runtime/kinds/baseline.h"

#include <math.h>

static double say(const BaselinePast *past, uint32_t sample, size_t i)
{
    double value = past->back(past->owner, sample, i, past->season);
    return isnan(value) ? past->back(past->owner, sample, i, 1) : value;
}

const BaselineKind baseline_same_season = {
    .kind = {.name = "same_season", .family = FAMILY_BASELINE, .help = "says the value of the same time one season before"},
    .needs_season = true,
    .say = say,
};
