/* recurrent_backward.c: recurrent layers, backward; see recurrent.h. Pass 0 lays out the transposed weights, pass 1 goes back through the
 * steps, some rows to a task, pass 2 makes the weights' gradients: products over all steps and rows at once, cut by columns. */
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

static void start(const Rnn *r, int64_t from, int64_t to)
{
    const Work *work = r->work;
    int64_t size = (to - from) * r->u, at = from * r->u;
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

static void through_time(const Rnn *r)
{
    const Work *work = r->work;
    const Call *call = work->call;
    bool masked = work->mask[0] != NULL;
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    float *sums = r->sums + work->task * r->width;
    kernels()->fill(r->width, 0.0f, sums);
    start(r, from, to);
    for (int64_t p = r->t - 1; p >= 0; p--) {
        RnnStep s = rnn_step(r, p, from, to);
        gather(r, &s);
        if (masked) hold(r, &s, false);
        r->cell->backward(&s);
        if (r->a->use_bias) kernels()->col_sums(s.n, r->width, s.z, r->width, sums, true);
        to_state(r, &s);
        if (masked) hold(r, &s, true);
        if (work->dx[0]) to_input(r, &s);
    }
    if (call->n_args_in == 0) return;
    int first = call->n_in - call->n_args_in;
    int64_t size = (to - from) * r->u, at = from * r->u;
    if (work->dx[first]) kernels()->copy(size, r->dh + at, work->dx[first] + at);
    if (r->dc && work->dx[first + 1]) kernels()->copy(size, r->dc + at, work->dx[first + 1] + at);
}

void rnn_deactivate(const ActivationKind *kind, const void *args, const float *before, const float *after, float *d, int64_t u)
{
    if (kind) kind->backward(args, before, after, d, d, 1, u);
}

/* ---- Weights ------------------------------------------------------------------------------------------------------- */

/* Columns that a task takes at least, and multiplications that are worth one. */
enum { SLICE_COLUMNS = 32 };
#define TASK_COST 4e6

/* One product over all steps: columns of the gradient of W, of R, or of both, one over the other. */
typedef struct {
    Gemm g;
    bool x, h;
    int64_t column; /* the first of W and R */
    int tasks;
} Job;

typedef struct {
    Job at[RNN_GATES + 3];
    int n;
} Jobs;

static void add_job(Jobs *jobs, const Rnn *r, RnnSpan span, const float *a, int64_t lda)
{
    Job job = {.x = span.x, .h = span.h, .column = span.column * r->u};
    job.g = (Gemm){.form = GEMM_TN, .m = (span.x ? r->f : 0) + (span.h ? r->u : 0), .n = span.blocks * r->u, .k = r->t * r->rows,
                   .a = a, .lda = lda, .ldb = r->width};
    if (r->work) job.g.b = r->z + span.place * r->u;
    double cost = (double)job.g.m * (double)job.g.n * (double)job.g.k / TASK_COST;
    int64_t most = (job.g.n + SLICE_COLUMNS - 1) / SLICE_COLUMNS;
    job.tasks = cost < 1 ? 1 : cost > (double)most ? (int)most : (int)cost;
    jobs->at[jobs->n++] = job;
}

static Jobs list_jobs(const Rnn *r)
{
    Jobs jobs = {0};
    for (int i = 0; i < r->cell->n_spans; i++) {
        RnnSpan span = r->cell->spans[i];
        int pieces = r->copies > 1 ? span.blocks : 1;
        span.blocks /= pieces;
        for (int b = 0; b < pieces; b++, span.place++, span.column++) {
            const float *xh = r->work ? rnn_xh(r, r->copies > 1 ? span.column : 0, 0, 0) : NULL;
            add_job(&jobs, r, span, xh && !span.x ? xh + r->f : xh, r->k);
        }
    }
    if (r->cell->resets_before) /* the reset state meets the candidate's columns of R */
        add_job(&jobs, r, (RnnSpan){.place = 0, .blocks = 1, .column = r->cell->gates - 1, .h = true},
                r->work ? r->z + (r->cell->places - 1) * r->u : NULL, r->width);
    return jobs;
}

int rnn_weight_tasks(const Rnn *r)
{
    Jobs jobs = list_jobs(r);
    int tasks = 0;
    double cost = 0;
    for (int i = 0; i < jobs.n; i++) {
        tasks += jobs.at[i].tasks;
        cost += (double)jobs.at[i].g.m * (double)jobs.at[i].g.n * (double)jobs.at[i].g.k;
    }
    return cost < TASK_COST / 4 ? 1 : tasks;
}

/* Rows of a product to where they belong. */
static void put_rows(const Rnn *r, const Gemm *g, int64_t first, int64_t rows, float *to)
{
    for (int64_t i = 0; to && i < rows; i++, to += r->columns) {
        const float *from = g->c + (first + i) * g->ldc;
        if (r->work->dw_add) kernels()->add(g->n, to, from, to);
        else kernels()->copy(g->n, from, to);
    }
}

static void job_slice(const Rnn *r, const Job *job, int task)
{
    const Work *work = r->work;
    int64_t panels = (job->g.n + SLICE_COLUMNS - 1) / SLICE_COLUMNS;
    int64_t from = panels * task / job->tasks * SLICE_COLUMNS, to = panels * (task + 1) / job->tasks * SLICE_COLUMNS;
    if (to > job->g.n) to = job->g.n;
    float *dw = work->dw[0] ? work->dw[0] + job->column + from : NULL, *dr = work->dw[1] ? work->dw[1] + job->column + from : NULL;
    if (!(job->x && dw) && !(job->h && dr)) return;
    Gemm g = job->g;
    g.b += from;
    g.n = to - from;
    if (job->x && job->h) {
        g.c = r->joint + job->column + from;
        g.ldc = r->columns;
        kernels()->gemm(&g);
        put_rows(r, &g, 0, r->f, dw);
        put_rows(r, &g, r->f, r->u, dr);
        return;
    }
    g.c = job->x ? dw : dr;
    g.ldc = r->columns;
    g.accumulate = work->dw_add;
    kernels()->gemm(&g);
}

/* The slices' sums, in order, to the places' columns: of all that x, or h, brings in. */
static void bias_gradient(const Rnn *r)
{
    float *db = r->work->dw[2];
    if (!db) return;
    int slices = rnn_slices(r);
    for (int i = 1; i < slices; i++) kernels()->add(r->width, r->sums, r->sums + i * r->width, r->sums);
    for (int i = 0; i < r->cell->n_spans; i++) {
        const RnnSpan *span = &r->cell->spans[i];
        int64_t n = span->blocks * r->u;
        for (int row = 0; row < r->cell->bias_rows; row++) {
            float *to = db + row * r->columns + span->column * r->u;
            const float *sums = r->sums + span->place * r->u;
            if (!(row == 0 ? span->x : span->h)) continue;
            if (r->work->dw_add) kernels()->add(n, to, sums, to);
            else kernels()->copy(n, sums, to);
        }
    }
}

static void weight_gradients(const Rnn *r)
{
    Jobs jobs = list_jobs(r);
    bool whole = r->work->n_tasks == 1;
    if (r->work->task == 0 && r->a->use_bias) bias_gradient(r);
    int task = r->work->task;
    for (int i = 0; i < jobs.n; task -= jobs.at[i++].tasks)
        for (int k = 0; k < jobs.at[i].tasks; k++)
            if (whole || k == task) job_slice(r, &jobs.at[i], k);
}

void rnn_backward(const Work *work, const RnnCell *cell)
{
    Rnn r = rnn_place(work->call, work->rows, cell, work);
    if (work->pass == 0) lay_transposed(&r);
    else if (work->pass == 1) through_time(&r);
    else weight_gradients(&r);
}
