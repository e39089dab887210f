/* The fit verdict; see verdict.h and docs/fit-verdict.md. */
#include "src/report/verdict.h"

#include <math.h>

const char *verdict_name(const Verdict *verdict)
{
    static const char *const names[] = {"underfitting", "good", "overfitting", "unclear"};
    return names[verdict->fit];
}

static Verdict unclear(Verdict v, const char *why)
{
    v.fit = FIT_UNCLEAR;
    v.rule = 1;
    v.why = why;
    return v;
}

static double mean_of(const History *history, int figure, size_t from, size_t to)
{
    double sum = 0.0;
    for (size_t e = from; e < to; e++) sum += history->values[e][figure];
    return sum / (double)(to - from);
}

Verdict verdict_of(const TrainResult *result, const FitFigures *figures, size_t n_validation)
{
    Verdict v = {0};
    const History *history = &result->history;
    size_t epochs = history->n_epochs;
    int val = history_find(history, "val_loss"), loss = history_find(history, "loss");
    if (figures) v.figures = *figures;
    if (result->reason == STOP_INTERRUPTED || result->reason == STOP_NAN) return unclear(v, "training was cut short");
    if (!figures || val < 0) return unclear(v, "there is no validation part to compare with");
    if (!isfinite(figures->train) || !isfinite(figures->validation)) return unclear(v, "the loss is no number");
    if (n_validation < 20) return unclear(v, "fewer than 20 validation rows say too little");
    if (epochs < 3) return unclear(v, "fewer than 3 epochs say too little");
    size_t best = 0;
    for (size_t e = 1; e < epochs; e++)
        if (history->values[e][val] < history->values[best][val] || isnan(history->values[best][val])) best = e;
    v.best = (int64_t)best + 1;
    v.kept = result->restored ? result->best_epoch : 0;
    size_t w = epochs / 10 > 2 ? epochs / 10 : 2;
    double train = figures->train - figures->penalties, validation = figures->validation - figures->penalties, base = figures->baseline;
    double late = mean_of(history, val, epochs > w ? epochs - w : 0, epochs);
    if (validation > 0.98 * base && !(train < 0.8 * base)) {
        v.fit = FIT_UNDER;
        v.rule = 2;
        return v;
    }
    bool last_window = best + w >= epochs;
    bool far = validation > 0.01 * base;
    if (result->reason == STOP_EPOCHS && far && epochs >= 2 * w + 1 && last_window && late < 0.99 * mean_of(history, val, epochs - 2 * w, epochs - w)) {
        v.fit = FIT_UNDER;
        v.rule = 3;
        return v;
    }
    v.since = v.best;
    v.fit = FIT_OVER;
    if (validation > 1.25 * train && validation - train > 0.1 * base) {
        v.rule = 4;
        return v;
    }
    if (!v.kept && !last_window && late > 1.05 * history->values[best][val] && loss >= 0 && history->values[epochs - 1][loss] < history->values[best][loss]) {
        v.rule = 5;
        return v;
    }
    v.since = 0;
    v.fit = FIT_GOOD;
    v.rule = 6;
    return v;
}

void verdict_print(const Verdict *v, Buf *out)
{
    Arena *arena = out->arena;
    if (v->fit == FIT_UNCLEAR) {
        buf_printf(out, "Fit: unclear: %s.\n", v->why);
        return;
    }
    const char *train = str_figure(arena, v->figures.train, 4), *validation = str_figure(arena, v->figures.validation, 4);
    const char *base = str_figure(arena, v->figures.baseline, 4);
    const char *figures = arena_printf(arena, "loss %s on training rows, %s on validation rows, %s for the naive baseline", train, validation, base);
    switch (v->fit) {
    case FIT_UNDER:
        if (v->rule == 2)
            buf_printf(out, "Fit: underfitting: hardly better than the naive baseline (%s).\n"
                            "     Try more or wider layers, other features, or a larger learning rate.\n", figures);
        else
            buf_printf(out, "Fit: underfitting: it was still improving when the epochs ran out (%s).\n     Try more epochs.\n", figures);
        break;
    case FIT_OVER:
        buf_printf(out, "Fit: overfitting since epoch %lld: what it learned does not hold for rows it never saw (%s).\n"
                        "     Try dropout, l1 or l2, `callback early_stopping`, fewer units, or more data.\n", (long long)v->since, figures);
        break;
    case FIT_GOOD:
        buf_printf(out, "Fit: good (%s).\n", figures);
        if (v->kept) buf_printf(out, "     The weights of epoch %lld, the best one, are kept.\n", (long long)v->kept);
        break;
    case FIT_UNCLEAR: break;
    }
}
