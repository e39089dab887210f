/* The loop over steps. A step whose work is one task runs here and now; others go to the pool. How work is cut depends on
 * shapes and on the number of samples, never on the number of threads. */
#include "runtime/plan/parts.h"

#include "runtime/base/bug.h"
#include "runtime/tensor/kernels.h"

/* Numbers in a task of an elementwise step: large enough to be worth waking a thread for, small enough for its cache. */
enum { TASK_NUMBERS = 32768 };

typedef struct {
    const Work *work;
    void (*hook)(const Work *work);
} CallRun;

static void run_call_task(void *ctx, int task)
{
    const CallRun *run = ctx;
    Work work = *run->work;
    work.task = task;
    run->hook(&work);
}

static void run_call(Plan *plan, Step *step)
{
    const LayerKind *kind = step->part->kind;
    const PlanBatch *now = &plan->now;
    Work *work = &step->work;
    bool backward = step->type == STEP_BACKWARD, full = now->samples == plan->batch;
    work->samples = now->samples;
    work->rows = now->samples * step->rows_a_sample;
    work->first_sample = now->first_sample;
    for (int i = 0; i < step->n_streams; i++) {
        step->streams[i].epoch = now->epoch;
        step->streams[i].training = now->training;
    }
    work->pass = work->task = 0;
    work->n_tasks = 1;
    if (step->makes_mask) kind->mask_forward(work);
    CallRun run = {.work = work, .hook = backward ? kind->backward : kind->forward};
    for (int pass = 0; pass < step->passes; pass++) {
        work->pass = pass;
        work->n_tasks = full || !kind->tasks ? step->tasks[pass] : kind->tasks(step->part->call, work->rows, backward, pass);
        if (work->n_tasks == 1) run.hook(work);
        else par_run(plan->par, work->n_tasks, run_call_task, &run);
    }
}

typedef struct {
    const Step *step;
    int64_t rows;
    int n_tasks;
} PlainRun;

static void run_plain_task(void *ctx, int task)
{
    const PlainRun *run = ctx;
    const Step *step = run->step;
    int64_t first = run->rows * task / run->n_tasks, rows = run->rows * (task + 1) / run->n_tasks - first;
    int64_t offset = first * step->width, n = rows * step->width;
    const CallPart *part = step->part;
    const ActivationKind *activation = part ? (const ActivationKind *)part->activation.kind : NULL;
    switch (step->type) {
    case STEP_ACTIVATE:
        activation->forward(part->activation.args, step->in + offset, step->to_y + offset, rows, step->width);
        return;
    case STEP_DEACTIVATE:
        activation->backward(part->activation.args, step->in ? step->in + offset : NULL, step->in_y ? step->in_y + offset : NULL,
                             step->in_dy + offset, step->to + offset, rows, step->width);
        return;
    case STEP_ADD:
        kernels()->add(n, step->in_y + offset, step->in + offset, step->to_y + offset);
        return;
    case STEP_ZERO:
        kernels()->fill(n, 0.0f, step->to_y + offset);
        return;
    case STEP_FORWARD:
    case STEP_BACKWARD:
    case STEP_LOSS:
    case STEP_ACTIVITY:
    case STEP_ACTIVITY_BACK: break;
    }
    BUG("no elementwise step");
}

static void run_plain(Plan *plan, const Step *step)
{
    PlainRun run = {.step = step, .rows = plan->now.samples * step->rows_a_sample};
    int64_t cut = (run.rows * step->width + TASK_NUMBERS - 1) / TASK_NUMBERS;
    run.n_tasks = (int)(cut > run.rows ? run.rows : cut);
    if (run.n_tasks <= 1) {
        run.n_tasks = 1;
        run_plain_task(&run, 0);
    } else {
        par_run(plan->par, run.n_tasks, run_plain_task, &run);
    }
}

/* Penalties of outputs are divided by the number of samples. */
static void run_activity(Plan *plan, const Step *step)
{
    const RegularizerKind *kind = (const RegularizerKind *)step->part->activity.kind;
    const void *args = step->part->activity.args;
    int64_t samples = plan->now.samples, n = samples * step->rows_a_sample * step->width;
    if (step->type == STEP_ACTIVITY) plan->penalty += kind->value(args, step->in, n, step->shape) / (double)samples;
    else kind->gradient(args, step->in, n, step->shape, 1.0f / (float)samples, step->to);
}

void exec_step(Plan *plan, Step *step)
{
    switch (step->type) {
    case STEP_FORWARD:
    case STEP_BACKWARD: run_call(plan, step); return;
    case STEP_LOSS: loss_step(plan, &plan->losses[step->output], step->output); return;
    case STEP_ACTIVITY:
    case STEP_ACTIVITY_BACK: run_activity(plan, step); return;
    case STEP_ACTIVATE:
    case STEP_DEACTIVATE:
    case STEP_ADD:
    case STEP_ZERO: run_plain(plan, step); return;
    }
    BUG("no such step");
}

void exec_steps(Plan *plan, int from, int to)
{
    for (int i = from; i < to; i++) exec_step(plan, &plan->steps.at[i]);
}
