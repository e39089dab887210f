/* From wires to flows: which wires share the same numbers, which call is no work at all, where a gradient is wanted and where one
 * comes from, and what backward reads. Nothing here depends on the order of steps; emit.c makes those. */
#include "runtime/plan/parts.h"

#include "runtime/base/bug.h"

static int64_t rows_of(const Shape *shape)
{
    return shape->rows > 0 ? shape->rows : 1;
}

static int64_t floats_of(const Shape *shape)
{
    ENSURE(shape_known(shape));
    return rows_of(shape) * shape_size(shape);
}

int plan_add_buffer(Plan *plan, const char *name, int64_t bytes_a_sample)
{
    Buffer buffer = {.name = name, .bytes = memory_product((size_t)bytes_a_sample, (size_t)plan->batch), .first = 0, .last = -1};
    VEC_PUSH(plan->arena, plan->buffers, buffer);
    return (int)plan->buffers.n - 1;
}

static int add_flow(Plan *plan, const char *name, int64_t floats)
{
    Flow flow = {.name = name, .floats = floats, .buffer = NO_BUFFER, .gradient = NO_BUFFER, .last_reader = -1};
    VEC_PUSH(plan->arena, plan->flows, flow);
    return (int)plan->flows.n - 1;
}

static const char *wire_name(Plan *plan, const Wire *wire)
{
    if (wire->name) return wire->name;
    if (!wire->maker) return "input";
    const Call *call = wire->maker;
    const char *name = call->layer->name ? call->layer->name : call->layer->kind->kind.name;
    if (call->nth == 0 && call->n_out == 1) return name;
    if (call->n_out == 1) return arena_printf(plan->arena, "%s#%d", name, call->nth);
    return arena_printf(plan->arena, "%s#%d.%d", name, call->nth, wire->port);
}

int part_result(const CallPart *part, int port)
{
    return part->after != NO_FLOW && port == 0 ? part->after : part->out[port];
}

static bool trains(const Plan *plan, const Layer *layer)
{
    if (!plan->training) return false;
    for (size_t i = 0; i < layer->n_weights; i++)
        if (layer->weights[i].trainable) return true;
    return false;
}

/* Makes the part of a call and the flows of its outputs. */
static void lower_call(Plan *plan, CallPart *part, const Call *call)
{
    const LayerKind *kind = call->layer->kind;
    part->call = call;
    part->kind = kind;
    part->mode = !plan->training ? MODE_INFER : layer_frozen(call->layer) ? MODE_FROZEN : MODE_TRAIN;
    part->trains = trains(plan, call->layer);
    part->reads = kind->reads_of ? kind->reads_of(call) : kind->reads;
    part->scratch = NO_BUFFER;
    part->after = NO_FLOW;
    part->in = plan_ids(plan, call->n_in);
    part->out = plan_ids(plan, call->n_out);
    for (int i = 0; i < call->n_in; i++) part->in[i] = plan->wire_flow[call->in[i]->index];

    KindRef alone = kind->activation ? kind->activation(call) : (KindRef){0};
    bool is_activation = alone.kind != NULL;
    part->skipped = kind->is_view || is_activation || (kind->only_in_training && !plan->training);
    part->activation = is_activation ? alone : layer_epilogue(call->layer);
    if (part->activation.kind && ((const ActivationKind *)part->activation.kind)->identity) part->activation = (KindRef){0};

    for (int port = 0; port < call->n_out; port++) {
        const Wire *wire = call->out[port];
        const char *name = wire_name(plan, wire);
        int64_t floats = floats_of(&wire->shape);
        bool activated = part->activation.kind && port == 0;
        if (part->skipped) part->out[port] = part->in[0];
        else part->out[port] = add_flow(plan, activated ? arena_printf(plan->arena, "%s (logits)", name) : name, floats);
        if (activated) part->after = add_flow(plan, name, floats);
        plan->wire_flow[wire->index] = part_result(part, port);
    }

    if (!kind->no_activity) part->activity = layer_activity(call->layer);
}

