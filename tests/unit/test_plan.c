/* The plan's own promises: buffers never disturb each other, the same bits for any number of threads and for rows wherever they stand
 * in a batch, nothing allocated in a step, what is left out in prediction, the limit of memory, where a number went wrong. */
#include "tests/unit/random_graph.h"
#include "tests/unit/test.h"

/* ---- Lifetimes ---- */

/* Who wrote each 64 bytes of the block last. A buffer that is read must still own all of its own. */
typedef struct {
    const Plan *plan;
    int *owner;
    size_t n;
} Owners;

static void owner_writes(Owners *o, int buffer)
{
    if (buffer == NO_BUFFER) return;
    const Buffer *b = &o->plan->buffers.at[buffer];
    OK(b->offset % 64 == 0 && b->offset + b->bytes <= o->plan->bytes);
    for (size_t i = b->offset / 64; i < (b->offset + b->bytes) / 64 && i < o->n; i++) o->owner[i] = buffer;
}

static void owner_reads(const Owners *o, int buffer, const char *what, int step)
{
    if (buffer == NO_BUFFER) return;
    const Buffer *b = &o->plan->buffers.at[buffer];
    bool good = true;
    for (size_t i = b->offset / 64; i < (b->offset + b->bytes) / 64; i++) good = good && o->owner[i] == buffer;
    OK(good);
    if (!good) printf("  step %d reads %s `%s`, which was overwritten\n", step, what, b->name);
}

static void walk_step(Owners *o, int index)
{
    const Plan *plan = o->plan;
    const Step *step = &plan->steps.at[index];
    if (step->type == STEP_LOSS) {
        const LossPart *loss = &plan->losses[step->output];
        owner_reads(o, plan->flows.at[loss->flow].buffer, "prediction", index);
        owner_reads(o, loss->target, "target", index);
        owner_reads(o, loss->rows, "row weights", index);
        owner_reads(o, loss->mask, "mask", index);
        owner_writes(o, loss->value);
        owner_writes(o, loss->scale);
        owner_writes(o, loss->valid);
        owner_writes(o, loss->gradient);
        return;
    }
    bool back = step->type == STEP_BACKWARD || step->type == STEP_DEACTIVATE;
    for (int i = 0; i < step->n_x; i++) owner_reads(o, step->x[i], "x", index);
    for (int i = 0; i < step->n_y; i++) {
        if (back || step->type == STEP_ADD) owner_reads(o, step->y[i], "y", index);
        else owner_writes(o, step->y[i]);
        if (step->dy) owner_reads(o, step->dy[i], "dy", index);
    }
    if (step->type == STEP_FORWARD) {
        const Call *call = step->part->call;
        for (int i = 0; i < call->n_in; i++) owner_reads(o, plan->wire_mask[call->in[i]->index], "mask", index);
        for (int i = 0; i < call->n_out; i++)
            if (step->makes_mask && call->out[i]->mask_of == call->out[i]) owner_writes(o, plan->wire_mask[call->out[i]->index]);
        owner_writes(o, step->scratch);
    } else if (step->type == STEP_BACKWARD) {
        if (step->part->reads & READS_SCRATCH) owner_reads(o, step->scratch, "scratch", index);
        else owner_writes(o, step->scratch);
    } else if (step->type == STEP_ACTIVITY_BACK) {
        owner_reads(o, step->dx[0], "gradient", index);
    }
    for (int i = 0; step->dx && i < step->n_x; i++) owner_writes(o, step->dx[i]);
}

