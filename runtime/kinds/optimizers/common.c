/* The judgement of shared arguments, and powers by repeated squaring in double, which need no mathematics library. */
#include "runtime/kinds/optimizers/common.h"

bool optimizer_check(const void *args, const Span *spans, Span span, Diags *diags)
{
    const OptimizerCommon *common = args;
    (void)spans;
    const struct {
        const char *name;
        double value;
    } clips[] = {{"clipnorm", common->clipnorm}, {"clipvalue", common->clipvalue}, {"global_clipnorm", common->global_clipnorm}};
    const char *set[3];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (!isnan(clips[i].value)) set[n++] = clips[i].name;
    if (n < 2) return true;
    Diag *e = diag(diags, E0290, span, A("first", set[0]), A("second", set[1]));
    diag_fix(e, E0290_help, A("first", set[0]), A("second", set[1]));
    return false;
}

float optimizer_power(double beta, int64_t t)
{
    double base = (double)(float)beta, power = 1;
    for (uint64_t left = (uint64_t)t; left; left >>= 1) {
        if (left & 1) power *= base;
        base *= base;
    }
    return (float)power;
}
