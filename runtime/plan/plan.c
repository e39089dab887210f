/* Making a plan, reading it, and carrying out a batch. See plan.h. */
#include "runtime/plan/parts.h"

#include "runtime/base/bug.h"
#include "runtime/tensor/blas.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

/* What the caller fills before a step or reads after one keeps its place through all of it. */
static void keep(Plan *plan, int buffer)
{
    if (buffer == NO_BUFFER) return;
    plan->buffers.at[buffer].first = 0;
    plan->buffers.at[buffer].last = (int)plan->steps.n;
}

static void keep_ends(Plan *plan)
{
    for (size_t i = 0; i < plan->graph->inputs.n; i++)
        keep(plan, plan->flows.at[plan->wire_flow[plan->graph->inputs.at[i].wire->index]].buffer);
    for (size_t i = 0; i < plan->graph->wires.n; i++) keep(plan, plan->wire_mask[i]);
    for (size_t i = 0; i < plan->n_outputs; i++) {
        Buffer *shown = &plan->buffers.at[plan->flows.at[plan->losses[i].shown].buffer];
        if (shown->last < shown->first) shown->first = 0;
        shown->last = (int)plan->steps.n;
        keep(plan, plan->losses[i].target);
        keep(plan, plan->losses[i].rows);
    }
}

Plan *plan_new(Arena *arena, Model *model, const PlanConfig *config, Diags *diags)
{
    ENSURE(config->batch >= 1);
    if (!model_fits(model->graph, config->batch, config->training, diags)) return NULL;
    Plan *plan = ARENA_NEW(arena, Plan);
    plan->arena = arena;
    plan->model = model;
    plan->graph = model->graph;
    plan->par = config->par;
    plan->batch = config->batch;
    plan->training = config->training;
    if (plan->training) {
        model_set_optimizer(model, config->optimizer);
        if (!model->gradients) model->gradients = ARENA_ARRAY(model->arena, float, model->n_trained);
    }
    plan_lower(plan, config);
    plan_emit_forward(plan);
    if (plan->training) plan_emit_backward(plan);
    keep_ends(plan);
    plan_place(plan);
    plan->block = arena_alloc(arena, plan->bytes);
    plan_resolve(plan);
    penalty_prepare(plan);
    if (plan->training) update_prepare(plan);
    return plan;
}

void plan_use_threads(Plan *plan, Par *par)
{
    plan->par = par;
}

static void *buffer_at(const Plan *plan, int buffer)
{
    return buffer == NO_BUFFER ? NULL : plan->block + plan->buffers.at[buffer].offset;
}

static const Flow *input_flow(const Plan *plan, int input)
{
    ENSURE(input >= 0 && (size_t)input < plan->graph->inputs.n);
    return &plan->flows.at[plan->wire_flow[plan->graph->inputs.at[input].wire->index]];
}

static const LossPart *output_part(const Plan *plan, int output)
{
    ENSURE(output >= 0 && (size_t)output < plan->n_outputs);
    return &plan->losses[output];
}

float *plan_input(const Plan *plan, int input)
{
    return buffer_at(plan, input_flow(plan, input)->buffer);
}

int64_t plan_input_size(const Plan *plan, int input)
{
    return input_flow(plan, input)->floats;
}

float *plan_target(const Plan *plan, int output)
{
    return buffer_at(plan, output_part(plan, output)->target);
}

int64_t plan_target_size(const Plan *plan, int output)
{
    const LossPart *loss = output_part(plan, output);
    return loss->steps * loss->target_width;
}

float *plan_row_weights(const Plan *plan, int output)
{
    return buffer_at(plan, output_part(plan, output)->rows);
}

const float *plan_output(const Plan *plan, int output)
{
    return buffer_at(plan, plan->flows.at[output_part(plan, output)->shown].buffer);
}

const uint8_t *plan_output_mask(const Plan *plan, int output)
{
    return buffer_at(plan, output_part(plan, output)->mask);
}

bool plan_output_linked(const Plan *plan, int output)
{
    return output_part(plan, output)->linked;
}

size_t plan_bytes(const Plan *plan)
{
    return plan->bytes;
}

size_t plan_total_bytes(const Plan *plan)
{
    const Model *model = plan->model;
    size_t trained = model->n_trained, blocks = 0;
    if (plan->training) blocks = 1 + (size_t)model->optimizer.n_slots + (model->optimizer.average != NULL) + (model->optimizer.sum != NULL);
    return plan->bytes + (model->n_values + trained * blocks) * sizeof(float);
}

