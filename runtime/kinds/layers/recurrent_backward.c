/* recurrent_backward.c: recurrent layers, backward; see recurrent.h. Pass 0 lays out the transposed weights, pass 1 goes back through the
 * steps, a slice of rows to a task, pass 2 adds the slices' sums to the weights' gradients. */
#include "runtime/kinds/layers/recurrent.h"

#include <string.h>

static void lay_transposed(const Rnn *r)
{
    const RnnCell *cell = r->cell;
    if (r->copies > 1) return;
    for (int i = 0; i < cell->n_h; i++)
        rnn_pack_transposed(r->h_pack, cell->n_h * r->u, i * r->u, r->u, r->u, r->work->w[1] + i * r->u, r->columns);
    if (!r->work->dx[0]) return;
    for (int i = 0; i < cell->n_x; i++)
        rnn_pack_transposed(r->x_pack, cell->n_x * r->u, i * r->u, r->u, r->f, r->work->w[0] + cell->x_columns[i] * r->u, r->columns);
}

/* ---- Through time -------------------------------------------------------------------------------------------------- */

static void start(const Rnn *r)
{
    const Work *work = r->work;
    int64_t size = r->n * r->u, at = r->from * r->u;
    const float *last = r->a->return_sequences ? NULL : work->dy[0], *state = r->a->return_state ? work->dy[1] : NULL;
    float *dh = r->dh + at;
    if (state) kernels()->copy(size, state + at, dh);
    else kernels()->fill(size, 0.0f, dh);
    if (r->dc && r->a->return_state && work->dy[2]) kernels()->copy(size, work->dy[2] + at, r->dc + at);
    else if (r->dc) kernels()->fill(size, 0.0f, r->dc + at);
    if (!work->mask[0]) {
        if (last) kernels()->add(size, dh, last + at, dh);
    } else if (last) {
        kernels()->copy(size, last + at, r->out + at);
    } else {
        kernels()->fill(size, 0.0f, r->out + at);
    }
}

/* Adds the gradients of the results of step p to that of the state after it. */
static void gather(const Rnn *r, const RnnStep *s)
{
    const float *dy = r->a->return_sequences ? r->work->dy[0] : NULL;
    bool masked = r->work->mask[0] != NULL;
    if (!masked && !dy) return;
    for (int64_t i = 0; i < s->n; i++) {
        int64_t row = s->from + i;
        float *dh = s->dh + i * r->u, *into = masked ? r->out + row * r->u : dh;
        if (dy) kernels()->add(r->u, into, dy + (row * r->t + s->p) * r->u, into);
        if (!masked) continue;
        bool valid = rnn_valid(r, row, s->p);
        if (valid) kernels()->add(r->u, dh, into, dh);
        if (valid || r->a->zero_output_for_mask) kernels()->fill(r->u, 0.0f, into);
    }
}

/* Rows masked at this step take no part: their gradients are put aside, and back afterwards. */
static void hold(const Rnn *r, const RnnStep *s, bool back)
{
    size_t bytes = (size_t)r->u * sizeof(float);
    for (int64_t i = 0; i < s->n; i++) {
        int64_t row = s->from + i;
        if (rnn_valid(r, row, s->p)) continue;
        float *held = r->held + 2 * row * r->u, *dh = s->dh + i * r->u, *dc = s->dc ? s->dc + i * r->u : NULL;
        memcpy(back ? dh : held, back ? held : dh, bytes);
        if (!back) memset(dh, 0, bytes);
        if (!dc) continue;
        held += r->u;
        memcpy(back ? dc : held, back ? held : dc, bytes);
        if (!back) memset(dc, 0, bytes);
    }
}

