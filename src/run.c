/* The checked statements, carried out one after another; see run.h. */
#include "src/run.h"

#include <math.h>
#include <stdio.h>

#include "runtime/data/ids.h"
#include "runtime/file/output.h"
#include "runtime/tensor/blas.h"
#include "runtime/train/cross_validate.h"
#include "runtime/train/forecast.h"
#include "runtime/train/predict.h"
#include "runtime/train/saving.h"
#include "src/interrupt.h"
#include "src/report/grid.h"
#include "src/report/progress.h"
#include "src/report/scores.h"
#include "src/report/show.h"
#include "src/report/summary.h"
#include "src/report/verdict.h"

/* A model while the program runs. */
typedef struct {
    ProgramModel *program;
    Model *model;             /* NULL before it is needed */
    const SavedFile *file;    /* it came from; NULL: none */
    const TrainConfig *config; /* of its last training, or what its file tells; NULL: nothing is known */
    const ProgramData *data;  /* of its last training; NULL: none */
    const Recipe *recipe;     /* how its samples are prepared, and what was learned for that; NULL: not known */
    const Fit *fit;
    const TrainResult *result; /* of its last training; NULL: none */
    uint32_t trainings;
} RunModel;

typedef struct {
    Arena *arena;
    Program *program;
    const RunOptions *options;
    Diags *diags;
    RunModel *models;
    Par *par;
    int code;
} Run;

static RunModel *find_model(Run *run, const ProgramModel *model)
{
    for (size_t i = 0; i < run->program->models.n; i++)
        if (run->models[i].program == model) return &run->models[i];
    return NULL;
}

static void put(const Buf *out)
{
    if (!out->n) return;
    fwrite(out->at, 1, out->n, stdout);
    fflush(stdout);
}

/* The pool of threads starts with the first training; the library of products is loaded before it. */
static Par *pool(Run *run)
{
    if (run->par) return run->par;
    blas_open(NULL);
    run->par = par_open(run->options->threads);
    return run->par;
}

/* What a model is compared with, as far as its file tells. */
static const TrainConfig *file_config(Run *run, const Graph *graph, const SavedFile *file)
{
    size_t n = graph->outputs.n;
    TrainConfig *config = ARENA_NEW(run->arena, TrainConfig);
    *config = (TrainConfig){.epochs = 1, .batch = file->extras.batch > 0 ? file->extras.batch : 32, .optimizer = file->compile.optimizer,
                            .n_outputs = n, .input_groups = file->extras.input_groups, .folder = ""};
    config->outputs = ARENA_ARRAY(run->arena, TrainOutput, n);
    for (size_t k = 0; k < n; k++) {
        config->outputs[k] = (TrainOutput){.name = graph->outputs.at[k].name, .weight = 1.0, .target = file->extras.output_targets[k]};
        if (!file->compile.optimizer.kind) continue;
        config->outputs[k].loss = file->compile.losses[k];
        config->outputs[k].weight = file->compile.weights[k];
    }
    return config;
}

static bool from_file(Run *run, RunModel *m)
{
    const ProgramSource *source = m->program->source;
    const SavedFile *file = source->saved ? source->saved : saved_open(run->arena, source->file, source->written, source->span, run->diags);
    m->model = file ? saved_model(file, m->program->graph, run->program->seed, run->diags) : NULL;
    if (!m->model) return false;
    m->file = file;
    m->trainings = file->extras.trainings;
    if (!file->extras.recipe) return true;
    m->recipe = file->extras.recipe;
    m->fit = file->extras.fit;
    m->config = file_config(run, m->program->graph, file);
    return true;
}

/* The model with its numbers: drawn, or a file's. NULL: reported. */
static RunModel *ready(Run *run, const ProgramModel *model)
{
    RunModel *m = find_model(run, model);
    const ProgramSource *source = model->source;
    if (m->model) return m;
    bool ok = true;
    if (source && source->whole) {
        ok = from_file(run, m);
    } else {
        m->model = model_new(run->arena, model->graph, run->program->seed);
        if (source) ok = saved_read_weights(run->arena, source->file, source->written, source->span, model->graph, m->model, run->diags);
    }
    if (!ok) run->code = 3;
    return ok ? m : NULL;
}

