/* masking.c: masks the steps all of whose features are mask_value, and sets them to 0.   x, y [B, T, F]   mask [B, T] */
#include "runtime/kinds/layers/layer.h"

typedef struct {
    double mask_value;
} MaskingArgs;

static const ArgSpec args[] = {
    ARG_FLOAT(MaskingArgs, mask_value, .fallback = "0.0", .help = "a step whose features are all this number is masked"),
    ARG_END,
};

static bool masking_infer(const Infer *infer, Call *call)
{
    call->out[0]->shape = call->in[0]->shape;
    return need_sequence(infer, call, 0);
}

static bool step_valid(const float *x, int64_t n, float mask_value)
{
    for (int64_t i = 0; i < n; i++)
        if (x[i] != mask_value) return true;
    return false;
}

static bool masking_mask_out(const Call *call, int port)
{
    (void)call, (void)port;
    return true;
}

static void masking_mask_forward(const Work *work)
{
    const Shape *shape = &work->call->in[0]->shape;
    float mask_value = (float)((const MaskingArgs *)work->args)->mask_value;
    for (int64_t step = 0; step < work->rows * shape->dim[0]; step++)
        work->mask_out[0][step] = step_valid(work->x[0] + step * shape->dim[1], shape->dim[1], mask_value);
}

static int masking_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows, 2 * row_size(call->in[0]));
}

/* to = from where the step of x is valid, else 0 times from. */
static void keep_valid(const Work *work, const float *from, float *to)
{
    const Shape *shape = &work->call->in[0]->shape;
    float mask_value = (float)((const MaskingArgs *)work->args)->mask_value;
    int64_t first, last, n = shape->dim[1];
    task_slice(work, work->rows * shape->dim[0], &first, &last);
    for (int64_t step = first; step < last; step++) {
        float factor = step_valid(work->x[0] + step * n, n, mask_value) ? 1.0f : 0.0f;
        for (int64_t i = 0; i < n; i++) to[step * n + i] = from[step * n + i] * factor;
    }
}

static void masking_forward(const Work *work) { keep_valid(work, work->x[0], work->y[0]); }

static void masking_backward(const Work *work)
{
    if (work->dx[0]) keep_valid(work, work->dy[0], work->dx[0]);
}

static const LayerCase cases[] = {{.args = "", .shapes = "[3, 2]"}, {.args = "-1", .shapes = "[3, 2]", .masked = true}, {0}};

const LayerKind layer_masking = {
    .kind = {.name = "masking", .keras = "Masking", .family = FAMILY_LAYER, .help = "marks steps of filler, which later layers leave out",
             .example = "masking(mask_value=-1)", .args = args, .args_size = sizeof(MaskingArgs)},
    .infer = masking_infer,
    .mask = MASK_HOOK,
    .mask_out = masking_mask_out,
    .mask_forward = masking_mask_forward,
    .reads = READS_X,
    .tasks = masking_tasks,
    .forward = masking_forward,
    .backward = masking_backward,
    .cases = cases,
};