static void check_lifetimes(const Plan *plan)
{
    Arena *arena = arena_new("owners");
    Owners o = {.plan = plan, .n = plan->bytes / 64};
    o.owner = ARENA_ARRAY(arena, int, o.n);
    for (size_t i = 0; i < o.n; i++) o.owner[i] = NO_BUFFER;
    for (size_t i = 0; i < plan->graph->inputs.n; i++)
        owner_writes(&o, plan->flows.at[plan->wire_flow[plan->graph->inputs.at[i].wire->index]].buffer);
    for (size_t k = 0; k < plan->n_outputs; k++) {
        owner_writes(&o, plan->losses[k].target);
        owner_writes(&o, plan->losses[k].rows);
    }
    for (size_t i = 0; i < plan->steps.n; i++) walk_step(&o, (int)i);
    for (size_t k = 0; k < plan->n_outputs; k++)
        owner_reads(&o, plan->flows.at[plan->losses[k].shown].buffer, "output", (int)plan->steps.n);

    /* And two buffers that are alive at once never share a byte. */
    for (size_t i = 0; i < plan->buffers.n; i++)
        for (size_t k = 0; k < i; k++) {
            const Buffer *a = &plan->buffers.at[i], *b = &plan->buffers.at[k];
            if (a->last < a->first || b->last < b->first || a->bytes == 0 || b->bytes == 0) continue;
            bool together = a->first <= b->last && b->first <= a->last;
            OK(!together || a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset);
        }
    arena_free(arena);
}

static Plan *make_plan(Arena *arena, RandomGraph *g, Model *model, int64_t batch, bool training, const char *optimizer, Par *par)
{
    PlanConfig config = {.batch = batch, .training = training, .outputs = g->outputs, .par = par,
                         .optimizer = wiring_kind(&g->w, FAMILY_OPTIMIZER, optimizer)};
    return plan_new(arena, model, &config, g->w.diags);
}

TEST(lifetimes)
{
    for (uint64_t seed = 100; seed < 220; seed++) {
        Arena *arena = arena_new("test");
        RandomGraph g = random_graph(arena, seed);
        Model *model = wiring_model(&g.w, seed);
        int before = test_failures;
        Plan *training = make_plan(arena, &g, model, 7, true, "adam()", NULL), *inference = make_plan(arena, &g, model, 7, false, "adam()", NULL);
        check_lifetimes(training);
        check_lifetimes(inference);
        OK(plan_bytes(inference) <= plan_bytes(training));
        if (test_failures != before) printf("  in random graph %d\n", (int)seed);
        arena_free(arena);
    }
}

/* A long chain in prediction needs room for its widest two neighbours, however long it is. */
TEST(prediction_shares_memory)
{
    Arena *arena = arena_new("test");
    size_t bytes[2];
    for (int long_one = 0; long_one < 2; long_one++) {
        RandomGraph g = {.w = wiring_new(arena, "chain"), .n_outputs = 1};
        Wire *wire = wiring_input(&g.w, "x", 1, (int64_t[]){64});
        for (int i = 0; i < (long_one ? 40 : 4); i++) wire = wire_to(&g.w, wire, "dense(64, relu)");
        wiring_output(&g.w, "y", wire);
        g.outputs[0] = (PlanOutput){0};
        bytes[long_one] = plan_bytes(make_plan(arena, &g, wiring_model(&g.w, 1), 32, false, "sgd()", NULL));
    }
    EQ(bytes[0], bytes[1]);
    arena_free(arena);
}

/* ---- The same bits ---- */

typedef struct {
    const char *name, *chain, *loss, *optimizer;
    int64_t dim[2];
    int rank;
    int64_t batch;
    int steps;
} Large;

static const Large larges[] = {
    {"small", "dense(64, relu), dropout(0.3), dense(32, relu), dropout(0.3), dense(1)", "mse", "adam()", {12}, 1, 32, 6},
    {"wide rows", "dense(700, relu), dropout(0.2), dense(500, tanh), dense(300, gelu), dense(10, softmax)", "categorical_crossentropy", "adamw(global_clipnorm=1.0)", {784}, 1, 200, 3},
    {"many rows", "dense(24, tanh), dropout(0.5), dense(24, sigmoid), dense(1, sigmoid)", "binary_crossentropy", "rmsprop(momentum=0.9)", {8}, 1, 5000, 3},
    {"steps", "dense(40, tanh), dense(30, silu), dense(20, softmax)", "categorical_crossentropy", "sgd(momentum=0.9, nesterov=true)", {50, 16}, 2, 64, 3},
    {"batch statistics", "dense(300), batch_normalization(), relu, dense(300, relu), dense(4)", "huber", "adam(clipnorm=0.5)", {100}, 1, 300, 3},
    {"recurrent", "simple_rnn(48, return_sequences=true), simple_rnn(32), dense(1)", "mse", "adam()", {20, 12}, 2, 96, 2},
    {"lstm", "masking(), lstm(40, return_sequences=true), lstm(32, activation=elu), dense(1)", "mse", "adam()", {24, 12}, 2, 96, 2},
    {"gru", "gru(40, return_sequences=true, go_backwards=true), gru(32, reset_after=false), dense(1)", "mse", "adam()", {24, 12}, 2, 96, 2},
    {"recurrent dropout", "gru(40, return_sequences=true, dropout=0.2, recurrent_dropout=0.3), lstm(33, recurrent_dropout=0.3), dense(1)", "mse", "adam()",
     {24, 12}, 2, 96, 2},
    {"bidirectional", "bidirectional(lstm(40, return_sequences=true)), bidirectional(gru(24), merge_mode=sum), dense(1)", "mse", "adam()", {24, 12}, 2, 200, 2},
};