static void lower_masks(Plan *plan)
{
    for (size_t i = 0; i < plan->graph->wires.n; i++) {
        const Wire *wire = plan->graph->wires.at[i];
        plan->wire_mask[i] = NO_BUFFER;
        if (wire->mask_of != wire) continue;
        int64_t steps = wire->shape.rank > 0 ? wire->shape.dim[0] : 1;
        const char *name = arena_printf(plan->arena, "mask of %s", wire_name(plan, wire));
        plan->wire_mask[i] = plan_add_buffer(plan, name, rows_of(&wire->shape) * steps);
    }
    for (size_t i = 0; i < plan->graph->wires.n; i++) {
        const Wire *wire = plan->graph->wires.at[i];
        if (wire->mask_of && wire->mask_of != wire) plan->wire_mask[i] = plan->wire_mask[wire->mask_of->index];
    }
}

/* Whether the loss itself is told that its outputs are logits: then the activation is not undone. */
static bool told_logits(KindRef loss)
{
    int i = kind_arg_index(loss.kind, "from_logits");
    return i >= 0 && *(const bool *)((const char *)loss.args + loss.kind->args[i].offset);
}

/* The part whose activation makes this flow, or NULL. */
static const CallPart *maker_of(const Plan *plan, int flow)
{
    for (size_t i = 0; i < plan->n_parts; i++)
        if (plan->parts[i].after == flow) return &plan->parts[i];
    return NULL;
}

static void lower_output(Plan *plan, size_t index, const PlanOutput *output)
{
    const GraphPort *port = &plan->graph->outputs.at[index];
    const Shape *shape = &port->wire->shape;
    LossPart *loss = &plan->losses[index];
    int flow = plan->wire_flow[port->wire->index];
    plan->flows.at[flow].pinned = true;
    *loss = (LossPart){.flow = flow, .shown = flow, .gradient = NO_BUFFER, .target = NO_BUFFER, .rows = NO_BUFFER,
                       .valid = NO_BUFFER, .value = NO_BUFFER, .scale = NO_BUFFER,
                       .mask = plan->wire_mask[port->wire->index]};
    if (!output || !output->loss.kind) return;
    const LossKind *kind = (const LossKind *)output->loss.kind;
    loss->kind = kind;
    loss->args = output->loss.args;
    loss->weight = output->weight;
    loss->width = shape_last(shape);
    loss->steps = floats_of(shape) / loss->width;
    int64_t mask_steps = rows_of(shape) * (shape->rank > 0 ? shape->dim[0] : 1);
    loss->rows_a_mask = loss->steps % mask_steps == 0 ? loss->steps / mask_steps : 1;
    loss->target_width = kind->target == TARGET_INDEX ? 1 : loss->width;

    const CallPart *maker = kind->link != LINK_NONE && !output->clipped && !told_logits(output->loss) ? maker_of(plan, flow) : NULL;
    if (maker && ((const ActivationKind *)maker->activation.kind)->link == kind->link) {
        loss->linked = true;
        loss->flow = maker->out[0];
        plan->flows.at[loss->flow].pinned = true;
    }
    plan->flows.at[loss->flow].reached = true;

    const int64_t number = sizeof(float);
    loss->target = plan_add_buffer(plan, arena_printf(plan->arena, "target of %s", port->name), loss->steps * loss->target_width * number);
    loss->value = plan_add_buffer(plan, arena_printf(plan->arena, "loss of %s", port->name), loss->steps * number);
    loss->scale = plan_add_buffer(plan, arena_printf(plan->arena, "row scale of %s", port->name), loss->steps * number);
    if (output->row_weights)
        loss->rows = plan_add_buffer(plan, arena_printf(plan->arena, "row weights of %s", port->name), number);
    if (kind->leaves_out && kind->leaves_out(loss->args))
        loss->valid = plan_add_buffer(plan, arena_printf(plan->arena, "valid rows of %s", port->name), loss->steps);
}

