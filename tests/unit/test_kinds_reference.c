/* Kinds against figures of Keras 3.15.1 (tests/fixtures/keras/units) and of PyTorch in double precision (tests/oracles): values within
 * 1e-5 relative plus 1e-6, gradients within 1e-4 relative plus 1e-6. Cases of kinds that are not there yet are counted, and named with -v. */
#include "tests/unit/reference.h"

#define UNITS "tests/fixtures/keras/units/"

static void waits(const char *what, const char *name, int *count)
{
    (*count)++;
    if (getenv("VERBOSE")) printf("  waits: %s %s\n", what, name);
}

/* ---- Layers -------------------------------------------------------------------------------------------------------- */

/* A layer with all the weights of it and what lies inside, in order. */
static void collect(const Layer *layer, const Weight **weights, size_t *n)
{
    for (size_t i = 0; i < layer->n_weights; i++) weights[(*n)++] = &layer->weights[i];
    for (size_t i = 0; i < layer->n_inner; i++) collect(layer->inner[i], weights, n);
}

static const Json *named(const Json *list, const char *name)
{
    for (size_t i = 0; list && i < list->n; i++)
        if (str_eq(json_get(&list->items[i], "name")->text, name)) return json_get(&list->items[i], "value");
    return NULL;
}

static void set_mask(Rig *rig, const Wire *wire, const Json *json)
{
    Numbers mask = reference_numbers(rig->arena, json);
    for (size_t i = 0; i < mask.n; i++) rig->mask[wire->index][i] = mask.at[i] != 0;
}

static const Json *mask_json(const Json *plan, const Json *args, size_t i)
{
    const Json *masks = json_get(plan, "masks"), *own = args ? json_get(args, "mask") : NULL;
    if (own && i == 0) return own;
    return masks && i < masks->n && masks->items[i].type == JSON_LIST ? &masks->items[i] : NULL;
}