bool plan_needs_blas(const Plan *plan)
{
    for (size_t i = 0; i < plan->steps.n; i++) {
        const Step *step = &plan->steps.at[i];
        if (step->type != STEP_FORWARD && step->type != STEP_BACKWARD) continue;
        const Layer *layer = step->part->call->layer;
        for (size_t k = 0; k < layer->n_weights; k++) {
            const Shape *shape = &layer->weights[k].spec.shape;
            if (shape->rank < 2) continue;
            int64_t rows = plan->batch * step->rows_a_sample * (step->part->call->n_in ? shape_steps(&step->part->call->in[0]->shape) : 1);
            int64_t out = shape_last(shape), in = shape_steps(shape);
            if (gemm_needs_blas(rows, out, in)) return true;
            if (step->type == STEP_BACKWARD && (gemm_needs_blas(rows, in, out) || gemm_needs_blas(in, out, rows))) return true;
        }
    }
    return false;
}

/* ---- A batch ---- */

static void begin(Plan *plan, const PlanBatch *batch)
{
    ENSURE(batch->samples >= 1 && batch->samples <= plan->batch);
    plan->now = *batch;
    plan->penalty = 0;
}

static void sum_up(Plan *plan, PlanResult *result)
{
    result->penalties = plan->penalty + penalty_of_weights(plan);
    result->total = result->penalties;
    for (size_t i = 0; i < plan->n_outputs; i++)
        if (plan->losses[i].kind) result->total += plan->losses[i].weight * plan->loss_values[i];
    result->losses = plan->loss_values;
    result->finite = isfinite(result->total);
}

/* Forward, losses and backward; false where the total is not finite and backward was left out. */
static bool carry_out(Plan *plan, const PlanBatch *batch, PlanResult *result)
{
    ENSURE(plan->training);
    begin(plan, batch);
    exec_steps(plan, 0, plan->n_forward);
    sum_up(plan, result);
    if (!result->finite) return false;
    exec_steps(plan, plan->n_forward, (int)plan->steps.n);
    penalty_gradients(plan);
    return true;
}

void plan_train(Plan *plan, const PlanBatch *batch, PlanResult *result)
{
#ifdef NNL_DEBUG
    uint64_t before = memory_allocations();
#endif
    if (carry_out(plan, batch, result)) update_step(plan);
#ifdef NNL_DEBUG
    ENSURE(memory_allocations() == before);
#endif
}

void plan_gradients(Plan *plan, const PlanBatch *batch, PlanResult *result)
{
    carry_out(plan, batch, result);
}

void plan_evaluate(Plan *plan, const PlanBatch *batch, PlanResult *result)
{
    ENSURE(!plan->training);
    begin(plan, batch);
    exec_steps(plan, 0, plan->n_forward);
    sum_up(plan, result);
}

void plan_forward(Plan *plan, const PlanBatch *batch)
{
    ENSURE(!plan->training);
    begin(plan, batch);
    exec_steps(plan, 0, plan->n_compute);
}

/* ---- Where a number went wrong ---- */

static bool finite_buffer(const Plan *plan, int buffer, int64_t floats)
{
    return buffer == NO_BUFFER || kernels()->all_finite(floats * plan->now.samples, buffer_at(plan, buffer));
}

static bool finite_weights(const Plan *plan, const Layer *layer)
{
    for (size_t i = 0; i < layer->n_weights; i++)
        if (!kernels()->all_finite(shape_size(&layer->weights[i].spec.shape), model_value(plan->model, &layer->weights[i]))) return false;
    return true;
}

PlanNan plan_find_nan(Plan *plan, const PlanBatch *batch)
{
    begin(plan, batch);
    for (size_t i = 0; i < plan->graph->inputs.n; i++)
        if (!finite_buffer(plan, input_flow(plan, (int)i)->buffer, input_flow(plan, (int)i)->floats)) return (PlanNan){.part = "input"};
    for (int i = 0; i < plan->n_compute; i++) {
        Step *step = &plan->steps.at[i];
        const Call *call = step->part->call;
        if (step->type == STEP_FORWARD && !finite_weights(plan, call->layer))
            return (PlanNan){.layer = call->layer->name, .call = call, .part = "weights"};
        exec_step(plan, step);
        if (step->type != STEP_FORWARD && step->type != STEP_ACTIVATE) continue;
        for (int k = 0; k < step->n_y; k++) {
            int64_t floats = step->type == STEP_ACTIVATE ? step->rows_a_sample * step->width : plan->flows.at[step->part->out[k]].floats;
            if (!finite_buffer(plan, step->y[k], floats)) return (PlanNan){.layer = call->layer->name, .call = call, .part = "output"};
        }
    }
    return (PlanNan){.part = "loss"};
}
