/* Functions that look back: values from the rows before, within a run of neighbours.
 *
 * What such a function is applied to becomes a column first; its results become a column too, which the evaluator then reads in the
 * function's place. Each row of a window is calculated from its own rows alone, not carried on from the row before: so a series gives the
 * same bits wherever it begins, and a forecast's new rows those they would have had in the table. `ewm_mean` alone is carried on. */
#include "runtime/base/bug.h"
#include "runtime/table/expr_inside.h"

#include <math.h>

bool expr_constant(const Expr *expr, double *value)
{
    if (expr->op == EXPR_NUMBER) {
        *value = expr->number;
        return true;
    }
    if (expr->op != EXPR_NEGATE || !expr_constant(expr->a, value)) return false;
    *value = -*value;
    return true;
}

/* The number of rows, or the span. */
static double argument(const Expr *call)
{
    double value = 1.0; /* diff(x) */
    if (call->n_args > 1) (void)expr_constant(call->args[1], &value);
    return value;
}

size_t expr_depth(const Expr *expr, size_t (*depth_of)(void *context, const Expr *column), void *context)
{
    if (!expr) return 0;
    if (expr->op == EXPR_COLUMN) return depth_of(context, expr);
    size_t most = expr_depth(expr->a, depth_of, context), b = expr_depth(expr->b, depth_of, context);
    if (b > most) most = b;
    for (size_t i = 0; i < expr->n_args; i++) {
        size_t depth = expr_depth(expr->args[i], depth_of, context);
        if (depth > most) most = depth;
    }
    if (expr->op != EXPR_CALL || !expr->function->looks_back) return most;
    switch (expr->function->id) {
    case FN_SHIFT:
    case FN_DIFF: return most + (size_t)argument(expr);
    case FN_EWM_MEAN: return most;
    default: return most + (size_t)argument(expr) - 1;
    }
}

/* ---- The functions ---------------------------------------------------------------------------------------------------- */

static double window_value(int id, const double *x, size_t n)
{
    double sum = 0.0, best = x[0];
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) return TABLE_MISSING;
        sum += x[i];
        if (id == FN_ROLLING_MIN ? x[i] < best : x[i] > best) best = x[i];
    }
    if (id == FN_ROLLING_SUM) return sum;
    if (id == FN_ROLLING_MIN || id == FN_ROLLING_MAX) return best;
    double mean = sum / (double)n;
    if (id == FN_ROLLING_MEAN) return mean;
    double squares = 0.0; /* as pandas: of a sample, n − 1 */
    for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

static void rolling(int id, const double *x, const uint32_t *place, size_t n_rows, size_t n, double *out)
{
    for (size_t row = 0; row < n_rows; row++)
        out[row] = place[row] + (size_t)1 >= n ? window_value(id, x + row + 1 - n, n) : TABLE_MISSING;
}

static void shifted(int id, const double *x, const uint32_t *place, size_t n_rows, size_t n, double *out)
{
    for (size_t row = 0; row < n_rows; row++) {
        double before = place[row] >= n ? x[row - n] : TABLE_MISSING;
        out[row] = id == FN_SHIFT ? before : x[row] - before;
    }
}

/* pandas's ewm(span=…).mean(): weights (1 − a)^k with a = 2 / (span + 1), divided by their sum; a missing value keeps the mean, and its age counts. */
static void ewm_mean(const double *x, const uint32_t *place, size_t n_rows, double span, double *out)
{
    double keep = 1.0 - 2.0 / (span + 1.0), mean = TABLE_MISSING, weight = 1.0;
    for (size_t row = 0; row < n_rows; row++) {
        if (place[row] == 0) {
            mean = x[row];
            weight = 1.0;
        } else if (isnan(mean)) {
            mean = x[row];
        } else {
            weight *= keep;
            if (!isnan(x[row])) {
                if (mean != x[row]) mean = (weight * mean + x[row]) / (weight + 1.0);
                weight += 1.0;
            }
        }
        out[row] = mean;
    }
}

static void apply(const Expr *call, const double *x, const uint32_t *place, size_t n_rows, double *out)
{
    double n = argument(call);
    switch (call->function->id) {
    case FN_SHIFT:
    case FN_DIFF: shifted(call->function->id, x, place, n_rows, (size_t)n, out); break;
    case FN_EWM_MEAN: ewm_mean(x, place, n_rows, n, out); break;
    case FN_ROLLING_MAX:
    case FN_ROLLING_MEAN:
    case FN_ROLLING_MIN:
    case FN_ROLLING_STD:
    case FN_ROLLING_SUM: rolling(call->function->id, x, place, n_rows, (size_t)n, out); break;
    default: BUG("a function that looks back and is not known here");
    }
}

/* ---- Trees ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    const Table *table; /* the caller's, with a column for each call behind its own */
    const uint32_t *place;
    Diags *diags;
} Rewriter;

static Expr *rewrite(Rewriter *r, const Expr *expr)
{
    if (!expr) return NULL;
    Expr *copy = ARENA_NEW(r->arena, Expr);
    *copy = *expr;
    copy->a = rewrite(r, expr->a);
    copy->b = rewrite(r, expr->b);
    copy->args = ARENA_ARRAY(r->arena, Expr *, expr->n_args + 1);
    for (size_t i = 0; i < expr->n_args; i++) copy->args[i] = rewrite(r, expr->args[i]);
    if (expr->op != EXPR_CALL || !expr->function->looks_back) return copy;
    Column of = expr_eval(r->arena, copy->args[0], r->table, "", r->diags);
    double *out = ARENA_ARRAY(r->arena, double, r->table->n_rows + 1);
    apply(copy, of.numbers, r->place, r->table->n_rows, out);
    copy->column = r->table->n_columns;
    r->table = table_add_numbers(r->arena, r->table, "", COLUMN_NUMBER, out);
    return copy;
}

Column expr_eval_back(Arena *arena, const Expr *expr, const Table *table, const uint32_t *place, const char *name, Diags *diags)
{
    Rewriter r = {arena_new("looking back"), table, place, diags};
    const Expr *plain = rewrite(&r, expr);
    Column column = expr_eval(arena, plain, r.table, name, diags);
    arena_free(r.arena);
    return column;
}
