/* The summary's text against what Keras prints for the same models (tests/fixtures/keras/units/summary.json), character for character, and
 * the parameters, shapes and order of weights told there. Models with classes that are not there yet are counted. */
#include "src/report/summary.h"
#include "tests/unit/reference.h"

/* Arguments of a layer from the shapes of its weights: the file does not list them. */
static Layer *layer_like(Rig *rig, const Json *plan)
{
    const char *class = json_get(plan, "class")->text;
    const Kind *kind = kind_find_keras(FAMILY_LAYER, class);
    const Json *weights = json_get(plan, "weights");
    const char *args = "";
    if (str_eq(class, "Dense"))
        args = arena_printf(rig->arena, "%lld, use_bias=%s", (long long)json_get(&weights->items[0], "shape")->items[1].integer,
                            weights->n > 1 ? "true" : "false");
    if (str_eq(class, "Dropout")) args = "0.5";
    Layer *layer = rig_layer_of(rig, (const LayerKind *)kind, args);
    if (layer) layer->name = json_get(plan, "name")->text;
    if (layer && weights->n && json_get(plan, "trainable")->integer == 0) layer->trainable = false;
    return layer;
}

/* The result of a layer's call number `node`. */
typedef struct {
    const char *name;
    int64_t node;
    Wire *wire;
} Known;

static Shape shape_like(const Json *json)
{
    Shape shape = shape_of(0, NULL);
    for (size_t i = 1; i < json->n; i++) shape.dim[shape.rank++] = json->items[i].type == JSON_NULL ? DIM_UNKNOWN : json->items[i].integer;
    return shape;
}

/* Whether layer_like can make a layer of a class: the arguments of the others cannot be told from their weights alone. */
static bool can_be_told(const char *class)
{
    static const char *const others[] = {"Embedding", "Conv1D", "SimpleRNN", "GRU", "LSTM", "Bidirectional", "TimeDistributed",
                                         "RepeatVector", "Reshape", "Permute", "MaxPooling1D", "AveragePooling1D", "Sequential", "Functional"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_eq(class, others[i])) return false;
    return kind_find_keras(FAMILY_LAYER, class) != NULL;
}

/* Builds the model; false: a class waits. */
static bool build(Rig *rig, const Json *plan)
{
    const Json *layers = json_get(plan, "layers");
    for (size_t i = 0; i < layers->n; i++) {
        const char *class = json_get(&layers->items[i], "class")->text;
        if (!str_eq(class, "InputLayer") && !can_be_told(class)) return false;
    }
    Known *known = ARENA_ARRAY(rig->arena, Known, 16 * layers->n + 2);
    size_t n = 0;
    Wire *last = NULL;
    for (size_t i = 0; i < layers->n; i++) {
        const Json *of = &layers->items[i], *inbound = json_get(of, "inbound");
        const char *name = json_get(of, "name")->text;
        if (str_eq(json_get(of, "class")->text, "InputLayer")) {
            known[n++] = (Known){name, 0, graph_input(rig->graph, name, shape_like(json_get(of, "output_shape")), NO_SPAN)};
            continue;
        }
        Layer *layer = layer_like(rig, of);
        if (!layer) return false;
        /* The inputs of all calls stand in one list: a layer of one input is called for each of them. */
        bool merges = layer->kind->max_inputs != 0;
        Wire *in[8];
        int n_in = 0;
        for (size_t j = 0; j < inbound->n; j++) {
            const Json *from = &inbound->items[j];
            Wire *wire = NULL;
            for (size_t k = 0; k < n; k++)
                if (str_eq(known[k].name, from->items[0].text) && known[k].node == from->items[1].integer) wire = known[k].wire;
            if (!wire) { /* a sequential model leaves its input out: its length is that of the first kernel */
                const Json *kernel = json_get(&json_get(of, "weights")->items[0], "shape");
                wire = graph_input(rig->graph, from->items[0].text, shape_vector(kernel->items[0].integer), NO_SPAN);
                known[n++] = (Known){from->items[0].text, 0, wire};
            }
            in[n_in++] = wire;
            if (merges && j + 1 < inbound->n) continue;
            Call *call = rig_call(rig, layer, in, n_in);
            OK(call != NULL);
            if (!call) return false;
            last = call->out[0];
            known[n++] = (Known){name, call->nth, last};
            n_in = 0;
        }
        Shape expected = shape_like(json_get(of, "output_shape"));
        OK(shape_eq(&expected, &last->shape));
        EQ(layer_parameters(layer), json_get(of, "parameters")->integer);
        EQ(layer_trainable(layer), json_get(of, "trainable")->integer);
        const Json *weights = json_get(of, "weights");
        EQ(weights->n, layer->n_weights);
        for (size_t j = 0; j < layer->n_weights && j < weights->n; j++) STR(layer->weights[j].spec.name, json_get(&weights->items[j], "name")->text);
    }
    const Json *outputs = json_get(plan, "output_names");
    if (outputs && outputs->type == JSON_LIST)
        for (size_t i = 0; i < outputs->n; i++)
            for (size_t k = 0; k < n; k++)
                if (str_eq(known[k].name, outputs->items[i].text)) graph_output(rig->graph, known[k].name, known[k].wire, NO_SPAN);
    if (rig->graph->outputs.n == 0) graph_output(rig->graph, "output", last, NO_SPAN);
    return true;
}

