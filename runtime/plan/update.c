/* One step of the optimizer over the block of trained weights, in Keras's order: average of accumulated gradients, clipping,
 * decay, update, running average, constraints, count.
 *
 * The block is cut once into runs: neighbours with equal settings, at most RUN_NUMBERS long, so that a run's weights, gradient and slots
 * stay in the cache from the decay to the update, and large blocks are shared between threads. Where a run ends never
 * changes a result. Weights that neither a backward step nor a penalty reaches have no gradient and are left alone. */
#include "runtime/plan/parts.h"

#include "runtime/tensor/kernels.h"

#include <math.h>
#include <string.h>

enum { RUN_NUMBERS = 16384, SHARED_NUMBERS = 65536 };

static int64_t accumulated(const OptimizerCommon *common)
{
    return common->gradient_accumulation_steps == ARG_NO_INT ? 1 : common->gradient_accumulation_steps;
}

static int64_t size_of(const Weight *weight)
{
    return shape_size(&weight->spec.shape);
}

static int by_offset(const void *a, const void *b)
{
    size_t x = (*(Weight *const *)a)->offset, y = (*(Weight *const *)b)->offset;
    return x < y ? -1 : x > y;
}

/* Trained weights of layers with a backward step, and those with a penalty, in the order of the block. */
static void collect_weights(Plan *plan)
{
    Update *update = &plan->update;
    const Model *model = plan->model;
    Arena *arena = arena_new("trained weights");
    Weight **sorted = ARENA_ARRAY(arena, Weight *, model->weights.n);
    size_t n = 0;
    for (size_t i = 0; i < model->weights.n; i++)
        if (model->weights.at[i]->trainable && size_of(model->weights.at[i]) > 0) sorted[n++] = model->weights.at[i];
    qsort(sorted, n, sizeof *sorted, by_offset);
    bool *reached = ARENA_ARRAY(arena, bool, n);
    for (size_t i = 0; i < plan->steps.n; i++) {
        const Step *step = &plan->steps.at[i];
        if (step->type != STEP_BACKWARD) continue;
        const Layer *layer = step->part->call->layer;
        for (size_t k = 0; k < layer->n_weights; k++) {
            const Weight *weight = &layer->weights[k];
            Weight **found = bsearch(&weight, sorted, n, sizeof *sorted, by_offset);
            if (weight->trainable && found) reached[found - sorted] = true;
        }
    }
    update->weights = ARENA_ARRAY(plan->arena, Weight *, n);
    update->backward = ARENA_ARRAY(plan->arena, bool, n);
    update->constrained = ARENA_ARRAY(plan->arena, Weight *, n);
    for (size_t i = 0; i < n; i++) {
        if (sorted[i]->spec.constraint.kind) update->constrained[update->n_constrained++] = sorted[i];
        if (!reached[i] && !sorted[i]->spec.regularizer.kind) continue;
        update->backward[update->n_weights] = reached[i];
        update->weights[update->n_weights++] = sorted[i];
    }
    arena_free(arena);
}

static bool decays(const OptimizerCommon *common, const Weight *weight)
{
    if (isnan(common->weight_decay) || common->weight_decay == 0) return false;
    for (size_t i = 0; i < common->exclude_from_weight_decay.n; i++)
        if (strstr(weight->spec.name, common->exclude_from_weight_decay.at[i])) return false;
    return true;
}

static void cut_runs(Plan *plan)
{
    Update *update = &plan->update;
    VEC(Run) runs = {0};
    for (size_t i = 0; i < update->n_weights; i++) {
        const Weight *weight = update->weights[i];
        bool decay = decays(update->common, weight);
        if (update->kind->per_variable) {
            VEC_PUSH(plan->arena, runs, ((Run){.offset = weight->offset, .n = size_of(weight), .decay = decay, .weight = weight}));
            continue;
        }
        for (int64_t done = 0; done < size_of(weight);) {
            Run *last = runs.n ? &runs.at[runs.n - 1] : NULL;
            size_t offset = weight->offset + (size_t)done;
            if (!last || last->decay != decay || last->offset + (size_t)last->n != offset || last->n == RUN_NUMBERS) {
                VEC_PUSH(plan->arena, runs, ((Run){.offset = offset, .decay = decay}));
                last = &runs.at[runs.n - 1];
            }
            int64_t n = size_of(weight) - done;
            if (n > RUN_NUMBERS - last->n) n = RUN_NUMBERS - last->n;
            last->n += n;
            done += n;
        }
    }
    update->runs = runs.at;
    update->n_runs = (int)runs.n;
}

void update_prepare(Plan *plan)
{
    Update *update = &plan->update;
    const OptimizerState *state = &plan->model->optimizer;
    update->kind = (const OptimizerKind *)state->ref.kind;
    update->args = state->ref.args;
    update->common = state->ref.args;
    update->n_slots = state->n_slots;
    collect_weights(plan);
    cut_runs(plan);
    update->slots = ARENA_ARRAY(plan->arena, float *, (size_t)update->n_runs * (size_t)update->n_slots);
    for (int i = 0; i < update->n_runs; i++)
        for (int slot = 0; slot < update->n_slots; slot++)
            update->slots[i * update->n_slots + slot] = state->slots[slot] + update->runs[i].offset;
}

