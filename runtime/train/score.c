/* Scores of predictions; see score.h. Definitions as in scikit-learn's reports. */
#include "runtime/train/score.h"

#include <math.h>
#include <stdlib.h>

NumberScore score_numbers(const double *truth, const double *predicted, size_t n)
{
    NumberScore s = {.n = n};
    double absolute = 0.0, squared = 0.0, percent = 0.0, mean = 0.0, spread = 0.0;
    for (size_t i = 0; i < n; i++) {
        double error = predicted[i] - truth[i];
        absolute += fabs(error);
        squared += error * error;
        mean += truth[i] / (double)n;
        if (truth[i] == 0.0) continue;
        percent += fabs(error / truth[i]);
        s.mape_n++;
    }
    for (size_t i = 0; i < n; i++) spread += (truth[i] - mean) * (truth[i] - mean);
    s.mae = absolute / (double)n;
    s.rmse = sqrt(squared / (double)n);
    s.mape = s.mape_n ? 100.0 * percent / (double)s.mape_n : (double)NAN;
    s.r2 = spread > 0.0 ? 1.0 - squared / spread : (double)NAN;
    return s;
}

typedef struct {
    double value;
    bool truth;
} Ranked;

static int by_value(const void *a, const void *b)
{
    double x = ((const Ranked *)a)->value, y = ((const Ranked *)b)->value;
    return (x > y) - (x < y);
}

static Ranked *ranked(Arena *arena, const bool *truth, const double *value, size_t stride, size_t n)
{
    Ranked *rows = ARENA_ARRAY(arena, Ranked, n + 1);
    for (size_t i = 0; i < n; i++) rows[i] = (Ranked){value[i * stride], truth[i]};
    qsort(rows, n, sizeof *rows, by_value);
    return rows;
}

double score_auc(Arena *arena, const bool *truth, const double *value, size_t stride, size_t n)
{
    Ranked *rows = ranked(arena, truth, value, stride, n);
    /* Mann and Whitney: pairs in which the positive row has the larger value, ties half. */
    double negatives = 0.0, positives = 0.0, pairs = 0.0;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double up = 0.0, down = 0.0;
        for (; end < n && rows[end].value == rows[i].value; end++) {
            if (rows[end].truth) up += 1.0;
            else down += 1.0;
        }
        pairs += up * (negatives + 0.5 * down);
        positives += up;
        negatives += down;
        i = end;
    }
    return positives > 0.0 && negatives > 0.0 ? pairs / (positives * negatives) : (double)NAN;
}

double score_best_threshold(Arena *arena, const uint32_t *truth, const double *positive, size_t n, double *f1)
{
    bool *is = ARENA_ARRAY(arena, bool, n + 1);
    double all = 0.0;
    for (size_t i = 0; i < n; i++) {
        is[i] = truth[i] == 1;
        all += is[i];
    }
    Ranked *rows = ranked(arena, is, positive, 1, n);
    double best = 0.0, threshold = 0.5, tp = 0.0, said = 0.0;
    /* From the largest value down: everything from here on counts as positive. */
    for (size_t i = n; i-- > 0;) {
        said += 1.0;
        tp += rows[i].truth;
        if (i > 0 && rows[i - 1].value == rows[i].value) continue;
        double score = 2.0 * tp / (said + all);
        if (score <= best) continue;
        best = score;
        threshold = i > 0 ? (rows[i - 1].value + rows[i].value) / 2.0 : rows[i].value / 2.0;
    }
    *f1 = best;
    return threshold;
}

static double share(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

static size_t answer(const double *probability, size_t n_classes, double threshold)
{
    if (n_classes == 2) return probability[1] > threshold;
    size_t best = 0;
    for (size_t c = 1; c < n_classes; c++)
        if (probability[c] > probability[best]) best = c;
    return best;
}

ClassScore score_classes(Arena *arena, const uint32_t *truth, const double *probability, size_t n, size_t n_classes, double threshold)
{
    ClassScore s = {.n = n, .n_classes = n_classes, .threshold = n_classes == 2 ? threshold : (double)NAN};
    s.confusion = ARENA_ARRAY(arena, size_t, n_classes * n_classes);
    s.class_precision = ARENA_ARRAY(arena, double, n_classes);
    s.class_recall = ARENA_ARRAY(arena, double, n_classes);
    s.class_f1 = ARENA_ARRAY(arena, double, n_classes);
    for (size_t i = 0; i < n; i++) s.confusion[truth[i] * n_classes + answer(probability + i * n_classes, n_classes, threshold)]++;
    double right = 0.0, auc = 0.0;
    bool *is = ARENA_ARRAY(arena, bool, n + 1);
    for (size_t c = 0; c < n_classes; c++) {
        double hit = (double)s.confusion[c * n_classes + c], said = 0.0, there = 0.0;
        for (size_t k = 0; k < n_classes; k++) {
            said += (double)s.confusion[k * n_classes + c];
            there += (double)s.confusion[c * n_classes + k];
        }
        right += hit;
        s.class_precision[c] = share(hit, said);
        s.class_recall[c] = share(hit, there);
        s.class_f1[c] = share(2.0 * hit, said + there);
        for (size_t i = 0; i < n; i++) is[i] = truth[i] == c;
        if (n_classes > 2 || c == 1) auc += score_auc(arena, is, probability + c, n_classes, n);
    }
    s.accuracy = share(right, (double)n);
    s.auc = n_classes > 2 ? auc / (double)n_classes : auc;
    if (n_classes == 2) {
        s.precision = s.class_precision[1];
        s.recall = s.class_recall[1];
        s.f1 = s.class_f1[1];
        return s;
    }
    for (size_t c = 0; c < n_classes; c++) {
        s.precision += s.class_precision[c] / (double)n_classes;
        s.recall += s.class_recall[c] / (double)n_classes;
        s.f1 += s.class_f1[c] / (double)n_classes;
    }
    return s;
}
