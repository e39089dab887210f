/* Answers and scores of a trained model; see evaluate.h. */
#include "runtime/train/evaluate.h"

#include <math.h>
#include <string.h>

#include "runtime/data/series.h"
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
    uint32_t label = dataset_target_class(data, t, sample);
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

/* ---- Baselines ----------------------------------------------------------------------------------------------------------- */

/* One column of an output while it is scored. Arrays of answers are laid out step by step: n samples of the first step, then n of the
 * next, so that a step is a slice. */
typedef struct {
    const EvaluateRun *run;
    size_t output, target, column, n_columns; /* number i of a target's width is step i / n_columns, column i % n_columns */
    ColumnScore *score;
    size_t n, n_steps;
    const SavedScore *known; /* without the training rows: what is known of them; NULL: nothing */
} Scoring;

static size_t number_of(const Scoring *s, size_t step)
{
    return step * s->n_columns + s->column;
}

static BaselineTask training_targets(const Scoring *s)
{
    const EvaluateRun *run = s->run;
    if (!run->trained_on) return (BaselineTask){0};
    DataPart train = run->trained_on->parts[PART_TRAIN];
    BaselineTask task = {.n = train.n * s->n_steps, .n_classes = s->score->n_labels};
    double *numbers = s->score->labels ? NULL : ARENA_ARRAY(run->arena, double, task.n + 1);
    uint32_t *classes = s->score->labels ? ARENA_ARRAY(run->arena, uint32_t, task.n + 1) : NULL;
    for (size_t step = 0, at = 0; step < s->n_steps; step++) {
        for (size_t i = 0; i < train.n; i++, at++) {
            if (classes) classes[at] = true_class(run->trained_on, s->target, train.samples[i], number_of(s, step));
            else numbers[at] = dataset_target_raw(run->trained_on, s->target, train.samples[i], number_of(s, step));
        }
    }
    task.numbers = numbers;
    task.classes = classes;
    return task;
}

typedef struct {
    const Dataset *data;
    size_t target;
} Past;

static double look_back(const void *owner, uint32_t sample, size_t i, size_t season)
{
    const Past *past = owner;
    return season == 1 ? series_last_value(past->data, past->target, sample, i) : series_same_season(past->data, past->target, sample, i, season);
}

/* A season longer than this is not looked for: the search takes rows × lags. */
#define LONGEST_SEASON 800
#define SEARCH 4e8

static size_t find_season(const Scoring *s)
{
    const EvaluateRun *run = s->run;
    if (run->season) return run->season;
    if (!run->trained_on) return s->known ? s->known->season : 0;
    size_t rows = run->trained_on->parts[PART_TRAIN].n, most = rows / 2 < LONGEST_SEASON ? rows / 2 : LONGEST_SEASON;
    if (rows && (double)most * (double)rows > SEARCH) most = (size_t)(SEARCH / (double)rows);
    return most < 2 ? 0 : series_find_season(run->trained_on, run->arena, s->target, s->column, most);
}

/* What a baseline was known to say when the model was saved; NULL: it was not. */
static const SavedBaseline *known_baseline(const Scoring *s, const BaselineKind *kind)
{
    size_t n = s->score->labels ? s->score->n_labels : 1;
    for (size_t i = 0; s->known && i < s->known->n_baselines; i++)
        if (str_eq(s->known->baselines[i].name, kind->kind.name) && s->known->baselines[i].n == n) return &s->known->baselines[i];
    return NULL;
}

/* What a baseline that learns says. */
static void baseline_says(const Scoring *s, const BaselineKind *kind, const BaselineTask *task, double *out)
{
    if (s->run->trained_on) {
        kind->learn(task, out);
        return;
    }
    const SavedBaseline *known = known_baseline(s, kind);
    memcpy(out, known->numbers, known->n * sizeof *out);
}

/* The baselines for a column, in the order of their list. */
static size_t list_baselines(const Scoring *s, const BaselineKind ***out)
{
    bool past = !s->score->labels && series_has_baseline(s->run->data, s->target);
    s->score->season = past ? find_season(s) : 0;
    size_t n, kept = 0;
    const Kind *const *kinds = kind_list(FAMILY_BASELINE, &n);
    *out = ARENA_ARRAY(s->run->arena, const BaselineKind *, n);
    for (size_t i = 0; i < n; i++) {
        const BaselineKind *kind = (const BaselineKind *)kinds[i];
        if (kind->for_classes != (s->score->labels != NULL) || (kind->say && !past) || (kind->needs_season && !s->score->season)) continue;
        if (kind->learn && !s->run->trained_on && !known_baseline(s, kind)) continue;
        (*out)[kept++] = kind;
    }
    return kept;
}