float update_rate(const OptimizerCommon *common, OptimizerState *state)
{
    const ScheduleKind *schedule = (const ScheduleKind *)common->learning_rate.kind.kind;
    if (schedule) state->rate = (double)(float)schedule->rate(common->learning_rate.kind.args, state->iteration);
    return (float)state->rate;
}

/* Adds this batch's gradients to the sum; false where more batches must come before an update. The last one leaves the
 * average in the gradients' place. */
static bool accumulate(Plan *plan)
{
    OptimizerState *state = &plan->model->optimizer;
    int64_t steps = accumulated(plan->update.common);
    if (steps == 1) return true;
    const Kernels *k = kernels();
    bool last = (state->iteration + 1) % steps == 0;
    for (size_t i = 0; i < plan->update.n_weights; i++) {
        const Weight *weight = plan->update.weights[i];
        int64_t n = size_of(weight);
        float *g = model_gradient(plan->model, weight), *sum = state->sum + weight->offset;
        k->add(n, sum, g, last ? g : sum);
        if (!last) continue;
        for (int64_t j = 0; j < n; j++) g[j] /= (float)steps;
        k->fill(n, 0.0f, sum);
    }
    return last;
}

static void clip(Plan *plan)
{
    const Update *update = &plan->update;
    const OptimizerCommon *common = update->common;
    const Kernels *k = kernels();
    if (isnan(common->clipnorm) && isnan(common->clipvalue) && isnan(common->global_clipnorm)) return;
    double all = 0;
    for (size_t i = 0; i < update->n_weights; i++) {
        int64_t n = size_of(update->weights[i]);
        float *g = model_gradient(plan->model, update->weights[i]);
        if (!isnan(common->clipnorm)) {
            double norm = sqrt(k->sum_squares(n, g));
            if (norm > common->clipnorm) k->scale(n, (float)(common->clipnorm / norm), g, g);
        } else if (!isnan(common->clipvalue)) {
            k->clip(n, -(float)common->clipvalue, (float)common->clipvalue, g, g);
        } else {
            all += k->sum_squares(n, g);
        }
    }
    if (isnan(common->global_clipnorm)) return;
    double norm = sqrt(all), most = common->global_clipnorm;
    if (norm <= most) return;
    for (size_t i = 0; i < update->n_weights; i++) {
        float *g = model_gradient(plan->model, update->weights[i]);
        k->scale(size_of(update->weights[i]), (float)(most / norm), g, g);
    }
}

typedef struct {
    const Plan *plan;
    float rate;
    int64_t iteration;
} Stride;

static void run_task(void *ctx, int task)
{
    const Stride *stride = ctx;
    const Update *update = &stride->plan->update;
    const Model *model = stride->plan->model;
    const Run *run = &update->runs[task];
    float *w = model->values + run->offset;
    if (run->decay) kernels()->weight_decay(run->n, w, (float)update->common->weight_decay, stride->rate);
    update->kind->step(&(OptimizerRun){.args = update->args,
                                       .rate = stride->rate,
                                       .iteration = stride->iteration,
                                       .n = run->n,
                                       .w = w,
                                       .g = model->gradients + run->offset,
                                       .slot = update->slots + task * update->n_slots,
                                       .shape = run->weight ? &run->weight->spec.shape : NULL,
                                       .scalars = model->optimizer.scalars});
}

/* average = momentum average + (1 - momentum) w; the weights themselves after the first update. */
static void average(Plan *plan, int64_t iteration)
{
    const OptimizerCommon *common = plan->update.common;
    const Model *model = plan->model;
    float *sum = model->optimizer.average, *w = model->values;
    int64_t n = (int64_t)model->n_trained;
    float momentum = iteration == 0 ? 0.0f : (float)common->ema_momentum;
    for (int64_t i = 0; i < n; i++) sum[i] = momentum * sum[i] + (1.0f - momentum) * w[i];
    int64_t every = common->ema_overwrite_frequency;
    if (every != ARG_NO_INT && (iteration + 1) % every == 0) kernels()->copy(n, sum, w);
}

void update_step(Plan *plan)
{
    const Update *update = &plan->update;
    OptimizerState *state = &plan->model->optimizer;
    float rate = update_rate(update->common, state);
    if (accumulate(plan)) {
        int64_t iteration = state->iteration / accumulated(update->common);
        clip(plan);
        if (update->kind->begin) update->kind->begin(update->args, iteration, state->scalars);
        Stride stride = {.plan = plan, .rate = rate, .iteration = iteration};
        if (plan->model->n_trained < SHARED_NUMBERS)
            for (int i = 0; i < update->n_runs; i++) run_task(&stride, i);
        else
            par_run(plan->par, update->n_runs, run_task, &stride);
        if (state->average) average(plan, iteration);
        for (size_t i = 0; i < update->n_constrained; i++) {
            const Weight *weight = update->constrained[i];
            const ConstraintKind *kind = (const ConstraintKind *)weight->spec.constraint.kind;
            kind->apply(weight->spec.constraint.args, model_value(plan->model, weight), size_of(weight), &weight->spec.shape);
        }
    }
    state->iteration++;
}