/* Trains a little and returns the weights. */
static float *train_large(Arena *arena, const Large *l, int threads, size_t *n, double *loss)
{
    Wiring w = wiring_new(arena, "large");
    Wire *y = wire_chain(&w, wiring_input(&w, "x", l->rank, l->dim), l->chain);
    if (!y) return NULL;
    wiring_output(&w, "y", y);
    Model *model = wiring_model(&w, 11);
    PlanOutput output = {.loss = wiring_kind(&w, FAMILY_LOSS, l->loss), .weight = 1};
    Par *par = threads > 1 ? par_open(threads) : NULL;
    PlanConfig config = {.batch = l->batch, .training = true, .outputs = &output, .par = par,
                         .optimizer = wiring_kind(&w, FAMILY_OPTIMIZER, l->optimizer)};
    Plan *plan = plan_new(arena, model, &config, w.diags);
    PlanResult result;
    for (int step = 0; step < l->steps; step++) {
        int64_t samples = step == l->steps - 1 ? l->batch * 2 / 3 : l->batch; /* the last batch is short */
        wiring_numbers(plan_input(plan, 0), samples * plan_input_size(plan, 0), (uint64_t)step, 0);
        float *target = plan_target(plan, 0);
        int64_t size = plan_target_size(plan, 0), width = shape_last(&y->shape);
        memset(target, 0, (size_t)(samples * size) * sizeof(float));
        for (int64_t i = 0; i < samples * size / width; i++) target[i * width + i % width] = 1;
        plan_train(plan, &(PlanBatch){.samples = samples, .first_sample = step * l->batch, .epoch = 1}, &result);
    }
    *loss = result.total;
    *n = model->n_values;
    par_close(par);
    return model->values;
}

TEST(same_bits_for_any_threads)
{
    for (size_t i = 0; i < sizeof larges / sizeof *larges; i++) {
        Arena *arena = arena_new("test");
        size_t n = 0;
        double loss, other;
        float *one = train_large(arena, &larges[i], 1, &n, &loss);
        const int threads[] = {2, 8};
        for (int t = 0; one && t < 2; t++) {
            float *many = train_large(arena, &larges[i], threads[t], &n, &other);
            OK(memcmp(one, many, n * sizeof(float)) == 0);
            OK(loss == other && isfinite(loss));
            if (memcmp(one, many, n * sizeof(float)) != 0) printf("  in `%s` with %d threads\n", larges[i].name, threads[t]);
        }
        if (!one) printf("threads: skipped (a kind waits): %s\n", larges[i].name);
        arena_free(arena);
    }
}

TEST(same_bits_again)
{
    Arena *arena = arena_new("test");
    size_t n;
    double loss;
    float *one = train_large(arena, &larges[0], 1, &n, &loss), *two = train_large(arena, &larges[0], 1, &n, &loss);
    OK(memcmp(one, two, n * sizeof(float)) == 0);
    arena_free(arena);
}

