/* Gradients of every registered kind against central differences, without naming one: layers over their own cases, activations, losses,
 * regularizers. And: tasks of a pass in any order give the same bits.
 *
 * Step and tolerance: D(h) = (L(x+h) - L(x-h)) / 2h is computed for h = 1/16 and 1/32 and extrapolated, (4 D(h/2) - D(h)) / 3, so
 * that its own error is of order h^4 (some 1e-5 for the functions here) plus rounding: L is a double sum of some 30 float32 numbers of size 1, each
 * off by 6e-8, over 2h = 1/16: some 1e-5. 1e-3 of the gradient plus 1e-3 is a hundredfold of both, and far below any real mistake. */
#include "tests/unit/harness.h"
#include "tests/unit/test.h"

#define STEP 0.0625f

static bool close_enough(double numeric, double exact) { return fabs(numeric - exact) <= 1e-3 + 1e-3 * fabs(exact); }

/* ---- Layers -------------------------------------------------------------------------------------------------------- */

typedef struct {
    Rig *rig;
    Call *call;
    Wire *in[8];
    int n_in;
    const LayerCase *plan;
    float *start; /* weights before the call, which moving statistics change */
} Check;

static double total(Check *check)
{
    Rig *rig = check->rig;
    memcpy(rig->weights, check->start, rig->n_values * sizeof(float));
    rig_forward(rig);
    double sum = 0;
    for (int i = 0; i < check->call->n_out; i++) {
        const Wire *out = check->call->out[i];
        for (size_t j = 0; j < rig_floats(rig, out); j++) sum += (double)rig->value[out->index][j] * (double)rig->up[out->index][j];
    }
    return sum;
}

static double slope(Check *check, float *at)
{
    float kept = *at;
    double d[2];
    for (int i = 0; i < 2; i++) {
        float h = i == 0 ? STEP : STEP / 2;
        *at = kept + h;
        double high = total(check);
        *at = kept - h;
        double low = total(check);
        d[i] = (high - low) / (2 * (double)h);
    }
    *at = kept;
    return (4 * d[1] - d[0]) / 3;
}

static bool build(Check *check, const LayerKind *kind, const LayerCase *plan, int64_t samples, uint64_t seed)
{
    Rig *rig = check->rig = rig_new();
    check->plan = plan;
    Shape shapes[8];
    check->n_in = rig_shapes(plan->shapes, shapes, 8);
    for (int i = 0; i < check->n_in; i++) {
        check->in[i] = graph_input(rig->graph, arena_printf(rig->arena, "x%d", i), shapes[i], NO_SPAN);
        if (plan->masked && i == 0) check->in[i]->mask_of = check->in[i];
    }
    Layer *layer = rig_layer_of(rig, kind, plan->args);
    if (!layer) return false;
    layer->trainable = plan->mode != MODE_FROZEN;
    check->call = rig_call(rig, layer, check->in, check->n_in);
    if (!check->call) return false;
    rig_prepare(rig, samples, plan->mode == MODE_FROZEN ? MODE_TRAIN : plan->mode);
    for (int i = 0; i < check->n_in; i++) {
        float *x = rig->value[check->in[i]->index];
        int64_t below = plan->whole_numbers ? kind->ids_below(check->call) : 0;
        for (size_t j = 0; j < rig_floats(rig, check->in[i]); j++) {
            x[j] = rig_figure(&seed);
            if (below) x[j] = (float)((seed >> 33) % (uint64_t)below);
            if (plan->far_apart) x[j] = 0.1f * (float)(j * 29 % rig_floats(rig, check->in[i])) - 1.0f;
        }
    }
    if (plan->masked) {
        const Wire *wire = check->in[0];
        for (size_t j = 0; j < rig_mask_bytes(rig, wire); j++) rig->mask[wire->index][j] = j % 5 != 1 && j % 7 != 3;
    }
    for (size_t j = 0; j < rig->n_values; j++) rig->weights[j] = 0.5f * rig_figure(&seed);
    for (size_t i = 0; i < rig->graph->layers.n; i++) /* what is not trained may have to be positive (a variance) */
        for (size_t j = 0; j < rig->graph->layers.at[i]->n_weights; j++) {
            const Weight *weight = &rig->graph->layers.at[i]->weights[j];
            if (weight->spec.fixed)
                for (int64_t k = 0; k < shape_size(&weight->spec.shape); k++)
                    rig->weights[weight->offset + (size_t)k] = fabsf(rig->weights[weight->offset + (size_t)k]);
        }
    check->start = ARENA_ARRAY(rig->arena, float, rig->n_values + 1);
    memcpy(check->start, rig->weights, rig->n_values * sizeof(float));
    for (int i = 0; i < check->call->n_out; i++)
        for (size_t j = 0; j < rig_floats(rig, check->call->out[i]); j++) rig->up[check->call->out[i]->index][j] = rig_figure(&seed);
    return true;
}

