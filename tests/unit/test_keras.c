/* Model files: what Keras saved loads and predicts what Keras predicted; what we save loads again and predicts the same bits.
 *
 * With KERAS_OUT set to a folder, every model that was saved here stays there as NAME.keras with its inputs (NAME.in_K.csv) and our answers
 * (NAME.out_K.csv), for an independent judge (tests/keras/peer.sh). */
#include "tests/unit/test.h"
#include "tests/unit/fixture.h"
#include "tests/unit/joined.h"
#include "tests/unit/wiring.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/file/h5.h"
#include "runtime/file/saved.h"
#include "runtime/plan/plan.h"

#define PREDICT "tests/fixtures/keras/predict"

typedef struct {
    float *at;
    size_t n;
} Floats;

static Floats read_csv(Arena *arena, const char *path)
{
    VEC(float) list = {0};
    FILE *file = fopen(path, "rb");
    ENSURE(file != NULL);
    double value;
    while (fscanf(file, "%lf", &value) == 1) {
        VEC_PUSH(arena, list, (float)value);
        int c = fgetc(file);
        if (c != ',' && c != '\n' && c != '\r' && c != EOF) ungetc(c, file);
    }
    fclose(file);
    return (Floats){list.at, list.n};
}

/* For the judge alone. */
static void write_csv(const char *path, const float *values, size_t rows, size_t width)
{
    if (!getenv("KERAS_OUT")) return;
    FILE *file = fopen(path, "wb");
    ENSURE(file != NULL);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < width; k++) fprintf(file, "%.9g%c", (double)values[i * width + k], k + 1 < width ? ',' : '\n');
    fclose(file);
}

/* Answers of every output, in batches of 7 samples. */
static float **predict(Arena *arena, Model *model, const Floats *inputs, size_t samples, Diags *diags)
{
    enum { BATCH = 7 };
    const Graph *graph = model->graph;
    PlanConfig config = {.batch = BATCH};
    Plan *plan = plan_new(arena, model, &config, diags);
    ENSURE(plan != NULL);
    float **out = ARENA_ARRAY(arena, float *, graph->outputs.n);
    for (size_t k = 0; k < graph->outputs.n; k++) out[k] = ARENA_ARRAY(arena, float, samples * (size_t)shape_size(&graph->outputs.at[k].wire->shape) + 1);
    for (size_t at = 0; at < samples; at += BATCH) {
        size_t n = samples - at < BATCH ? samples - at : BATCH;
        for (size_t i = 0; i < graph->inputs.n; i++) {
            size_t width = (size_t)plan_input_size(plan, (int)i);
            memcpy(plan_input(plan, (int)i), inputs[i].at + at * width, n * width * sizeof(float));
        }
        plan_forward(plan, &(PlanBatch){.samples = (int64_t)n, .first_sample = (int64_t)at});
        for (size_t k = 0; k < graph->outputs.n; k++) {
            size_t width = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
            memcpy(out[k] + at * width, plan_output(plan, (int)k), n * width * sizeof(float));
        }
    }
    return out;
}

static char own_folder[64];

static void remove_own_folder(void)
{
    rmdir(own_folder);
}

static const char *out_folder(void)
{
    const char *given = getenv("KERAS_OUT");
    if (given) return given;
    if (!own_folder[0]) {
        snprintf(own_folder, sizeof own_folder, "/tmp/nnl-keras-XXXXXX");
        ENSURE(mkdtemp(own_folder) != NULL && atexit(remove_own_folder) == 0);
    }
    return own_folder;
}

static void say_reports(Diags *diags)
{
    for (size_t i = 0; i < diags_count(diags); i++) printf("    %s %s\n", diag_code_name(diag_code(diags_at(diags, i))), diag_message(diags_at(diags, i)));
}