TEST(texts_of_keras)
{
    Rig *file = rig_new();
    const Json *cases = json_get(reference_read(file, "tests/fixtures/keras/units/summary.json"), "cases");
    int done = 0, waiting = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const Json *plan = &cases->items[i], *lines = json_get(plan, "summary_text"), *variables = json_get(plan, "optimizer_variables");
        Rig *rig = rig_new();
        int before = test_failures;
        if (!build(rig, plan)) {
            waiting++;
            rig_free(rig);
            continue;
        }
        size_t title = strlen(lines->items[0].text);
        rig->graph->name = arena_text(rig->arena, lines->items[0].text + 8, title - 9);
        OptimizerState adam = {.n_slots = 2};
        adam.ref.kind = kind_find(FAMILY_OPTIMIZER, "adam");
        adam.ref.args = kind_defaults(rig->arena, adam.ref.kind);
        Buf got = buf_in(rig->arena), expected = buf_in(rig->arena);
        const char *border = lines->items[1].text;
        for (size_t j = 0; j < lines->n; j++)
            if (lines->items[j].text[0]) buf_printf(&expected, "%s\n", lines->items[j].text);
        bool built = variables && variables->type == JSON_LIST && strstr(expected.at, "Optimizer params");
        summary_print_wide(rig->graph, built ? &adam : NULL, (int)display_width(border, strlen(border), 0), &got);
        STR(got.at, expected.at);
        if (test_failures > before) printf("  ^ %s\n", json_get(plan, "title")->text);
        done++;
        rig_free(rig);
    }
    printf("summaries: %d compared, %d with classes that wait\n", done, waiting);
    OK(done >= 5);
    rig_free(file);
}

/* A shared layer stands once, with what feeds each of its calls; a wrapper shows its inner layer's parameters. */
TEST(sharing_and_wrappers)
{
    Rig *rig = rig_new();
    Wire *a = rig_input(rig, "left", "[4, 2]", false), *b = rig_input(rig, "right", "[4, 2]", false);
    Layer *enc = rig_layer(rig, "time_distributed", "dense(3)");
    enc->name = "enc";
    Wire *both[2] = {rig_call(rig, enc, &a, 1)->out[0], rig_call(rig, enc, &b, 1)->out[0]};
    Call *sum = rig_call(rig, rig_layer(rig, "add", ""), both, 2);
    graph_output(rig->graph, "add", sum->out[0], NO_SPAN);
    graph_name_layers(rig->graph);
    Buf got = buf_in(rig->arena);
    summary_print(rig->graph, NULL, &got);
    OK(strstr(got.at, "│ enc (TimeDistributed)          │ (None, 4, 3)              │                9 │ left[0][0], right[0][0]    │") != NULL);
    OK(strstr(got.at, "│ add (Add)                      │ (None, 4, 3)              │                0 │ enc[0][0], enc[1][0]       │") != NULL);
    OK(strstr(got.at, " Total params: 9 (36.00 B)\n") != NULL);
    rig_free(rig);
}

/* Hangul takes two columns; a name too long ends in an ellipsis. */
TEST(wide_names)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4]", false);
    Layer *layer = rig_layer(rig, "dense", "3");
    layer->name = "은닉층";
    Call *call = rig_call(rig, layer, &x, 1);
    Layer *second = rig_layer(rig, "dense", "1");
    second->name = "a_name_that_is_much_too_long_for_its_column";
    call = rig_call(rig, second, call->out, 1);
    graph_output(rig->graph, "y", call->out[0], NO_SPAN);
    Buf got = buf_in(rig->arena);
    summary_print(rig->graph, NULL, &got);
    OK(strstr(got.at, "│ 은닉층 (Dense)                    │ (None, 3)                │            15 │\n") != NULL);
    OK(strstr(got.at, "│ a_name_that_is_much_too_long_for… │ (None, 1)                │             4 │\n│ (Dense)                           │") != NULL);
    rig_free(rig);
}