/* Forward: behind which flows does a trained weight lie? */
static void find_wanted(Plan *plan)
{
    Flow *flows = plan->flows.at;
    for (size_t i = 0; i < plan->n_parts; i++) {
        CallPart *part = &plan->parts[i];
        bool wants = part->trains;
        for (int k = 0; k < part->call->n_in; k++) wants = wants || flows[part->in[k]].wants;
        if (!part->skipped) {
            wants = wants && part->kind->backward;
            for (int k = 0; k < part->call->n_out; k++) flows[part->out[k]].wants = wants;
        }
        if (part->after != NO_FLOW) flows[part->after].wants = flows[part->out[0]].wants;
    }
}

/* Backward: which flows does a loss or a penalty reach, and which parts therefore need a backward step? */
static void find_reached(Plan *plan)
{
    Flow *flows = plan->flows.at;
    for (size_t i = plan->n_parts; i-- > 0;) {
        CallPart *part = &plan->parts[i];
        bool wants = false, reached = false;
        if (part->activity.kind)
            for (int k = 0; k < part->call->n_out; k++) flows[part_result(part, k)].reached = true;
        if (part->after != NO_FLOW && flows[part->after].reached) flows[part->out[0]].reached = true;
        for (int k = 0; k < part->call->n_out; k++) {
            reached = reached || flows[part->out[k]].reached;
            wants = wants || flows[part->out[k]].wants;
        }
        part->backward = plan->training && wants && reached;
        if (!part->backward) continue;
        for (int k = 0; k < part->call->n_in; k++)
            if (flows[part->in[k]].wants) flows[part->in[k]].reached = true;
    }
}

/* What backward reads, and who reads last on the way forward. */
static void find_readers(Plan *plan)
{
    Flow *flows = plan->flows.at;
    for (size_t i = 0; i < plan->n_parts; i++) {
        CallPart *part = &plan->parts[i];
        const ActivationKind *activation = (const ActivationKind *)part->activation.kind;
        if (!part->skipped || activation)
            for (int k = 0; k < part->call->n_in; k++) flows[part->in[k]].last_reader = (int)i;
        if (activation) flows[part->out[0]].last_reader = (int)i;
        if (!part->backward) continue;
        if (!part->skipped && part->reads & READS_X)
            for (int k = 0; k < part->call->n_in; k++) flows[part->in[k]].backward_reads = true;
        if (!part->skipped && part->reads & READS_Y)
            for (int k = 0; k < part->call->n_out; k++) flows[part->out[k]].backward_reads = true;
        if (activation && flows[part->after].reached) {
            if (activation->reads & READS_X) flows[part->out[0]].backward_reads = true;
            if (activation->reads & READS_Y) flows[part->after].backward_reads = true;
        }
        if (part->activity.kind)
            for (int k = 0; k < part->call->n_out; k++) flows[part_result(part, k)].backward_reads = true;
    }
}

void plan_lower(Plan *plan, const PlanConfig *config)
{
    const Graph *graph = plan->graph;
    plan->wire_flow = ARENA_ARRAY(plan->arena, int, graph->wires.n);
    plan->wire_mask = ARENA_ARRAY(plan->arena, int, graph->wires.n);
    plan->n_outputs = graph->outputs.n;
    plan->losses = ARENA_ARRAY(plan->arena, LossPart, plan->n_outputs);
    plan->loss_values = ARENA_ARRAY(plan->arena, double, plan->n_outputs);
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const Wire *wire = graph->inputs.at[i].wire;
        int flow = add_flow(plan, wire_name(plan, wire), floats_of(&wire->shape));
        plan->flows.at[flow].pinned = true;
        plan->flows.at[flow].buffer = plan_add_buffer(plan, plan->flows.at[flow].name, plan->flows.at[flow].floats * (int64_t)sizeof(float));
        plan->wire_flow[wire->index] = flow;
    }
    lower_masks(plan);
    plan->n_parts = graph->calls.n;
    plan->parts = ARENA_ARRAY(plan->arena, CallPart, plan->n_parts);
    for (size_t i = 0; i < plan->n_parts; i++) lower_call(plan, &plan->parts[i], graph->calls.at[i]);
    for (size_t i = 0; i < plan->n_outputs; i++) lower_output(plan, i, config->outputs ? &config->outputs[i] : NULL);
    find_wanted(plan);
    find_reached(plan);
    find_readers(plan);
}