/* Saves the model, loads it again, and holds the answers to the same bits. */
static void round_trip(Arena *arena, const char *name, Model *model, const KerasCompile *compile, const Floats *inputs, size_t samples, float **answers)
{
    Sources *sources = sources_new(arena);
    Diags *diags = diags_new(arena, sources);
    const char *path = arena_printf(arena, "%s/%s.keras", out_folder(), name);
    OK(saved_write(arena, model, compile, NULL, path, name, NO_SPAN, diags));
    SavedModel again;
    bool read = saved_read(arena, path, name, NO_SPAN, 2, diags, &again);
    OK(read);
    if (!read) {
        printf("  %s: what was saved does not load\n", name);
        say_reports(diags);
        return;
    }
    EQ(again.graph->inputs.n, model->graph->inputs.n);
    EQ(again.graph->outputs.n, model->graph->outputs.n);
    EQ(again.model->n_values, model->n_values);
    EQ(keras_arrays(arena, again.graph).n, again.model->weights.n);
    EQ(graph_trainable(again.graph), graph_trainable(model->graph));
    float **repeated = predict(arena, again.model, inputs, samples, diags);
    for (size_t k = 0; k < model->graph->outputs.n; k++) {
        size_t width = (size_t)shape_size(&model->graph->outputs.at[k].wire->shape);
        bool same = memcmp(repeated[k], answers[k], samples * width * sizeof(float)) == 0;
        OK(same);
        if (!same) printf("  %s: other bits after saving and loading\n", name);
        write_csv(arena_printf(arena, "%s/%s.out_%zu.csv", out_folder(), name, k), answers[k], samples, width);
    }
    for (size_t i = 0; i < model->graph->inputs.n; i++) {
        size_t width = (size_t)shape_size(&model->graph->inputs.at[i].wire->shape);
        write_csv(arena_printf(arena, "%s/%s.in_%zu.csv", out_folder(), name, i), inputs[i].at, samples, width);
    }
    /* The same content gives the same bytes. */
    Pieces ours = keras_pieces(arena, model, compile, NULL), theirs = keras_pieces(arena, again.model, &again.compile, NULL);
    Buf a = joined(arena, &ours), b = joined(arena, &theirs);
    EQ(a.n, b.n);
    OK(a.n == b.n && memcmp(a.at, b.at, a.n) == 0);
    if (!getenv("KERAS_OUT")) unlink(path);
}

/* ---- Fixtures ----------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *names[200];
    size_t n;
} Names;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static Names list_folder(Arena *arena, const char *path)
{
    Names names = {{0}, 0};
    DIR *folder = opendir(path);
    ENSURE(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && names.n < 200) names.names[names.n++] = arena_copy(arena, entry->d_name);
    closedir(folder);
    qsort(names.names, names.n, sizeof *names.names, by_text);
    return names;
}

typedef struct {
    double absolute, relative, over; /* over: the largest difference in units of what is allowed */
} Difference;

static void compare(const float *got, const Floats *expected, Difference *d)
{
    for (size_t i = 0; i < expected->n; i++) {
        double e = (double)expected->at[i], difference = fabs((double)got[i] - e);
        if (!(difference <= d->absolute)) d->absolute = difference;
        if (e != 0.0 && !(difference / fabs(e) <= d->relative)) d->relative = difference / fabs(e);
        double over = difference / (1e-6 + 1e-5 * fabs(e));
        if (!(over <= d->over)) d->over = over;
    }
}

static void one_fixture(const char *name)
{
    Arena *arena = arena_new("fixture");
    const char *folder = arena_printf(arena, PREDICT "/%s", name);
    const Json *fixture = fixture_read(arena, arena_printf(arena, "%s/fixture.json", folder));
    const char *version = json_get(fixture, "keras")->text;
    size_t n_layers = json_get(fixture, "layers")->n;
    Sources *sources = sources_new(arena);
    Diags *diags = diags_new(arena, sources);
    SavedModel saved;
    const char *path = arena_printf(arena, "%s/model.keras", folder);
    bool read = saved_read(arena, path, path, NO_SPAN, 1, diags, &saved);
    OK(read);
    if (!read) {
        printf("  %s does not load\n", name);
        say_reports(diags);
        arena_free(arena);
        return;
    }
    const Json *in = json_get(fixture, "inputs"), *out = json_get(fixture, "outputs");
    Floats *inputs = ARENA_ARRAY(arena, Floats, in->n);
    EQ(saved.graph->inputs.n, in->n);
    EQ(saved.graph->outputs.n, out->n);
    EQ(graph_parameters(saved.graph), json_get(fixture, "parameters")->integer);
    size_t samples = 0;
    for (size_t i = 0; i < in->n; i++) {
        STR(saved.graph->inputs.at[i].name, json_get(&in->items[i], "name")->text);
        inputs[i] = read_csv(arena, arena_printf(arena, "%s/%s", folder, json_get(&in->items[i], "file")->text));
        samples = inputs[i].n / (size_t)shape_size(&saved.graph->inputs.at[i].wire->shape);
    }
    float **answers = predict(arena, saved.model, inputs, samples, diags);
    Difference d = {0};
    for (size_t k = 0; k < out->n; k++) {
        Floats expected = read_csv(arena, arena_printf(arena, "%s/%s", folder, json_get(&out->items[k], "file")->text));
        EQ(expected.n, samples * (size_t)shape_size(&saved.graph->outputs.at[k].wire->shape));
        compare(answers[k], &expected, &d);
    }
    printf("  %-30s %-8s %2zu layers  %4zu samples  largest difference %.2e absolute, %.2e relative (%.3f of what is allowed)\n", name, version, n_layers,
           samples, d.absolute, d.relative, d.over);
    OK(d.over <= 1.0);
    round_trip(arena, name, saved.model, &saved.compile, inputs, samples, answers);
    arena_free(arena);
}

