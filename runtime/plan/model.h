/* A model: a graph with numbers. One aligned block each for the weights (those trained first, then the fixed ones), their
 * gradients, and the optimizer's slots; a Weight finds its place in each by weight->offset.
 *
 * A Model outlives the plans made for it: a second training goes on with its weights and its optimizer's state. All memory is
 * the arena's; gradients and slots are taken when a training plan first asks for them. */
#ifndef NNL_PLAN_MODEL_H
#define NNL_PLAN_MODEL_H

#include "runtime/graph/graph.h"

/* What an optimizer remembers between steps. */
typedef struct {
    KindRef ref;         /* kind NULL: the model was never trained */
    int64_t iteration;   /* batches seen since its beginning (with gradient accumulation more than updates made) */
    double rate;         /* the learning rate now, a float32 value; with a schedule, that of the last step */
    int n_slots;
    float **slots;       /* n_trained floats each, in the order of slot_names */
    float *average;      /* use_ema: the running average of the weights, n_trained floats; else NULL */
    float *sum;          /* gradient_accumulation_steps > 1: the sum so far, n_trained floats; else NULL */
    double *scalars;     /* the kind's shared figures */
    int n_scalars;
} OptimizerState;

typedef struct {
    Arena *arena;
    Graph *graph;
    uint64_t seed;
    VEC(Weight *) weights; /* every weight, inner layers' included, in the order of Keras's lists (layer by layer) */
    size_t n_values, n_trained; /* floats; values[0 … n_trained) are trained */
    float *values;
    float *gradients;      /* n_trained floats; NULL before the first training plan */
    OptimizerState optimizer;
} Model;

/* Whether the model's weights and a plan of that batch stay below 10^12 bytes; too large is reported with figures. Overflow-safe,
 * for any graph whose shapes are known (unknown lengths count as 1). Call it before model_new and plan_new, `nnl check` too. */
bool model_fits(const Graph *graph, int64_t batch, bool training, Diags *diags);

/* Places the graph's weights and draws their first values, keyed by (seed, MODEL/LAYER/weight). */
Model *model_new(Arena *arena, Graph *graph, uint64_t seed);
/* The same with zeros, for a reader that has a value for each. */
Model *model_blank(Arena *arena, Graph *graph, uint64_t seed);
/* Draws all values anew. */
void model_initialize(Model *model, uint64_t seed);

/* Where a weight's numbers are; shape_size(&weight->spec.shape) floats. */
float *model_value(const Model *model, const Weight *weight);
float *model_gradient(const Model *model, const Weight *weight); /* of a trained one, after a training plan was made */

/* A copy of all values (fixed ones too), and putting it back: best weights. The first call for `*copy` NULL takes memory. */
void model_keep(Model *model, float **copy);
void model_restore(Model *model, const float *copy);

/* Makes `ref` the optimizer. The state of a former one stays if it is of the same kind and has the same slots, and then the
 * rate stays too if the arguments are the same; else everything begins anew. */
void model_set_optimizer(Model *model, KindRef ref);
/* Whether model_set_optimizer would keep the state there is. */
bool model_keeps_optimizer(const Model *model, KindRef ref);
/* Whether the rate is a schedule's, so that nobody may set it. */
bool model_has_schedule(const Model *model);
/* Sets the learning rate (rounded to float32). Not with a schedule. */
void model_set_rate(Model *model, double rate);
/* The end of a training: weights become their running averages where the optimizer keeps such (use_ema). */
void model_finish_training(Model *model);
/* How many updates the optimizer has made: iteration / gradient_accumulation_steps. */
int64_t model_updates(const Model *model);

#endif
