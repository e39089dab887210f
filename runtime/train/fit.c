/* Figures of the fit verdict; see fit.h and docs/fit-verdict.md. */
#include "runtime/train/fit.h"

#include "runtime/train/figures.h"

static void fill(const TrainRun *run, Plan *plan, const uint32_t *samples, size_t n)
{
    const TrainConfig *config = run->config;
    for (size_t i = 0; i < run->model->graph->inputs.n; i++)
        dataset_gather(run->data, config->input_groups[i], samples, n, plan_input(plan, (int)i));
    for (size_t k = 0; k < config->n_outputs; k++) {
        float *target = plan_target(plan, (int)k);
        if (target) dataset_target(run->data, config->outputs[k].target, loss_target_form(&config->outputs[k], run->data), samples, n, target);
    }
}

/* Mean loss of a part without its penalties, which come back apart. */
static double part_loss(const TrainRun *run, Plan *plan, DataPart part, double *penalties)
{
    double sum = 0.0;
    size_t batch = (size_t)run->config->batch;
    *penalties = 0.0;
    for (size_t at = 0; at < part.n; at += batch) {
        size_t n = part.n - at < batch ? part.n - at : batch;
        fill(run, plan, part.samples + at, n);
        PlanResult result;
        plan_evaluate(plan, &(PlanBatch){.samples = (int64_t)n, .first_sample = (int64_t)at}, &result);
        sum += (result.total - result.penalties) * (double)n;
        *penalties += result.penalties * (double)n / (double)part.n;
    }
    return sum / (double)part.n;
}

/* Loss of one output over the validation rows where every answer is the mean of the training targets. */
static double output_baseline(const TrainRun *run, size_t k)
{
    const TrainOutput *output = &run->config->outputs[k];
    const LossKind *loss = (const LossKind *)output->loss.kind;
    if (!loss) return 0.0;
    Arena *arena = run->arena;
    TargetForm answer_form = loss->target == TARGET_NUMBERS ? TARGET_NUMBERS : TARGET_ONE_HOT;
    size_t answer_size = dataset_target_size(run->data, output->target, answer_form);
    size_t target_size = dataset_target_size(run->data, output->target, loss->target);
    size_t width = (size_t)shape_last(&run->model->graph->outputs.at[k].wire->shape);
    if (!answer_size || !width || answer_size % width) return 0.0;
    size_t rows = answer_size / width;
    float *target = ARENA_ARRAY(arena, float, answer_size > target_size ? answer_size : target_size);
    double *sums = ARENA_ARRAY(arena, double, answer_size);
    float *answer = ARENA_ARRAY(arena, float, answer_size), *values = ARENA_ARRAY(arena, float, rows);
    for (size_t i = 0; i < run->train.n; i++) {
        dataset_target(run->data, output->target, answer_form, &run->train.samples[i], 1, target);
        for (size_t a = 0; a < answer_size; a++) sums[a] += (double)target[a];
    }
    for (size_t a = 0; a < answer_size; a++) answer[a] = (float)(sums[a] / (double)run->train.n);
    double total = 0.0;
    for (size_t i = 0; i < run->validation.n; i++) {
        dataset_target(run->data, output->target, loss->target, &run->validation.samples[i], 1, target);
        loss->values(output->loss.args, false, target, answer, (int64_t)rows, (int64_t)width, values);
        for (size_t r = 0; r < rows; r++) total += (double)values[r] / (double)rows;
    }
    return output->weight * total / (double)run->validation.n;
}

bool fit_measure(const TrainRun *run, FitFigures *figures)
{
    *figures = (FitFigures){0};
    if (!run->validation.n || !run->train.n) return false;
    const TrainConfig *config = run->config;
    PlanOutput *outputs = ARENA_ARRAY(run->arena, PlanOutput, config->n_outputs);
    for (size_t k = 0; k < config->n_outputs; k++)
        outputs[k] = (PlanOutput){.loss = config->outputs[k].loss, .weight = config->outputs[k].weight, .clipped = config->outputs[k].clipped};
    PlanConfig plan_config = {.batch = config->batch, .outputs = outputs, .par = run->par};
    Plan *plan = plan_new(run->arena, run->model, &plan_config, run->diags);
    if (!plan) return false;
    double train_penalties;
    double train = part_loss(run, plan, run->train, &train_penalties);
    double validation = part_loss(run, plan, run->validation, &figures->penalties);
    figures->train = train + figures->penalties;
    figures->validation = validation + figures->penalties;
    for (size_t k = 0; k < config->n_outputs; k++) figures->baseline += output_baseline(run, k);
    return true;
}