TEST(fixtures)
{
    Arena *arena = arena_new("names");
    Names names = list_folder(arena, PREDICT);
    OK(names.n >= 28);
    for (size_t i = 0; i < names.n; i++) one_fixture(names.names[i]);
    arena_free(arena);
}

/* Weights before and after training are those of one model, whose layers keep their numbers. */
TEST(trained_files)
{
    Arena *arena = arena_new("names");
    Names names = list_folder(arena, "tests/fixtures/keras/train");
    for (size_t i = 0; i < names.n; i++) {
        for (int file = 0; file < 2; file++) {
            const char *path = arena_printf(arena, "tests/fixtures/keras/train/%s/%s.keras", names.names[i], file ? "final" : "init");
            Sources *sources = sources_new(arena);
            Diags *diags = diags_new(arena, sources);
            SavedModel saved;
            bool read = saved_read(arena, path, path, NO_SPAN, 1, diags, &saved);
            OK(read);
            if (read) continue;
            printf("  %s does not load\n", path);
            say_reports(diags);
        }
    }
    arena_free(arena);
}

/* A model inside another whose layers hand their states on, and one that is called twice (tests/keras/data: made with h5py). */
TEST(models_inside)
{
    static const char *const names[] = {"states_inside", "called_twice"};
    for (int i = 0; i < 2; i++) {
        Arena *arena = arena_new("inside");
        Diags *diags = diags_new(arena, sources_new(arena));
        SavedModel saved;
        const char *path = arena_printf(arena, "tests/keras/data/%s.keras", names[i]);
        bool read = saved_read(arena, path, path, NO_SPAN, 1, diags, &saved);
        OK(read);
        if (!read) {
            say_reports(diags);
            continue;
        }
        EQ(saved.graph->layers.n, 1);
        EQ(graph_parameters(saved.graph), 402);
        Floats in = {ARENA_ARRAY(arena, float, 60), 60}, inputs[2] = {in, in};
        RngKey key = {.seed = 3, .stream = rng_stream("inside")};
        rng_uniform(&key, 0, 0, 60, in.at);
        float **answers = predict(arena, saved.model, inputs, 10, diags);
        if (i == 1) OK(memcmp(answers[0], answers[1], 10 * sizeof(float)) == 0);
        round_trip(arena, names[i], saved.model, NULL, inputs, 10, answers);
        arena_free(arena);
    }
}

/* ---- Every kind ------------------------------------------------------------------------------------------------------------------ */

static int read_shapes(const char *text, Shape *shapes, int most)
{
    int n = 0;
    while (*text) {
        while (*text && *text != '[') text++;
        if (!*text || n == most) break;
        text++;
        Shape shape = shape_of(0, NULL);
        while (*text && *text != ']') {
            if (*text >= '0' && *text <= '9') shape.dim[shape.rank++] = strtoll(text, (char **)(uintptr_t)&text, 10);
            else if (*text == '?') return -1;
            else text++;
        }
        shapes[n++] = shape;
    }
    return n;
}