/* False: the kind waits. */
static bool layer_case(Rig *rig, const Json *plan, const char **why)
{
    const Json *args_json = json_get(plan, "args");
    const Kind *kind = kind_find_keras(FAMILY_LAYER, json_get(plan, "layer")->text);
    *why = json_get(plan, "layer")->text;
    if (!kind) return false;
    void *args = kind_defaults(rig->arena, kind);
    const char *left = NULL;
    if (!reference_args(rig, kind, args_json, args, &left)) return false;
    Layer *layer = graph_layer(rig->graph, (const LayerKind *)kind, args, NULL, NO_SPAN);
    bool known_rest = !left || str_eq(left, "mask") || str_eq(left, "trainable");
    if (!known_rest) printf("  no argument `%s`\n", left);
    OK(known_rest);
    if (left && str_eq(left, "trainable")) layer->trainable = json_get(args_json, "trainable")->boolean;

    const Json *inputs = json_get(plan, "inputs"), *state = json_get(plan, "initial_state");
    Wire *in[8];
    Numbers x[8];
    for (size_t i = 0; i < inputs->n; i++) {
        x[i] = reference_numbers(rig->arena, &inputs->items[i]);
        in[i] = graph_input(rig->graph, arena_printf(rig->arena, "x%zu", i), shape_of(x[i].rank - 1, x[i].dim + 1), NO_SPAN);
        if (mask_json(plan, args_json, i)) in[i]->mask_of = in[i];
    }
    int n_args = state ? (int)state->n : 0;
    Call *call = graph_call(rig->graph, layer, in, (int)inputs->n, n_args, NO_SPAN, rig->diags);
    if (!call) printf("  %s", rig_said(rig));
    OK(call != NULL);
    if (!call) return true;
    rig_prepare(rig, x[0].dim[0], json_get(plan, "training")->boolean ? MODE_TRAIN : MODE_INFER);
    for (size_t i = 0; i < inputs->n; i++) {
        for (size_t j = 0; j < x[i].n; j++) rig->value[in[i]->index][j] = (float)x[i].at[j];
        if (in[i]->mask_of) set_mask(rig, in[i], mask_json(plan, args_json, i));
    }
    const Weight *weights[32];
    size_t n_weights = 0;
    collect(layer, weights, &n_weights);
    const Json *given = json_get(plan, "weights");
    EQ(n_weights, given->n);
    for (size_t i = 0; i < given->n && i < n_weights; i++) {
        Numbers w = reference_numbers(rig->arena, json_get(&given->items[i], "value"));
        EQ(shape_size(&weights[i]->spec.shape), w.n);
        OK(str_ends(json_get(&given->items[i], "name")->text, weights[i]->spec.name));
        for (size_t j = 0; j < w.n; j++) rig->weights[weights[i]->offset + j] = (float)w.at[j];
    }

    rig_forward(rig);
    int wrong = 0;
    const Json *outputs = json_get(plan, "outputs"), *masks = json_get(plan, "output_masks"), *up = json_get(plan, "upstream");
    EQ(outputs->n, call->n_out);
    for (int i = 0; i < call->n_out; i++) {
        const Wire *out = call->out[i];
        Numbers y = reference_numbers(rig->arena, &outputs->items[i]);
        EQ(rig_floats(rig, out), y.n);
        EQ(out->shape.rank, y.rank - 1);
        wrong += reference_compare("value", rig->value[out->index], &y, 1e-5, 1e-6);
        const Json *mask = masks && (size_t)i < masks->n && masks->items[i].type == JSON_LIST ? &masks->items[i] : NULL;
        EQ(mask != NULL, out->mask_of != NULL);
        if (mask && out->mask_of) {
            Numbers m = reference_numbers(rig->arena, mask);
            for (size_t j = 0; j < m.n; j++) wrong += rig->mask[out->mask_of->index][j] != (m.at[j] != 0);
        }
        if (up && (size_t)i < up->n && up->items[i].type == JSON_LIST) {
            Numbers u = reference_numbers(rig->arena, &up->items[i]);
            for (size_t j = 0; j < u.n; j++) rig->up[out->index][j] = (float)u.at[j];
        }
    }
    const Json *changed = json_get(plan, "weights_changed_by_call");
    for (size_t i = 0; i < n_weights && i < given->n; i++) {
        const char *name = json_get(&given->items[i], "name")->text;
        const Json *after = named(changed, name);
        Numbers w = reference_numbers(rig->arena, after ? after : named(given, name));
        wrong += reference_compare(name, rig->weights + weights[i]->offset, &w, 1e-5, 1e-6);
    }

    rig_backward(rig);
    const Json *dx = json_get(plan, "input_gradients"), *dw = json_get(plan, "weight_gradients");
    for (size_t i = 0; dx && i < dx->n; i++) {
        if (dx->items[i].type != JSON_LIST) continue;
        Numbers g = reference_numbers(rig->arena, &dx->items[i]);
        wrong += reference_compare("input gradient", rig->grad[in[i]->index], &g, 1e-4, 1e-6);
    }
    for (size_t i = 0; i < n_weights && i < given->n; i++) {
        const char *name = json_get(&given->items[i], "name")->text;
        const Json *expected = named(dw, name);
        if (!expected) continue;
        OK(weights[i]->trainable);
        Numbers g = reference_numbers(rig->arena, expected);
        wrong += reference_compare(name, rig->dweights + weights[i]->offset, &g, 1e-4, 1e-6);
    }
    EQ(wrong, 0);
    return true;
}

static void layer_file(const char *path)
{
    Rig *rig = rig_new();
    const Json *json = reference_read(rig, path);
    const Json *cases = json ? json_get(json, "cases") : NULL;
    int waiting = 0, done = 0;
    for (size_t i = 0; cases && i < cases->n; i++) {
        const char *why, *title = json_get(&cases->items[i], "title")->text;
        int before = test_failures;
        Rig *own = rig_new();
        if (layer_case(own, &cases->items[i], &why)) done++;
        else waits("layer", why, &waiting);
        rig_free(own);
        if (test_failures > before) printf("  ^ %s\n", title);
    }
    printf("%s: %d cases compared, %d of kinds that wait\n", path, done, waiting);
    OK(done > 20);
    rig_free(rig);
}

TEST(layers_of_keras) { layer_file(UNITS "layers.json"); }
TEST(layers_of_torch) { layer_file("tests/oracles/layers.json"); }

/* ---- Activations --------------------------------------------------------------------------------------------------- */

