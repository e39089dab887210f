/* --dump=plan: what a step does, in order, and where its numbers lie. The text is stable; tests compare it whole. */
#include "runtime/plan/parts.h"

static const char *step_name(StepType type)
{
    switch (type) {
    case STEP_FORWARD: return "forward";
    case STEP_ACTIVATE: return "activate";
    case STEP_ACTIVITY: return "activity";
    case STEP_LOSS: return "loss";
    case STEP_BACKWARD: return "backward";
    case STEP_DEACTIVATE: return "activate_back";
    case STEP_ADD: return "add";
    case STEP_ZERO: return "zero";
    case STEP_ACTIVITY_BACK: return "activity_back";
    }
    return "";
}

static void put_buffers(Buf *out, const char *name, const int *buffers, int n)
{
    bool any = false;
    for (int i = 0; buffers && i < n; i++) any = any || buffers[i] != NO_BUFFER;
    if (!any) return;
    buf_printf(out, " %s", name);
    for (int i = 0; i < n; i++) {
        if (buffers[i] == NO_BUFFER) buf_printf(out, "%s-", i ? "," : "=");
        else buf_printf(out, "%s%d", i ? "," : "=", buffers[i]);
    }
}

static void put_step(const Plan *plan, int index, Buf *out)
{
    const Step *step = &plan->steps.at[index];
    buf_printf(out, "  %3d  %-13s", index, step_name(step->type));
    if (step->type == STEP_LOSS) {
        const LossPart *loss = &plan->losses[step->output];
        buf_printf(out, " %s of %s%s pred=%d target=%d", loss->kind->kind.name, plan->graph->outputs.at[step->output].name,
                   loss->linked ? " from logits" : "", plan->flows.at[loss->flow].buffer, loss->target);
        put_buffers(out, "rows", &loss->rows, 1);
        put_buffers(out, "mask", &loss->mask, 1);
        put_buffers(out, "dpred", &loss->gradient, 1);
        buf_char(out, '\n');
        return;
    }
    if (step->part) {
        const Call *call = step->part->call;
        buf_printf(out, " %s", call->layer->name ? call->layer->name : call->layer->kind->kind.name);
        if (call->nth > 0) buf_printf(out, "#%d", call->nth);
        if (step->type == STEP_ACTIVATE || step->type == STEP_DEACTIVATE) buf_printf(out, " (%s)", step->part->activation.kind->name);
    }
    put_buffers(out, "x", step->x, step->n_x);
    put_buffers(out, "y", step->y, step->n_y);
    put_buffers(out, "dy", step->dy, step->n_y);
    put_buffers(out, "dx", step->dx, step->n_x);
    put_buffers(out, "scratch", &step->scratch, 1);
    if (step->type == STEP_BACKWARD && step->work.dw_add) buf_put(out, " adds");
    buf_char(out, '\n');
}

void plan_dump(const Plan *plan, Buf *out)
{
    buf_printf(out, "plan %s: %s, batch %lld, %zu bytes\n", plan->graph->name ? plan->graph->name : "model",
               plan->training ? "training" : "inference", (long long)plan->batch, plan->bytes);
    buf_put(out, "buffers\n");
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const Buffer *b = &plan->buffers.at[i];
        if (b->last < b->first) continue;
        buf_printf(out, "  %3zu  %8zu bytes at %8zu, steps %d to %d: %s\n", i, b->bytes, b->offset, b->first, b->last, b->name);
    }
    buf_put(out, "steps\n");
    for (size_t i = 0; i < plan->steps.n; i++) put_step(plan, (int)i, out);
    if (!plan->training) return;
    buf_printf(out, "update %s\n", plan->update.kind->kind.name);
    /* Runs are cut for the cache; what belongs together is shown as one stretch. */
    for (int i = 0; i < plan->update.n_runs;) {
        const Run *first = &plan->update.runs[i];
        size_t end = first->offset + (size_t)first->n;
        for (i++; i < plan->update.n_runs; i++) {
            const Run *run = &plan->update.runs[i];
            if (run->offset != end || run->decay != first->decay) break;
            end += (size_t)run->n;
        }
        buf_printf(out, "  weights %zu to %zu%s\n", first->offset, end - 1, first->decay ? ", decayed" : "");
    }
}