/* A small network around one case of a kind; its results are the model's outputs. */
static void one_case(const LayerKind *kind, const LayerCase *c, int number)
{
    Arena *arena = arena_new("case");
    Wiring w = wiring_new(arena, "m");
    Shape shapes[8];
    int n_in = read_shapes(c->shapes, shapes, 8);
    if (n_in < 0 || c->masked) {
        arena_free(arena);
        return;
    }
    Layer *layer = wiring_layer(&w, arena_printf(arena, "%s(%s)", kind->kind.name, c->args));
    Wire *in[8];
    Floats inputs[8];
    const size_t samples = 9;
    RngKey key = {.seed = 5, .stream = rng_stream(kind->kind.name)};
    for (int i = 0; i < n_in; i++) {
        in[i] = graph_input(w.graph, arena_printf(arena, "x%d", i), shapes[i], NO_SPAN);
        inputs[i].n = samples * (size_t)shape_size(&shapes[i]);
        inputs[i].at = ARENA_ARRAY(arena, float, inputs[i].n);
        rng_uniform(&key, (uint32_t)i, 0, (int64_t)inputs[i].n, inputs[i].at);
        for (size_t k = 0; k < inputs[i].n; k++) inputs[i].at[k] = c->whole_numbers ? (float)(k % 3) : 4.0f * inputs[i].at[k] - 2.0f;
    }
    Call *call = graph_call(w.graph, layer, in, n_in, 0, NO_SPAN, w.diags);
    if (!call) {
        arena_free(arena);
        return;
    }
    for (int i = 0; i < call->n_out; i++) graph_output(w.graph, arena_printf(arena, "y%d", i), call->out[i], NO_SPAN);
    graph_name_layers(w.graph);
    if (!keras_can_save(w.graph, NO_SPAN, w.diags)) {
        printf("  %s(%s): %s\n", kind->kind.name, c->args, diag_message(diags_at(w.diags, 0)));
        arena_free(arena);
        return;
    }
    Model *model = model_new(arena, w.graph, 3);
    int before = test_failures;
    float **answers = predict(arena, model, inputs, samples, w.diags);
    round_trip(arena, arena_printf(arena, "kind_%s_%d", kind->kind.name, number), model, NULL, inputs, samples, answers);
    if (test_failures > before) printf("  ^ %s(%s)\n", kind->kind.name, c->args);
    arena_free(arena);
}

TEST(every_kind)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    for (size_t i = 0; i < n; i++) {
        const LayerKind *kind = (const LayerKind *)kinds[i];
        if (!kind->kind.keras) continue;
        for (int k = 0; kind->cases && kind->cases[k].args; k++) one_case(kind, &kind->cases[k], k);
    }
}

TEST(every_activation)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_ACTIVATION, &n);
    for (size_t i = 0; i < n; i++) {
        Arena *arena = arena_new("activation");
        Wiring w = wiring_new(arena, "m");
        Wire *x = graph_input(w.graph, "x", shape_of(1, (int64_t[]){3}), NO_SPAN);
        Layer *dense = wiring_layer(&w, arena_printf(arena, "dense(6, %s)", kinds[i]->name));
        Layer *behind = wiring_layer(&w, arena_printf(arena, "activation(%s)", kinds[i]->name));
        Call *call = graph_call(w.graph, dense, &x, 1, 0, NO_SPAN, w.diags);
        ENSURE(call != NULL);
        call = graph_call(w.graph, behind, call->out, 1, 0, NO_SPAN, w.diags);
        ENSURE(call != NULL);
        graph_output(w.graph, "y", call->out[0], NO_SPAN);
        graph_name_layers(w.graph);
        Model *model = model_new(arena, w.graph, 3);
        Floats in = {ARENA_ARRAY(arena, float, 27), 27};
        RngKey key = {.seed = 7, .stream = rng_stream("activations")};
        rng_uniform(&key, 0, 0, 27, in.at);
        for (size_t k = 0; k < in.n; k++) in.at[k] = 8 * in.at[k] - 4;
        float **answers = predict(arena, model, &in, 9, w.diags);
        round_trip(arena, arena_printf(arena, "activation_%s", kinds[i]->name), model, NULL, &in, 9, answers);
        arena_free(arena);
    }
}

/* ---- Compile settings and the optimizer's state ------------------------------------------------------------------------------------- */

static Model *small_model(Wiring *w)
{
    Wire *x = wiring_input(w, "x", 1, (const int64_t[]){3});
    wiring_output(w, "y", wire_chain(w, x, "dense(4, tanh), batch_normalization, dense(2, sigmoid)"));
    return wiring_model(w, 4);
}

