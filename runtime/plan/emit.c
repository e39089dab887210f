/* Flows to steps, forward: each part's product, activation and activity penalty, then the losses. A flow may take over the
 * buffer of the one before it where nobody reads that one any more. */
#include "runtime/plan/parts.h"

int *plan_ids(Plan *plan, int n)
{
    int *ids = ARENA_ARRAY(plan->arena, int, n);
    for (int i = 0; i < n; i++) ids[i] = NO_BUFFER;
    return ids;
}

Step *plan_step(Plan *plan, StepType type, const CallPart *part)
{
    Step step = {.type = type, .part = part, .scratch = NO_BUFFER, .output = -1};
    VEC_PUSH(plan->arena, plan->steps, step);
    return &plan->steps.at[plan->steps.n - 1];
}

void plan_touch(Plan *plan, int buffer)
{
    if (buffer == NO_BUFFER) return;
    Buffer *b = &plan->buffers.at[buffer];
    int now = (int)plan->steps.n - 1;
    if (b->last < b->first) b->first = now;
    b->last = now;
}

static int *one_id(Plan *plan, int buffer)
{
    int *ids = plan_ids(plan, 1);
    ids[0] = buffer;
    plan_touch(plan, buffer);
    return ids;
}

Step *plan_plain_step(Plan *plan, StepType type, const CallPart *part, const Shape *shape, int x, int y, int dy, int dx)
{
    Step *step = plan_step(plan, type, part);
    step->n_x = step->n_y = 1;
    step->x = one_id(plan, x);
    step->y = one_id(plan, y);
    step->dy = one_id(plan, dy);
    step->dx = one_id(plan, dx);
    step->shape = shape;
    step->width = shape_last(shape);
    int64_t rows = shape->rows > 0 ? shape->rows : 1;
    step->rows_a_sample = rows * shape_size(shape) / (step->width > 0 ? step->width : 1);
    return step;
}

static int new_buffer(Plan *plan, const Flow *flow)
{
    return plan_add_buffer(plan, flow->name, flow->floats * (int64_t)sizeof(float));
}

/* Whether a part may write its result over the flow it reads. */
static bool may_overwrite(const Plan *plan, int from, int to, size_t reader)
{
    const Flow *f = &plan->flows.at[from], *t = &plan->flows.at[to];
    return !f->pinned && !f->backward_reads && f->last_reader == (int)reader && f->floats == t->floats;
}

static void emit_product(Plan *plan, size_t index)
{
    CallPart *part = &plan->parts[index];
    const Call *call = part->call;
    Step *step = plan_step(plan, STEP_FORWARD, part);
    step->n_x = call->n_in;
    step->n_y = call->n_out;
    step->x = plan_ids(plan, call->n_in);
    step->y = plan_ids(plan, call->n_out);
    for (int i = 0; i < call->n_in; i++) {
        step->x[i] = plan->flows.at[part->in[i]].buffer;
        plan_touch(plan, step->x[i]);
        plan_touch(plan, plan->wire_mask[call->in[i]->index]);
    }
    for (int i = 0; i < call->n_out; i++) {
        Flow *flow = &plan->flows.at[part->out[i]];
        bool same = part->kind->in_place && call->n_in == 1 && call->n_out == 1 && may_overwrite(plan, part->in[0], part->out[0], index);
        flow->buffer = same ? plan->flows.at[part->in[0]].buffer : new_buffer(plan, flow);
        step->y[i] = flow->buffer;
        plan_touch(plan, step->y[i]);
        plan_touch(plan, plan->wire_mask[call->out[i]->index]);
    }
    if (part->kind->scratch) {
        int64_t rows = call->in[0]->shape.rows > 0 ? call->in[0]->shape.rows : 1;
        size_t floats = part->kind->scratch(call, rows * plan->batch);
        if (floats) {
            Buffer buffer = {.name = "scratch", .bytes = memory_product(floats, sizeof(float)), .last = -1};
            VEC_PUSH(plan->arena, plan->buffers, buffer);
            step->scratch = (int)plan->buffers.n - 1;
            plan_touch(plan, step->scratch);
            if (part->reads & READS_SCRATCH) part->scratch = step->scratch;
        }
    }
}

static void emit_part(Plan *plan, size_t index)
{
    CallPart *part = &plan->parts[index];
    if (!part->skipped) emit_product(plan, index);
    if (part->activation.kind) {
        int from = part->out[0], to = part->after;
        bool same = may_overwrite(plan, from, to, index);
        plan->flows.at[to].buffer = same ? plan->flows.at[from].buffer : new_buffer(plan, &plan->flows.at[to]);
        plan_plain_step(plan, STEP_ACTIVATE, part, &part->call->out[0]->shape, plan->flows.at[from].buffer,
                        plan->flows.at[to].buffer, NO_BUFFER, NO_BUFFER);
    }
    if (part->activity.kind)
        for (int i = 0; i < part->call->n_out; i++)
            plan_plain_step(plan, STEP_ACTIVITY, part, &part->call->out[i]->shape,
                            plan->flows.at[part_result(part, i)].buffer, NO_BUFFER, NO_BUFFER, NO_BUFFER);
}

static void emit_loss(Plan *plan, size_t index)
{
    LossPart *loss = &plan->losses[index];
    if (!loss->kind) return;
    Step *step = plan_step(plan, STEP_LOSS, NULL);
    step->output = (int)index;
    Flow *flow = &plan->flows.at[loss->flow];
    plan_touch(plan, flow->buffer);
    const int buffers[] = {loss->target, loss->rows, loss->valid, loss->value, loss->scale, loss->mask};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) plan_touch(plan, buffers[i]);
    if (!plan->training || !flow->wants) return;
    loss->gradient = plan_add_buffer(plan, arena_printf(plan->arena, "gradient of %s", flow->name),
                                     flow->floats * (int64_t)sizeof(float));
    plan_touch(plan, loss->gradient);
    if (flow->gradient == NO_BUFFER) flow->gradient = loss->gradient;
    else /* two outputs end in the same flow */
        plan_plain_step(plan, STEP_ADD, NULL, &plan->graph->outputs.at[index].wire->shape, loss->gradient, flow->gradient,
                        NO_BUFFER, NO_BUFFER);
}

void plan_emit_forward(Plan *plan)
{
    for (size_t i = 0; i < plan->n_parts; i++) emit_part(plan, i);
    plan->n_compute = (int)plan->steps.n;
    for (size_t i = 0; i < plan->n_outputs; i++) emit_loss(plan, i);
    plan->n_forward = (int)plan->steps.n;
}