/* A short batch in a large plan does what a plan of its own size does, and never reads what the last batch left behind. */
TEST(short_batch)
{
    for (uint64_t seed = 300; seed < 330; seed++) {
        Arena *arena = arena_new("test");
        RandomGraph g = random_graph(arena, seed);
        Model *model = wiring_model(&g.w, seed);
        Plan *large = make_plan(arena, &g, model, 9, true, "sgd()", NULL), *exact = make_plan(arena, &g, model, 4, true, "sgd()", NULL);
        memset(large->block, 0xff, large->bytes); /* NaN everywhere */
        random_batch(large, &g, 4, seed);
        random_batch(exact, &g, 4, seed);
        PlanResult a, b;
        plan_gradients(large, &(PlanBatch){.samples = 4}, &a);
        float *gradients = ARENA_ARRAY(arena, float, model->n_trained);
        memcpy(gradients, model->gradients, model->n_trained * sizeof(float));
        plan_gradients(exact, &(PlanBatch){.samples = 4}, &b);
        OK(a.finite && a.total == b.total);
        OK(memcmp(gradients, model->gradients, model->n_trained * sizeof(float)) == 0);
        arena_free(arena);
    }
}

/* Prediction gives the same answer whatever the batch, to rounding; and evaluation's loss is training's where nothing differs. */
TEST(plans_agree)
{
    for (uint64_t seed = 400; seed < 430; seed++) {
        Arena *arena = arena_new("test");
        RandomGraph g = random_graph(arena, seed);
        Model *model = wiring_model(&g.w, seed);
        Plan *training = make_plan(arena, &g, model, 6, true, "sgd()", NULL), *inference = make_plan(arena, &g, model, 6, false, "sgd()", NULL);
        random_batch(training, &g, 6, seed);
        random_batch(inference, &g, 6, seed);
        PlanResult a, b;
        plan_gradients(training, &(PlanBatch){.samples = 6}, &a);
        plan_evaluate(inference, &(PlanBatch){.samples = 6}, &b);
        NEAR(a.total, b.total, 1e-6 * fabs(a.total));
        NEAR(a.penalties, b.penalties, 1e-6 * fabs(a.penalties));
        for (int k = 0; k < g.n_outputs; k++) {
            NEAR(a.losses[k], b.losses[k], 1e-6 * fabs(a.losses[k]));
            int64_t n = 6 * shape_size(&g.w.graph->outputs.at[k].wire->shape);
            for (int64_t i = 0; i < n; i++) NEAR(plan_output(training, k)[i], plan_output(inference, k)[i], 1e-6);
        }
        arena_free(arena);
    }
}

/* ---- Single promises ---- */

static RandomGraph chain_of(Arena *arena, const char *chain, const char *loss, int64_t in)
{
    RandomGraph g = {.w = wiring_new(arena, "m"), .n_outputs = 1};
    wiring_output(&g.w, "y", wire_chain(&g.w, wiring_input(&g.w, "x", 1, (int64_t[]){in}), chain));
    g.outputs[0] = (PlanOutput){.loss = wiring_kind(&g.w, FAMILY_LOSS, loss), .weight = 1};
    return g;
}

TEST(nothing_is_allocated_in_a_step)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(40, relu), dropout(0.3), dense(3, softmax)", "categorical_crossentropy", 6);
    Plan *plan = make_plan(arena, &g, wiring_model(&g.w, 1), 16, true, "adamw(use_ema=true, gradient_accumulation_steps=2)", NULL);
    random_batch(plan, &g, 16, 1);
    PlanResult result;
    uint64_t before = memory_allocations();
    for (int i = 0; i < 5; i++) plan_train(plan, &(PlanBatch){.samples = 16 - i, .first_sample = i, .epoch = 1}, &result);
    EQ(memory_allocations(), before);
    arena_free(arena);
}

static size_t count_steps(const Plan *plan, StepType type)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->steps.n; i++) n += plan->steps.at[i].type == type;
    return n;
}

/* Dropout is no step of prediction, flatten of none; a layer that nothing trained lies behind has no backward step, and
 * neither has an output without a loss. */