static void steps(Plan *plan, int from, int to)
{
    enum { N = 6 };
    for (int step = from; step < to; step++) {
        for (int i = 0; i < N * 3; i++) plan_input(plan, 0)[i] = (float)((i * 7 + step * 3) % 11) / 5.0f - 1.0f;
        int64_t size = plan_target_size(plan, 0);
        for (int64_t i = 0; i < N * size; i++) plan_target(plan, 0)[i] = (float)((i + step) % 2);
        PlanResult result;
        plan_train(plan, &(PlanBatch){.samples = N, .epoch = (uint32_t)step}, &result);
    }
}

static KerasCompile compile_of(Arena *arena, KindRef optimizer, KindRef loss)
{
    KerasCompile compile = {.optimizer = optimizer};
    compile.losses = ARENA_ARRAY(arena, KindRef, 1);
    compile.losses[0] = loss;
    compile.weights = ARENA_ARRAY(arena, double, 1);
    compile.weights[0] = 1.0;
    compile.metrics = ARENA_ARRAY(arena, struct KerasMetric *, 1);
    compile.metrics[0] = ARENA_ARRAY(arena, struct KerasMetric, 1);
    compile.n_metrics = ARENA_ARRAY(arena, size_t, 1);
    return compile;
}

/* Three steps, a file, three steps more: the same bits as six steps. */
static void one_optimizer(const char *text, int number)
{
    Arena *arena = arena_new("optimizer");
    Wiring w = wiring_new(arena, "m");
    Model *model = small_model(&w);
    KindRef optimizer = wiring_kind(&w, FAMILY_OPTIMIZER, text), loss = wiring_kind(&w, FAMILY_LOSS, "mse");
    if (!optimizer.kind) {
        arena_free(arena);
        return;
    }
    int before = test_failures;
    PlanOutput output = {.loss = loss, .weight = 1.0};
    PlanConfig config = {.batch = 6, .training = true, .outputs = &output, .optimizer = optimizer};
    Plan *plan = plan_new(arena, model, &config, w.diags);
    steps(plan, 0, 4);
    KerasCompile compile = compile_of(arena, optimizer, loss);
    const char *name = arena_printf(arena, "optimizer_%02d", number), *path = arena_printf(arena, "%s/%s.keras", out_folder(), name);
    OK(saved_write(arena, model, &compile, NULL, path, name, NO_SPAN, w.diags));
    Floats in = {ARENA_ARRAY(arena, float, 12), 12};
    for (int i = 0; i < 12; i++) in.at[i] = (float)i / 4.0f;
    if (getenv("KERAS_OUT")) {
        float **answers = predict(arena, model, &in, 4, w.diags);
        write_csv(arena_printf(arena, "%s/%s.out_0.csv", out_folder(), name), answers[0], 4, 2);
        write_csv(arena_printf(arena, "%s/%s.in_0.csv", out_folder(), name), in.at, 4, 3);
    }
    SavedModel again;
    OK(saved_read(arena, path, name, NO_SPAN, 9, w.diags, &again));
    EQ(diags_count(w.diags), 0);
    OK(again.compile.optimizer.kind == optimizer.kind);
    EQ(again.model->optimizer.iteration, model->optimizer.iteration);
    OK(memcmp(&again.model->optimizer.rate, &model->optimizer.rate, sizeof(double)) == 0 || model_has_schedule(model));
    for (int slot = 0; slot < model->optimizer.n_slots; slot++)
        OK(memcmp(again.model->optimizer.slots[slot], model->optimizer.slots[slot], model->n_trained * sizeof(float)) == 0);
    config.optimizer = again.compile.optimizer;
    Plan *other = plan_new(arena, again.model, &config, w.diags);
    steps(plan, 4, 8);
    steps(other, 4, 8);
    OK(memcmp(again.model->values, model->values, model->n_values * sizeof(float)) == 0);
    if (test_failures > before) {
        printf("  ^ %s\n", text);
        say_reports(w.diags);
    }
    if (!getenv("KERAS_OUT")) unlink(path);
    arena_free(arena);
}