static void check_case(const LayerKind *kind, const LayerCase *plan)
{
    Check check;
    if (!build(&check, kind, plan, 3, 11)) {
        printf("%s(%s) on %s cannot be built: %s\n", kind->kind.name, plan->args, plan->shapes, rig_said(check.rig));
        OK(false);
        return;
    }
    Rig *rig = check.rig;
    total(&check);
    rig_backward(rig);
    int wrong = 0;
    for (size_t i = 0; i < rig->n_trained; i++) {
        double numeric = slope(&check, &check.start[i]);
        if (!close_enough(numeric, (double)rig->dweights[i]) && wrong++ < 3)
            printf("%s(%s) on %s: weight %zu: %.7g by differences, %.7g by backward\n", kind->kind.name, plan->args, plan->shapes, i, numeric,
                   (double)rig->dweights[i]);
    }
    for (int i = 0; i < check.n_in && !plan->whole_numbers; i++)
        for (size_t j = 0; j < rig_floats(rig, check.in[i]); j++) {
            double numeric = slope(&check, &rig->value[check.in[i]->index][j]);
            double exact = (double)rig->grad[check.in[i]->index][j];
            if (!close_enough(numeric, exact) && wrong++ < 3)
                printf("%s(%s) on %s: input %d number %zu: %.7g by differences, %.7g by backward\n", kind->kind.name, plan->args, plan->shapes, i, j,
                       numeric, exact);
        }
    EQ(wrong, 0);
    rig_free(rig);
}

TEST(layers)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    OK(n > 0);
    for (size_t i = 0; i < n; i++) {
        const LayerKind *kind = (const LayerKind *)kinds[i];
        if (kind->hidden && kind->expand) continue; /* models inside models come from files alone, and are made of the other kinds */
        if (!kind->cases || !kind->cases[0].args) printf("%s has no cases\n", kind->kind.name);
        OK(kind->cases && kind->cases[0].args);
        for (const LayerCase *plan = kind->cases; plan && plan->args; plan++) check_case(kind, plan);
    }
}

/* ---- Tasks in any order -------------------------------------------------------------------------------------------- */

static int same_bits(const float *a, const float *b, size_t n)
{
    int different = 0;
    for (size_t i = 0; i < n; i++) different += memcmp(&a[i], &b[i], sizeof *a) != 0;
    return different;
}

TEST(tasks_in_any_order)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    int cut = 0;
    for (size_t i = 0; i < n; i++)
        for (const LayerCase *plan = ((const LayerKind *)kinds[i])->cases; plan && plan->args; plan++) {
            Check runs[3];
            for (int order = 0; order < 3; order++) {
                if (!build(&runs[order], (const LayerKind *)kinds[i], plan, 9000, 5)) return;
                runs[order].rig->order = (TaskOrder)order;
                rig_forward(runs[order].rig);
                rig_backward(runs[order].rig);
            }
            cut += runs[0].rig->most_tasks > 1;
            for (int order = 1; order < 3; order++) {
                Rig *a = runs[0].rig, *b = runs[order].rig;
                int different = same_bits(a->dweights, b->dweights, a->n_trained) + same_bits(a->weights, b->weights, a->n_values);
                for (size_t w = 0; w < a->graph->wires.n; w++) {
                    if (!a->value[w]) continue;
                    size_t floats = rig_floats(a, a->graph->wires.at[w]);
                    different += same_bits(a->value[w], b->value[w], floats) + same_bits(a->grad[w], b->grad[w], floats);
                }
                if (different) printf("%s(%s): %d numbers differ\n", kinds[i]->name, plan->args, different);
                EQ(different, 0);
            }
            for (int order = 0; order < 3; order++) rig_free(runs[order].rig);
        }
    OK(cut > 5); /* work really was cut */
}

