/* recurrent_place.c: where the numbers of a recurrent layer lie, and weights laid out for products; see recurrent.h. */
#include "runtime/kinds/layers/recurrent.h"

#include <string.h>

extern const ActivationKind activation_tanh, activation_sigmoid;

static float *take(Rnn *r, int64_t n)
{
    size_t at = r->floats;
    r->floats += (size_t)n;
    return r->work ? r->work->scratch + at : NULL;
}

/* Rows of a slice where there is work enough for several: a few tiles of the product; fewer only where there would be one. */
enum { SLICE_ROWS = 32, SLICE_LEAST = 16 };

static int slices_of(const Rnn *r)
{
    double cost = (double)r->rows * (double)r->t * (double)r->columns * (double)r->k;
    if (cost < 1e6 || r->rows < 2 * SLICE_LEAST) return 1;
    int64_t slices = r->rows < 2 * SLICE_ROWS ? 2 : r->rows / SLICE_ROWS;
    return slices > RNN_SLICES ? RNN_SLICES : (int)slices;
}

static const ActivationKind *activation_of(KindRef ref) { return (const ActivationKind *)ref.kind; }

Rnn rnn_place(const Call *call, int64_t rows, const RnnCell *cell, const Work *work)
{
    const RnnArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    bool runs = !work || work->mode != MODE_INFER; /* dropout is at work, or sizes are asked for */
    Rnn r = {.work = work, .a = a, .cell = cell, .act = activation_of(a->activation), .gate_act = activation_of(a->recurrent_activation),
             .rows = rows, .t = shape->dim[0], .f = shape->dim[1], .u = a->units, .k = shape->dim[1] + a->units,
             .width = cell->places * a->units, .columns = cell->gates * a->units, .copies = 1};
    r.drops_x = runs && a->dropout > 0;
    r.drops_h = runs && a->recurrent_dropout > 0;
    if (r.drops_h) r.copies = cell->gates;
    r.plain = r.act == &activation_tanh && (cell->gates == 1 || r.gate_act == &activation_sigmoid) && !cell->resets_before;
    r.slices = slices_of(&r);
    if (work && work->pass == 1) {
        int64_t to;
        task_slice(work, rows, &r.from, &to);
        r.n = to - r.from;
    }
    int64_t step = rows * r.u, x_blocks = 0;
    r.xh = take(&r, r.copies * (r.t + 1) * rows * r.k);
    if (r.drops_h) {
        r.h = take(&r, (r.t + 1) * step);
        r.ldh = r.u;
    } else {
        r.h = work ? r.xh + r.f : NULL;
        r.ldh = r.k;
    }
    r.z = take(&r, r.t * rows * r.width);
    if (!r.plain) r.before = take(&r, r.t * rows * r.width);
    if (cell->has_c) {
        r.c = take(&r, (r.t + 1) * step);
        r.c_act = take(&r, r.t * step);
        r.dc = take(&r, step);
    }
    r.out = take(&r, step);
    r.dh = take(&r, step);
    r.held = take(&r, 2 * step);
    r.through = take(&r, 2 * step);
    r.dx = take(&r, rows * r.f);
    if (r.drops_x) r.x_factors = take(&r, r.copies * rows * r.f);
    if (r.drops_h) r.h_factors = take(&r, r.copies * step);
    for (int i = 0; i < cell->n_spans; i++) {
        const RnnSpan *span = &cell->spans[i];
        x_blocks += (int64_t)rnn_pack_size((span->x ? r.f : 0) + (span->h ? r.u : 0), span->blocks * r.u);
    }
    r.forward_pack = take(&r, x_blocks);
    r.x_pack = take(&r, (int64_t)rnn_pack_size(cell->n_x * r.u, r.f));
    r.h_pack = take(&r, (int64_t)rnn_pack_size(cell->n_h * r.u, r.u));
    r.bias = take(&r, r.width);
    r.bias_sums = take(&r, r.slices * r.width);
    r.sums = take(&r, r.slices * r.k * r.columns);
    return r;
}