TEST(optimizers)
{
    static const char *const variations[] = {
        "sgd(momentum=0.9, nesterov=true)",
        "adam(amsgrad=true)",
        "adam(learning_rate=exponential_decay(0.01, decay_steps=3, decay_rate=0.5))",
        "adam(use_ema=true)",
        "adam(gradient_accumulation_steps=2)",
        "adam(learning_rate=0.01, clipnorm=0.5, weight_decay=0.01)",
        "rmsprop(momentum=0.5, centered=true)",
        "sgd(learning_rate=0.1, clipvalue=0.2)",
        "adamw(global_clipnorm=0.3)",
    };
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_OPTIMIZER, &n);
    int number = 0;
    for (size_t i = 0; i < n; i++) one_optimizer(kinds[i]->name, number++);
    for (size_t i = 0; i < sizeof variations / sizeof *variations; i++) one_optimizer(variations[i], number++);
}

/* Every loss, metric and schedule that Keras has too is written so that a judge, and we ourselves, read it back. */
static void one_setting(Family family, const Kind *kind, int number)
{
    Arena *arena = arena_new("setting");
    Wiring w = wiring_new(arena, "m");
    Model *model = small_model(&w);
    KindRef optimizer = wiring_kind(&w, FAMILY_OPTIMIZER, "sgd"), loss = wiring_kind(&w, FAMILY_LOSS, "mse");
    KindRef ref = {kind, kind_defaults(arena, kind)};
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++)
        if (spec->required) {
            arena_free(arena);
            return;
        }
    KerasCompile compile = compile_of(arena, optimizer, family == FAMILY_LOSS ? ref : loss);
    if (family == FAMILY_METRIC) {
        compile.metrics[0][0] = (struct KerasMetric){ref, kind->name};
        compile.n_metrics[0] = 1;
    }
    model_set_optimizer(model, optimizer);
    const char *name = arena_printf(arena, "setting_%s_%02d", kind_family_name(family), number), *path = arena_printf(arena, "%s/%s.keras", out_folder(), name);
    OK(saved_write(arena, model, &compile, NULL, path, name, NO_SPAN, w.diags));
    Floats in = {ARENA_ARRAY(arena, float, 12), 12};
    if (getenv("KERAS_OUT")) {
        float **answers = predict(arena, model, &in, 4, w.diags);
        write_csv(arena_printf(arena, "%s/%s.out_0.csv", out_folder(), name), answers[0], 4, 2);
        write_csv(arena_printf(arena, "%s/%s.in_0.csv", out_folder(), name), in.at, 4, 3);
    }
    SavedModel again;
    OK(saved_read(arena, path, name, NO_SPAN, 9, w.diags, &again));
    bool same = again.compile.optimizer.kind == optimizer.kind && (family == FAMILY_METRIC ? again.compile.n_metrics[0] == 1 && (again.compile.metrics[0][0].ref.kind == kind || !kind->keras)
                                                                                          : again.compile.losses[0].kind == kind);
    OK(same);
    if (!same) printf("  %s `%s` does not come back\n", kind_family_name(family), kind->name);
    if (!getenv("KERAS_OUT")) unlink(path);
    arena_free(arena);
}

TEST(losses_and_metrics)
{
    static const Family families[] = {FAMILY_LOSS, FAMILY_METRIC};
    for (size_t f = 0; f < 2; f++) {
        size_t n;
        const Kind *const *kinds = kind_list(families[f], &n);
        for (size_t i = 0; i < n; i++)
            if (kinds[i]->keras) one_setting(families[f], kinds[i], (int)i);
    }
}

/* ---- Models inside ------------------------------------------------------------------------------------------------------------------ */

#define INNER_INPUT "{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,2]}}"
#define SEQUENTIAL(name, layers) "{\"module\":\"keras\",\"class_name\":\"Sequential\",\"config\":{\"name\":\"" name "\",\"layers\":[" INNER_INPUT "," layers "]}}"
#define PENALIZED                                                                                                                           \
    "{\"module\":\"keras.layers\",\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":1,\"activity_regularizer\":"                     \
    "{\"module\":\"keras.regularizers\",\"class_name\":\"L2\",\"config\":{\"l2\":0.5}}}}"

