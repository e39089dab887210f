/* Graphs: shapes, masks, shared layers, wrappers, names, where weights lie, and what is refused. Each thing that the record of a layer must be
 * able to say is proved here by a kind that needs it. */
#include "tests/unit/harness.h"
#include "tests/unit/test.h"

static Wire *put(Rig *rig, Wire *in, const char *kind, const char *args)
{
    Layer *layer = rig_layer(rig, kind, args);
    Call *call = layer ? rig_call(rig, layer, &in, 1) : NULL;
    return call ? call->out[0] : NULL;
}

static const char *shape(Rig *rig, const Wire *wire) { return wire ? shape_text(rig->arena, &wire->shape) : "none"; }

/* What one layer makes of inputs; "E0311" where it refuses. */
static const char *made(const char *shapes, const char *kind, const char *args)
{
    static char text[200];
    Rig *rig = rig_new();
    Shape list[8];
    Wire *in[8];
    int n = rig_shapes(shapes, list, 8);
    for (int i = 0; i < n; i++) in[i] = graph_input(rig->graph, arena_printf(rig->arena, "x%d", i), list[i], NO_SPAN);
    Layer *layer = rig_layer(rig, kind, args);
    Call *call = layer ? rig_call(rig, layer, in, n) : NULL;
    text[0] = 0;
    if (!layer) snprintf(text, sizeof text, "no such arguments");
    else if (!call) snprintf(text, sizeof text, "%s", diag_code_name(diag_code(diags_at(rig->diags, 0))));
    for (int i = 0; call && i < call->n_out; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", shape(rig, call->out[i]));
    rig_free(rig);
    return text;
}

TEST(shapes)
{
    STR(made("[4]", "dense", "8"), "[8]");
    STR(made("[12, 4]", "dense", "8"), "[12, 8]");
    STR(made("[?, 4]", "dense", "8"), "[?, 8]");
    STR(made("[4, ?]", "dense", "8"), "E0303");
    STR(made("[4] [4]", "dense", "8"), "E0301");
    STR(made("[12, 4]", "flatten", ""), "[48]");
    STR(made("[?, 4]", "flatten", ""), "[?]");
    STR(made("[48]", "reshape", "[12, -1]"), "[12, 4]");
    STR(made("[48]", "reshape", "[5, -1]"), "E0305");
    STR(made("[48]", "reshape", "[12, 5]"), "E0305");
    STR(made("[?, 4]", "reshape", "[-1, 2]"), "[?, 2]");
    STR(made("[4] [4]", "add", ""), "[4]");
    STR(made("[4]", "add", ""), "E0301");
    STR(made("[3, 2] [3, 1] [2]", "add", ""), "[3, 2]");
    STR(made("[3, 2] [4, 2]", "multiply", ""), "E0306");
    STR(made("[?, 2] [4, 2]", "average", ""), "[4, 2]");
    STR(made("[3] [2]", "concatenate", ""), "[5]");
    STR(made("[3, 2] [4, 2]", "concatenate", "axis=1"), "[7, 2]");
    STR(made("[3, 2] [4, 2]", "concatenate", ""), "E0307");
    STR(made("[3, 2] [2]", "concatenate", ""), "E0307");
    STR(made("[3, 2] [3, 2]", "concatenate", "axis=0"), "E0304");
    STR(made("[3, 2] [3, 2]", "concatenate", "axis=3"), "E0304");
    STR(made("[3, 2] [3, 2]", "concatenate", "axis=-3"), "E0304");
    STR(made("[?, 2] [3, 2]", "concatenate", "axis=1"), "[?, 2]");
    STR(made("[12, 4]", "simple_rnn", "8"), "[8]");
    STR(made("[12, 4]", "simple_rnn", "8, return_sequences=true, return_state=true"), "[12, 8] [8]");
    STR(made("[4]", "simple_rnn", "8"), "E0311");
    STR(made("[2, 3, 4]", "simple_rnn", "8"), "E0311");
    STR(made("[5]", "embedding", "10, 3"), "[5, 3]");
    STR(made("[5]", "embedding", "output_dim=3"), "E0308");
    STR(made("[1, 1, 1, 1, 1, 1]", "embedding", "10, 3"), "E0309");
    STR(made("[5, 2]", "masking", ""), "[5, 2]");
    STR(made("[5]", "masking", ""), "E0311");
    STR(made("[5, 2]", "batch_normalization", "axis=1"), "[5, 2]");
    STR(made("[5, 2]", "batch_normalization", "axis=0"), "E0304");
    STR(made("[5, ?]", "batch_normalization", ""), "E0303");
    STR(made("[5, 2]", "softmax", "axis=2"), "[5, 2]");
    STR(made("[5]", "softmax", "axis=2"), "E0304");
    STR(made("[12, 4]", "dropout", "0.5, noise_shape=[none, 1, 4]"), "[12, 4]");
    STR(made("[12, 4]", "dropout", "0.5, noise_shape=[1, 4]"), "E0313");
    STR(made("[12, 4]", "dropout", "0.5, noise_shape=[none, 3, 4]"), "E0313");
    STR(made("[12, 4]", "time_distributed", "dense(3)"), "[12, 3]");
    STR(made("[?, 4]", "time_distributed", "dense(3)"), "[?, 3]");
    STR(made("[12, 5, 4]", "time_distributed", "simple_rnn(3)"), "[12, 3]");
    STR(made("[12, 5, 4]", "time_distributed", "flatten"), "[12, 20]");
    STR(made("[12]", "time_distributed", "dense(3)"), "E0311");
    STR(made("[12, 4]", "time_distributed", "batch_normalization"), "E0310");
    STR(made("[3000000000]", "flatten", ""), "E0316");
    STR(made("[2000000]", "dense", "1000000"), "E0317");
    STR(made("[2147483647]", "dense", "2147483647"), "E0317");
}

TEST(unknown_shapes_say_nothing)
{
    Rig *rig = rig_new();
    Wire *x = graph_input(rig->graph, "x", shape_unknown(), NO_SPAN);
    Wire *h = put(rig, x, "simple_rnn", "4");
    h = put(rig, h, "time_distributed", "dense(3)");
    h = put(rig, h, "concatenate", ""); /* a number of inputs that is wrong is said all the same */
    OK(h == NULL);
    EQ(diags_count(rig->diags), 1);
    rig_free(rig);
}

/* A layer is not a call: one set of weights, two calls with shapes of their own. */
TEST(shared_layer)
{
    Rig *rig = rig_new();
    Wire *a = rig_input(rig, "a", "[4]", false), *b = rig_input(rig, "b", "[3, 4]", false), *c = rig_input(rig, "c", "[5]", false);
    Layer *enc = rig_layer(rig, "dense", "2");
    Call *first = rig_call(rig, enc, &a, 1), *second = rig_call(rig, enc, &b, 1);
    OK(first && second);
    STR(shape(rig, first->out[0]), "[2]");
    STR(shape(rig, second->out[0]), "[3, 2]");
    EQ(second->nth, 1);
    EQ(rig->graph->layers.n, 1);
    EQ(rig->graph->shown.n, 2);
    EQ(graph_parameters(rig->graph), 10);
    OK(rig_call(rig, enc, &c, 1) == NULL);
    STR(diag_code_name(diag_code(diags_at(rig->diags, 0))), "E0302");
    /* Gradients of both calls add up. */
    rig_prepare(rig, 2, MODE_TRAIN);
    for (int i = 0; i < 8; i++) rig->value[a->index][i] = 1;
    for (int i = 0; i < 24; i++) rig->value[b->index][i] = 1;
    for (int i = 0; i < 4; i++) rig->up[first->out[0]->index][i] = 1;
    for (int i = 0; i < 12; i++) rig->up[second->out[0]->index][i] = 1;
    rig_forward(rig);
    rig_backward(rig);
    for (int i = 0; i < 10; i++) NEAR(rig->dweights[i], 2 + 6, 0);
    rig_free(rig);
}

TEST(several_outputs_and_wires_as_arguments)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4, 2]", false), *s = rig_input(rig, "s", "[3]", false), *wrong = rig_input(rig, "w", "[2]", false);
    Wire *in[2] = {x, s};
    Layer *rnn = rig_layer(rig, "simple_rnn", "3, return_state=true");
    Call *call = graph_call(rig->graph, rnn, in, 2, 1, NO_SPAN, rig->diags);
    OK(call && call->n_out == 2 && call->out[1]->port == 1);
    in[1] = wrong;
    OK(graph_call(rig->graph, rig_layer(rig, "simple_rnn", "3"), in, 2, 1, NO_SPAN, rig->diags) == NULL);
    STR(diag_code_name(diag_code(diags_at(rig->diags, 0))), "E0314");
    OK(graph_call(rig->graph, rig_layer(rig, "simple_rnn", "3"), in, 2, 0, NO_SPAN, rig->diags) == NULL); /* not as an ordinary input */
    rig_free(rig);
}

