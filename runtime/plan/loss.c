/* One output's loss over a batch:  sum(w_i m_i l_i) / D, and the gradient of that, times the loss's weight in the total.
 * l_i are the rows' values (a row is a sample, or one step of one), w_i row weights, m_i masks. D is the number of rows; where a mask
 * arrives or rows are left out, of the valid ones; with another reduction 1, or the sum of w_i m_i. No valid row: 0. */
#include "runtime/plan/parts.h"

#include "runtime/kinds/losses/common.h"
#include "runtime/tensor/kernels.h"

#include <string.h>

enum { TASK_NUMBERS = 16384 };

typedef struct {
    const LossPart *loss;
    int64_t rows;
    int n_tasks;
    bool gradient;
} LossRun;

static void run_task(void *ctx, int task)
{
    const LossRun *run = ctx;
    const LossPart *loss = run->loss;
    int64_t first = run->rows * task / run->n_tasks, rows = run->rows * (task + 1) / run->n_tasks - first;
    const float *target = loss->target_at + first * loss->target_width, *pred = loss->pred_at + first * loss->width;
    if (run->gradient)
        loss->kind->gradient(loss->args, loss->linked, target, pred, rows, loss->width, loss->scale_at + first,
                             loss->gradient_at + first * loss->width);
    else
        loss->kind->values(loss->args, loss->linked, target, pred, rows, loss->width, loss->value_at + first);
}

static void run_rows(Plan *plan, LossRun *run)
{
    int64_t cut = (run->rows * run->loss->width + TASK_NUMBERS - 1) / TASK_NUMBERS;
    run->n_tasks = (int)(cut < 1 ? 1 : cut > run->rows ? run->rows : cut);
    if (run->n_tasks == 1) run_task(run, 0);
    else par_run(plan->par, run->n_tasks, run_task, run);
}

/* Fills scale with w_i m_i and returns the divisor. */
static double weigh_rows(const LossPart *loss, int64_t samples)
{
    int64_t rows = samples * loss->steps, valid = rows;
    float *scale = loss->scale_at;
    if (loss->rows_at)
        for (int64_t i = 0; i < samples; i++)
            for (int64_t k = 0; k < loss->steps; k++) scale[i * loss->steps + k] = loss->rows_at[i];
    else
        kernels()->fill(rows, 1.0f, scale);
    if (loss->valid_at) {
        memset(loss->valid_at, 1, (size_t)rows);
        loss->kind->valid(loss->args, loss->target_at, rows, loss->valid_at);
    }
    if (loss->mask_at || loss->valid_at) {
        valid = 0;
        for (int64_t i = 0; i < rows; i++) {
            bool counts = (!loss->mask_at || loss->mask_at[i / loss->rows_a_mask]) && (!loss->valid_at || loss->valid_at[i]);
            valid += counts;
            if (!counts) scale[i] = 0.0f;
        }
    }
    switch ((Reduction)((const LossCommon *)loss->args)->reduction) {
    case REDUCE_SUM: return 1;
    case REDUCE_WEIGHTED_MEAN: return kernels()->sum(rows, scale);
    case REDUCE_MEAN: break;
    }
    return (double)valid;
}

void loss_step(Plan *plan, LossPart *loss, int output)
{
    const Kernels *k = kernels();
    int64_t samples = plan->now.samples, rows = samples * loss->steps;
    LossRun run = {.loss = loss, .rows = rows};
    run_rows(plan, &run);

    bool plain = !loss->rows_at && !loss->mask_at && !loss->valid_at;
    double divisor = plain ? ((const LossCommon *)loss->args)->reduction == REDUCE_SUM ? 1 : (double)rows : weigh_rows(loss, samples);
    double sum = plain ? k->sum(rows, loss->value_at) : k->dot(rows, loss->value_at, loss->scale_at);
    plan->loss_values[output] = divisor != 0 ? sum / divisor : 0;

    if (!loss->gradient_at) return;
    float factor = divisor != 0 ? (float)(loss->weight / divisor) : 0.0f;
    if (plain) k->fill(rows, factor, loss->scale_at);
    else k->scale(rows, factor, loss->scale_at, loss->scale_at);
    run.gradient = true;
    run_rows(plan, &run);
}