/* A layer of a model inside another has its activity penalty, as in Keras: of y = x1 / 2 + x2 / 4 + 1 for (2, 4) and (0, 0), 0.5 (9 + 1) / 2. */
TEST(penalty_inside)
{
    static const char config[] = SEQUENTIAL("outer", SEQUENTIAL("inner", PENALIZED));
    static const float kernel[2] = {0.5f, 0.25f}, bias[1] = {1.0f}, rows[4] = {2.0f, 4.0f, 0.0f, 0.0f};
    Arena *arena = arena_new("penalty");
    Wiring w = wiring_new(arena, "m");
    H5Out *out = h5_out_new(arena);
    h5_out_floats(out, "layers/sequential/layers/dense/vars/0", 2, (const int64_t[]){2, 1}, kernel);
    h5_out_floats(out, "layers/sequential/layers/dense/vars/1", 1, (const int64_t[]){1}, bias);
    Pieces weights = h5_out_pieces(out);
    ZipEntry entries[2] = {{.name = "config.json"}, {"model.weights.h5", weights}};
    pieces_add(arena, &entries[0].content, config, sizeof config - 1);
    Pieces pieces = {0};
    zip_pieces(arena, entries, 2, &pieces);
    Buf bytes = joined(arena, &pieces);
    const char *path = arena_printf(arena, "%s/penalty.keras", out_folder());
    FILE *file = fopen(path, "wb");
    ENSURE(file && fwrite(bytes.at, 1, bytes.n, file) == bytes.n && fclose(file) == 0);
    SavedModel saved;
    bool read = saved_read(arena, path, path, NO_SPAN, 1, w.diags, &saved);
    OK(read);
    if (read) {
        PlanOutput output = {.loss = wiring_kind(&w, FAMILY_LOSS, "mse"), .weight = 1.0};
        PlanConfig training = {.batch = 2, .training = true, .outputs = &output, .optimizer = wiring_kind(&w, FAMILY_OPTIMIZER, "sgd")};
        Plan *plan = plan_new(arena, saved.model, &training, w.diags);
        memcpy(plan_input(plan, 0), rows, sizeof rows);
        PlanResult result;
        plan_train(plan, &(PlanBatch){.samples = 2}, &result);
        NEAR(result.penalties, 2.5, 1e-6);
    }
    say_reports(w.diags);
    unlink(path);
    arena_free(arena);
}

/* ---- Many layers ------------------------------------------------------------------------------------------------------------------- */

/* The library puts the entries of a large group into a tree of several levels. */
TEST(many_entries)
{
    Arena *arena = arena_new("many");
    Diags *diags = diags_new(arena, sources_new(arena));
    const char *path = "tests/fixtures/h5/many_entries.zip", *others;
    ZipMember member = {.name = "model.weights.h5"};
    H5File file = {0};
    bool read = zip_read(arena, path, path, NO_SPAN, &member, 1, &others, diags) && h5_read(arena, member.bytes, member.n, path, NO_SPAN, diags, &file);
    OK(read);
    say_reports(diags);
    EQ(file.sets.n, 400);
    for (int i = 0; i < 400 && read; i++) {
        const H5Set *set = h5_find(&file, arena_printf(arena, "optimizer/vars/%d", i));
        float number = -1.0f;
        if (set && set->n == 1) h5_floats(set, &number);
        NEAR(number, i, 0);
    }
    arena_free(arena);
}

/* The same written: three levels, and small groups stay small beside a large one. */
TEST(many_entries_written)
{
    enum { SCALARS = 9000, GROUPS = 1000 };
    static const float number[1] = {1.5f};
    Arena *arena = arena_new("many");
    Diags *diags = diags_new(arena, sources_new(arena));
    H5Out *out = h5_out_new(arena);
    for (int i = 0; i < SCALARS; i++) h5_out_int(out, arena_printf(arena, "optimizer/vars/%d", i), i);
    for (int i = 0; i < GROUPS; i++) h5_out_floats(out, arena_printf(arena, "layers/dense_%d/vars/0", i), 0, NULL, number);
    Pieces pieces = h5_out_pieces(out);
    OK(pieces_size(&pieces) < 6 << 20);
    Buf bytes = joined(arena, &pieces);
    H5File file = {0};
    bool read = h5_read(arena, (const uint8_t *)bytes.at, bytes.n, "many", NO_SPAN, diags, &file);
    OK(read);
    say_reports(diags);
    EQ(file.sets.n, SCALARS + GROUPS);
    for (size_t i = 0; i < file.sets.n; i++)
        if (file.sets.at[i].type == H5_INT) STR(file.sets.at[i].path, arena_printf(arena, "optimizer/vars/%d", (int)h5_integer(&file.sets.at[i])));
    const char *folder = getenv("KERAS_OUT");
    if (folder) {
        FILE *h5 = fopen(arena_printf(arena, "%s/many.h5", folder), "wb");
        ENSURE(h5 && fwrite(bytes.at, 1, bytes.n, h5) == bytes.n && fclose(h5) == 0);
    }
    arena_free(arena);
}