/* ---- Draws --------------------------------------------------------------------------------------------------------- */

/* What is drawn for a sample depends on its place in the epoch, never on how the epoch is cut into batches. */
TEST(draws_do_not_depend_on_batches)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    int drawing = 0;
    for (size_t i = 0; i < n; i++) {
        const LayerKind *kind = (const LayerKind *)kinds[i];
        for (const LayerCase *plan = kind->cases; plan && plan->args; plan++) {
            if (!kind->n_streams || kind->over_batch || plan->mode != MODE_TRAIN) continue;
            drawing++;
            Check whole, half;
            if (!build(&whole, kind, plan, 6, 5) || !build(&half, kind, plan, 3, 5)) return;
            rig_forward(whole.rig);
            const Wire *out = whole.call->out[0];
            for (int part = 0; part < 2; part++) {
                half.rig->first_sample = 3 * part;
                for (int k = 0; k < whole.n_in; k++) {
                    size_t floats = rig_floats(half.rig, half.in[k]);
                    memcpy(half.rig->value[half.in[k]->index], whole.rig->value[whole.in[k]->index] + (size_t)part * floats, floats * sizeof(float));
                    size_t bytes = rig_mask_bytes(half.rig, half.in[k]);
                    if (half.in[k]->mask_of) memcpy(half.rig->mask[half.in[k]->index], whole.rig->mask[whole.in[k]->index] + (size_t)part * bytes, bytes);
                }
                memcpy(half.rig->weights, whole.rig->weights, whole.rig->n_values * sizeof(float));
                rig_forward(half.rig);
                size_t floats = rig_floats(half.rig, out);
                int different = same_bits(half.rig->value[out->index], whole.rig->value[out->index] + (size_t)part * floats, floats);
                if (different) printf("%s(%s), part %d: %d numbers differ\n", kind->kind.name, plan->args, part, different);
                EQ(different, 0);
            }
            rig_free(whole.rig);
            rig_free(half.rig);
        }
    }
    OK(drawing >= 3);
}

/* ---- Activations --------------------------------------------------------------------------------------------------- */

/* From -4 to 4, always an eighth or more from the multiples of one half where hard_tanh and its kin bend: twice the step. */
static float clear_figure(uint64_t *seed) { return floorf(16 * rig_figure(seed)) / 4 + 0.125f; }

TEST(activations)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_ACTIVATION, &n);
    Arena *arena = arena_new("test");
    enum { ROWS = 3, WIDTH = 5, N = ROWS * WIDTH };
    for (size_t k = 0; k < n; k++) {
        const ActivationKind *kind = (const ActivationKind *)kinds[k];
        const void *args = kind_defaults(arena, &kind->kind);
        float x[N], y[N], up[N], dx[N], moved[N];
        uint64_t seed = 3;
        for (int i = 0; i < N; i++) x[i] = clear_figure(&seed), up[i] = rig_figure(&seed);
        kind->forward(args, x, y, ROWS, WIDTH);
        kind->backward(args, kind->reads & READS_X ? x : NULL, kind->reads & READS_Y ? y : NULL, up, dx, ROWS, WIDTH);
        for (int i = 0; i < N; i++) {
            double d[2];
            for (int half = 0; half < 2; half++) {
                float h = half ? STEP / 2 : STEP, kept = x[i];
                double side[2] = {0, 0};
                for (int s = 0; s < 2; s++) {
                    x[i] = s ? kept - h : kept + h;
                    kind->forward(args, x, moved, ROWS, WIDTH);
                    for (int j = 0; j < N; j++) side[s] += (double)moved[j] * (double)up[j];
                }
                x[i] = kept;
                d[half] = (side[0] - side[1]) / (2 * (double)h);
            }
            double numeric = (4 * d[1] - d[0]) / 3;
            if (!close_enough(numeric, (double)dx[i])) printf("%s at %g: %g by differences, %g\n", kind->kind.name, (double)x[i], numeric, (double)dx[i]);
            OK(close_enough(numeric, (double)dx[i]));
        }
        kind->forward(args, x, x, ROWS, WIDTH); /* y may be x */
        EQ(same_bits(x, y, N), 0);
        if (kind->low != 0 || kind->high != 0)
            for (int i = 0; i < N; i++) OK(y[i] >= kind->low && y[i] <= kind->high);
    }
    arena_free(arena);
}

/* ---- Regularizers -------------------------------------------------------------------------------------------------- */