/* What a baseline of numbers says for each sample, step by step. */
static void say_numbers(const Scoring *s, const BaselineKind *kind, const BaselineTask *task, double *out)
{
    double constant = 0.0;
    if (kind->learn) baseline_says(s, kind, task, &constant);
    Past past = {s->run->data, s->target};
    BaselinePast known = {.owner = &past, .season = s->score->season, .back = look_back};
    for (size_t step = 0, at = 0; step < s->n_steps; step++)
        for (size_t i = 0; i < s->n; i++, at++) out[at] = kind->say ? kind->say(&known, s->run->samples.samples[i], number_of(s, step)) : constant;
}

static Score *score_at(const Scoring *s, size_t slice)
{
    return slice == 0 ? &s->score->all : &s->score->steps[slice - 1];
}

/* Slice 0 is everything, the others are the steps, where there are several. */
static size_t n_slices(const Scoring *s)
{
    return s->score->steps ? 1 + s->n_steps : 1;
}

static size_t slice_begin(const Scoring *s, size_t slice)
{
    return slice == 0 ? 0 : (slice - 1) * s->n;
}

static size_t slice_size(const Scoring *s, size_t slice)
{
    return slice == 0 ? s->n * s->n_steps : s->n;
}

static void prepare_slices(const Scoring *s, size_t n_baselines)
{
    s->score->n_steps = s->n_steps;
    if (s->n_steps > 1) s->score->steps = ARENA_ARRAY(s->run->arena, Score, s->n_steps);
    for (size_t slice = 0; slice < n_slices(s); slice++) {
        Score *score = score_at(s, slice);
        score->baselines = ARENA_ARRAY(s->run->arena, BaselineScore, n_baselines);
        score->n_baselines = n_baselines;
    }
}

/* ---- Numbers --------------------------------------------------------------------------------------------------------------- */

static void judge_numbers(Score *score)
{
    for (size_t b = 1; b < score->n_baselines; b++)
        if (score->baselines[b].numbers.rmse < score->baselines[score->best].numbers.rmse) score->best = b;
    score->beaten = !score->n_baselines || score->numbers.rmse < score->baselines[score->best].numbers.rmse;
}

static void score_number_column(const Scoring *s, const double *predicted, size_t width)
{
    Arena *arena = s->run->arena;
    size_t all = s->n * s->n_steps;
    double *truth = ARENA_ARRAY(arena, double, all + 1), *answer = ARENA_ARRAY(arena, double, all + 1);
    for (size_t step = 0, at = 0; step < s->n_steps; step++) {
        for (size_t i = 0; i < s->n; i++, at++) {
            truth[at] = dataset_target_raw(s->run->data, s->target, s->run->samples.samples[i], number_of(s, step));
            answer[at] = predicted[i * width + number_of(s, step)];
        }
    }
    const BaselineKind **baselines;
    size_t n = list_baselines(s, &baselines);
    prepare_slices(s, n);
    for (size_t slice = 0; slice < n_slices(s); slice++)
        score_at(s, slice)->numbers = score_numbers(truth + slice_begin(s, slice), answer + slice_begin(s, slice), slice_size(s, slice));
    BaselineTask task = training_targets(s);
    for (size_t b = 0; b < n; b++) {
        say_numbers(s, baselines[b], &task, answer);
        for (size_t slice = 0; slice < n_slices(s); slice++) {
            NumberScore numbers = score_numbers(truth + slice_begin(s, slice), answer + slice_begin(s, slice), slice_size(s, slice));
            score_at(s, slice)->baselines[b] = (BaselineScore){.name = baselines[b]->kind.name, .numbers = numbers};
        }
    }
    for (size_t slice = 0; slice < n_slices(s); slice++) judge_numbers(score_at(s, slice));
}

/* ---- Classes --------------------------------------------------------------------------------------------------------------- */

/* Classes of samples and their probabilities, step by step. */
static uint32_t *gather_classes(const Scoring *s, const Dataset *data, DataPart samples, const Answers *answers, double **probabilities)
{
    Arena *arena = s->run->arena;
    size_t n_labels = s->score->n_labels;
    uint32_t *truth = ARENA_ARRAY(arena, uint32_t, samples.n * s->n_steps + 1);
    *probabilities = ARENA_ARRAY(arena, double, memory_product(n_labels, samples.n * s->n_steps + 1));
    for (size_t step = 0; step < s->n_steps; step++) {
        for (size_t i = 0; i < samples.n; i++) truth[step * samples.n + i] = true_class(data, s->target, samples.samples[i], number_of(s, step));
        answer_probabilities(data, s->target, answers, s->output, number_of(s, step), *probabilities + step * samples.n * n_labels);
    }
    return truth;
}