/* A chain of 300 layers, for the judge. */
TEST(many_layers)
{
    Arena *arena = arena_new("many");
    Wiring w = wiring_new(arena, "m");
    Wire *x = graph_input(w.graph, "x", shape_of(1, (int64_t[]){2}), NO_SPAN);
    for (int i = 0; i < 300; i++) x = wire_to(&w, x, "dense(2, tanh)");
    wiring_output(&w, "y", x);
    Model *model = wiring_model(&w, 3);
    wiring_numbers(model->values, (int64_t)model->n_values, 5, 0);
    Floats in = {ARENA_ARRAY(arena, float, 14), 14};
    wiring_numbers(in.at, 14, 6, 0);
    round_trip(arena, "many_layers", model, NULL, &in, 7, predict(arena, model, &in, 7, w.diags));
    arena_free(arena);
}

/* ---- Large files -------------------------------------------------------------------------------------------------------------------- */

/* Arrays are written from the model's own memory: saving takes next to none beside it. */
TEST(numbers_are_not_copied)
{
    Arena *arena = arena_new("pieces");
    Wiring w = wiring_new(arena, "m");
    Model *model = small_model(&w);
    model_set_optimizer(model, wiring_kind(&w, FAMILY_OPTIMIZER, "adam"));
    KerasArrays arrays = keras_arrays(arena, w.graph);
    Pieces pieces = keras_weights_pieces(arena, model);
    size_t found = 0;
    for (size_t i = 0; i < arrays.n; i++) {
        const Weight *weight = arrays.arrays[i].weight;
        for (size_t k = 0; k < pieces.n; k++) {
            const void *bytes = pieces.at[k].bytes;
            if (bytes == model_value(model, weight)) found++;
            for (int slot = 0; slot < model->optimizer.n_slots && weight->trainable; slot++)
                if (bytes == model->optimizer.slots[slot] + weight->offset) found++;
        }
    }
    EQ(arrays.n, 8);
    EQ(found, 8 + 2 * 6);
    arena_free(arena);
}

/* Sizes and places beyond 32 bits: 4.3 GB of zeros, which are a hole in the file, and a member behind them. */
TEST(members_beyond_4_gb)
{
    enum { BLOCK = 16 << 20, BLOCKS = 260 };
    Arena *arena = arena_new("large");
    Diags *diags = diags_new(arena, sources_new(arena));
    const uint8_t *zeros = arena_alloc(arena, BLOCK);
    ZipEntry entries[3] = {{.name = "first"}, {.name = "large"}, {.name = "behind"}};
    pieces_add(arena, &entries[0].content, "one", 3);
    for (int i = 0; i < BLOCKS; i++) pieces_add(arena, &entries[1].content, zeros, BLOCK);
    pieces_add(arena, &entries[2].content, "two", 3);
    Pieces pieces = {0};
    zip_pieces(arena, entries, 3, &pieces);
    const char *path = arena_printf(arena, "%s/large.zip", out_folder());
    FILE *file = fopen(path, "wb");
    ENSURE(file != NULL);
    for (size_t i = 0; i < pieces.n; i++) {
        if (pieces.at[i].bytes == zeros) OK(fseeko(file, BLOCK, SEEK_CUR) == 0);
        else EQ(fwrite(pieces.at[i].bytes, 1, pieces.at[i].n, file), pieces.at[i].n);
    }
    OK(fclose(file) == 0);
    ZipMember members[2] = {{.name = "first"}, {.name = "behind"}};
    const char *others = "";
    bool read = zip_read(arena, path, path, NO_SPAN, members, 2, &others, diags);
    OK(read);
    if (read) {
        STR(others, "`large`");
        OK(members[0].n == 3 && memcmp(members[0].bytes, "one", 3) == 0);
        OK(members[1].n == 3 && memcmp(members[1].bytes, "two", 3) == 0);
    }
    say_reports(diags);
    unlink(path);
    arena_free(arena);
}
