/* Answers and scores of a trained model; see evaluate.h. */
#include "runtime/train/evaluate.h"

#include <math.h>
#include <string.h>

#include "runtime/kinds/baseline.h"
#include "runtime/train/figures.h"

static void fill_inputs(const Model *model, const TrainConfig *config, const Dataset *data, const uint32_t *samples, size_t n, Plan *plan)
{
    for (size_t i = 0; i < model->graph->inputs.n; i++) dataset_gather(data, config->input_groups[i], samples, n, plan_input(plan, (int)i));
}

static Answers answers_new(Arena *arena, const Graph *graph, size_t n)
{
    Answers answers = {.n = n};
    answers.values = ARENA_ARRAY(arena, float *, graph->outputs.n);
    answers.sizes = ARENA_ARRAY(arena, size_t, graph->outputs.n);
    for (size_t k = 0; k < graph->outputs.n; k++) {
        answers.sizes[k] = (size_t)shape_size(&graph->outputs.at[k].wire->shape);
        answers.values[k] = ARENA_ARRAY(arena, float, memory_product(answers.sizes[k], n));
    }
    return answers;
}

static void keep_answers(const Plan *plan, const Answers *answers, size_t n_outputs, size_t at, size_t n)
{
    for (size_t k = 0; k < n_outputs; k++)
        memcpy(answers->values[k] + at * answers->sizes[k], plan_output(plan, (int)k), n * answers->sizes[k] * sizeof(float));
}

bool answer_samples(Arena *arena, Model *model, const TrainConfig *config, const Dataset *data, DataPart samples, Par *par, Answers *answers,
                    Diags *diags)
{
    *answers = answers_new(arena, model->graph, samples.n);
    if (!samples.n) return true;
    size_t batch = (size_t)config->batch < samples.n ? (size_t)config->batch : samples.n;
    PlanConfig plan_config = {.batch = (int64_t)batch, .par = par};
    Plan *plan = plan_new(arena, model, &plan_config, diags);
    if (!plan) return false;
    for (size_t at = 0; at < samples.n; at += batch) {
        size_t n = samples.n - at < batch ? samples.n - at : batch;
        fill_inputs(model, config, data, samples.samples + at, n, plan);
        plan_forward(plan, &(PlanBatch){.samples = (int64_t)n, .first_sample = (int64_t)at});
        keep_answers(plan, answers, model->graph->outputs.n, at, n);
    }
    return true;
}

/* ---- Classes ------------------------------------------------------------------------------------------------------------- */

bool output_is_classes(const Model *model, const TrainConfig *config, const Dataset *data, size_t output)
{
    const RecipeTarget *target = &data->recipe->targets[config->outputs[output].target];
    if (target->classes) return true;
    const ActivationKind *activation = graph_output_activation(model->graph, (int)output);
    const LossKind *loss = (const LossKind *)config->outputs[output].loss.kind;
    return target->zero_one && ((activation && activation->link != LINK_NONE) || (loss && loss->link != LINK_NONE));
}

const char *const *target_labels(Arena *arena, const Dataset *data, size_t t, size_t *n)
{
    static const char *const zero_one[] = {"0", "1"};
    const RecipeTarget *target = &data->recipe->targets[t];
    if (!target->classes) {
        *n = 2;
        return zero_one;
    }
    *n = target->n_labels;
    if (target->n_labels != 2 || target->positive == 1) return target->labels;
    /* The positive label comes last: probability 1 is its probability. */
    const char **labels = ARENA_ARRAY(arena, const char *, 2);
    labels[0] = target->labels[1];
    labels[1] = target->labels[0];
    return labels;
}

/* Class of a sample, in the order of target_labels. */
static uint32_t true_class(const Dataset *data, size_t t, uint32_t sample, size_t column)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    if (!target->classes) return dataset_target_raw(data, t, sample, column) > 0.5;
    uint32_t label = data->targets[t].classes[dataset_row(data, sample)];
    return target->n_labels == 2 ? label == target->positive : label;
}

void answer_probabilities(const Dataset *data, size_t t, const Answers *answers, size_t output, size_t column, double *out)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t size = answers->sizes[output], classes = target->classes ? target->n_labels : 2;
    bool swapped = target->classes && classes == 2 && target->positive == 0;
    for (size_t i = 0; i < answers->n; i++) {
        const float *value = answers->values[output] + i * size;
        double *p = out + i * classes;
        if (target->classes && size == classes) {
            for (size_t c = 0; c < classes; c++) p[c] = (double)value[swapped ? 1 - c : c];
        } else {
            p[1] = (double)value[column];
            p[0] = 1.0 - p[1];
        }
    }
}