/* ---- train ----------------------------------------------------------------------------------------------------------- */

static void log_stop(Run *run, const char *model, const TrainResult *result)
{
    JsonOut *o = log_begin(run->options->log, "stop");
    if (!o) return;
    json_key(o, "model");
    json_text(o, model);
    json_key(o, "epoch");
    json_int(o, result->epoch);
    json_key(o, "best_epoch");
    if (result->monitor) json_int(o, result->best_epoch);
    else json_null(o);
    json_key(o, "monitor");
    if (result->monitor) json_text(o, result->monitor);
    else json_null(o);
    json_key(o, "best");
    if (result->monitor) json_double(o, result->best);
    else json_null(o);
    json_key(o, "reason");
    json_text(o, stop_reason_name(result->reason));
    log_end(run->options->log);
}

static void log_verdict(Run *run, const char *model, const Verdict *verdict)
{
    JsonOut *o = log_begin(run->options->log, "verdict");
    if (!o) return;
    json_key(o, "model");
    json_text(o, model);
    json_key(o, "verdict");
    json_text(o, verdict_name(verdict));
    json_key(o, "since");
    if (verdict->since) json_int(o, verdict->since);
    else json_null(o);
    json_key(o, "rule");
    json_int(o, verdict->rule);
    json_key(o, "train_loss");
    json_double(o, verdict->figures.train);
    json_key(o, "validation_loss");
    json_double(o, verdict->figures.validation);
    json_key(o, "penalties");
    json_double(o, verdict->figures.penalties);
    json_key(o, "baseline_loss");
    json_double(o, verdict->figures.baseline);
    log_end(run->options->log);
}

static void print_end(Run *run, const char *model, const TrainResult *result, const Verdict *verdict)
{
    Buf out = buf_in(run->arena);
    static const char *const how[] = {"all epochs done", "stopped early", "interrupted", "the loss became no number"};
    double seconds = 0.0;
    for (size_t e = 0; e < result->history.n_epochs; e++) seconds += result->history.seconds[e];
    buf_printf(&out, "Trained %s: %lld %s in %s s (%s)", model, (long long)result->epoch, result->epoch == 1 ? "epoch" : "epochs",
               str_figure(run->arena, seconds, 3), how[result->reason]);
    if (result->monitor)
        buf_printf(&out, "; best epoch %lld: %s %s", (long long)result->best_epoch, result->monitor, str_figure(run->arena, result->best, 4));
    buf_char(&out, '\n');
    verdict_print(verdict, &out);
    put(&out);
}

static const SavedParam *saved_params(const Run *run)
{
    SavedParam *params = ARENA_ARRAY(run->arena, SavedParam, run->program->params.n + 1);
    for (size_t i = 0; i < run->program->params.n; i++) {
        const ProgramParam *param = &run->program->params.at[i];
        params[i] = (SavedParam){param->name, param->value, param->description};
    }
    return params;
}

