/* The fit verdict: each rule of docs/fit-verdict.md by a history made by hand, and the borders between them. */
#include "src/report/verdict.h"
#include "tests/unit/test.h"

#include <stdlib.h>

enum { MOST_EPOCHS = 64 };

typedef struct {
    double values[MOST_EPOCHS][2], *rows[MOST_EPOCHS];
    TrainResult result;
} Curves;

static const char *const with_validation[] = {"loss", "val_loss"};

/* Curves of n epochs; loss and val are functions of the epoch from 1. */
static void curves(Curves *c, size_t n, double (*loss)(double), double (*val)(double))
{
    *c = (Curves){0};
    for (size_t e = 0; e < n; e++) {
        c->values[e][0] = loss((double)e + 1);
        c->values[e][1] = val((double)e + 1);
        c->rows[e] = c->values[e];
    }
    c->result = (TrainResult){.history = {.names = (const char **)(uintptr_t)with_validation, .n_names = 2, .n_epochs = n, .values = c->rows},
                              .reason = STOP_EPOCHS, .epoch = (int64_t)n};
}

static double falls(double e) { return 1 / e; }               /* 1, 0.5, 0.333, … */
static double flat(double e) { return e < 2 ? 0.3 : 0.2; }    /* learned at once */
static double dips(double e) { return e < 5 ? 0.5 - 0.05 * e : 0.3 + 0.02 * (e - 4); } /* best at 4: 0.3 */
static double tenth(double e) { return 0.1 - 0.001 * e; }

static Verdict of(Curves *c, double train, double validation, double penalties, double baseline, size_t rows)
{
    FitFigures figures = {.train = train, .validation = validation, .penalties = penalties, .baseline = baseline};
    return verdict_of(&c->result, &figures, rows);
}

static void is(Verdict v, const char *name, int rule, int64_t since)
{
    STR(verdict_name(&v), name);
    EQ(v.rule, rule);
    EQ(v.since, since);
}

TEST(unclear)
{
    Curves c;
    curves(&c, 10, flat, flat);
    is(of(&c, 0.2, 0.2, 0, 1, 20), "good", 6, 0);
    is(of(&c, 0.2, 0.2, 0, 1, 19), "unclear", 1, 0);
    is(verdict_of(&c.result, NULL, 0), "unclear", 1, 0);
    c.result.reason = STOP_INTERRUPTED;
    is(of(&c, 0.2, 0.2, 0, 1, 20), "unclear", 1, 0);
    /* Both parts are not measured again after that: no sign that there is no validation part. */
    STR(verdict_of(&c.result, NULL, 20).why, "training was cut short");
    c.result.reason = STOP_NAN;
    is(of(&c, 0.2, 0.2, 0, 1, 20), "unclear", 1, 0);
    curves(&c, 2, flat, flat);
    is(of(&c, 0.2, 0.2, 0, 1, 20), "unclear", 1, 0);
    curves(&c, 3, flat, flat);
    is(of(&c, 0.2, 0.2, 0, 1, 20), "good", 6, 0);
    is(of(&c, 0.2, (double)INFINITY, 0, 1, 20), "unclear", 1, 0);
    is(of(&c, (double)NAN, 0.2, 0, 1, 20), "unclear", 1, 0);
}

TEST(no_better_than_naive)
{
    Curves c;
    curves(&c, 10, flat, flat);
    is(of(&c, 0.99, 0.99, 0, 1, 50), "underfitting", 2, 0);
    is(of(&c, 0.95, 0.97, 0, 1, 50), "good", 6, 0);
    /* Penalties count in neither: 1.4 - 0.42 = 0.98 is no more than 0.98. */
    is(of(&c, 1.36, 1.4, 0.42, 1, 50), "good", 6, 0);
    is(of(&c, 1.38, 1.42, 0.42, 1, 50), "underfitting", 2, 0);
    /* Learned by heart: that is overfitting. */
    is(of(&c, 0.5, 1.1, 0, 1, 50), "overfitting", 4, 2);
}

TEST(still_improving)
{
    Curves c;
    curves(&c, 20, falls, falls); /* w = 2; the last two lie 10 % below the two before */
    is(of(&c, 0.05, 0.05, 0, 1, 50), "underfitting", 3, 0);
    c.result.reason = STOP_EARLY;
    is(of(&c, 0.05, 0.05, 0, 1, 50), "good", 6, 0);
    curves(&c, 4, falls, falls); /* too few for two windows: 2 w + 1 = 5 */
    is(of(&c, 0.25, 0.25, 0, 1, 50), "good", 6, 0);
    curves(&c, 5, falls, falls);
    is(of(&c, 0.2, 0.2, 0, 1, 50), "underfitting", 3, 0);
    curves(&c, 20, falls, flat); /* no longer improving */
    is(of(&c, 0.05, 0.05, 0, 1, 50), "good", 6, 0);
}

TEST(gap)
{
    Curves c;
    curves(&c, 10, tenth, dips);
    c.result.restored = true;
    c.result.best_epoch = 4;
    is(of(&c, 0.2, 0.35, 0, 1, 50), "overfitting", 4, 4);
    is(of(&c, 0.2, 0.25, 0, 1, 50), "good", 6, 0);    /* not more than 1.25 times */
    is(of(&c, 0.02, 0.11, 0, 1, 50), "good", 6, 0);   /* a gap of less than a tenth of the baseline */
    is(of(&c, 1.02, 1.17, 1, 1.2, 50), "overfitting", 4, 4); /* 0.02 and 0.17 without penalties */
}

TEST(worse_again)
{
    Curves c;
    curves(&c, 20, falls, dips); /* best at 4 with 0.3, ends at 0.62 */
    is(of(&c, 0.3, 0.32, 0, 1, 50), "overfitting", 5, 4);
    c.result.restored = true;
    c.result.best_epoch = 4;
    Verdict v = of(&c, 0.3, 0.32, 0, 1, 50);
    is(v, "good", 6, 0);
    EQ(v.kept, 4);
    curves(&c, 20, flat, dips); /* the training loss no longer fell since */
    is(of(&c, 0.3, 0.32, 0, 1, 50), "good", 6, 0);
}

TEST(sentences)
{
    Arena *arena = arena_new("test");
    Curves c;
    curves(&c, 20, falls, dips);
    Verdict v = of(&c, 0.3, 0.32, 0, 1, 50);
    Buf out = buf_in(arena);
    verdict_print(&v, &out);
    buf_char(&out, '\0');
    OK(strstr(out.at, "overfitting since epoch 4") != NULL);
    OK(strstr(out.at, "loss 0.3 on training rows, 0.32 on validation rows, 1 for the naive baseline") != NULL);
    arena_free(arena);
}
