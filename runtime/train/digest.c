/* Digests; see digest.h. They tell changes made by mistake, not by an enemy. */
#include "runtime/train/digest.h"

#include <string.h>

static uint64_t digest_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
    return sum ^ (sum >> 29);
}

uint64_t digest(uint64_t sum, const void *bytes, size_t n)
{
    const char *at = bytes;
    for (; n >= 8; at += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sum = digest_word(sum, word);
    }
    uint64_t rest = 0;
    if (n) memcpy(&rest, at, n);
    return n ? digest_word(sum, rest) : sum;
}

static uint64_t digest_text(uint64_t sum, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    return digest(digest_word(sum, n), text, n);
}

static uint64_t digest_kind(uint64_t sum, Arena *arena, KindRef ref)
{
    if (!ref.kind) return digest_word(sum, 0);
    Buf args = buf_in(arena);
    kind_print_args(ref.kind, ref.args, &args);
    return digest_text(digest_text(sum, ref.kind->name), args.at);
}

static uint64_t digest_model(Arena *arena, const Graph *graph)
{
    Buf text = buf_in(arena);
    graph_dump(graph, &text);
    return digest_text(1, text.at);
}

static uint64_t digest_samples(uint64_t sum, DataPart part)
{
    return digest(digest_word(sum, part.n), part.samples, part.n * sizeof *part.samples);
}

static uint64_t digest_data(const TrainRun *run)
{
    const Dataset *data = run->data;
    size_t n_rows = data->table->n_rows;
    uint64_t sum = digest_word(2, n_rows);
    for (size_t i = 0; i < run->model->graph->inputs.n; i++) {
        const DataGroup *group = &data->groups[run->config->input_groups[i]];
        sum = digest_word(digest_word(digest_word(sum, group->width), group->steps), group->every);
        sum = digest(sum, group->block, n_rows * group->width * sizeof *group->block);
    }
    for (size_t t = 0; t < data->n_targets; t++) {
        const DataTarget *target = &data->targets[t];
        sum = digest_word(digest_word(digest_word(sum, target->width), target->ahead), target->n_classes);
        if (target->numbers) sum = digest(sum, target->numbers, n_rows * target->n_columns * sizeof *target->numbers);
        if (target->classes) sum = digest(sum, target->classes, n_rows * sizeof *target->classes);
    }
    if (data->weights) sum = digest(sum, data->weights, n_rows * sizeof *data->weights);
    if (data->sample_rows) sum = digest(sum, data->sample_rows, data->n_samples * sizeof *data->sample_rows);
    return digest_samples(digest_samples(sum, run->train), run->validation);
}

/* All clauses but `epochs`, which may grow, and the backup's own. */
static uint64_t digest_clauses(Arena *arena, const TrainConfig *config)
{
    uint64_t sum = digest_word(digest_word(3, (uint64_t)config->batch), config->shuffle);
    sum = digest_kind(sum, arena, config->optimizer);
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        sum = digest_kind(digest_text(sum, output->name), arena, output->loss);
        sum = digest(sum, &output->weight, sizeof output->weight);
        sum = digest_word(digest_word(sum, output->clipped), output->n_metrics);
        for (size_t m = 0; m < output->n_metrics; m++) sum = digest_kind(digest_text(sum, output->metrics[m].name), arena, output->metrics[m].ref);
    }
    sum = digest_word(digest_word(sum, config->class_balanced), config->n_class_weights);
    if (config->class_weights) sum = digest(sum, config->class_weights, config->n_class_weights * sizeof *config->class_weights);
    for (size_t c = 0; c < config->n_callbacks; c++)
        if (!((const CallbackKind *)config->callbacks[c].kind)->backup) sum = digest_kind(sum, arena, config->callbacks[c]);
    return sum;
}

/* The weights and the optimizer as the training finds them. */
static uint64_t digest_start(const Model *model)
{
    const OptimizerState *o = &model->optimizer;
    uint64_t sum = digest(5, model->values, model->n_values * sizeof *model->values);
    sum = digest(digest_word(sum, (uint64_t)o->iteration), &o->rate, sizeof o->rate);
    for (int s = 0; s < o->n_slots; s++) sum = digest(sum, o->slots[s], model->n_trained * sizeof(float));
    if (o->average) sum = digest(sum, o->average, model->n_trained * sizeof(float));
    if (o->sum) sum = digest(sum, o->sum, model->n_trained * sizeof(float));
    return o->scalars ? digest(sum, o->scalars, (size_t)o->n_scalars * sizeof(double)) : sum;
}

void digest_training(const TrainRun *run, uint64_t digests[DIGESTS])
{
    digests[OF_MODEL] = digest_model(run->arena, run->model->graph);
    digests[OF_DATA] = digest_data(run);
    digests[OF_CLAUSES] = digest_clauses(run->arena, run->config);
    digests[OF_SEED] = digest_word(digest_word(4, run->seed), run->training);
    digests[OF_START] = digest_start(run->model);
}