static bool run_train(Run *run, const Action *action)
{
    RunModel *m = ready(run, action->models[0]);
    if (!m) return false;
    const Dataset *data = action->data->checked->dataset;
    const char *name = m->program->name;
    Par *par = pool(run);
    if (!run->options->quiet && (m->result || m->program->source)) {
        bool keeps = model_keeps_optimizer(m->model, action->train->optimizer) && m->model->optimizer.iteration > 0;
        if (m->result) fprintf(stderr, "%s was trained before: this training goes on from its weights%s\n", name, keeps ? " and the optimizer's state" : "");
        else fprintf(stderr, "The training of %s goes on from the weights%s of %s\n", name, keeps ? " and the optimizer's state" : "", m->program->source->written);
    }
    m->config = action->train;
    m->data = action->data;
    m->recipe = data->recipe;
    m->fit = data->fit;
    Progress progress = progress_new(name, action->data->name, run->options->quiet || run->options->json, run->options->log, interrupt_asked);
    TrainRun train = {.arena = run->arena, .model = m->model, .config = action->train, .data = data, .train = data->parts[PART_TRAIN],
                      .validation = data->parts[PART_VALIDATION], .seed = run->program->seed, .training = m->trainings++, .par = par,
                      .params = saved_params(run), .n_params = run->program->params.n, .observer = progress_observer(&progress),
                      .diags = run->diags};
    TrainResult *kept = ARENA_NEW(run->arena, TrainResult), result;
    interrupt_training(1);
    bool ok = train_model(&train, &result);
    interrupt_training(0);
    progress_end(&progress);
    *kept = result;
    m->result = kept;
    if (!ok) {
        run->code = result.reason == STOP_NAN || diags_exit_code(run->diags) != 3 ? 4 : 3;
        return false;
    }
    /* After a training that was cut short the verdict is unclear whatever the figures, and whoever ended it does not want to wait. */
    FitFigures figures;
    bool whole = result.reason == STOP_EPOCHS || result.reason == STOP_EARLY, measured = whole && fit_measure(&train, &figures);
    Verdict verdict = verdict_of(&result, measured ? &figures : NULL, train.validation.n);
    log_stop(run, name, &result);
    log_verdict(run, name, &verdict);
    print_end(run, name, &result, &verdict);
    if (result.terminated) {
        run->code = 143;
        return false;
    }
    return true;
}

/* ---- evaluate, predict --------------------------------------------------------------------------------------------------- */

/* What a statement acts on: a part of a data block, or a file prepared as the model's training data was. */
static const Dataset *dataset_of(Run *run, const Action *action, const RunModel *m, RowsUse use, DataPart *samples, const char **shown)
{
    if (!action->file) {
        const Dataset *data = action->data->checked->dataset;
        *samples = dataset_part(data, action->part);
        *shown = action->part == PART_NONE ? action->data->name : arena_printf(run->arena, "%s.%s", action->data->name, part_name(action->part));
        return data;
    }
    RecipeFile file;
    if (!recipe_read(m->recipe, run->arena, action->file, action->written, use, action->file_span, &file, run->diags)) return NULL;
    const Dataset *data = dataset_apply(m->recipe, m->fit, run->arena, &file, use, run->diags);
    if (data && !ids_fit(m->program->graph, data, m->config->input_groups, run->diags)) return NULL;
    if (data) *samples = data->all;
    *shown = action->written;
    return data;
}

/* How a model's answers are compared, on that data: as it was trained, as its file says, or as follows from the data. */
static const TrainConfig *config_on(Run *run, const Action *action, size_t i, const RunModel *m, const Dataset *data)
{
    if (m->data) return train_config_for(run->arena, m->config, m->program->graph, m->data->checked->dataset, data);
    return action->configs && action->configs[i] ? action->configs[i] : m->config;
}

static bool run_evaluate(Run *run, const Action *action)
{
    ScoredModel *scored = ARENA_ARRAY(run->arena, ScoredModel, action->n_models);
    const char *shown = "";
    for (size_t i = 0; i < action->n_models; i++) {
        RunModel *m = ready(run, action->models[i]);
        if (!m) return false;
        DataPart samples;
        const Dataset *data = dataset_of(run, action, m, ROWS_PART, &samples, &shown);
        /* A model from a file is beside what the training rows at hand tell. */
        const Dataset *trained_on = m->data ? m->data->checked->dataset : action->file ? NULL : data;
        EvaluateRun evaluate = {.arena = run->arena, .model = m->model, .trained_on = trained_on, .data = data, .samples = samples,
                                .threshold = action->threshold, .season = (size_t)action->season, .par = pool(run), .diags = run->diags};
        if (m->file) {
            evaluate.known = m->file->extras.scores;
            evaluate.n_known = m->file->extras.n_scores;
        }
        if (data) evaluate.config = config_on(run, action, i, m, data);
        scored[i].model = m->program->name;
        if (!data || !evaluate_model(&evaluate, &scored[i].evaluation)) {
            run->code = 3;
            return false;
        }
    }
    Buf out = buf_in(run->arena);
    scores_print(run->arena, scored, action->n_models, shown, &out);
    put(&out);
    for (size_t i = 0; i < action->n_models; i++) scores_log(run->options->log, &scored[i], shown);
    return true;
}

