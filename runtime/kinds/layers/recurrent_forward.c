/* recurrent_forward.c: recurrent layers, forward; see recurrent.h. Pass 0 lays out the weights, pass 1 goes through the steps, some rows
 * to a task. */
#include "runtime/kinds/layers/recurrent.h"

#include <string.h>

int rnn_tasks(const Call *call, int64_t rows, bool backward, int pass, const RnnCell *cell)
{
    if (pass == 0) return 1;
    Rnn r = rnn_place(call, rows, cell, NULL);
    return backward && pass == 2 ? tasks_for(r.k, r.slices * r.columns) : r.slices;
}

/* ---- Weights ------------------------------------------------------------------------------------------------------- */

/* What is added to each place: biases of the products that end there. */
static void lay_bias(const Rnn *r)
{
    const float *bias = r->work->w[2];
    kernels()->fill(r->width, 0.0f, r->bias);
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        float *to = r->bias + span->place * r->u;
        const float *from = bias + span->column * r->u;
        int64_t n = span->blocks * r->u;
        if (span->x) kernels()->copy(n, from, to);
        if (span->h && r->cell->bias_rows == 2) kernels()->add(n, to, from + r->columns, to);
    }
}

static void lay_weights(const Rnn *r)
{
    if (r->a->use_bias) lay_bias(r);
    if (r->copies > 1) return;
    float *to = r->forward_pack;
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        int64_t k = (span->x ? r->f : 0) + (span->h ? r->u : 0), n = span->blocks * r->u, column = span->column * r->u;
        if (span->x) rnn_pack(to, k, 0, r->f, n, r->work->w[0] + column, r->columns);
        if (span->h) rnn_pack(to, k, k - r->u, r->u, n, r->work->w[1] + column, r->columns);
        to += rnn_pack_size(k, n);
    }
}

/* ---- Dropout ------------------------------------------------------------------------------------------------------- */

/* 0 or 1 / (1 - rate) for each of n numbers of a row; elements count within the sample, gate by gate. */
static void draw_factors(const Rnn *r, int stream, double rate, int gate, int64_t row, int64_t n, float *factors)
{
    RngKey key = r->work->streams[stream];
    if (r->a->seed != ARG_NO_INT) key.seed = (uint64_t)r->a->seed;
    int64_t rows_each = r->work->rows / r->work->samples;
    uint32_t sample = (uint32_t)(r->work->first_sample + row / rows_each);
    float kept = rate < 1 ? (float)(1 / (1 - rate)) : 0.0f;
    uint32_t threshold = (uint32_t)(rate * 65536 + 0.5);
    for (int64_t i = 0; i < n; i += 64) {
        uint16_t bits[64];
        int64_t count = n - i < 64 ? n - i : 64;
        rng_bits16(&key, sample, (gate * rows_each + row % rows_each) * n + i, count, bits);
        for (int64_t j = 0; j < count; j++) factors[i + j] = bits[j] >= threshold ? kept : 0.0f;
    }
}

static void draw(const Rnn *r)
{
    for (int copy = 0; copy < r->copies; copy++)
        for (int64_t row = r->from; row < r->from + r->n; row++) {
            int64_t at = copy * r->rows + row;
            if (r->drops_x) draw_factors(r, 0, r->a->dropout, copy, row, r->f, r->x_factors + at * r->f);
            if (r->drops_h) draw_factors(r, 1, r->a->recurrent_dropout, copy, row, r->u, r->h_factors + at * r->u);
        }
}

/* ---- Steps --------------------------------------------------------------------------------------------------------- */

static void lay_inputs(const Rnn *r)
{
    size_t bytes = (size_t)r->f * sizeof(float);
    for (int copy = 0; copy < r->copies; copy++)
        for (int64_t p = 0; p < r->t; p++) {
            const float *x = r->work->x[0] + (r->from * r->t + rnn_time(r, p)) * r->f;
            float *into = rnn_xh(r, copy, p);
            for (int64_t i = 0; i < r->n; i++, x += r->t * r->f, into += r->k) {
                if (r->drops_x) kernels()->mul(r->f, x, r->x_factors + (copy * r->rows + r->from + i) * r->f, into);
                else memcpy(into, x, bytes);
            }
        }
}

/* The state before step p, as the products see it. */
static void drop_state(const Rnn *r, int64_t p)
{
    if (!r->drops_h) return;
    const float *h = rnn_h(r, p);
    for (int copy = 0; copy < r->copies; copy++) {
        const float *factors = r->h_factors + (copy * r->rows + r->from) * r->u;
        float *into = rnn_xh(r, copy, p) + r->f;
        for (int64_t i = 0; i < r->n; i++) kernels()->mul(r->u, h + i * r->ldh, factors + i * r->u, into + i * r->k);
    }
}