static double best_threshold(const Scoring *s)
{
    const EvaluateRun *run = s->run;
    if (!run->trained_on) return s->known ? s->known->threshold : (double)NAN;
    DataPart validation = run->trained_on->parts[PART_VALIDATION];
    Answers answers;
    if (!validation.n || !answer_samples(run->arena, run->model, run->config, run->trained_on, validation, run->par, &answers, run->diags))
        return (double)NAN;
    double *p, f1;
    uint32_t *truth = gather_classes(s, run->trained_on, validation, &answers, &p);
    size_t n = validation.n * s->n_steps;
    for (size_t i = 0; i < n; i++) p[i] = p[2 * i + 1];
    return score_best_threshold(run->arena, truth, p, n, &f1);
}

static void judge_classes(Score *score)
{
    for (size_t b = 1; b < score->n_baselines; b++)
        if (score->baselines[b].classes.accuracy > score->baselines[score->best].classes.accuracy) score->best = b;
    double best = score->n_baselines ? score->baselines[score->best].classes.accuracy : 0.0;
    score->beaten = score->classes.accuracy > best || (score->classes.accuracy == best && score->classes.auc > 0.5);
}

static void score_class_column(const Scoring *s, const Answers *answers)
{
    const EvaluateRun *run = s->run;
    ColumnScore *column = s->score;
    column->labels = target_labels(run->arena, run->data, s->target, &column->n_labels);
    size_t n_labels = column->n_labels;
    double *p, threshold = isnan(run->threshold) ? 0.5 : run->threshold;
    uint32_t *truth = gather_classes(s, run->data, run->samples, answers, &p);
    column->best_threshold = n_labels == 2 ? best_threshold(s) : (double)NAN;
    const BaselineKind **baselines;
    size_t n = list_baselines(s, &baselines);
    prepare_slices(s, n);
    for (size_t slice = 0; slice < n_slices(s); slice++) {
        size_t begin = slice_begin(s, slice);
        score_at(s, slice)->classes = score_classes(run->arena, truth + begin, p + begin * n_labels, slice_size(s, slice), n_labels, threshold);
    }
    BaselineTask task = training_targets(s);
    double *shares = ARENA_ARRAY(run->arena, double, n_labels);
    for (size_t b = 0; b < n; b++) {
        baseline_says(s, baselines[b], &task, shares);
        for (size_t i = 0; i < s->n * s->n_steps; i++) memcpy(p + i * n_labels, shares, n_labels * sizeof *shares);
        for (size_t slice = 0; slice < n_slices(s); slice++) {
            size_t begin = slice_begin(s, slice);
            ClassScore classes = score_classes(run->arena, truth + begin, p + begin * n_labels, slice_size(s, slice), n_labels, 0.5);
            score_at(s, slice)->baselines[b] = (BaselineScore){.name = baselines[b]->kind.name, .classes = classes};
        }
    }
    for (size_t slice = 0; slice < n_slices(s); slice++) judge_classes(score_at(s, slice));
}

/* ---- Outputs --------------------------------------------------------------------------------------------------------------- */

static size_t score_columns(const EvaluateRun *run, const Dataset *data, size_t k)
{
    size_t t = run->config->outputs[k].target;
    return data->recipe->targets[t].classes ? 1 : data->targets[t].n_columns;
}

/* What is known of the training rows of a column. */
static const SavedScore *known_score(const EvaluateRun *run, size_t k, size_t column)
{
    for (size_t before = 0; before < k; before++) column += score_columns(run, run->data, before);
    return !run->trained_on && column < run->n_known ? &run->known[column] : NULL;
}