static void log_written(Run *run, const char *event, const Action *action)
{
    JsonOut *o = log_begin(run->options->log, event);
    if (!o) return;
    json_key(o, "model");
    json_text(o, action->models[0]->name);
    json_key(o, "file");
    json_text(o, action->to_written);
    log_end(run->options->log);
}

static void print_predictions(Run *run, const Predictions *p, const char *shown)
{
    size_t rows = p->n_rows < 10 ? p->n_rows : 10;
    Buf out = buf_in(run->arena);
    buf_printf(&out, "Predictions of %s (%s rows%s)\n", shown, str_thousands(run->arena, (int64_t)p->n_rows), rows < p->n_rows ? ", the first 10" : "");
    Grid grid = grid_new(run->arena, p->n_columns);
    for (size_t c = 0; c < p->n_columns; c++) grid_cell(&grid, p->header[c]);
    for (size_t r = 0; r < rows; r++) {
        const char **cells = predict_row(p, r, run->arena);
        for (size_t c = 0; c < p->n_columns; c++) grid_cell(&grid, cells[c]);
    }
    grid_print(&grid, "  ", &out);
    put(&out);
}

static bool write_predictions(Run *run, const Action *action, const Predictions *p)
{
    Output output;
    if (!output_open(&output, run->arena, action->to, action->to_written, action->span, run->diags)) return false;
    predict_csv(p, output.file);
    if (!output_close(&output, run->diags)) return false;
    Buf out = buf_in(run->arena);
    buf_printf(&out, "Wrote %s predictions to %s\n", str_thousands(run->arena, (int64_t)p->n_rows), action->to_written);
    put(&out);
    log_written(run, "predict", action);
    return true;
}

static bool run_predict(Run *run, const Action *action)
{
    RunModel *m = ready(run, action->models[0]);
    if (!m) return false;
    DataPart samples;
    const char *shown = "";
    const Dataset *data = dataset_of(run, action, m, ROWS_PREDICT, &samples, &shown);
    const TrainConfig *config = data ? config_on(run, action, 0, m, data) : NULL;
    PredictRun predict = {.arena = run->arena, .model = m->model, .config = config, .data = data, .samples = samples,
                          .with_part = !action->file && action->part == PART_NONE, .par = pool(run), .diags = run->diags,
                          .span = action->span};
    Predictions predictions;
    bool ok = data && predict_samples(&predict, &predictions);
    if (ok && action->to) ok = write_predictions(run, action, &predictions);
    else if (ok) print_predictions(run, &predictions, shown);
    if (!ok) run->code = 3;
    return ok;
}

/* ---- save ---------------------------------------------------------------------------------------------------------------- */

static bool run_save(Run *run, const Action *action)
{
    RunModel *m = ready(run, action->models[0]);
    if (!m) return false;
    SavedExtras extras = {0};
    KerasCompile compile = {0};
    bool known = true;
    if (m->result) {
        compile = train_compile(run->arena, m->config);
        extras = train_extras(run->arena, m->config, m->data->checked->dataset, m->result, saved_params(run), run->program->params.n,
                              run->program->seed, m->trainings);
        EvaluateRun learn = {.arena = run->arena, .model = m->model, .config = m->config, .trained_on = m->data->checked->dataset, .par = pool(run),
                             .diags = run->diags};
        extras.scores = evaluate_learn(&learn, true, &extras.n_scores);
    } else {
        compile = m->file->compile;
        extras = m->file->extras;
        known = m->file->ours;
    }
    bool ok = saved_write(run->arena, m->model, &compile, known ? &extras : NULL, action->to, action->to_written, action->span, run->diags);
    if (!ok) {
        run->code = 3;
        return false;
    }
    Buf out = buf_in(run->arena);
    int since = saved_since(m->model->graph);
    buf_printf(&out, "Saved %s to %s%s\n", m->program->name, action->to_written, since ? arena_printf(run->arena, " (for Keras 3.%d and later)", since) : "");
    put(&out);
    log_written(run, "save", action);
    return true;
}