static void start(const Rnn *r)
{
    const Work *work = r->work;
    const Call *call = work->call;
    int64_t size = r->n * r->u, at = r->from * r->u;
    const float *h = call->n_args_in > 0 ? work->x[call->n_in - call->n_args_in] + at : NULL;
    float *into = rnn_h(r, 0), *c = r->c ? r->c + r->from * (r->t + 1) * r->u : NULL;
    for (int64_t i = 0; i < r->n; i++) {
        if (h) kernels()->copy(r->u, h + i * r->u, into + i * r->ldh);
        else kernels()->fill(r->u, 0.0f, into + i * r->ldh);
    }
    if (c && h) kernels()->copy(size, work->x[call->n_in - 1] + at, c);
    else if (c) kernels()->fill(size, 0.0f, c);
    if (work->mask[0]) kernels()->fill(size, 0.0f, r->out + at);
}

/* The products of a step where gates have masks of their own: block by block, with the weights as they are. */
static void products_by_gate(const Rnn *r, const RnnStep *s, float *z)
{
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        for (int b = 0; b < span->blocks; b++) {
            int place = span->place + b, column = span->column + b;
            const float *xh = rnn_xh(r, column, s->p);
            Gemm g = {.form = GEMM_NN, .m = s->n, .n = r->u, .lda = r->k, .ldb = r->columns, .c = z + place * r->u, .ldc = r->width,
                      .bias = r->a->use_bias ? r->bias + place * r->u : NULL};
            if (span->x) {
                g.k = r->f;
                g.a = xh;
                g.b = r->work->w[0] + column * r->u;
                kernels()->gemm(&g);
                g.accumulate = true;
                g.bias = NULL;
            }
            if (!span->h) continue;
            g.k = r->u;
            g.a = xh + r->f;
            g.b = r->work->w[1] + column * r->u;
            kernels()->gemm(&g);
        }
    }
}

static void products(const Rnn *r, const RnnStep *s)
{
    float *z = r->plain ? s->z : s->before;
    if (r->copies > 1) {
        products_by_gate(r, s, z);
        return;
    }
    const float *pack = r->forward_pack, *xh = rnn_xh(r, 0, s->p);
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        int64_t k = (span->x ? r->f : 0) + (span->h ? r->u : 0), n = span->blocks * r->u;
        rnn_product(&(Gemm){.form = GEMM_NN, .m = s->n, .n = n, .k = k, .a = span->x ? xh : xh + r->f, .lda = r->k,
                            .c = z + span->place * r->u, .ldc = r->width, .bias = r->a->use_bias ? r->bias + span->place * r->u : NULL},
                    pack);
        pack += rnn_pack_size(k, n);
    }
}

/* After a step where some rows are masked: their states stay, their result is the last one or 0. */
static void advance_masked(const Rnn *r, const RnnStep *s)
{
    size_t bytes = (size_t)r->u * sizeof(float);
    for (int64_t i = 0; i < s->n; i++) {
        int64_t row = s->from + i;
        float *out = r->out + row * r->u;
        if (rnn_valid(r, row, s->p)) {
            memcpy(out, s->h + i * r->ldh, bytes);
            continue;
        }
        memcpy(s->h + i * r->ldh, s->h_before + i * r->ldh, bytes);
        if (s->c) memcpy(s->c + i * r->u, s->c_before + i * r->u, bytes);
        if (r->a->zero_output_for_mask) memset(out, 0, bytes);
    }
}

static void give(const Rnn *r, const float *from, int64_t ld, float *y, int64_t ldy, int64_t n)
{
    for (int64_t i = 0; i < n; i++) memcpy(y + i * ldy, from + i * ld, (size_t)r->u * sizeof(float));
}

void rnn_forward(const Work *work, const RnnCell *cell)
{
    Rnn r = rnn_place(work->call, work->rows, cell, work);
    if (work->pass == 0) {
        lay_weights(&r);
        return;
    }
    int64_t from = r.from, n = r.n, u = r.u;
    bool masked = work->mask[0] != NULL, all = r.a->return_sequences;
    draw(&r);
    lay_inputs(&r);
    start(&r);
    drop_state(&r, 0);
    RnnStep s = {0};
    for (int64_t p = 0; p < r.t; p++) {
        s = rnn_step(&r, p);
        products(&r, &s);
        cell->forward(&s);
        if (masked) advance_masked(&r, &s);
        drop_state(&r, p + 1);
        if (!all) continue;
        give(&r, masked ? r.out + from * u : s.h, masked ? u : r.ldh, work->y[0] + (from * r.t + p) * u, r.t * u, n);
    }
    if (!all) give(&r, masked ? r.out + from * u : s.h, masked ? u : r.ldh, work->y[0] + from * u, u, n);
    if (!r.a->return_state) return;
    give(&r, s.h, r.ldh, work->y[1] + from * u, u, n);
    if (r.c) kernels()->copy(n * u, s.c, work->y[2] + from * u);
}

void rnn_activate(const ActivationKind *kind, const void *args, const RnnStep *s, int place)
{
    int64_t u = s->r->u, width = s->r->width;
    for (int64_t i = 0; i < s->n; i++) {
        const float *from = s->before + i * width + place * u;
        float *to = s->z + i * width + place * u;
        if (kind) kind->forward(args, from, to, 1, u);
        else memcpy(to, from, (size_t)u * sizeof(float));
    }
}
