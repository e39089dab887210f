/* What a file says of a training; see saving.h. */
#include "runtime/train/saving.h"

KerasCompile train_compile(Arena *arena, const TrainConfig *config)
{
    size_t n = config->n_outputs;
    KerasCompile compile = {.optimizer = config->optimizer};
    compile.losses = ARENA_ARRAY(arena, KindRef, n);
    compile.weights = ARENA_ARRAY(arena, double, n);
    compile.metrics = ARENA_ARRAY(arena, struct KerasMetric *, n);
    compile.n_metrics = ARENA_ARRAY(arena, size_t, n);
    for (size_t k = 0; k < n; k++) {
        const TrainOutput *output = &config->outputs[k];
        compile.losses[k] = output->loss;
        compile.weights[k] = output->weight;
        compile.metrics[k] = ARENA_ARRAY(arena, struct KerasMetric, output->n_metrics + 1);
        compile.n_metrics[k] = output->n_metrics;
        for (size_t m = 0; m < output->n_metrics; m++)
            compile.metrics[k][m] = (struct KerasMetric){output->metrics[m].ref, output->metrics[m].name};
    }
    return compile;
}

SavedExtras train_extras(Arena *arena, const TrainConfig *config, const Dataset *data, const TrainResult *result, const SavedParam *params,
                         size_t n_params, uint64_t seed, uint32_t trainings)
{
    const History *h = &result->history;
    size_t *targets = ARENA_ARRAY(arena, size_t, config->n_outputs + 1);
    for (size_t k = 0; k < config->n_outputs; k++) targets[k] = config->outputs[k].target;
    return (SavedExtras){
        .recipe = data->recipe,
        .fit = data->fit,
        .input_groups = config->input_groups,
        .output_targets = targets,
        .params = params,
        .n_params = n_params,
        .seed = seed,
        .batch = config->batch,
        .trainings = trainings,
        .history = {.names = h->names, .n_names = h->n_names, .n_epochs = h->n_epochs, .values = h->values, .rates = h->rates, .seconds = h->seconds},
        .monitor = result->monitor,
        .best = result->best,
        .best_epoch = result->best_epoch,
    };
}
