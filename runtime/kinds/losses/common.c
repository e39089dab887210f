/* Reductions over the last axis that losses share. Blocks of CHUNK numbers stand on the stack, so that no loss needs memory. */
#include "runtime/kinds/losses/common.h"

#include "runtime/tensor/kernels.h"

#include <math.h>

enum { CHUNK = 256 };

void loss_row_means(LossElements *f, const void *args, bool logits, const float *target, const float *pred, int64_t rows,
                    int64_t width, float *value)
{
    const Kernels *k = kernels();
    if (width == 1) {
        f(args, logits, target, pred, rows, value);
        return;
    }
    float element[CHUNK];
    if (width <= CHUNK) {
        int64_t at_once = CHUNK / width;
        for (int64_t row = 0; row < rows; row += at_once) {
            int64_t n = rows - row < at_once ? rows - row : at_once;
            f(args, logits, target + row * width, pred + row * width, n * width, element);
            for (int64_t i = 0; i < n; i++) value[row + i] = (float)(k->sum(width, element + i * width) / (double)width);
        }
        return;
    }
    for (int64_t row = 0; row < rows; row++) {
        double sum = 0;
        for (int64_t from = 0; from < width; from += CHUNK) {
            int64_t n = width - from < CHUNK ? width - from : CHUNK;
            f(args, logits, target + row * width + from, pred + row * width + from, n, element);
            sum += k->sum(n, element);
        }
        value[row] = (float)(sum / (double)width);
    }
}

void loss_row_slopes(LossElements *f, const void *args, bool logits, const float *target, const float *pred, int64_t rows,
                     int64_t width, const float *scale, float *dpred)
{
    f(args, logits, target, pred, rows * width, dpred);
    if (width == 1) {
        kernels()->mul(rows, dpred, scale, dpred);
        return;
    }
    for (int64_t row = 0; row < rows; row++) {
        float factor = scale[row] / (float)width;
        for (int64_t i = 0; i < width; i++) dpred[row * width + i] *= factor;
    }
}

float loss_log_sum_exp(const float *x, int64_t width)
{
    const Kernels *k = kernels();
    float most = k->largest(width, x);
    if (!isfinite(most)) return most;
    float part[CHUNK];
    double sum = 0;
    for (int64_t from = 0; from < width; from += CHUNK) {
        int64_t n = width - from < CHUNK ? width - from : CHUNK;
        k->affine(n, 1.0f, -most, x + from, part);
        k->exp(n, part, part);
        sum += k->sum(n, part);
    }
    return most + loss_log((float)sum);
}

float loss_log(float x)
{
    float y;
    kernels()->log(1, &x, &y);
    return y;
}