/* ---- forecast ------------------------------------------------------------------------------------------------------------ */

static void print_forecast(Run *run, const Action *action, const Forecast *f)
{
    size_t rows = f->n_series * f->n_steps, shown = f->n_series == 1 && rows <= 50 ? rows : rows < 20 ? rows : 20;
    Buf out = buf_in(run->arena);
    buf_printf(&out, "Forecast of %s past the end of %s (%s rows%s)\n", action->models[0]->name, action->data->name,
               str_thousands(run->arena, (int64_t)rows), shown < rows ? arena_printf(run->arena, ", the first %zu", shown) : "");
    Grid grid = grid_new(run->arena, f->n_columns);
    for (size_t c = 0; c < f->n_columns; c++) grid_cell(&grid, f->header[c]);
    for (size_t r = 0; r < shown; r++) {
        const char **cells = forecast_row(f, r, run->arena);
        for (size_t c = 0; c < f->n_columns; c++) grid_cell(&grid, cells[c]);
    }
    grid_print(&grid, "  ", &out);
    put(&out);
}

static bool write_forecast(Run *run, const Action *action, const Forecast *f)
{
    Output output;
    if (!output_open(&output, run->arena, action->to, action->to_written, action->span, run->diags)) return false;
    forecast_csv(f, output.file);
    if (!output_close(&output, run->diags)) return false;
    Buf out = buf_in(run->arena);
    buf_printf(&out, "Wrote a forecast of %s rows to %s\n", str_thousands(run->arena, (int64_t)(f->n_series * f->n_steps)), action->to_written);
    put(&out);
    log_written(run, "forecast", action);
    return true;
}

static bool run_forecast(Run *run, const Action *action)
{
    RunModel *m = ready(run, action->models[0]);
    if (!m) return false;
    ForecastRun forecast = {.arena = run->arena, .model = m->model, .future = action->future, .par = pool(run), .span = action->span,
                            .diags = run->diags};
    forecast.config = config_on(run, action, 0, m, action->data->checked->dataset);
    Forecast f;
    bool ok = forecast_run(&forecast, &f);
    if (ok && action->to) ok = write_forecast(run, action, &f);
    else if (ok) print_forecast(run, action, &f);
    if (!ok) run->code = diags_exit_code(run->diags) == 3 ? 3 : 4;
    return ok;
}

/* ---- cross_validate ------------------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t begun, folds;
} FoldProgress;

static void fold_begins(void *owner, const TrainConfig *config, size_t n_train, size_t n_validation)
{
    (void)config;
    FoldProgress *p = owner;
    p->begun++;
    fprintf(stderr, "Fold %lld of %lld: %zu training rows, %zu to score\n", (long long)p->begun, (long long)p->folds, n_train, n_validation);
}

static int fold_interrupted(void *owner)
{
    (void)owner;
    return interrupt_asked();
}

static bool run_cross_validate(Run *run, const Action *action)
{
    RunModel *m = find_model(run, action->models[0]);
    const char *name = m->program->name;
    const Dataset *data = action->data->checked->dataset;
    FoldProgress progress = {.folds = action->folds * action->repeats};
    bool quiet = run->options->quiet || run->options->json;
    CrossRun cross = {.arena = run->arena, .graph = m->program->graph, .data = data, .folds = (size_t)action->folds,
                      .repeats = (size_t)action->repeats, .seed = run->program->seed, .par = pool(run), .span = action->span, .diags = run->diags};
    cross.observer = (TrainObserver){.owner = &progress, .begin = quiet ? NULL : fold_begins, .interrupted = fold_interrupted};
    cross.config = config_on(run, action, 0, m, data);
    CrossResult result;
    int interrupted;
    interrupt_training(1);
    bool ok = cross_validate(&cross, &result, &interrupted);
    interrupt_training(0);
    if (interrupted == 2) {
        run->code = 143;
        return false;
    }
    Buf out = buf_in(run->arena);
    if (interrupted) {
        buf_printf(&out, "The cross-validation of %s was interrupted: there is no result\n", name);
        put(&out);
        return true;
    }
    if (!ok) {
        run->code = result.lacking ? 1 : diags_exit_code(run->diags) == 3 ? 3 : 4;
        return false;
    }
    folds_print(run->arena, name, action->data->name, &result, &out);
    put(&out);
    folds_log(run->options->log, name, action->data->name, &result);
    return true;
}

/* ---- The program ----------------------------------------------------------------------------------------------------------- */

