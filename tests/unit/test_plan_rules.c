/* Rules of the total loss and of updates that no reference figure shows by itself: row weights and masks over steps, penalties of
 * weights that no loss reaches, constraints, outputs nobody reads, one flow with two losses, large graphs. */
#include "tests/unit/test.h"
#include "tests/unit/wiring.h"

#include <math.h>

static Plan *plan_of(Wiring *w, Model *model, const PlanOutput *outputs, const char *optimizer)
{
    PlanConfig config = {.batch = 6, .training = true, .outputs = outputs, .optimizer = wiring_kind(w, FAMILY_OPTIMIZER, optimizer)};
    return plan_new(w->arena, model, &config, w->diags);
}

static PlanOutput loss_of(Wiring *w, const char *loss) { return (PlanOutput){.loss = wiring_kind(w, FAMILY_LOSS, loss), .weight = 1}; }

/* sum(w_i m_i l_i) / D over steps; D counts valid steps, and with row weights still does. */
TEST(row_weights_and_masks_over_steps)
{
    Arena *arena = arena_new("test");
    for (int variant = 0; variant < 4; variant++) {
        bool masked = variant & 1, weighted = variant & 2;
        Wiring w = wiring_new(arena, "m");
        Wire *x = wiring_input(&w, "x", 2, (int64_t[]){3, 2});
        wiring_output(&w, "y", wire_chain(&w, x, masked ? "masking(), dense(2)" : "dense(2)"));
        PlanOutput output = loss_of(&w, "mse");
        output.row_weights = weighted;
        Plan *plan = plan_of(&w, wiring_model(&w, 1), &output, "sgd()");
        EQ(plan_target_size(plan, 0), 6);
        wiring_numbers(plan_input(plan, 0), 4 * 6, 1, 0);
        wiring_numbers(plan_target(plan, 0), 4 * 6, 2, 0);
        memset(plan_input(plan, 0) + 2 * 5, 0, 2 * sizeof(float)); /* step 2 of sample 1 */
        memset(plan_input(plan, 0) + 2 * 9, 0, 6 * sizeof(float)); /* all of sample 3 */
        const float weights[] = {1, 0.5f, 2, 3};
        if (weighted) memcpy(plan_row_weights(plan, 0), weights, sizeof weights);
        PlanResult result;
        plan_gradients(plan, &(PlanBatch){.samples = 4}, &result);
        OK((plan_output_mask(plan, 0) != NULL) == masked);
        double sum = 0;
        int divisor = 0;
        for (int row = 0; row < 12; row++) {
            bool valid = !masked || !(row == 5 || row >= 9);
            if (masked) EQ(plan_output_mask(plan, 0)[row], valid);
            double value = 0;
            for (int k = 0; k < 2; k++) {
                double d = (double)plan_output(plan, 0)[row * 2 + k] - (double)plan_target(plan, 0)[row * 2 + k];
                value += d * d / 2;
            }
            sum += valid ? value * (weighted ? (double)weights[row / 3] : 1) : 0;
            divisor += valid;
        }
        NEAR(result.losses[0], sum / divisor, 1e-6 * sum);
    }
    arena_free(arena);
}

TEST(batch_without_a_valid_step)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "m");
    wiring_output(&w, "y", wire_chain(&w, wiring_input(&w, "x", 2, (int64_t[]){3, 2}), "masking(), dense(2)"));
    PlanOutput output = loss_of(&w, "mse");
    Model *model = wiring_model(&w, 1);
    Plan *plan = plan_of(&w, model, &output, "sgd()");
    memset(plan_input(plan, 0), 0, 6 * 6 * sizeof(float));
    wiring_numbers(plan_target(plan, 0), 6 * 6, 2, 0);
    PlanResult result;
    plan_gradients(plan, &(PlanBatch){.samples = 6}, &result);
    NEAR(result.total, 0, 0);
    for (size_t i = 0; i < model->n_trained; i++) NEAR(model->gradients[i], 0, 0);
    arena_free(arena);
}

/* A weight that only its penalty reaches moves by that alone, step after step; one that nothing reaches stays. */
TEST(penalty_without_a_loss)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "m");
    Wire *x = wiring_input(&w, "x", 1, (int64_t[]){3});
    wiring_output(&w, "a", wire_to(&w, x, "dense(1)"));
    wiring_output(&w, "b", wire_to(&w, x, "dense(2, kernel_regularizer=l2(0.25))"));
    PlanOutput outputs[2] = {loss_of(&w, "mse"), {.weight = 0}};
    Model *model = wiring_model(&w, 1);
    Plan *plan = plan_of(&w, model, outputs, "sgd(0.1)");
    float *kernel = model_value(model, model->weights.at[2]), first = kernel[0], bias = *model_value(model, model->weights.at[3]);
    wiring_numbers(plan_input(plan, 0), 18, 1, 0);
    wiring_numbers(plan_target(plan, 0), 6, 2, 0);
    PlanResult result;
    for (int i = 0; i < 3; i++) plan_train(plan, &(PlanBatch){.samples = 6}, &result);
    NEAR(kernel[0], (double)first * pow(1 - 0.1 * 2 * 0.25, 3), 1e-6);
    OK(*model_value(model, model->weights.at[3]) == bias);
    arena_free(arena);
}

