/* Flows to steps, backward: the parts in reverse. The first contribution to a flow's gradient is written, later ones are
 * written aside and added at once, so that sums have a fixed order and only one buffer waits. */
#include "runtime/plan/parts.h"

static int gradient_buffer(Plan *plan, const Flow *flow)
{
    return plan_add_buffer(plan, arena_printf(plan->arena, "gradient of %s", flow->name), flow->floats * (int64_t)sizeof(float));
}

static void emit_add(Plan *plan, const Shape *shape, int from, int into)
{
    plan_plain_step(plan, STEP_ADD, NULL, shape, from, into, NO_BUFFER, NO_BUFFER);
}

static void emit_activity(Plan *plan, const CallPart *part)
{
    for (int i = 0; i < part->call->n_out; i++) {
        Flow *flow = &plan->flows.at[part_result(part, i)];
        const Shape *shape = &part->call->out[i]->shape;
        if (!flow->wants) continue;
        if (flow->gradient == NO_BUFFER) {
            flow->gradient = gradient_buffer(plan, flow);
            plan_plain_step(plan, STEP_ZERO, NULL, shape, NO_BUFFER, flow->gradient, NO_BUFFER, NO_BUFFER);
        }
        plan_plain_step(plan, STEP_ACTIVITY_BACK, part, shape, flow->buffer, NO_BUFFER, NO_BUFFER, flow->gradient);
    }
}

/* dz over dy; then that is the gradient of z, or joins it. */
static void emit_activation(Plan *plan, const CallPart *part)
{
    Flow *after = &plan->flows.at[part->after], *before = &plan->flows.at[part->out[0]];
    if (after->gradient == NO_BUFFER || !before->wants) return;
    const Shape *shape = &part->call->out[0]->shape;
    const ActivationKind *kind = (const ActivationKind *)part->activation.kind;
    int x = kind->reads & READS_X ? before->buffer : NO_BUFFER, y = kind->reads & READS_Y ? after->buffer : NO_BUFFER;
    plan_plain_step(plan, STEP_DEACTIVATE, part, shape, x, y, after->gradient, after->gradient);
    if (before->gradient == NO_BUFFER) before->gradient = after->gradient;
    else emit_add(plan, shape, after->gradient, before->gradient);
}

static void emit_product(Plan *plan, CallPart *part)
{
    const Call *call = part->call;
    Flow *flows = plan->flows.at;
    bool any = false;
    for (int i = 0; i < call->n_out; i++) any = any || flows[part->out[i]].gradient != NO_BUFFER;
    if (!any) return;
    int *dx = plan_ids(plan, call->n_in);
    for (int i = 0; i < call->n_in; i++) {
        Flow *flow = &flows[part->in[i]];
        if (!flow->wants) continue;
        int dy = flows[part->out[0]].gradient;
        bool same = part->kind->in_place && call->n_in == 1 && call->n_out == 1 && flow->gradient == NO_BUFFER &&
                    flow->floats == flows[part->out[0]].floats;
        dx[i] = same ? dy : gradient_buffer(plan, flow);
    }
    Step *step = plan_step(plan, STEP_BACKWARD, part);
    step->n_x = call->n_in;
    step->n_y = call->n_out;
    step->x = plan_ids(plan, call->n_in);
    step->y = plan_ids(plan, call->n_out);
    step->dy = plan_ids(plan, call->n_out);
    step->dx = dx;
    for (int i = 0; i < call->n_in; i++) {
        if (part->reads & READS_X) step->x[i] = flows[part->in[i]].buffer;
        plan_touch(plan, step->x[i]);
        plan_touch(plan, dx[i]);
        plan_touch(plan, plan->wire_mask[call->in[i]->index]);
    }
    for (int i = 0; i < call->n_out; i++) {
        if (part->reads & READS_Y) step->y[i] = flows[part->out[i]].buffer;
        step->dy[i] = flows[part->out[i]].gradient;
        plan_touch(plan, step->y[i]);
        plan_touch(plan, step->dy[i]);
        plan_touch(plan, plan->wire_mask[call->out[i]->index]);
    }
    step->scratch = part->scratch;
    if (part->scratch == NO_BUFFER && part->kind->scratch) {
        int64_t rows = call->in[0]->shape.rows > 0 ? call->in[0]->shape.rows : 1;
        size_t floats = part->kind->scratch(call, rows * plan->batch);
        if (floats) {
            Buffer buffer = {.name = "scratch", .bytes = memory_product(floats, sizeof(float)), .last = -1};
            VEC_PUSH(plan->arena, plan->buffers, buffer);
            step->scratch = (int)plan->buffers.n - 1;
        }
    }
    plan_touch(plan, step->scratch);
    for (int i = 0; i < call->n_in; i++) {
        if (dx[i] == NO_BUFFER) continue;
        Flow *flow = &plan->flows.at[part->in[i]];
        if (flow->gradient == NO_BUFFER) flow->gradient = dx[i];
        else if (flow->gradient != dx[i]) emit_add(plan, &call->in[i]->shape, dx[i], flow->gradient);
    }
}

void plan_emit_backward(Plan *plan)
{
    for (size_t i = plan->n_parts; i-- > 0;) {
        CallPart *part = &plan->parts[i];
        if (!part->backward) continue;
        if (part->activity.kind) emit_activity(plan, part);
        if (part->activation.kind) emit_activation(plan, part);
        if (!part->skipped) emit_product(plan, part);
    }
}