static void elementwise(Rig *rig, const Json *x_json, const Json *list, int *done, int *waiting)
{
    Numbers x_all = reference_numbers(rig->arena, x_json);
    float x[256], y[256], dx[256], up[256];
    for (size_t i = 0; i < x_all.n; i++) x[i] = (float)x_all.at[i], up[i] = 1;
    for (size_t c = 0; c < list->n; c++) {
        const Json *plan = &list->items[c];
        const char *name = json_get(plan, "name")->text, *left = NULL;
        const Kind *kind = kind_find_keras(FAMILY_ACTIVATION, name);
        Wire wire = {.shape = shape_vector(1)};
        Wire *wires[1] = {&wire};
        const Kind *layer_kind = kind ? NULL : kind_find_keras(FAMILY_LAYER, name); /* a layer form: the activation it says it is */
        if (!kind && !layer_kind) {
            waits("activation", name, waiting);
            continue;
        }
        if (layer_kind && !((const LayerKind *)layer_kind)->activation) continue; /* it has weights: a case of layers.json */
        const Kind *own = kind ? kind : layer_kind;
        void *args = kind_defaults(rig->arena, own);
        OK(reference_args(rig, own, json_get(plan, "args"), args, &left));
        OK(left == NULL);
        KindRef ref = {kind, args};
        if (layer_kind) {
            Layer layer = {.kind = (const LayerKind *)layer_kind, .args = args};
            Call call = {.layer = &layer, .in = wires, .n_in = 1};
            ref = layer.kind->activation(&call);
        }
        const ActivationKind *activation = (const ActivationKind *)ref.kind;
        Numbers expected = reference_numbers(rig->arena, json_get(plan, "y")), slopes = reference_numbers(rig->arena, json_get(plan, "dy"));
        activation->forward(ref.args, x, y, (int64_t)x_all.n, 1);
        activation->backward(ref.args, activation->reads & READS_X ? x : NULL, activation->reads & READS_Y ? y : NULL, up, dx, (int64_t)x_all.n, 1);
        int wrong = reference_compare("value", y, &expected, 1e-5, 1e-6) + reference_compare("derivative", dx, &slopes, 1e-4, 1e-6);
        if (wrong) printf("  ^ %s, case %zu\n", name, c);
        EQ(wrong, 0);
        (*done)++;
    }
}

TEST(activations_of_keras)
{
    Rig *rig = rig_new();
    const Json *json = reference_read(rig, UNITS "activations.json");
    int done = 0, waiting = 0;
    elementwise(rig, json_get(json, "x"), json_get(json, "elementwise"), &done, &waiting);
    elementwise(rig, json_get(json, "x"), json_get(json, "layers"), &done, &waiting);
    const Json *vector = json_get(json, "vector"), *cases = json_get(vector, "cases");
    Numbers x_all = reference_numbers(rig->arena, json_get(vector, "x")), up_row = reference_numbers(rig->arena, json_get(vector, "upstream"));
    enum { MOST = 256 };
    float x[MOST], up[MOST], y[MOST], dx[MOST];
    int64_t rows = x_all.dim[0], width = x_all.dim[1];
    for (size_t i = 0; i < x_all.n; i++) x[i] = (float)x_all.at[i], up[i] = (float)up_row.at[i % (size_t)width];
    for (size_t c = 0; c < cases->n; c++) {
        const Json *plan = &cases->items[c];
        const ActivationKind *kind = (const ActivationKind *)kind_find_keras(FAMILY_ACTIVATION, json_get(plan, "name")->text);
        if (!kind) {
            waits("activation", json_get(plan, "name")->text, &waiting);
            continue;
        }
        const void *args = kind_defaults(rig->arena, &kind->kind);
        Numbers expected = reference_numbers(rig->arena, json_get(plan, "y")), slopes = reference_numbers(rig->arena, json_get(plan, "dx"));
        kind->forward(args, x, y, rows, width);
        kind->backward(args, x, y, up, dx, rows, width);
        EQ(reference_compare("softmax value", y, &expected, 1e-5, 1e-6), 0);
        EQ(reference_compare("softmax gradient", dx, &slopes, 1e-4, 1e-6), 0);
        done++;
    }
    printf("activations: %d cases compared, %d of kinds that wait\n", done, waiting);
    OK(done >= 17);
    rig_free(rig);
}

