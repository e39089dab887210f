/* The judgement of shared arguments, and powers by repeated squaring in double, which need no mathematics library. */
#include "runtime/kinds/optimizers/common.h"

#include "runtime/base/str.h"

/* An argument that is set: its name and the place of its value. */
typedef struct {
    const char *name;
    Span at;
} SetArg;

static Span place_of(const ArgSpec *schema, const Span *spans, Span span, const char *name)
{
    for (size_t i = 0; spans && schema[i].name; i++)
        if (str_eq(schema[i].name, name) && spans[i].source) return spans[i];
    return span;
}

bool optimizer_check(const ArgSpec *schema, const void *args, const Span *spans, Span span, Diags *diags)
{
    const OptimizerCommon *common = args;
    const struct {
        const char *name;
        double value;
    } clips[] = {{"clipnorm", common->clipnorm}, {"clipvalue", common->clipvalue}, {"global_clipnorm", common->global_clipnorm}};
    SetArg set[3];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (!isnan(clips[i].value)) set[n++] = (SetArg){clips[i].name, place_of(schema, spans, span, clips[i].name)};
    if (n < 2) return true;
    Diag *e = diag(diags, E0290, set[1].at, A("first", set[0].name), A("second", set[1].name));
    diag_label(e, set[0].at, E0290_first);
    for (size_t keep = 0; keep < n; keep++) {
        Fix *fix = diag_fix(e, E0290_keep, A("kept", set[keep].name));
        for (size_t i = 0; spans && i < n; i++)
            if (i != keep) diag_edit(fix, set[i].at, "none");
    }
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