TEST(masks)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4, 2]", false);
    Wire *m = put(rig, x, "masking", "");
    OK(x->mask_of == NULL && m->mask_of == m);
    Wire *d = put(rig, m, "dense", "3");
    OK(d->mask_of == m); /* the same buffer */
    OK(put(rig, d, "activation", "relu")->mask_of == m);
    OK(put(rig, d, "dropout", "0.5")->mask_of == m);
    OK(put(rig, d, "batch_normalization", "")->mask_of == m);
    OK(put(rig, d, "time_distributed", "dense(2)")->mask_of == m);
    OK(put(rig, d, "simple_rnn", "3")->mask_of == NULL);
    OK(put(rig, d, "simple_rnn", "3, return_sequences=true")->mask_of == m);
    EQ(diags_count(rig->diags), 0);
    OK(put(rig, d, "flatten", "")->mask_of == NULL);
    EQ(diags_warnings(rig->diags), 1);
    OK(put(rig, d, "softmax", "") == NULL); /* the layer wants a mask of the input's own shape */
    Wire *again = put(rig, m, "masking", "");
    OK(again->mask_of == again);
    Wire *both[2] = {d, put(rig, x, "dense", "3")};
    OK(rig_call(rig, rig_layer(rig, "add", ""), both, 2)->out[0]->mask_of == NULL);
    Call *joined = rig_call(rig, rig_layer(rig, "concatenate", ""), both, 2);
    OK(joined->out[0]->mask_of == joined->out[0]);
    Wire *ids = rig_input(rig, "ids", "[4]", false);
    OK(put(rig, ids, "embedding", "5, 2")->mask_of == NULL);
    Wire *e = put(rig, ids, "embedding", "5, 2, mask_zero=true");
    OK(e->mask_of == e);
    rig_free(rig);
}