/* ---- Regularizers -------------------------------------------------------------------------------------------------- */

TEST(regularizers_of_keras)
{
    Rig *rig = rig_new();
    const Json *json = reference_read(rig, UNITS "regularizers.json");
    Numbers w_all = reference_numbers(rig->arena, json_get(json, "w"));
    const Json *cases = json_get(json, "cases");
    float w[64];
    for (size_t i = 0; i < w_all.n; i++) w[i] = (float)w_all.at[i];
    Shape shape = shape_of(2, w_all.dim);
    int done = 0, waiting = 0;
    for (size_t c = 0; c < cases->n; c++) {
        const Json *plan = &cases->items[c];
        const char *name = json_get(plan, "regularizer")->text, *left = NULL;
        const Kind *kind = kind_find_keras(FAMILY_REGULARIZER, name);
        if (!kind) {
            waits("regularizer", name, &waiting);
            continue;
        }
        void *args = kind_defaults(rig->arena, kind);
        OK(reference_args(rig, kind, json_get(plan, "args"), args, &left));
        const RegularizerKind *regularizer = (const RegularizerKind *)kind;
        double expected = reference_number(json_get(plan, "value"));
        NEAR(regularizer->value(args, w, (int64_t)w_all.n, &shape), expected, 1e-6 + 1e-5 * expected);
        float g[64] = {0};
        regularizer->gradient(args, w, (int64_t)w_all.n, &shape, 1, g);
        Numbers gradient = reference_numbers(rig->arena, json_get(plan, "gradient"));
        EQ(reference_compare(name, g, &gradient, 1e-4, 1e-6), 0);
        done++;
    }
    OK(done >= 5);
    printf("regularizers: %d cases compared, %d of kinds that wait\n", done, waiting);
    rig_free(rig);
}

/* ---- Initializers -------------------------------------------------------------------------------------------------- */

/* Mean and deviation over some 100,000 draws, several keys of one shape. The mean of n draws has the deviation std / sqrt n, the
 * measured deviation one of about std / sqrt(2 n) (less for uniform): five of those are allowed, which chance passes once in a million. */