/* Gradient of the state before the step, by the products. */
static void to_state(const Rnn *r, const RnnStep *s)
{
    const RnnCell *cell = r->cell;
    Gemm g = {.form = GEMM_NN, .m = s->n, .n = r->u, .k = cell->n_h * r->u, .a = s->z + cell->h_place * r->u, .lda = r->width,
              .c = s->dh, .ldc = r->u, .accumulate = cell->direct};
    if (!r->drops_h) {
        rnn_product(&g, r->h_pack);
        return;
    }
    int64_t size = s->n * r->u, at = s->from * r->u;
    float *through = r->through + 2 * at;
    if (!cell->direct) kernels()->fill(size, 0.0f, s->dh);
    g.c = through;
    g.accumulate = false;
    for (int i = 0; i < (r->copies > 1 ? cell->n_h : 1); i++) {
        if (r->copies > 1) {
            g.form = GEMM_NT;
            g.k = r->u;
            g.a = s->z + (cell->h_place + i) * r->u;
            g.b = r->work->w[1] + i * r->u;
            g.ldb = r->columns;
            kernels()->gemm(&g);
        } else {
            rnn_product(&g, r->h_pack);
        }
        kernels()->mul_add(size, through, r->h_factors + i * r->rows * r->u + at, s->dh);
    }
}

static void to_input(const Rnn *r, const RnnStep *s)
{
    const RnnCell *cell = r->cell;
    float *dx = r->work->dx[0] + (s->from * r->t + rnn_time(r, s->p)) * r->f;
    Gemm g = {.form = GEMM_NN, .m = s->n, .n = r->f, .k = cell->n_x * r->u, .a = s->z, .lda = r->width, .c = dx, .ldc = r->t * r->f};
    if (!r->drops_x && r->copies == 1) {
        rnn_product(&g, r->x_pack);
        return;
    }
    g.c = r->dx + s->from * r->f;
    g.ldc = r->f;
    for (int64_t i = 0; i < s->n; i++) memset(dx + i * r->t * r->f, 0, (size_t)r->f * sizeof(float));
    for (int b = 0; b < (r->copies > 1 ? cell->n_x : 1); b++) {
        int gate = r->copies > 1 ? cell->x_columns[b] : 0;
        if (r->copies > 1) {
            g.form = GEMM_NT;
            g.k = r->u;
            g.a = s->z + b * r->u;
            g.b = r->work->w[0] + gate * r->u;
            g.ldb = r->columns;
            kernels()->gemm(&g);
        } else {
            rnn_product(&g, r->x_pack);
        }
        for (int64_t i = 0; i < s->n; i++) {
            float *to = dx + i * r->t * r->f;
            const float *from = g.c + i * r->f;
            if (r->drops_x) kernels()->mul_add(r->f, from, r->x_factors + (gate * r->rows + s->from + i) * r->f, to);
            else kernels()->add(r->f, to, from, to);
        }
    }
}

void rnn_deactivate(const ActivationKind *kind, const void *args, const float *before, const float *after, float *d, int64_t u)
{
    if (kind) kind->backward(args, before, after, d, d, 1, u);
}

/* ---- Weights ------------------------------------------------------------------------------------------------------- */

/* Rows of steps that one product sums: many enough for the product, few enough to be in the cache still. */
enum { SUM_ROWS = 128 };

/* Adds `count` steps from p on to the slice's sums: a' dz, with dz from a place of z on. */
static void sum_span(const Rnn *r, const RnnSpan *span, const float *a, int64_t lda, const float *z, int64_t rows, bool first)
{
    float *c = r->sums + r->work->task * r->k * r->columns + (span->x ? 0 : r->f * r->columns) + span->column * r->u;
    kernels()->gemm(&(Gemm){.form = GEMM_TN, .accumulate = !first, .m = (span->x ? r->f : 0) + (span->h ? r->u : 0), .n = span->blocks * r->u,
                            .k = rows, .a = a, .lda = lda, .b = z + span->place * r->u, .ldb = r->width, .c = c, .ldc = r->columns});
}