/* Inside a wrapper the plan sees leaves; what the user wrote is one layer. */
TEST(expansion)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4, 2]", false);
    Layer *td = rig_layer(rig, "time_distributed", "dense(3)");
    Call *call = rig_call(rig, td, &x, 1);
    OK(call != NULL);
    EQ(rig->graph->layers.n, 1);
    EQ(rig->graph->shown.n, 1);
    EQ(rig->graph->calls.n, 3);
    EQ(layer_parameters(td), 9);
    EQ(rig->graph->calls.at[1]->in[0]->shape.rows, 4); /* the steps are rows of the batch */
    OK(call_shown(call->out[0]->maker) == call);
    Call *second = rig_call(rig, td, &call->out[0], 1);
    OK(second == NULL); /* [4, 3] is no input for weights made for 2 features */
    graph_name_layers(rig->graph);
    STR(td->name, "time_distributed");
    STR(td->inner[0]->name, "dense");
    td->trainable = false;
    OK(layer_frozen(td->inner[0]));
    EQ(layer_trainable(td), 0);
    for (size_t i = 0; i < rig->graph->wires.n; i++) OK(rig->graph->wires.at[i]->shape.rank != SHAPE_UNKNOWN);
    rig_free(rig);
}

TEST(names)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "dense_1", "[4]", false);
    Layer *a = rig_layer(rig, "dense", "2"), *b = rig_layer(rig, "dense", "2"), *c = rig_layer(rig, "dense", "2");
    b->name = "dense";
    OK(rig_call(rig, a, &x, 1) && rig_call(rig, b, &x, 1) && rig_call(rig, c, &x, 1));
    graph_name_layers(rig->graph);
    STR(a->name, "dense_2"); /* the names that are given, an input's too, win */
    STR(b->name, "dense");
    STR(c->name, "dense_3");
    rig_free(rig);
}

