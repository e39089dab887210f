/* Figures of an epoch; see figures.h. `loss` is the mean of batch losses weighted by samples, as Keras logs it. */
#include "runtime/train/figures.h"

#include <stdlib.h>
#include <string.h>

static const LossKind *loss_of(const TrainOutput *output)
{
    return (const LossKind *)output->loss.kind;
}

static const MetricKind *metric_of(const TrainMetric *metric)
{
    return (const MetricKind *)metric->ref.kind;
}

TargetForm loss_target_form(const TrainOutput *output, const Dataset *data)
{
    if (output->loss.kind) return loss_of(output)->target;
    return data->targets[output->target].n_classes > 2 ? TARGET_ONE_HOT : TARGET_NUMBERS;
}

Figures figures_new(Arena *arena, const TrainConfig *config, const Plan *plan, const Graph *graph)
{
    Figures f = {.arena = arena, .config = config, .plan = plan};
    f.losses = ARENA_ARRAY(arena, double, config->n_outputs);
    f.width = ARENA_ARRAY(arena, int64_t, config->n_outputs);
    f.steps = ARENA_ARRAY(arena, int64_t, config->n_outputs);
    f.states = ARENA_ARRAY(arena, double **, config->n_outputs);
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        f.width[k] = shape_last(&graph->outputs.at[k].wire->shape);
        f.steps[k] = shape_steps(&graph->outputs.at[k].wire->shape);
        f.states[k] = ARENA_ARRAY(arena, double *, output->n_metrics);
        for (size_t m = 0; m < output->n_metrics; m++) {
            const KindRef *ref = &output->metrics[m].ref;
            f.states[k][m] = ARENA_ARRAY(arena, double, metric_of(&output->metrics[m])->state_size(ref->args, f.width[k]));
        }
    }
    return f;
}

void figures_reset(Figures *f)
{
    f->total = 0.0;
    f->samples = 0;
    for (size_t k = 0; k < f->config->n_outputs; k++) {
        const TrainOutput *output = &f->config->outputs[k];
        f->losses[k] = 0.0;
        for (size_t m = 0; m < output->n_metrics; m++) {
            const KindRef *ref = &output->metrics[m].ref;
            size_t size = metric_of(&output->metrics[m])->state_size(ref->args, f->width[k]);
            memset(f->states[k][m], 0, size * sizeof(double));
        }
    }
}

void figures_add(Figures *f, const PlanResult *result, int64_t samples)
{
    f->total += result->total * (double)samples;
    f->samples += samples;
    for (size_t k = 0; k < f->config->n_outputs; k++) {
        const TrainOutput *output = &f->config->outputs[k];
        f->losses[k] += result->losses[k] * (double)samples;
        if (!output->n_metrics) continue;
        int64_t width = f->width[k];
        int64_t steps = f->steps[k];
        int64_t target_size = plan_target_size(f->plan, (int)k);
        MetricBatch batch = {.target = plan_target(f->plan, (int)k), .pred = plan_output(f->plan, (int)k),
                             .mask = plan_output_mask(f->plan, (int)k), .rows = samples * steps, .width = width,
                             .target_width = target_size / steps, .steps = steps};
        for (size_t m = 0; m < output->n_metrics; m++) metric_of(&output->metrics[m])->update(output->metrics[m].ref.args, &batch, f->states[k][m]);
    }
}

double figures_loss(const Figures *f)
{
    return f->samples ? f->total / (double)f->samples : 0.0;
}

/* The rest of `name` behind "NAME_", or NULL. */
static const char *behind(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(name, prefix, n) == 0 && name[n] == '_' ? name + n + 1 : NULL;
}

bool figures_value(const Figures *f, const char *name, double *value)
{
    if (str_eq(name, "loss")) {
        *value = figures_loss(f);
        return true;
    }
    for (size_t k = 0; k < f->config->n_outputs; k++) {
        const TrainOutput *output = &f->config->outputs[k];
        const char *rest = f->config->n_outputs == 1 ? name : behind(name, output->name);
        if (!rest) continue;
        if (str_eq(rest, "loss")) {
            *value = f->samples ? f->losses[k] / (double)f->samples : 0.0;
            return true;
        }
        for (size_t m = 0; m < output->n_metrics; m++) {
            if (!str_eq(output->metrics[m].name, rest)) continue;
            *value = metric_of(&output->metrics[m])->result(output->metrics[m].ref.args, f->width[k], f->states[k][m]);
            return true;
        }
    }
    return false;
}

/* ---- Names ----------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t train_figure_names(Arena *arena, const TrainConfig *config, bool validates, const char ***names_out)
{
    VEC(const char *) names = {0};
    VEC_PUSH(arena, names, "loss");
    bool several = config->n_outputs > 1;
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        if (several && output->loss.kind) VEC_PUSH(arena, names, arena_printf(arena, "%s_loss", output->name));
        for (size_t m = 0; m < output->n_metrics; m++) {
            const char *name = output->metrics[m].name;
            VEC_PUSH(arena, names, several ? arena_printf(arena, "%s_%s", output->name, name) : name);
        }
    }
    size_t n = names.n;
    for (size_t i = 0; validates && i < n; i++) VEC_PUSH(arena, names, arena_printf(arena, "val_%s", names.at[i]));
    qsort(names.at, names.n, sizeof *names.at, by_text);
    *names_out = names.at;
    return names.n;
}

int train_figure_direction(const TrainConfig *config, const char *name)
{
    const char *bare = str_starts(name, "val_") ? name + 4 : name;
    if (str_eq(bare, "loss")) return -1;
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        const char *rest = config->n_outputs == 1 ? bare : behind(bare, output->name);
        if (!rest) continue;
        if (str_eq(rest, "loss")) return -1;
        for (size_t m = 0; m < output->n_metrics; m++)
            if (str_eq(output->metrics[m].name, rest)) return metric_of(&output->metrics[m])->direction;
    }
    return 0;
}

int history_find(const History *history, const char *name)
{
    for (size_t i = 0; i < history->n_names; i++)
        if (str_eq(history->names[i], name)) return (int)i;
    return -1;
}

const char *stop_reason_name(StopReason reason)
{
    static const char *const names[] = {"epochs", "early_stopping", "interrupted", "nan"};
    return names[reason];
}