static void check_draws(Rig *rig, const InitializerKind *kind, const void *args, const Shape *shape, const Json *plan)
{
    int64_t size = shape_size(shape), repeats = 100000 / size + 1, n = size * repeats;
    float *draws = rig_block(rig, (size_t)size);
    double sum = 0, squares = 0, least = (double)INFINITY, most = -(double)INFINITY;
    double mean = reference_number(json_get(plan, "mean")), std = reference_number(json_get(plan, "std"));
    for (int64_t r = 0; r < repeats; r++) {
        RngKey key = {.seed = (uint64_t)r + 1, .stream = rng_stream("m/dense/kernel")};
        kind->fill(args, shape, key, draws);
        for (int64_t i = 0; i < size; i++) {
            double x = (double)draws[i];
            sum += x;
            squares += (x - mean) * (x - mean);
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
    }
    NEAR(sum / (double)n, mean, 5 * std / sqrt((double)n));
    NEAR(sqrt(squares / (double)n), std, 5 * std / sqrt(2 * (double)n));
    const Json *low = json_get(plan, "min"), *high = json_get(plan, "max");
    double slack = 1e-6 * std;
    if (low->type == JSON_NUMBER) {
        OK(least >= low->number - slack);
        OK(least <= low->number + 0.02 * std); /* and the whole range is used */
    }
    if (high->type == JSON_NUMBER) {
        OK(most <= high->number + slack);
        OK(most >= high->number - 0.02 * std);
    }
}

TEST(initializers_of_keras)
{
    Rig *rig = rig_new();
    const Json *json = reference_read(rig, UNITS "initializers.json");
    const Json *random = json_get(json, "random"), *constant = json_get(json, "constant"), *orthogonal = json_get(json, "orthogonal");
    for (int part = 0; part < 2; part++) {
        const Json *list = part ? constant : random;
        for (size_t c = 0; c < list->n; c++) {
            const Json *plan = &list->items[c];
            const char *name = json_get(plan, "initializer")->text, *left = NULL;
            const Kind *kind = kind_find_keras(FAMILY_INITIALIZER, name);
            int before = test_failures;
            OK(kind != NULL);
            if (!kind) continue;
            void *args = kind_defaults(rig->arena, kind);
            OK(reference_args(rig, kind, json_get(plan, "args"), args, &left));
            OK(left == NULL);
            Numbers dims = reference_numbers(rig->arena, json_get(plan, "shape"));
            Shape shape = shape_of(0, NULL);
            for (size_t i = 0; i < dims.n; i++) shape.dim[shape.rank++] = (int64_t)dims.at[i];
            if (part == 0) {
                check_draws(rig, (const InitializerKind *)kind, args, &shape, plan);
            } else {
                float out[64];
                Numbers expected = reference_numbers(rig->arena, json_get(plan, "value"));
                ((const InitializerKind *)kind)->fill(args, &shape, (RngKey){0}, out);
                EQ(reference_compare(name, out, &expected, 1e-5, 1e-6), 0);
            }
            if (test_failures > before) printf("  ^ %s, case %zu\n", name, c);
        }
    }
    /* q' q or q q' is the identity times gain^2. */
    const Kind *kind = kind_find_keras(FAMILY_INITIALIZER, "Orthogonal");
    for (size_t c = 0; c < orthogonal->n; c++) {
        const Json *plan = &orthogonal->items[c];
        Numbers dims = reference_numbers(rig->arena, json_get(plan, "shape")), flat = reference_numbers(rig->arena, json_get(plan, "flat"));
        Shape shape = shape_of(0, NULL);
        for (size_t i = 0; i < dims.n; i++) shape.dim[shape.rank++] = (int64_t)dims.at[i];
        void *args = kind_defaults(rig->arena, kind);
        const ArgSpec *gain = &kind->args[kind_arg_index(kind, "gain")];
        Value value = {.type = VALUE_FLOAT, .number = reference_number(json_get(plan, "gain"))};
        OK(kind_set(rig->arena, kind, args, gain, &value, rig->diags));
        float q[512];
        ((const InitializerKind *)kind)->fill(args, &shape, (RngKey){.seed = 4, .stream = 9}, q);
        int64_t rows = (int64_t)flat.at[0], cols = (int64_t)flat.at[1];
        double diagonal = reference_number(json_get(plan, "product_diagonal"));
        const char *which = json_get(plan, "orthonormal")->text;
        for (int by_rows = 0; by_rows < 2; by_rows++) {
            if (!str_eq(which, "both") && !str_eq(which, by_rows ? "rows" : "columns")) continue;
            int64_t n = by_rows ? rows : cols, inner = by_rows ? cols : rows;
            for (int64_t i = 0; i < n; i++)
                for (int64_t j = 0; j < n; j++) {
                    double dot = 0;
                    for (int64_t k = 0; k < inner; k++)
                        dot += by_rows ? (double)q[i * cols + k] * (double)q[j * cols + k] : (double)q[k * cols + i] * (double)q[k * cols + j];
                    NEAR(dot, i == j ? diagonal : 0, 1e-6);
                }
        }
    }
    rig_free(rig);
}

/* Each layer's arguments default to the initializers that Keras's class has. */
TEST(default_initializers)
{
    Rig *rig = rig_new();
    const Json *list = json_get(reference_read(rig, UNITS "initializers.json"), "layer_defaults");
    int waiting = 0, done = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *name = json_get(&list->items[i], "layer")->text;
        const Kind *kind = kind_find_keras(FAMILY_LAYER, name);
        if (!kind) {
            waits("layer", name, &waiting);
            continue;
        }
        const void *args = kind_defaults(rig->arena, kind);
        const Json *defaults = json_get(&list->items[i], "defaults");
        for (size_t j = 0; j < defaults->n; j++) {
            int index = kind_arg_index(kind, defaults->keys[j]);
            OK(index >= 0);
            if (index < 0) continue;
            Value value = kind_get(rig->arena, kind, args, &kind->args[index]);
            OK(value.kind.kind == kind_find_keras(FAMILY_INITIALIZER, defaults->items[j].text));
            done++;
        }
    }
    OK(done >= 8);
    rig_free(rig);
}