/* ---- Scores -------------------------------------------------------------------------------------------------------------- */

static bool gather_figures(const EvaluateRun *run, Evaluation *e, Answers *answers)
{
    const TrainConfig *config = run->config;
    PlanOutput *outputs = ARENA_ARRAY(run->arena, PlanOutput, config->n_outputs);
    for (size_t k = 0; k < config->n_outputs; k++)
        outputs[k] = (PlanOutput){.loss = config->outputs[k].loss, .weight = config->outputs[k].weight, .clipped = config->outputs[k].clipped};
    size_t batch = (size_t)config->batch < run->samples.n ? (size_t)config->batch : run->samples.n;
    PlanConfig plan_config = {.batch = (int64_t)batch, .outputs = outputs, .par = run->par};
    Plan *plan = plan_new(run->arena, run->model, &plan_config, run->diags);
    if (!plan) return false;
    Figures figures = figures_new(run->arena, config, plan, run->model->graph);
    figures_reset(&figures);
    *answers = answers_new(run->arena, run->model->graph, run->samples.n);
    for (size_t at = 0; at < run->samples.n; at += batch) {
        size_t n = run->samples.n - at < batch ? run->samples.n - at : batch;
        const uint32_t *samples = run->samples.samples + at;
        fill_inputs(run->model, config, run->data, samples, n, plan);
        for (size_t k = 0; k < config->n_outputs; k++) {
            float *target = plan_target(plan, (int)k);
            if (target) dataset_target(run->data, config->outputs[k].target, loss_target_form(&config->outputs[k], run->data), samples, n, target);
        }
        PlanResult result;
        plan_evaluate(plan, &(PlanBatch){.samples = (int64_t)n, .first_sample = (int64_t)at}, &result);
        figures_add(&figures, &result, (int64_t)n);
        keep_answers(plan, answers, config->n_outputs, at, n);
    }
    e->loss = figures_loss(&figures);
    const char **names;
    size_t n_names = train_figure_names(run->arena, config, false, &names);
    e->names = ARENA_ARRAY(run->arena, const char *, n_names);
    e->values = ARENA_ARRAY(run->arena, double, n_names);
    for (size_t i = 0; i < n_names; i++) {
        if (str_eq(names[i], "loss")) continue;
        e->names[e->n_names] = names[i];
        figures_value(&figures, names[i], &e->values[e->n_names++]);
    }
    return true;
}

/* The baseline of a sort of target, learned from the training part. */
static void learn_baseline(const EvaluateRun *run, size_t t, size_t column, bool classes, size_t n_labels, ColumnScore *score, double *out)
{
    DataPart train = run->trained_on->parts[PART_TRAIN];
    BaselineTask task = {.n = train.n, .n_classes = n_labels};
    double *numbers = ARENA_ARRAY(run->arena, double, train.n + 1);
    uint32_t *labels = ARENA_ARRAY(run->arena, uint32_t, train.n + 1);
    for (size_t i = 0; i < train.n; i++) {
        if (classes) labels[i] = true_class(run->trained_on, t, train.samples[i], column);
        else numbers[i] = dataset_target_raw(run->trained_on, t, train.samples[i], column);
    }
    task.numbers = classes ? NULL : numbers;
    task.classes = classes ? labels : NULL;
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_BASELINE, &n);
    for (size_t i = 0; i < n; i++) {
        const BaselineKind *kind = (const BaselineKind *)kinds[i];
        if (kind->for_classes != classes) continue;
        kind->learn(&task, out);
        score->baseline = kind->kind.name;
        return;
    }
}

static void score_number_column(const EvaluateRun *run, size_t t, const double *predicted, size_t width, size_t column, ColumnScore *score)
{
    size_t n = run->samples.n;
    double *truth = ARENA_ARRAY(run->arena, double, n + 1), *answer = ARENA_ARRAY(run->arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        truth[i] = dataset_target_raw(run->data, t, run->samples.samples[i], column);
        answer[i] = predicted[i * width + column];
    }
    score->numbers = score_numbers(truth, answer, n);
    double constant;
    learn_baseline(run, t, column, false, 0, score, &constant);
    for (size_t i = 0; i < n; i++) answer[i] = constant;
    score->baseline_numbers = score_numbers(truth, answer, n);
    score->beaten = score->numbers.rmse < score->baseline_numbers.rmse;
}