static void score_output(const EvaluateRun *run, size_t k, const Answers *answers, OutputScore *output)
{
    const TrainOutput *config = &run->config->outputs[k];
    size_t t = config->target;
    const RecipeTarget *target = &run->data->recipe->targets[t];
    const DataTarget *data = &run->data->targets[t];
    bool classes = output_is_classes(run->model, run->config, run->data, k);
    output->name = config->name;
    output->n_columns = score_columns(run, run->data, k);
    output->columns = ARENA_ARRAY(run->arena, ColumnScore, output->n_columns);
    double *predicted = NULL;
    if (!classes) {
        predicted = ARENA_ARRAY(run->arena, double, memory_product(data->width, answers->n + 1));
        dataset_target_undo(run->data, t, run->samples.samples, answers->values[k], answers->n, predicted);
    }
    for (size_t column = 0; column < output->n_columns; column++) {
        ColumnScore *score = &output->columns[column];
        *score = (ColumnScore){.name = run->data->recipe->columns[target->columns[column]].name, .ahead = data->ahead, .best_threshold = (double)NAN};
        Scoring s = {.run = run, .output = k, .target = t, .column = column, .n_columns = output->n_columns, .score = score, .n = run->samples.n,
                     .n_steps = target->classes ? 1 : data->width / data->n_columns, .known = known_score(run, k, column)};
        if (classes) score_class_column(&s, answers);
        else score_number_column(&s, predicted, data->width);
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
        for (size_t c = 0; c < e->outputs[k].n_columns; c++) e->beaten = e->beaten && e->outputs[k].columns[c].all.beaten;
    }
    return true;
}

static SavedScore learn_column(const Scoring *s, bool threshold)
{
    SavedScore out = {.threshold = (double)NAN};
    BaselineTask task = training_targets(s);
    size_t n, n_numbers = s->score->labels ? s->score->n_labels : 1;
    const Kind *const *kinds = kind_list(FAMILY_BASELINE, &n);
    SavedBaseline *baselines = ARENA_ARRAY(s->run->arena, SavedBaseline, n + 1);
    for (size_t i = 0; i < n && task.n; i++) {
        const BaselineKind *kind = (const BaselineKind *)kinds[i];
        if (!kind->learn || kind->for_classes != (s->score->labels != NULL)) continue;
        double *numbers = ARENA_ARRAY(s->run->arena, double, n_numbers);
        kind->learn(&task, numbers);
        baselines[out.n_baselines++] = (SavedBaseline){kind->kind.name, numbers, n_numbers};
    }
    out.baselines = baselines;
    if (!s->score->labels && series_has_baseline(s->run->trained_on, s->target)) out.season = find_season(s);
    if (threshold && s->score->n_labels == 2) out.threshold = best_threshold(s);
    return out;
}

const SavedScore *evaluate_learn(const EvaluateRun *run, bool threshold, size_t *n)
{
    VEC(SavedScore) all = {0};
    for (size_t k = 0; k < run->config->n_outputs; k++) {
        size_t t = run->config->outputs[k].target, n_columns = score_columns(run, run->trained_on, k);
        const DataTarget *target = &run->trained_on->targets[t];
        for (size_t column = 0; column < n_columns; column++) {
            ColumnScore score = {0};
            if (output_is_classes(run->model, run->config, run->trained_on, k)) score.labels = target_labels(run->arena, run->trained_on, t, &score.n_labels);
            Scoring s = {.run = run, .output = k, .target = t, .column = column, .n_columns = n_columns, .score = &score,
                         .n_steps = run->trained_on->recipe->targets[t].classes ? 1 : target->width / target->n_columns};
            VEC_PUSH(run->arena, all, learn_column(&s, threshold));
        }
    }
    *n = all.n;
    return all.at;
}

const TrainConfig *train_config_for(Arena *arena, const TrainConfig *config, const Graph *graph, const Dataset *trained_on, const Dataset *data)
{
    if (trained_on == data || trained_on->recipe == data->recipe) return config;
    TrainConfig *other = ARENA_NEW(arena, TrainConfig);
    *other = *config;
    size_t *groups = ARENA_ARRAY(arena, size_t, graph->inputs.n);
    for (size_t i = 0; i < graph->inputs.n; i++)
        for (size_t g = 0; g < data->n_groups; g++)
            if (data->n_groups > 1 && str_eq(data->groups[g].name, trained_on->groups[config->input_groups[i]].name)) groups[i] = g;
    other->input_groups = groups;
    other->outputs = ARENA_ARRAY(arena, TrainOutput, config->n_outputs);
    for (size_t k = 0; k < config->n_outputs; k++) {
        other->outputs[k] = config->outputs[k];
        size_t found = 0;
        for (size_t t = 0; t < data->recipe->n_targets; t++)
            if (str_eq(data->recipe->targets[t].name, trained_on->recipe->targets[config->outputs[k].target].name)) found = t;
        other->outputs[k].target = found;
    }
    return other;
}