TEST(what_is_left_out)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(4, relu, trainable=false), dropout(0.3), flatten(), dense(3)", "mse", 5);
    Model *model = wiring_model(&g.w, 1);
    Plan *training = make_plan(arena, &g, model, 8, true, "sgd()", NULL), *inference = make_plan(arena, &g, model, 8, false, "sgd()", NULL);
    EQ(count_steps(training, STEP_FORWARD), 3);
    EQ(count_steps(training, STEP_BACKWARD), 1);
    EQ(count_steps(training, STEP_DEACTIVATE), 0);
    EQ(count_steps(inference, STEP_FORWARD), 2);
    EQ(training->update.n_weights, 2);

    RandomGraph two = {.w = wiring_new(arena, "two"), .n_outputs = 2};
    Wire *x = wiring_input(&two.w, "x", 1, (int64_t[]){3}), *h = wire_to(&two.w, x, "dense(4, tanh)");
    wiring_output(&two.w, "a", wire_to(&two.w, h, "dense(2)"));
    wiring_output(&two.w, "b", wire_to(&two.w, h, "dense(2)"));
    two.outputs[0] = g.outputs[0];
    Plan *plan = make_plan(arena, &two, wiring_model(&two.w, 1), 8, true, "adamw(weight_decay=0.5)", NULL);
    EQ(count_steps(plan, STEP_BACKWARD), 2);
    EQ(plan->update.n_weights, 4);
    OK(plan_target(plan, 1) == NULL && plan_output(plan, 1) != NULL);
    /* The weights of an output without a loss are not even decayed. */
    float before = *model_value(plan->model, plan->model->weights.at[4]);
    memset(plan_input(plan, 0), 0, 8 * 3 * sizeof(float));
    PlanResult result;
    plan_train(plan, &(PlanBatch){.samples = 8}, &result);
    OK(*model_value(plan->model, plan->model->weights.at[4]) == before);
    arena_free(arena);
}

TEST(linked_outputs)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(1, sigmoid)", "binary_crossentropy", 2);
    Plan *plan = make_plan(arena, &g, wiring_model(&g.w, 1), 4, true, "sgd()", NULL);
    OK(plan_output_linked(plan, 0));
    EQ(count_steps(plan, STEP_DEACTIVATE), 0);
    RandomGraph layer = chain_of(arena, "dense(3), softmax", "categorical_crossentropy", 2);
    OK(plan_output_linked(make_plan(arena, &layer, wiring_model(&layer.w, 1), 4, true, "sgd()", NULL), 0));
    RandomGraph other = chain_of(arena, "dense(1, sigmoid)", "mse", 2);
    OK(!plan_output_linked(make_plan(arena, &other, wiring_model(&other.w, 1), 4, true, "sgd()", NULL), 0));
    g.outputs[0].clipped = true;
    OK(!plan_output_linked(make_plan(arena, &g, wiring_model(&g.w, 1), 4, true, "sgd()", NULL), 0));
    /* A loss that was told its outputs are logits takes them as they come. */
    RandomGraph told = chain_of(arena, "dense(1)", "binary_crossentropy(from_logits=true)", 2);
    OK(!plan_output_linked(make_plan(arena, &told, wiring_model(&told.w, 1), 4, true, "sgd()", NULL), 0));
    arena_free(arena);
}

/* Another seed, epoch, place or training draws another dropout; the same draws the same, whatever the batch. */
TEST(draws_are_keyed)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(16), dropout(0.5), dense(1)", "mse", 2);
    Model *model = wiring_model(&g.w, 1);
    Plan *plan = make_plan(arena, &g, model, 8, true, "sgd()", NULL);
    random_batch(plan, &g, 8, 1);
    PlanResult result;
    const PlanBatch batches[] = {{8, 0, 0, 0}, {8, 0, 1, 0}, {8, 8, 0, 0}, {8, 0, 0, 1}, {8, 0, 0, 0}};
    double total[5];
    for (int i = 0; i < 5; i++) {
        plan_gradients(plan, &batches[i], &result);
        total[i] = result.total;
    }
    OK(total[0] == total[4]);
    for (int i = 1; i < 4; i++) OK(total[i] != total[0]);
    arena_free(arena);
}