static double best_threshold(const EvaluateRun *run, size_t k, size_t t, size_t column)
{
    DataPart validation = run->trained_on->parts[PART_VALIDATION];
    Answers answers;
    if (!validation.n || !answer_samples(run->arena, run->model, run->config, run->trained_on, validation, run->par, &answers, run->diags))
        return (double)NAN;
    double *p = ARENA_ARRAY(run->arena, double, 2 * validation.n), f1;
    answer_probabilities(run->trained_on, t, &answers, k, column, p);
    uint32_t *truth = ARENA_ARRAY(run->arena, uint32_t, validation.n);
    for (size_t i = 0; i < validation.n; i++) {
        truth[i] = true_class(run->trained_on, t, validation.samples[i], column);
        p[i] = p[2 * i + 1];
    }
    return score_best_threshold(run->arena, truth, p, validation.n, &f1);
}

static void score_class_column(const EvaluateRun *run, size_t k, size_t t, const Answers *answers, size_t column, ColumnScore *score)
{
    size_t n = run->samples.n, n_labels;
    score->labels = target_labels(run->arena, run->data, t, &n_labels);
    score->n_labels = n_labels;
    uint32_t *truth = ARENA_ARRAY(run->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) truth[i] = true_class(run->data, t, run->samples.samples[i], column);
    double *p = ARENA_ARRAY(run->arena, double, memory_product(n_labels, n + 1));
    answer_probabilities(run->data, t, answers, k, column, p);
    double threshold = isnan(run->threshold) ? 0.5 : run->threshold;
    score->classes = score_classes(run->arena, truth, p, n, n_labels, threshold);
    score->best_threshold = n_labels == 2 ? best_threshold(run, k, t, column) : (double)NAN;
    double *shares = ARENA_ARRAY(run->arena, double, n_labels);
    learn_baseline(run, t, column, true, n_labels, score, shares);
    for (size_t i = 0; i < n; i++) memcpy(p + i * n_labels, shares, n_labels * sizeof *shares);
    score->baseline_classes = score_classes(run->arena, truth, p, n, n_labels, 0.5);
    score->beaten = score->classes.accuracy > score->baseline_classes.accuracy ||
                    (score->classes.accuracy == score->baseline_classes.accuracy && score->classes.auc > 0.5);
}

static void score_output(const EvaluateRun *run, size_t k, const Answers *answers, OutputScore *output)
{
    const TrainOutput *config = &run->config->outputs[k];
    const RecipeTarget *target = &run->data->recipe->targets[config->target];
    size_t t = config->target;
    bool classes = output_is_classes(run->model, run->config, run->data, k);
    output->name = config->name;
    output->n_columns = target->classes ? 1 : run->data->targets[t].width;
    output->columns = ARENA_ARRAY(run->arena, ColumnScore, output->n_columns);
    double *predicted = NULL;
    size_t width = output->n_columns;
    if (!classes) {
        predicted = ARENA_ARRAY(run->arena, double, memory_product(width, answers->n + 1));
        dataset_target_undo(run->data, t, answers->values[k], answers->n, predicted);
    }
    for (size_t column = 0; column < output->n_columns; column++) {
        ColumnScore *score = &output->columns[column];
        score->name = run->data->recipe->columns[target->columns[column % target->n_columns]].name;
        if (classes) score_class_column(run, k, t, answers, column, score);
        else score_number_column(run, t, predicted, width, column, score);
    }
}

bool evaluate_model(const EvaluateRun *run, Evaluation *e)
{
    *e = (Evaluation){.samples = run->samples.n, .beaten = true};
    if (!run->samples.n) return true;
    Answers answers;
    if (!gather_figures(run, e, &answers)) return false;
    e->n_outputs = run->config->n_outputs;
    e->outputs = ARENA_ARRAY(run->arena, OutputScore, e->n_outputs);
    for (size_t k = 0; k < e->n_outputs; k++) {
        score_output(run, k, &answers, &e->outputs[k]);
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) e->beaten = e->beaten && e->outputs[k].columns[c].beaten;
    }
    return true;
}
