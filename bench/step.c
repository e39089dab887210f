/* bench/step.c: the time of one training step of some nets, gathering the batch included; a tool for whoever works on the plan.
 * Not installed, not a test. Built by hand:
 *
 *     make && gcc -std=c17 -D_GNU_SOURCE -I. -O2 -include runtime/base/banned.h bench/step.c $(find build/release/runtime -name '*.o') \
 *         -lzip -lz -lutf8proc -lm -ldl -pthread -o build/step && build/step [THREADS] [NET] [SECONDS]
 *
 * Prints, for each net, microseconds a step: the median over runs of 100 steps (4 of large ones), the shortest, and the median of
 * the processors' time. */
#include "runtime/base/bug.h"
#include "runtime/plan/plan.h"
#include "runtime/tensor/blas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 8192, RUNS = 2000 };

typedef struct {
    const char *name, *left, *right, *rest; /* `right` NULL: one input */
    int64_t in, in_right, batch;
    const char *loss;
    int64_t steps; /* of sequences; 0: plain rows */
} Net;

static const Net nets[] = {
    {"12-64-32-1 relu dropout 0.3", "dense(64, relu); dropout(0.3); dense(32, relu); dropout(0.3); dense(1)", NULL, "", 12, 0, 32, "mse", 0},
    {"5, 8 -> 10, 20 -> 8 -> 1", "dense(10, relu)", "dense(20, relu)", "dense(8, relu); dense(1)", 5, 8, 32, "mse", 0},
    {"784-512-512-10 softmax", "dense(512, relu); dense(512, relu); dense(10, softmax)", NULL, "", 784, 0, 128, "categorical_crossentropy", 0},
    {"1024-4096-4096-1024-1", "dense(4096, relu); dense(4096, relu); dense(1024, relu); dense(1)", NULL, "", 1024, 0, 256, "mse", 0},
    {"rnn 16 -> 8 -> 8 -> 1 over 3 x 1", "simple_rnn(16, return_sequences=true); simple_rnn(8, return_sequences=true); flatten; dense(8, relu); dense(1)",
     NULL, "", 1, 0, 32, "mse", 3},
    {"lstm 64 -> 1 over 48 x 8", "lstm(64); dense(1)", NULL, "", 8, 0, 64, "mse", 48},
    {"gru 128 -> gru 128 -> 1 over 96 x 16", "gru(128, return_sequences=true); gru(128); dense(1)", NULL, "", 16, 0, 64, "mse", 96},
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Time that processors spent on us, all threads together: what is left of a measure on a machine that others use too. */
static double spent(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static KindRef kind_of(Arena *arena, Family family, const char *text)
{
    const char *open = strchr(text, '(');
    KindRef ref = {kind_find(family, open ? arena_text(arena, text, (size_t)(open - text)) : text), NULL};
    ENSURE(ref.kind != NULL);
    void *args = kind_defaults(arena, ref.kind);
    KindReader reader = {.arena = arena};
    if (open) ENSURE(kind_read_args(&reader, ref.kind, arena_text(arena, open + 1, strlen(open) - 2), args));
    ref.args = args;
    return ref;
}

static Wire *chain(Graph *graph, Wire *wire, const char *text, Diags *diags)
{
    while (*text) {
        size_t n = strcspn(text, ";");
        KindRef ref = kind_of(graph->arena, FAMILY_LAYER, arena_text(graph->arena, text, n));
        Layer *layer = graph_layer(graph, (const LayerKind *)ref.kind, ref.args, NULL, NO_SPAN);
        wire = graph_call(graph, layer, &wire, 1, 0, NO_SPAN, diags)->out[0];
        text += n;
        while (*text == ';' || *text == ' ') text++;
    }
    return wire;
}

static Graph *wire_net(Arena *arena, const Net *net, Diags *diags)
{
    Graph *graph = graph_new(arena, "net", NO_SPAN);
    Shape shape = net->steps ? shape_of(2, (int64_t[]){net->steps, net->in}) : shape_vector(net->in);
    Wire *wire = chain(graph, graph_input(graph, "a", shape, NO_SPAN), net->left, diags);
    if (net->right) {
        Wire *both[] = {wire, chain(graph, graph_input(graph, "b", shape_vector(net->in_right), NO_SPAN), net->right, diags)};
        KindRef join = kind_of(arena, FAMILY_LAYER, "concatenate");
        Layer *layer = graph_layer(graph, (const LayerKind *)join.kind, join.args, NULL, NO_SPAN);
        wire = chain(graph, graph_call(graph, layer, both, 2, 0, NO_SPAN, diags)->out[0], net->rest, diags);
    }
    graph_output(graph, "y", wire, NO_SPAN);
    graph_name_layers(graph);
    return graph;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void gather(Plan *plan, const float *const *data, const float *target, const int64_t *order, int64_t n, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs; i++) {
        int64_t size = plan_input_size(plan, (int)i);
        for (int64_t r = 0; r < n; r++) memcpy(plan_input(plan, (int)i) + r * size, data[i] + order[r] * size, (size_t)size * sizeof(float));
    }
    int64_t size = plan_target_size(plan, 0);
    for (int64_t r = 0; r < n; r++) memcpy(plan_target(plan, 0) + r * size, target + order[r] * size, (size_t)size * sizeof(float));
}

static void measure(const Net *net, int threads, double seconds)
{
    Arena *arena = arena_new("bench");
    Diags *diags = diags_new(arena, sources_new(arena));
    Model *model = model_new(arena, wire_net(arena, net, diags), 1);
    PlanOutput output = {.loss = kind_of(arena, FAMILY_LOSS, net->loss), .weight = 1};
    PlanConfig config = {.batch = net->batch, .training = true, .outputs = &output, .optimizer = kind_of(arena, FAMILY_OPTIMIZER, "adam")};
    Plan *plan = plan_new(arena, model, &config, diags);
    if (plan_needs_blas(plan)) blas_open(NULL);
    Par *par = par_open(threads);
    plan_use_threads(plan, par);

    size_t n_inputs = net->right ? 2 : 1;
    float *data[2] = {0};
    RngKey key = {.seed = 2, .stream = rng_stream("bench")};
    for (size_t i = 0; i < n_inputs; i++) {
        data[i] = ARENA_ARRAY(arena, float, ROWS * plan_input_size(plan, (int)i));
        kernels()->uniform(&key, (uint32_t)i, 0, ROWS * plan_input_size(plan, (int)i), -1, 1, data[i]);
    }
    float *target = ARENA_ARRAY(arena, float, ROWS * plan_target_size(plan, 0));
    for (int64_t r = 0; r < ROWS; r++) target[r * plan_target_size(plan, 0) + r % plan_target_size(plan, 0)] = data[0][r * plan_input_size(plan, 0)] > 0 ? 1 : 0.5f;
    int64_t *order = ARENA_ARRAY(arena, int64_t, ROWS);
    for (int64_t r = 0; r < ROWS; r++) order[r] = r;
    rng_shuffle(&key, order, ROWS);

    double *times = ARENA_ARRAY(arena, double, RUNS), *busy = ARENA_ARRAY(arena, double, RUNS);
    int n = 0, steps = net->in > 500 || net->steps > 3 ? 4 : 100;
    PlanResult result = {0};
    for (double end = now() + seconds; n < RUNS && (now() < end || n < 3); n++) {
        double from = now(), busy_from = spent();
        for (int step = 0; step < steps; step++) {
            int64_t first = (int64_t)step * net->batch % ROWS;
            gather(plan, (const float *const *)data, target, order + first, net->batch, n_inputs);
            plan_train(plan, &(PlanBatch){.samples = net->batch, .first_sample = first, .epoch = (uint32_t)n}, &result);
        }
        times[n] = (now() - from) / steps * 1e6;
        busy[n] = (spent() - busy_from) / steps * 1e6;
    }
    qsort(times, (size_t)n, sizeof *times, by_value);
    qsort(busy, (size_t)n, sizeof *busy, by_value);
    printf("%-36s %2d thread%s %10.2f us a step, shortest %10.2f, processor %10.2f   loss %.4f, %zu bytes\n", net->name, par_threads(par),
           par_threads(par) > 1 ? "s" : " ", times[n / 2], times[0], busy[n / 2], result.total, plan_total_bytes(plan));
    par_close(par);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1, only = argc > 2 ? (int)strtol(argv[2], NULL, 10) : -1;
    double seconds = argc > 3 ? strtod(argv[3], NULL) : 1;
    for (int i = 0; i < (int)(sizeof nets / sizeof *nets); i++)
        if (only < 0 || only == i) measure(&nets[i], threads, seconds);
    return 0;
}