TEST(regularizers)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_REGULARIZER, &n);
    Arena *arena = arena_new("test");
    enum { N = 12 };
    Shape shape = shape_of(2, (int64_t[]){4, 3});
    for (size_t k = 0; k < n; k++) {
        const RegularizerKind *kind = (const RegularizerKind *)kinds[k];
        void *args = kind_defaults(arena, &kind->kind);
        for (const ArgSpec *spec = kind->kind.args; spec && spec->name; spec++) /* every part at work */
            if (spec->type == ARG_FLOAT) *(double *)((char *)args + spec->offset) = 0.3;
        float w[N], g[N];
        uint64_t seed = 9;
        for (int i = 0; i < N; i++) w[i] = rig_figure(&seed), g[i] = 10;
        kind->gradient(args, w, N, &shape, 2, g);
        for (int i = 0; i < N; i++) {
            float kept = w[i];
            w[i] = kept + STEP;
            double high = kind->value(args, w, N, &shape);
            w[i] = kept - STEP;
            double low = kind->value(args, w, N, &shape);
            w[i] = kept;
            NEAR((double)g[i] - 10, 2 * (high - low) / (2 * (double)STEP), 1e-3);
        }
    }
    arena_free(arena);
}

/* ---- Losses -------------------------------------------------------------------------------------------------------- */

/* Targets and predictions as the loss wants them: shares that add up to 1 with one-hot or index targets, shares with 0/1 targets
 * where it has a link to sigmoid, else numbers. */
static void loss_data(const LossKind *kind, bool logits, int64_t rows, int64_t width, float *target, float *pred)
{
    uint64_t seed = 21;
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (int64_t i = 0; i < width; i++) {
            float figure = rig_figure(&seed);
            bool share = !logits && kind->link != LINK_NONE;
            pred[r * width + i] = share ? 1 / (1 + expf(-figure)) : figure;
            sum += (double)pred[r * width + i];
            bool hot = kind->target == TARGET_ONE_HOT ? i == r % width : (seed >> 63) != 0;
            if (kind->target != TARGET_INDEX) target[r * width + i] = kind->link != LINK_NONE ? (float)hot : rig_figure(&seed) * 2;
        }
        if (kind->target == TARGET_INDEX) target[r] = (float)(r % width);
        if (!logits && kind->link == LINK_SOFTMAX)
            for (int64_t i = 0; i < width; i++) pred[r * width + i] /= (float)sum;
    }
}

static void check_loss(const LossKind *kind, bool logits, Arena *arena)
{
    enum { ROWS = 4, WIDTH = 3, N = ROWS * WIDTH };
    const void *args = kind_defaults(arena, &kind->kind);
    float target[N] = {0}, pred[N], dpred[N], scale[ROWS] = {1, 0.5f, 2, -1}, value[ROWS];
    loss_data(kind, logits, ROWS, WIDTH, target, pred);
    kind->gradient(args, logits, target, pred, ROWS, WIDTH, scale, dpred);
    for (int i = 0; i < N; i++) {
        double d[2];
        for (int half = 0; half < 2; half++) { /* steps an eighth of the others': probabilities stay inside (0, 1) */
            float h = (half ? STEP / 2 : STEP) / 8, kept = pred[i];
            double side[2];
            for (int s = 0; s < 2; s++) {
                pred[i] = s ? kept - h : kept + h;
                kind->values(args, logits, target, pred, ROWS, WIDTH, value);
                side[s] = (double)value[i / WIDTH] * (double)scale[i / WIDTH];
            }
            pred[i] = kept;
            d[half] = (side[0] - side[1]) / (2 * (double)h);
        }
        double numeric = (4 * d[1] - d[0]) / 3;
        if (!close_enough(numeric, (double)dpred[i]))
            printf("%s%s at %d: %g by differences, %g\n", kind->kind.name, logits ? " of logits" : "", i, numeric, (double)dpred[i]);
        OK(close_enough(numeric, (double)dpred[i]));
    }
}

TEST(losses)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LOSS, &n);
    Arena *arena = arena_new("test");
    for (size_t k = 0; k < n; k++) {
        const LossKind *kind = (const LossKind *)kinds[k];
        check_loss(kind, false, arena);
        if (kind->link != LINK_NONE) check_loss(kind, true, arena);
    }
    arena_free(arena);
}
