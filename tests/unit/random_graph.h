/* tests/unit/random_graph.h: small random networks with fixed seeds: branches that meet again, shared and frozen layers, several inputs
 * and outputs, penalties, activations as arguments and as layers. Everything is smooth, so that differences can check gradients. */
#ifndef NNL_TESTS_UNIT_RANDOM_GRAPH_H
#define NNL_TESTS_UNIT_RANDOM_GRAPH_H

#include "tests/unit/wiring.h"

typedef struct {
    RngKey key;
    int64_t n;
} Dice;

static inline int64_t roll(Dice *dice, int64_t below)
{
    return (int64_t)rng_below(&dice->key, 0, dice->n++, (uint64_t)below);
}

enum { RANDOM_OUTPUTS = 3 };

typedef struct {
    Wiring w;
    int n_outputs;
    PlanOutput outputs[RANDOM_OUTPUTS];
} RandomGraph;

static inline const char *random_dense(Arena *arena, Dice *dice, int64_t units)
{
    static const char *const ends[] = {"", ", tanh", ", sigmoid", ", softplus", ", gelu", ", silu", ", softmax"};
    static const char *const penalties[] = {"", "", ", kernel_regularizer=l2(0.03)", ", activity_regularizer=l2(0.02)",
                                            ", bias_regularizer=l2(0.1)", ", use_bias=false"};
    bool frozen = roll(dice, 8) == 0;
    return arena_printf(arena, "dense(%lld%s%s%s)", (long long)units, ends[roll(dice, 7)], penalties[roll(dice, 6)],
                        frozen ? ", trainable=false" : "");
}

/* How many numbers flow on a wire. */
static inline int64_t width_of(const Wire *wire) { return shape_size(&wire->shape); }

static inline Wire *random_step(RandomGraph *g, Dice *dice, Wire **wires, int n, Layer **shared)
{
    Wiring *w = &g->w;
    Wire *a = wires[roll(dice, n)], *b = wires[roll(dice, n)];
    switch (roll(dice, 8)) {
    case 0: return wire_join(w, a, b, "concatenate()");
    case 1:
        if (width_of(a) == width_of(b)) return wire_join(w, a, b, roll(dice, 2) ? "add()" : "multiply()");
        return wire_to(w, a, "tanh");
    case 2:
        if (width_of(a) == width_of(b)) return wire_join(w, a, b, "average()");
        return wire_to(w, b, "sigmoid");
    case 3: return wire_to(w, a, "flatten()");
    case 4: /* one layer, whoever uses it has the width of its first use */
        if (!*shared) *shared = wiring_layer(w, "dense(4, tanh, kernel_regularizer=l2(0.05))");
        if ((*shared)->n_weights && (*shared)->weights[0].spec.shape.dim[0] != width_of(a)) break;
        return wire_call(w, *shared, &a, 1);
    default: break;
    }
    return wire_to(w, a, random_dense(w->arena, dice, 2 + roll(dice, 4)));
}

static inline RandomGraph random_graph(Arena *arena, uint64_t seed)
{
    RandomGraph g = {.w = wiring_new(arena, "random")};
    Dice dice = {.key = {.seed = seed, .stream = rng_stream("random graph")}};
    Wire *wires[32];
    int n = 0;
    Layer *shared = NULL;
    wires[n++] = wiring_input(&g.w, "x", 1, (int64_t[]){2 + roll(&dice, 4)});
    if (roll(&dice, 2)) wires[n++] = wiring_input(&g.w, "z", 1, (int64_t[]){2 + roll(&dice, 4)});
    int steps = 3 + (int)roll(&dice, 8);
    for (int i = 0; i < steps; i++) {
        wires[n] = random_step(&g, &dice, wires, n, &shared);
        n++;
    }
    g.n_outputs = 1 + (int)roll(&dice, RANDOM_OUTPUTS);
    for (int k = 0; k < g.n_outputs; k++) {
        static const char *const ends[][2] = {{"dense(2)", "mse"},
                                              {"dense(1, sigmoid)", "binary_crossentropy"},
                                              {"dense(3, softmax)", "sparse_categorical_crossentropy"},
                                              {"dense(3, softmax)", "categorical_crossentropy(label_smoothing=0.1)"},
                                              {"dense(2, tanh)", "huber(delta=0.4)"}};
        const char *const *end = ends[roll(&dice, 5)];
        Wire *last = k == 0 ? wires[n - 1] : wires[roll(&dice, n)];
        wiring_output(&g.w, arena_printf(arena, "out%d", k), wire_to(&g.w, last, end[0]));
        g.outputs[k] = (PlanOutput){.loss = wiring_kind(&g.w, FAMILY_LOSS, end[1]), .weight = k ? 0.5 : 1, .row_weights = roll(&dice, 2)};
    }
    return g;
}

/* Fills inputs, targets and row weights with numbers that belong to these samples. */
static inline void random_batch(const Plan *plan, const RandomGraph *g, int64_t samples, uint64_t seed)
{
    for (size_t i = 0; i < g->w.graph->inputs.n; i++)
        wiring_numbers(plan_input(plan, (int)i), samples * plan_input_size(plan, (int)i), seed + i, 0);
    for (int k = 0; k < g->n_outputs; k++) {
        const LossKind *loss = (const LossKind *)g->outputs[k].loss.kind;
        int64_t size = plan_target_size(plan, k);
        float *to = plan_target(plan, k);
        wiring_numbers(to, samples * size, seed + 10 + (uint64_t)k, loss->target == TARGET_NUMBERS ? (loss->link ? 2 : 0) : 3);
        for (int64_t i = 0; loss->target == TARGET_ONE_HOT && i < samples; i++) {
            int64_t label = (int64_t)to[i * size];
            for (int64_t j = 0; j < size; j++) to[i * size + j] = j == label;
        }
        if (plan_row_weights(plan, k)) {
            wiring_numbers(plan_row_weights(plan, k), samples, seed + 20 + (uint64_t)k, 0);
            for (int64_t i = 0; i < samples; i++) plan_row_weights(plan, k)[i] += 1;
        }
    }
}

#endif