static void at_most_tenth(const void *args, float *w, int64_t n, const Shape *shape)
{
    (void)args, (void)shape;
    for (int64_t i = 0; i < n; i++) w[i] = w[i] > 0.1f ? 0.1f : w[i] < -0.1f ? -0.1f : w[i];
}

TEST(constraints_come_last)
{
    Arena *arena = arena_new("test");
    static const ConstraintKind kind = {.kind = {.name = "at_most_tenth"}, .apply = at_most_tenth};
    Wiring w = wiring_new(arena, "m");
    wiring_output(&w, "y", wire_to(&w, wiring_input(&w, "x", 1, (int64_t[]){3}), "dense(2)"));
    PlanOutput output = loss_of(&w, "mse");
    Model *model = wiring_model(&w, 1);
    model->weights.at[0]->spec.constraint.kind = &kind.kind;
    Plan *plan = plan_of(&w, model, &output, "sgd(1.0)");
    wiring_numbers(plan_input(plan, 0), 18, 1, 0);
    wiring_numbers(plan_target(plan, 0), 12, 2, 0);
    PlanResult result;
    plan_train(plan, &(PlanBatch){.samples = 6}, &result);
    bool at_edge = false;
    for (int i = 0; i < 6; i++) {
        float value = fabsf(model_value(model, model->weights.at[0])[i]);
        OK(value <= 0.1f);
        at_edge = at_edge || value == 0.1f;
    }
    OK(at_edge);
    arena_free(arena);
}

/* Two outputs may be one wire: both losses count, and so do both gradients. */
TEST(one_wire_two_outputs)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "m");
    Wire *y = wire_to(&w, wiring_input(&w, "x", 1, (int64_t[]){3}), "dense(2)");
    wiring_output(&w, "a", y);
    wiring_output(&w, "b", y);
    PlanOutput outputs[2] = {loss_of(&w, "mse"), loss_of(&w, "mse")};
    Model *model = wiring_model(&w, 1);
    Plan *both = plan_of(&w, model, outputs, "sgd()");
    outputs[1] = (PlanOutput){0};
    outputs[0].weight = 2;
    Plan *twice = plan_of(&w, model, outputs, "sgd()");
    PlanResult a, b;
    wiring_numbers(plan_input(both, 0), 18, 1, 0);
    wiring_numbers(plan_input(twice, 0), 18, 1, 0);
    for (int k = 0; k < 2; k++) wiring_numbers(plan_target(both, k), 12, 2, 0);
    wiring_numbers(plan_target(twice, 0), 12, 2, 0);
    plan_gradients(both, &(PlanBatch){.samples = 6}, &a);
    float sum[8];
    memcpy(sum, model->gradients, sizeof sum);
    plan_gradients(twice, &(PlanBatch){.samples = 6}, &b);
    NEAR(a.total, b.total, 1e-6);
    for (int i = 0; i < 8; i++) NEAR(sum[i], model->gradients[i], 1e-6);
    arena_free(arena);
}

/* The end of a training: running averages take the weights' place, of weights that no step reached too. */
TEST(averages_at_the_end)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "m");
    Wire *x = wiring_input(&w, "x", 1, (int64_t[]){3});
    wiring_output(&w, "a", wire_to(&w, x, "dense(1)"));
    wiring_output(&w, "b", wire_to(&w, x, "dense(2)"));
    PlanOutput outputs[2] = {loss_of(&w, "mse"), {.weight = 0}};
    Model *model = wiring_model(&w, 1);
    Plan *plan = plan_of(&w, model, outputs, "sgd(0.1, use_ema=true, ema_momentum=0.5)");
    wiring_numbers(plan_input(plan, 0), 18, 1, 0);
    wiring_numbers(plan_target(plan, 0), 6, 2, 0);
    double average = 0;
    float still = *model_value(model, model->weights.at[2]);
    PlanResult result;
    for (int i = 0; i < 4; i++) {
        plan_train(plan, &(PlanBatch){.samples = 6}, &result);
        double now = (double)*model_value(model, model->weights.at[0]);
        average = i == 0 ? now : 0.5 * average + 0.5 * now;
    }
    model_finish_training(model);
    NEAR(*model_value(model, model->weights.at[0]), average, 1e-6);
    OK(*model_value(model, model->weights.at[2]) == still);
    arena_free(arena);
}

/* Thousands of layers, with shortcuts, are planned and trained as a few are. */
TEST(deep_graph)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "deep");
    Wire *wire = wiring_input(&w, "x", 1, (int64_t[]){3}), *shortcut = wire;
    Layer *layer = wiring_layer(&w, "dense(3, tanh)"), *add = wiring_layer(&w, "average()");
    for (int i = 0; i < 3000; i++) {
        wire = wire_call(&w, layer, &wire, 1);
        if (i % 10 == 9) wire = shortcut = wire_call(&w, add, (Wire *[]){wire, shortcut}, 2);
    }
    wiring_output(&w, "y", wire);
    PlanOutput output = loss_of(&w, "mse");
    Model *model = wiring_model(&w, 1);
    EQ(model->weights.n, 2);
    Plan *plan = plan_of(&w, model, &output, "sgd()");
    wiring_numbers(plan_input(plan, 0), 18, 1, 0);
    wiring_numbers(plan_target(plan, 0), 18, 2, 0);
    PlanResult result;
    plan_train(plan, &(PlanBatch){.samples = 6}, &result);
    OK(result.finite);
    arena_free(arena);
}
