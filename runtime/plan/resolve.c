/* Buffers to pointers: after the block is there, each step's Work is filled in for good; only the number of samples, the place in
 * the epoch, the pass and the task change from then on. */
#include "runtime/plan/parts.h"

#include "runtime/base/bug.h"

static void *at(const Plan *plan, int buffer)
{
    if (buffer == NO_BUFFER) return NULL;
    const Buffer *b = &plan->buffers.at[buffer];
    ENSURE(b->last >= b->first);
    return plan->block + b->offset;
}

static const float *const *inputs_at(const Plan *plan, const int *buffers, int n)
{
    const float **list = ARENA_ARRAY(plan->arena, const float *, n);
    for (int i = 0; i < n; i++) list[i] = at(plan, buffers[i]);
    return list;
}

static float *const *outputs_at(const Plan *plan, const int *buffers, int n)
{
    float **list = ARENA_ARRAY(plan->arena, float *, n);
    for (int i = 0; i < n; i++) list[i] = at(plan, buffers[i]);
    return list;
}

static uint8_t *const *masks_at(const Plan *plan, Wire *const *wires, int n)
{
    uint8_t **list = ARENA_ARRAY(plan->arena, uint8_t *, n);
    for (int i = 0; i < n; i++) list[i] = at(plan, plan->wire_mask[wires[i]->index]);
    return list;
}

static void resolve_weights(const Plan *plan, Step *step, const Layer *layer)
{
    float **w = ARENA_ARRAY(plan->arena, float *, layer->n_weights), **dw = ARENA_ARRAY(plan->arena, float *, layer->n_weights);
    for (size_t i = 0; i < layer->n_weights; i++) {
        const Weight *weight = &layer->weights[i];
        w[i] = model_value(plan->model, weight);
        if (step->type == STEP_BACKWARD && weight->trainable) dw[i] = model_gradient(plan->model, weight);
    }
    step->work.w = w;
    step->work.dw = dw;
}

static void resolve_streams(const Plan *plan, Step *step)
{
    const Call *call = step->part->call;
    step->n_streams = plan->training ? call->layer->kind->n_streams : 0;
    if (!step->n_streams) return;
    step->streams = ARENA_ARRAY(plan->arena, RngKey, step->n_streams);
    for (int i = 0; i < step->n_streams; i++) {
        const char *graph = plan->graph->name ? plan->graph->name : "model";
        const char *name = arena_printf(plan->arena, "%s/%s/%d/%d", graph, call->layer->name, call->nth, i);
        step->streams[i] = (RngKey){.seed = plan->model->seed, .stream = rng_stream(name)};
    }
    step->work.streams = step->streams;
}

static void resolve_tasks(const Plan *plan, Step *step)
{
    const LayerKind *kind = step->part->kind;
    bool backward = step->type == STEP_BACKWARD;
    step->passes = backward ? kind->passes_backward : kind->passes_forward;
    if (step->passes < 1) step->passes = 1;
    step->tasks = ARENA_ARRAY(plan->arena, int, step->passes);
    for (int pass = 0; pass < step->passes; pass++)
        step->tasks[pass] = kind->tasks ? kind->tasks(step->part->call, step->rows_a_sample * plan->batch, backward, pass) : 1;
}

static void resolve_call(const Plan *plan, Step *step)
{
    const Call *call = step->part->call;
    step->rows_a_sample = call->n_in && call->in[0]->shape.rows > 0 ? call->in[0]->shape.rows : 1;
    Work *work = &step->work;
    work->call = call;
    work->layer = call->layer;
    work->args = call->layer->args;
    work->mode = step->part->mode;
    work->x = inputs_at(plan, step->x, step->n_x);
    work->y = outputs_at(plan, step->y, step->n_y);
    if (step->type == STEP_BACKWARD) {
        work->dy = inputs_at(plan, step->dy, step->n_y);
        work->dx = outputs_at(plan, step->dx, step->n_x);
    }
    work->mask = (const uint8_t *const *)masks_at(plan, call->in, call->n_in);
    work->mask_out = masks_at(plan, call->out, call->n_out);
    for (int i = 0; step->type == STEP_FORWARD && call->layer->kind->mask_forward && i < call->n_out; i++)
        step->makes_mask = step->makes_mask || call->out[i]->mask_of == call->out[i];
    work->scratch = at(plan, step->scratch);
    resolve_weights(plan, step, call->layer);
    resolve_streams(plan, step);
    resolve_tasks(plan, step);
}

static void resolve_loss(const Plan *plan, LossPart *loss)
{
    if (!loss->kind) return;
    loss->pred_at = at(plan, plan->flows.at[loss->flow].buffer);
    loss->target_at = at(plan, loss->target);
    loss->rows_at = at(plan, loss->rows);
    loss->gradient_at = at(plan, loss->gradient);
    loss->value_at = at(plan, loss->value);
    loss->scale_at = at(plan, loss->scale);
    loss->mask_at = at(plan, loss->mask);
    loss->valid_at = at(plan, loss->valid);
}

/* The backward steps of a shared layer follow each other; the first writes its gradients, the others add. */
static void order_shared(const Plan *plan)
{
    Arena *arena = arena_new("shared layers");
    size_t room = 16;
    while (room < 4 * plan->steps.n) room *= 2;
    const Layer **seen = ARENA_ARRAY(arena, const Layer *, room);
    for (size_t i = 0; i < plan->steps.n; i++) {
        Step *step = &plan->steps.at[i];
        if (step->type != STEP_BACKWARD) continue;
        const Layer *layer = step->part->call->layer;
        size_t slot = (size_t)rng_mix((uint64_t)(uintptr_t)layer) & (room - 1);
        while (seen[slot] && seen[slot] != layer) slot = (slot + 1) & (room - 1);
        step->work.dw_add = seen[slot] == layer;
        seen[slot] = layer;
    }
    arena_free(arena);
}

void plan_resolve(Plan *plan)
{
    for (size_t i = 0; i < plan->steps.n; i++) {
        Step *step = &plan->steps.at[i];
        if (step->type == STEP_FORWARD || step->type == STEP_BACKWARD) {
            resolve_call(plan, step);
        } else if (step->type != STEP_LOSS) {
            step->in = at(plan, step->x[0]);
            step->in_y = step->to_y = at(plan, step->y[0]);
            step->in_dy = at(plan, step->dy[0]);
            step->to = at(plan, step->dx[0]);
        }
    }
    for (size_t i = 0; i < plan->n_outputs; i++) resolve_loss(plan, &plan->losses[i]);
    order_shared(plan);
}