static void sum_steps(const Rnn *r, int64_t p, int64_t count)
{
    const float *z = rnn_step(r, p).z;
    int64_t rows = count * r->n;
    bool first = p + count == r->t;
    if (!r->work->dw[0] && !r->work->dw[1]) return;
    for (int i = 0; i < r->cell->n_spans; i++) {
        RnnSpan span = r->cell->spans[i];
        int pieces = r->copies > 1 ? span.blocks : 1;
        span.blocks /= pieces;
        for (int b = 0; b < pieces; b++, span.place++, span.column++) {
            const float *xh = rnn_xh(r, r->copies > 1 ? span.column : 0, p);
            sum_span(r, &span, span.x ? xh : xh + r->f, r->k, z, rows, first);
        }
    }
    if (r->cell->resets_before) /* the reset state meets the candidate's columns of R */
        sum_span(r, &(RnnSpan){.place = 0, .blocks = 1, .column = r->cell->gates - 1, .h = true}, z + (r->cell->places - 1) * r->u, r->width, z,
                 rows, first);
}

/* n numbers of the slices' sums, in order. */
static void add_slices(const Rnn *r, int64_t n, const float *sums, int64_t apart, float *to)
{
    if (!to) return;
    for (int i = 0; i < r->slices; i++) {
        if (i > 0 || r->work->dw_add) kernels()->add(n, to, sums + i * apart, to);
        else kernels()->copy(n, sums, to);
    }
}

static void bias_gradient(const Rnn *r)
{
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        for (int row = 0; row < r->cell->bias_rows; row++)
            if (row == 0 ? span->x : span->h)
                add_slices(r, span->blocks * r->u, r->bias_sums + span->place * r->u, r->width,
                           r->work->dw[2] ? r->work->dw[2] + row * r->columns + span->column * r->u : NULL);
    }
}

static void weight_gradients(const Rnn *r)
{
    const Work *work = r->work;
    if (work->task == 0 && r->a->use_bias) bias_gradient(r);
    int64_t from, to;
    task_slice(work, r->k, &from, &to);
    int64_t x_to = to < r->f ? to : r->f, h_from = from > r->f ? from : r->f, apart = r->k * r->columns;
    if (from < x_to) add_slices(r, (x_to - from) * r->columns, r->sums + from * r->columns, apart, work->dw[0] ? work->dw[0] + from * r->columns : NULL);
    if (h_from < to)
        add_slices(r, (to - h_from) * r->columns, r->sums + h_from * r->columns, apart,
                   work->dw[1] ? work->dw[1] + (h_from - r->f) * r->columns : NULL);
}

/* ---- Steps --------------------------------------------------------------------------------------------------------- */

static void through_time(const Rnn *r)
{
    const Work *work = r->work;
    const Call *call = work->call;
    bool masked = work->mask[0] != NULL;
    float *bias_sums = r->bias_sums + work->task * r->width;
    int64_t block = r->n < SUM_ROWS ? SUM_ROWS / r->n : 1, waiting = 0;
    kernels()->fill(r->width, 0.0f, bias_sums);
    start(r);
    for (int64_t p = r->t - 1; p >= 0; p--) {
        RnnStep s = rnn_step(r, p);
        gather(r, &s);
        if (masked) hold(r, &s, false);
        r->cell->backward(&s);
        if (r->a->use_bias) kernels()->col_sums(s.n, r->width, s.z, r->width, bias_sums, true);
        to_state(r, &s);
        if (masked) hold(r, &s, true);
        if (work->dx[0]) to_input(r, &s);
        if (++waiting < block && p > 0) continue;
        sum_steps(r, p, waiting);
        waiting = 0;
    }
    if (call->n_args_in == 0) return;
    int first = call->n_in - call->n_args_in;
    int64_t size = r->n * r->u, at = r->from * r->u;
    if (work->dx[first]) kernels()->copy(size, r->dh + at, work->dx[first] + at);
    if (r->dc && work->dx[first + 1]) kernels()->copy(size, r->dc + at, work->dx[first + 1] + at);
}

void rnn_backward(const Work *work, const RnnCell *cell)
{
    Rnn r = rnn_place(work->call, work->rows, cell, work);
    if (work->pass == 0) lay_transposed(&r);
    else if (work->pass == 1) through_time(&r);
    else weight_gradients(&r);
}