size_t rnn_scratch(const Call *call, int64_t rows, const RnnCell *cell)
{
    const Shape *shape = &call->in[0]->shape;
    double u = (double)((const RnnArgs *)call->layer->args)->units, f = (double)shape->dim[1];
    /* More than any part of it, in double, so that no product below overflows. */
    if (((double)rows * ((double)shape->dim[0] + 1) + RNN_SLICES * (f + u)) * 16 * (f + u) > 1e17) return memory_product(SIZE_MAX, 2);
    return rnn_place(call, rows, cell, NULL).floats;
}

/* Rows before those of step p of the slice, in what has T steps, and in what has T + 1. */
static int64_t at_step(const Rnn *r, int64_t p) { return r->from * r->t + p * r->n; }
static int64_t at_state(const Rnn *r, int64_t p) { return r->from * (r->t + 1) + p * r->n; }

float *rnn_xh(const Rnn *r, int copy, int64_t p) { return r->xh + (copy * (r->t + 1) * r->rows + at_state(r, p)) * r->k; }

float *rnn_h(const Rnn *r, int64_t p) { return r->h + at_state(r, p) * r->ldh; }

RnnStep rnn_step(const Rnn *r, int64_t p)
{
    int64_t at = at_step(r, p);
    RnnStep s = {.r = r, .p = p, .from = r->from, .n = r->n, .z = r->z + at * r->width, .h_before = rnn_h(r, p), .h = rnn_h(r, p + 1),
                 .dh = r->dh + r->from * r->u};
    if (r->before) s.before = r->before + at * r->width;
    if (r->c) {
        s.c_before = r->c + at_state(r, p) * r->u;
        s.c = r->c + at_state(r, p + 1) * r->u;
        s.c_act = r->c_act + at * r->u;
        s.dc = r->dc + r->from * r->u;
    }
    return s;
}

int64_t rnn_time(const Rnn *r, int64_t p) { return r->a->go_backwards ? r->t - 1 - p : p; }

bool rnn_valid(const Rnn *r, int64_t row, int64_t p) { return !r->work->mask[0] || r->work->mask[0][row * r->t + rnn_time(r, p)]; }

/* ---- Panels -------------------------------------------------------------------------------------------------------- */

size_t rnn_pack_size(int64_t k, int64_t n) { return (size_t)(k * ((n + RNN_PANEL - 1) / RNN_PANEL * RNN_PANEL)); }

void rnn_pack(float *to, int64_t k, int64_t first, int64_t rows, int64_t n, const float *b, int64_t ldb)
{
    for (int64_t j = 0; j < n; j += RNN_PANEL) {
        size_t bytes = (size_t)(n - j < RNN_PANEL ? n - j : RNN_PANEL) * sizeof(float);
        float *panel = to + j * k + first * RNN_PANEL;
        for (int64_t i = 0; i < rows; i++) memcpy(panel + i * RNN_PANEL, b + i * ldb + j, bytes);
    }
}

void rnn_pack_transposed(float *to, int64_t k, int64_t first, int64_t rows, int64_t n, const float *b, int64_t ldb)
{
    for (int64_t j = 0; j < n; j += RNN_PANEL) {
        int64_t columns = n - j < RNN_PANEL ? n - j : RNN_PANEL;
        kernels()->transpose(columns, rows, b + j * ldb, ldb, to + j * k + first * RNN_PANEL, RNN_PANEL);
    }
}

void rnn_product(const Gemm *g, const float *pack)
{
    Gemm part = *g;
    part.ldb = RNN_PANEL;
    for (int64_t j = 0; j < g->n; j += RNN_PANEL) {
        part.n = g->n - j < RNN_PANEL ? g->n - j : RNN_PANEL;
        part.b = pack + j * g->k;
        part.c = g->c + j;
        if (g->bias) part.bias = g->bias + j;
        kernels()->gemm(&part);
    }
}