static bool run_action(Run *run, const Action *action)
{
    Buf out = buf_in(run->arena);
    switch ((int)action->type) {
    case AST_TRAIN: return run_train(run, action);
    case AST_EVALUATE: return run_evaluate(run, action);
    case AST_CROSS_VALIDATE: return run_cross_validate(run, action);
    case AST_PREDICT: return run_predict(run, action);
    case AST_FORECAST: return run_forecast(run, action);
    case AST_SAVE: return run_save(run, action);
    case AST_SHOW:
        show_data(run->arena, action->data->checked, &out);
        put(&out);
        return true;
    case AST_SUMMARY: {
        const RunModel *m = action->models[0]->source ? ready(run, action->models[0]) : find_model(run, action->models[0]);
        if (!m) return false;
        summary_print(action->models[0]->graph, m->model ? &m->model->optimizer : NULL, &out);
        put(&out);
        return true;
    }
    default: return true;
    }
}

void run_print_facts(const Program *program, Buf *out)
{
    for (size_t i = 0; i < program->data.n; i++) {
        const CheckedData *data = program->data.at[i]->checked;
        for (size_t f = 0; data && f < data->n_facts; f++) buf_printf(out, "%s: %s\n", data->name, data->facts[f]);
    }
}

int run_program(Arena *arena, Program *program, const RunOptions *options, Diags *diags)
{
    Run run = {.arena = arena, .program = program, .options = options, .diags = diags};
    run.models = ARENA_ARRAY(arena, RunModel, program->models.n + 1);
    for (size_t i = 0; i < program->models.n; i++) run.models[i].program = program->models.at[i];
    interrupt_install();
    Buf facts = buf_in(arena);
    if (!options->quiet) {
        run_print_facts(program, &facts);
        buf_printf(&facts, "seed %llu\n", (unsigned long long)program->seed);
        put(&facts);
    }
    log_run(options->log, program, options->threads);
    for (size_t i = 0; i < program->data.n; i++) log_data(options->log, program->data.at[i]);
    for (size_t i = 0; i < program->models.n; i++) log_model(options->log, program->models.at[i]);
    for (size_t i = 0; i < program->actions.n; i++)
        if (!run_action(&run, &program->actions.at[i])) break;
    par_close(run.par);
    return run.code;
}

bool run_dump_plan(Arena *arena, Program *program, const ProgramModel *model, Diags *diags, Buf *out)
{
    Model *m = model_new(arena, model->graph, program->seed);
    PlanConfig config = {.batch = 32};
    if (model->last_train) {
        const TrainConfig *train = model->last_train;
        PlanOutput *outputs = ARENA_ARRAY(arena, PlanOutput, train->n_outputs);
        for (size_t k = 0; k < train->n_outputs; k++) outputs[k] = (PlanOutput){.loss = train->outputs[k].loss, .weight = train->outputs[k].weight};
        config = (PlanConfig){.batch = train->batch, .training = true, .outputs = outputs, .optimizer = train->optimizer};
    }
    Plan *plan = plan_new(arena, m, &config, diags);
    if (!plan) return false;
    plan_dump(plan, out);
    return true;
}