/* Those trained first, then the fixed ones and those of frozen layers. */
TEST(places_of_weights)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4]", false);
    Layer *frozen = rig_layer(rig, "dense", "3"), *norm = rig_layer(rig, "batch_normalization", ""), *last = rig_layer(rig, "dense", "1");
    frozen->trainable = false;
    Call *call = rig_call(rig, frozen, &x, 1);
    call = rig_call(rig, norm, call->out, 1);
    call = rig_call(rig, last, call->out, 1);
    graph_output(rig->graph, "y", call->out[0], NO_SPAN);
    OK(rig->graph->sequential);
    size_t n, trained;
    graph_place_weights(rig->graph, &n, &trained);
    EQ(n, 15 + 12 + 4);
    EQ(trained, 6 + 4);
    EQ(norm->weights[0].offset, 0);
    EQ(norm->weights[1].offset, 3);
    EQ(last->weights[0].offset, 6);
    EQ(frozen->weights[0].offset, 10);
    EQ(norm->weights[2].offset, 25);
    EQ(graph_trainable(rig->graph), 10);
    EQ(graph_parameters(rig->graph), 31);
    frozen->trainable = true;
    graph_place_weights(rig->graph, &n, &trained);
    EQ(trained, 25);
    OK(frozen->weights[0].trainable);
    rig_free(rig);
}

TEST(output_activation)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4]", false);
    Wire *a = put(rig, x, "dense", "3, softmax"), *b = put(rig, put(rig, x, "dense", "1"), "activation", "sigmoid"), *c = put(rig, x, "dense", "1");
    Wire *d = put(rig, put(rig, x, "dense", "6, softmax"), "reshape", "[3, 2]"), *e = put(rig, put(rig, x, "dense", "3"), "softmax", "");
    Wire *f = put(rig, put(rig, x, "dense", "6, tanh"), "reshape", "[3, 2]");
    Wire *all[] = {a, b, c, d, e, f};
    static const char *const expected[] = {"softmax", "sigmoid", NULL, NULL, "softmax", "tanh"};
    for (int i = 0; i < 6; i++) {
        graph_output(rig->graph, "y", all[i], NO_SPAN);
        const ActivationKind *kind = graph_output_activation(rig->graph, i);
        STR(kind ? kind->kind.name : NULL, expected[i]);
    }
    rig_free(rig);
}

/* Moving statistics change in training, not in prediction, and not in a layer that is not trained. */
TEST(three_modes)
{
    for (int mode = 0; mode < 3; mode++) {
        Rig *rig = rig_new();
        Wire *x = rig_input(rig, "x", "[1]", false);
        Layer *norm = rig_layer(rig, "batch_normalization", "momentum=0.5");
        norm->trainable = mode != 2;
        Call *call = rig_call(rig, norm, &x, 1);
        rig_prepare(rig, 2, mode == 1 ? MODE_INFER : MODE_TRAIN);
        float *mean = rig->weights + norm->weights[2].offset, *variance = rig->weights + norm->weights[3].offset;
        rig->weights[norm->weights[0].offset] = 1;
        *variance = 1;
        rig->value[x->index][0] = 1;
        rig->value[x->index][1] = 3;
        rig_forward(rig);
        NEAR(*mean, mode == 0 ? 1 : 0, 1e-7);
        NEAR(rig->value[call->out[0]->index][1], mode == 0 ? 1 / sqrt(1.001) : 3 / sqrt(1.001), 1e-6);
        rig_free(rig);
    }
}

