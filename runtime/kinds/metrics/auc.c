/* auc: the area under the ROC (or precision-recall) curve, by Keras's 200 thresholds.
 *
 * Thresholds: t_0 = -1e-7, t_i = i / (n-1), t_(n-1) = 1 + 1e-7, or 0 - e, those given, 1 + e. State: for each label and threshold tp and fp,
 * then the sums of positives and negatives; fn and tn follow from these. Formulas: keras/src/metrics/confusion_metrics.py. */
#include "runtime/kinds/metrics/common.h"

#include <math.h>

typedef struct {
    int64_t num_thresholds;
    int curve;
    int summation_method;
    ArgFloats thresholds;
    bool multi_label;
    int64_t num_labels;
    ArgFloats label_weights;
    bool from_logits;
} Args;

enum { ROC, PR };
enum { INTERPOLATION, MINORING, MAJORING };

static const ArgSpec args_auc[] = {
    ARG_INT(Args, num_thresholds, .fallback = "200", .min = 2, .max = 100000, .help = "how many thresholds approximate the curve"),
    ARG_WORD(Args, curve, "ROC|PR", "ROC", .help = "the ROC curve, or precision against recall"),
    ARG_WORD(Args, summation_method, "interpolation|minoring|majoring", "interpolation", .help = "how the area between thresholds is taken"),
    ARG_FLOATS(Args, thresholds, .fallback = "none", .none = true, .min = 0, .max = 1, .help = "thresholds of your own"),
    ARG_BOOL(Args, multi_label, false, .help = "one curve for each unit, then their mean"),
    ARG_INT(Args, num_labels, .fallback = "none", .none = true, .min = 1, .max = 1e9, .help = "number of units, with multi_label"),
    ARG_FLOATS(Args, label_weights, .fallback = "none", .none = true, .help = "weight of each unit in the mean"),
    ARG_BOOL(Args, from_logits, false, .help = "predictions are logits: sigmoid is applied first"),
    ARG_END};

static int64_t n_thresholds(const Args *a)
{
    return a->thresholds.n ? (int64_t)a->thresholds.n + 2 : a->num_thresholds;
}

static double threshold(const Args *a, int64_t i)
{
    int64_t n = n_thresholds(a);
    if (i == 0) return -1e-7;
    if (i == n - 1) return 1.0 + 1e-7;
    if (!a->thresholds.n) return (double)i / (double)(n - 1);
    /* Keras sorts those given. */
    double at = 0.0;
    for (size_t k = 0; k < a->thresholds.n; k++) {
        size_t rank = 1;
        for (size_t j = 0; j < a->thresholds.n; j++)
            if (a->thresholds.at[j] < a->thresholds.at[k] || (a->thresholds.at[j] == a->thresholds.at[k] && j < k)) rank++;
        if ((int64_t)rank == i) at = a->thresholds.at[k];
    }
    return at;
}

static int64_t labels(const Args *a, int64_t width)
{
    return a->multi_label ? width : 1;
}

/* For each label: positives and negatives that first fall below threshold i + 1 (buckets), so that an update costs little. */
static size_t state_size(const void *args, int64_t width)
{
    return (size_t)(labels(args, width) * 2 * n_thresholds(args));
}

/* The last threshold below p. With thresholds of equal distance the product is taken in float32, as Keras does: 0.01 * 199 then falls
 * on the same side of a border. */
static int64_t bucket_of(const Args *a, float p)
{
    int64_t n = n_thresholds(a), last = 0;
    if (!a->thresholds.n) {
        int64_t bucket = (int64_t)ceilf(p * (float)(n - 1)) - 1;
        return bucket < 0 ? 0 : bucket;
    }
    for (int64_t i = 0; i < n; i++)
        if ((double)p > threshold(a, i)) last = i;
    return last;
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    const Args *a = args;
    int64_t n = n_thresholds(a), width = batch->width;
    for (int64_t r = 0; r < batch->rows; r++) {
        double weight = metric_row_weight(batch, r);
        for (int64_t i = 0; i < width; i++) {
            float p = batch->pred[r * width + i];
            if (a->from_logits) p = 1.0f / (1.0f + expf(-p));
            bool truth = batch->target_width == 1 && width > 1 ? (int64_t)batch->target[r] == i : batch->target[r * batch->target_width + i] > 0.5f;
            int64_t bucket = bucket_of(a, p < 0.0f ? 0.0f : p > 1.0f ? 1.0f : p);
            int64_t label = a->multi_label ? i : 0;
            state[(label * n + bucket) * 2 + (truth ? 0 : 1)] += weight;
        }
    }
}

static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : 0.0;
}

static double area(const Args *a, const double *buckets)
{
    int64_t n = n_thresholds(a);
    double positives = 0.0, negatives = 0.0;
    for (int64_t i = 0; i < n; i++) {
        positives += buckets[2 * i];
        negatives += buckets[2 * i + 1];
    }
    /* tp_i: positives whose value lies above threshold i. Walking down from the last threshold. */
    double sum = 0.0, tp_next = 0.0, fp_next = 0.0;
    for (int64_t i = n - 2; i >= 0; i--) {
        double tp = tp_next + buckets[2 * i], fp = fp_next + buckets[2 * i + 1];
        if (a->curve == PR && a->summation_method == INTERPOLATION) {
            double dtp = tp - tp_next, p = tp + fp, p_next = tp_next + fp_next;
            double slope = ratio(dtp, p - p_next), intercept = tp_next - slope * p_next;
            double log_ratio = p > 0.0 && p_next > 0.0 ? log(p / p_next) : 0.0;
            sum += ratio(slope * (dtp + intercept * log_ratio), positives);
        } else {
            double x, x_next, y, y_next;
            if (a->curve == ROC) {
                x = ratio(fp, negatives);
                x_next = ratio(fp_next, negatives);
                y = ratio(tp, positives);
                y_next = ratio(tp_next, positives);
            } else {
                x = ratio(tp, positives);
                x_next = ratio(tp_next, positives);
                y = ratio(tp, tp + fp);
                y_next = ratio(tp_next, tp_next + fp_next);
            }
            double height = a->summation_method == MINORING ? fmin(y, y_next) : a->summation_method == MAJORING ? fmax(y, y_next) : (y + y_next) / 2.0;
            sum += (x - x_next) * height;
        }
        tp_next = tp;
        fp_next = fp;
    }
    return sum;
}

static double result(const void *args, int64_t width, const double *state)
{
    const Args *a = args;
    int64_t n = n_thresholds(a);
    double sum = 0.0, weights = 0.0;
    for (int64_t label = 0; label < labels(a, width); label++) {
        double weight = (size_t)label < a->label_weights.n ? a->label_weights.at[label] : 1.0;
        sum += weight * area(a, state + label * n * 2);
        weights += weight;
    }
    return weights > 0.0 ? sum / weights : 0.0;
}

const MetricKind metric_auc = {
    .kind = {.name = "auc", .keras = "AUC", .family = FAMILY_METRIC,
             .help = "how often a positive sample gets a higher value than a negative one; 0.5 is guessing, 1 is perfect", .example = "metrics auc",
             .args = args_auc, .args_size = sizeof(Args)},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = state_size,
    .update = update,
    .result = result,
};