TEST(where_a_number_went_wrong)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(4, relu), dense(3, relu), dense(1)", "mse", 2);
    Model *model = wiring_model(&g.w, 1);
    Plan *plan = make_plan(arena, &g, model, 4, true, "sgd()", NULL);
    random_batch(plan, &g, 4, 1);
    PlanBatch batch = {.samples = 4};
    PlanResult result;
    float *copy = NULL;
    model_keep(model, &copy);

    *model_value(model, model->weights.at[2]) = INFINITY;
    *model_value(model, model->weights.at[0]) = 3;
    plan_train(plan, &batch, &result);
    OK(!result.finite);
    EQ(model->optimizer.iteration, 0);
    PlanNan found = plan_find_nan(plan, &batch);
    STR(found.part, "weights");
    STR(found.layer, "dense_1");

    model_restore(model, copy);
    for (int64_t i = 0; i < shape_size(&model->weights.at[2]->spec.shape); i++) model_value(model, model->weights.at[2])[i] = 3e38f;
    for (int64_t i = 0; i < shape_size(&model->weights.at[0]->spec.shape); i++) model_value(model, model->weights.at[0])[i] = 9;
    plan_input(plan, 0)[0] = plan_input(plan, 0)[1] = 9;
    plan_train(plan, &batch, &result);
    OK(!result.finite);
    found = plan_find_nan(plan, &batch);
    STR(found.part, "output");
    STR(found.layer, "dense_1");

    model_restore(model, copy);
    plan_input(plan, 0)[3] = NAN;
    STR(plan_find_nan(plan, &batch).part, "input");
    random_batch(plan, &g, 4, 1);
    plan_target(plan, 0)[0] = NAN;
    plan_train(plan, &batch, &result);
    OK(!result.finite);
    STR(plan_find_nan(plan, &batch).part, "loss");
    arena_free(arena);
}

TEST(limit_of_memory)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(1000), dense(1000), dense(1)", "mse", 4);
    OK(model_fits(g.w.graph, 32, true, g.w.diags));
    OK(!model_fits(g.w.graph, 200000000, true, g.w.diags));
    EQ(diags_errors(g.w.diags), 1);
    /* 4e9 x 4e9 weights: more than any integer counts. */
    Wiring w = wiring_new(arena, "huge");
    Layer *layer = wiring_layer(&w, "dense(2)");
    Wire *x = wiring_input(&w, "x", 1, (int64_t[]){4});
    wire_call(&w, layer, &x, 1);
    layer->weights[0].spec.shape = shape_of(2, (int64_t[]){4000000000, 4000000000});
    OK(!model_fits(w.graph, 1, false, w.diags));
    EQ(diags_errors(w.diags), 1);
    arena_free(arena);
}

TEST(dump)
{
    Arena *arena = arena_new("test");
    RandomGraph g = chain_of(arena, "dense(3, relu), dropout(0.5), dense(1)", "mse", 2);
    Plan *plan = make_plan(arena, &g, wiring_model(&g.w, 1), 4, true, "sgd()", NULL);
    Buf out = buf_in(arena);
    plan_dump(plan, &out);
    STR(out.at,
        "plan m: training, batch 4, 576 bytes\n"
        "buffers\n"
        "    0        64 bytes at        0, steps 0 to 9: x\n"
        "    1        64 bytes at       64, steps 0 to 9: target of y\n"
        "    2        64 bytes at      384, steps 4 to 4: loss of y\n"
        "    3        64 bytes at      448, steps 4 to 4: row scale of y\n"
        "    4        64 bytes at      128, steps 0 to 7: dense (logits)\n"
        "    5        64 bytes at      192, steps 1 to 5: dense\n"
        "    6        64 bytes at      256, steps 2 to 6: scratch\n"
        "    7        64 bytes at      320, steps 3 to 9: dense_1\n"
        "    8        64 bytes at      512, steps 4 to 5: gradient of dense_1\n"
        "    9        64 bytes at      384, steps 5 to 8: gradient of dropout\n"
        "steps\n"
        "    0  forward       dense x=0 y=4\n"
        "    1  activate      dense (relu) x=4 y=5\n"
        "    2  forward       dropout x=5 y=5 scratch=6\n"
        "    3  forward       dense_1 x=5 y=7\n"
        "    4  loss          mse of y pred=7 target=1 dpred=8\n"
        "    5  backward      dense_1 x=5 dy=8 dx=9\n"
        "    6  backward      dropout dy=9 dx=9 scratch=6\n"
        "    7  activate_back dense (relu) x=4 dy=9 dx=9\n"
        "    8  backward      dense x=0 dy=9\n"
        "update sgd\n"
        "  weights 0 to 12\n");
    arena_free(arena);
}