/* Dropout sets the asked share to 0 and raises the rest; other epochs draw anew; shared axes share their draw; a seed of its own is obeyed. */
TEST(dropout_draws)
{
    enum { SAMPLES = 500, T = 4, F = 5, N = SAMPLES * T * F };
    static float first[N];
    for (int shared = 0; shared < 2; shared++) {
        Rig *rig = rig_new();
        Wire *x = rig_input(rig, "x", "[4, 5]", false);
        Call *call = rig_call(rig, rig_layer(rig, "dropout", shared ? "0.3, noise_shape=[none, 1, none]" : "0.3"), &x, 1);
        rig_prepare(rig, SAMPLES, MODE_TRAIN);
        for (int i = 0; i < N; i++) rig->value[x->index][i] = 1;
        const float *y = rig->value[call->out[0]->index];
        int zeros[2] = {0, 0}, differ = 0, mixed = 0;
        for (uint32_t epoch = 0; epoch < 2; epoch++) {
            rig->epoch = epoch;
            rig_forward(rig);
            for (int i = 0; i < N; i++) {
                zeros[epoch] += y[i] == 0;
                OK(y[i] == 0 || y[i] == 1 / 0.7f);
                if (epoch == 0) first[i] = y[i];
                else differ += y[i] != first[i];
                mixed += y[i] != y[i / (T * F) * (T * F) + i % F]; /* against the first step */
            }
        }
        double n = shared ? N / T : N; /* draws made */
        for (int epoch = 0; epoch < 2; epoch++) NEAR((double)zeros[epoch] / N, 0.3, 5 * sqrt(0.3 * 0.7 / n));
        OK(differ > N / 4);
        OK(shared ? mixed == 0 : mixed > N / 4);
        rig_free(rig);
    }
}

TEST(dump)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[4, 2]", false);
    Wire *h = put(rig, put(rig, x, "masking", ""), "time_distributed", "dense(3, relu)");
    graph_output(rig->graph, "y", put(rig, h, "simple_rnn", "2"), NO_SPAN);
    graph_name_layers(rig->graph);
    Buf text = buf_in(rig->arena);
    graph_dump(rig->graph, &text);
    STR(text.at, "model m\n"
                 "input x [4, 2]\n"
                 "layers\n"
                 "  masking = masking\n"
                 "  time_distributed = time_distributed(dense(3, relu))\n"
                 "    dense = dense(3, relu)\n"
                 "      kernel [2, 3] glorot_uniform\n"
                 "      bias [3] zeros\n"
                 "  simple_rnn = simple_rnn(2)\n"
                 "    kernel [3, 2] glorot_uniform\n"
                 "    recurrent_kernel [2, 2] orthogonal\n"
                 "    bias [2] zeros\n"
                 "calls\n"
                 "  %1 [4, 2] masked = masking of x\n"
                 "  %2 [2] x 4 = time_distributed_fold of %1\n"
                 "  %3 [3] x 4 = dense of %2\n"
                 "  %4 [4, 3] masked = time_distributed_unfold of %3\n"
                 "  %5 [2] = simple_rnn of %4\n"
                 "output y = %5\n"
                 "21 parameters, 21 trained\n");
    rig_free(rig);
}

/* A hundred thousand layers take no time that grows with their square. */
TEST(many_layers)
{
    Rig *rig = rig_new();
    Wire *x = rig_input(rig, "x", "[2]", false);
    for (int i = 0; i < 100000 && x; i++) x = put(rig, x, "activation", "relu");
    OK(x != NULL);
    graph_name_layers(rig->graph);
    STR(rig->graph->layers.at[99999]->name, "activation_99999");
    EQ(graph_parameters(rig->graph), 0);
    rig_free(rig);
}
