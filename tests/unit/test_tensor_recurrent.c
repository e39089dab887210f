/* tests/unit/test_tensor_recurrent.c: one step of the cells against their formulas in double, forward and backward, and the same bits in every
 * table. Values: float32 gates within some units in the last place of 1; gradients are products of three or four such numbers. */
#include "tests/unit/test.h"

#include "runtime/tensor/kernels.h"

static const char *const sets[] = {"v4", "v3", "v2", "generic"};
enum { SETS = 4, ROWS = 3, UNITS = 70, N = ROWS * UNITS };

static uint32_t state;
static void numbers(float *x, int n, float size)
{
    for (int i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(int32_t)state * 0x1p-31f * size;
    }
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* What a step reads and what it makes. */
typedef struct {
    float z[4 * N], before[N], c[N], c_tanh[N], h[N], dh[N], dc[N];
} Numbers;

static void check_lstm(const Numbers *given, const Numbers *forward, const Numbers *back, int units)
{
    for (int at = 0; at < ROWS * units; at++) {
        int row = at / units, j = at % units;
        const float *z = given->z + row * 4 * units + j;
        double i = sigmoid((double)z[0]), f = sigmoid((double)z[units]), g = tanh((double)z[2 * units]), o = sigmoid((double)z[3 * units]);
        double c = f * (double)given->before[at] + i * g, t = tanh(c), dh = (double)given->dh[at];
        NEAR((double)forward->c[at], c, 1e-6);
        NEAR((double)forward->c_tanh[at], t, 1e-6);
        NEAR((double)forward->h[at], o * t, 1e-6);
        double dc = (double)given->dc[at] + dh * o * (1 - t * t);
        const float *d = back->z + row * 4 * units + j;
        NEAR((double)d[0], dc * g * i * (1 - i), 2e-6);
        NEAR((double)d[units], dc * (double)given->before[at] * f * (1 - f), 2e-6);
        NEAR((double)d[2 * units], dc * i * (1 - g * g), 2e-6);
        NEAR((double)d[3 * units], dh * t * o * (1 - o), 2e-6);
        NEAR((double)back->dc[at], dc * f, 2e-6);
    }
}

static void check_gru(const Numbers *given, const Numbers *forward, const Numbers *back, int units)
{
    for (int at = 0; at < ROWS * units; at++) {
        int row = at / units, j = at % units;
        const float *z = given->z + row * 4 * units + j;
        double u = sigmoid((double)z[units]), r = sigmoid((double)z[2 * units]), s = (double)z[3 * units], n = tanh((double)z[0] + r * s);
        double before = (double)given->before[at], dh = (double)given->dh[at], dn = dh * (1 - u) * (1 - n * n);
        NEAR((double)forward->h[at], u * before + (1 - u) * n, 1e-6);
        const float *d = back->z + row * 4 * units + j;
        NEAR((double)d[0], dn, 2e-6);
        NEAR((double)d[units], dh * (before - n) * u * (1 - u), 2e-6);
        NEAR((double)d[2 * units], dn * s * r * (1 - r), 2e-6);
        NEAR((double)d[3 * units], dn * r, 2e-6);
        NEAR((double)back->dh[at], dh * u, 2e-6);
    }
}

static void check(bool lstm)
{
    static Numbers given, forward, back, first;
    for (int units = 1; units <= UNITS; units += units < 20 ? 1 : 10) {
        numbers(given.z, 4 * N, 6);
        numbers(given.before, N, 1);
        numbers(given.dh, N, 2);
        numbers(given.dc, N, 2);
        for (int s = 0, seen = 0; s < SETS; s++) {
            const Kernels *k = kernels_named(sets[s]);
            if (!k) continue;
            forward = given;
            if (lstm) k->lstm(ROWS, units, forward.z, forward.before, forward.c, forward.c_tanh, forward.h, units);
            else k->gru(ROWS, units, forward.z, forward.before, units, forward.h, units);
            back = forward;
            if (lstm) k->lstm_back(ROWS, units, back.z, back.before, back.c_tanh, back.dh, back.dc);
            else k->gru_back(ROWS, units, back.z, back.before, units, back.dh);
            if (lstm) check_lstm(&given, &forward, &back, units);
            else check_gru(&given, &forward, &back, units);
            if (seen++) OK(memcmp(&first, &back, sizeof first) == 0);
            else first = back;
        }
    }
}

TEST(lstm) { check(true); }
TEST(gru) { check(false); }
