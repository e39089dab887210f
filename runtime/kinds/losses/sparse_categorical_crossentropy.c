/* Cross-entropy of classes given by number: -log p[label]. The same arithmetic as categorical_crossentropy with one share of 1.
 * Rows whose label is ignore_class give 0 and take no part in the mean. A label that is no class gives NaN. */
#include "runtime/kinds/losses/common.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

typedef struct {
    LossCommon common;
    bool from_logits;
    int64_t ignore_class;
} SparseArgs;

static const ArgSpec args_of[] = {
    ARG_BOOL(SparseArgs, from_logits, false, .help = "the outputs are logits, not probabilities"),
    ARG_INT(SparseArgs, ignore_class, .fallback = "none", .none = true, .help = "rows of this class take no part"),
    LOSS_REDUCTION(SparseArgs),
    ARG_END,
};

/* Labels are read as Keras does, truncated to whole numbers. */
static int64_t label_of(float target)
{
    return target > -9e18f && target < 9e18f ? (int64_t)target : INT64_MAX;
}

static bool is_class(int64_t label, int64_t width)
{
    return label >= 0 && label < width;
}

static bool ignored(const SparseArgs *args, int64_t label)
{
    return args->ignore_class != ARG_NO_INT && label == args->ignore_class;
}

static void sparse_valid(const void *args, const float *target, int64_t rows, uint8_t *valid)
{
    for (int64_t row = 0; row < rows; row++)
        if (ignored(args, label_of(target[row]))) valid[row] = 0;
}

static bool sparse_leaves_out(const void *args)
{
    return ((const SparseArgs *)args)->ignore_class != ARG_NO_INT;
}

static void sparse_values(const void *args_, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                          float *value)
{
    const SparseArgs *args = args_;
    for (int64_t row = 0; row < rows; row++) {
        const float *p = pred + row * width;
        int64_t label = label_of(target[row]);
        if (ignored(args, label)) {
            value[row] = 0.0f;
        } else if (!is_class(label, width)) {
            value[row] = NAN;
        } else if (logits || args->from_logits) {
            value[row] = loss_log_sum_exp(p, width) - p[label];
        } else {
            float q = p[label] / (float)kernels()->sum(width, p);
            value[row] = -loss_log(q < LOSS_EPSILON ? LOSS_EPSILON : q > LOSS_NEARLY_ONE ? LOSS_NEARLY_ONE : q);
        }
    }
}

static void sparse_gradient(const void *args_, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                            const float *scale, float *dpred)
{
    const SparseArgs *args = args_;
    const Kernels *k = kernels();
    bool linked = logits || args->from_logits;
    if (linked) k->softmax(rows, width, pred, width, dpred, width);
    for (int64_t row = 0; row < rows; row++) {
        const float *p = pred + row * width;
        float *d = dpred + row * width;
        int64_t label = label_of(target[row]);
        if (ignored(args, label)) {
            k->fill(width, 0.0f, d);
        } else if (!is_class(label, width)) {
            k->fill(width, NAN, d);
        } else if (linked) {
            d[label] -= 1.0f;
            k->scale(width, scale[row], d, d);
        } else {
            float whole = (float)k->sum(width, p), q = p[label] / whole;
            bool clipped = q < LOSS_EPSILON || q > LOSS_NEARLY_ONE;
            k->fill(width, clipped ? 0.0f : scale[row] / whole, d);
            if (!clipped) d[label] = scale[row] * ((1.0f - 1.0f / q) / whole);
        }
    }
}

const LossKind loss_sparse_categorical_crossentropy = {
    .kind = {.name = "sparse_categorical_crossentropy",
             .keras = "SparseCategoricalCrossentropy",
             .family = FAMILY_LOSS,
             .help = "cross-entropy of classes given by number, for outputs that end in a softmax",
             .example = "loss sparse_categorical_crossentropy",
             .args = args_of,
             .args_size = sizeof(SparseArgs),
             .aliases = "scce"},
    .target = TARGET_INDEX,
    .link = LINK_SOFTMAX,
    .leaves_out = sparse_leaves_out,
    .valid = sparse_valid,
    .values = sparse_values,
    .gradient = sparse_gradient,
};
