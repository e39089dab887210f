/* A plan: everything one step of a model does, in order, with every buffer's place known before the first batch.
 *
 *     PlanConfig config = {.batch = 32, .training = true, .outputs = outputs, .optimizer = adam, .par = par};
 *     Plan *plan = plan_new(arena, model, &config, diags);
 *     for each batch:
 *         fill plan_input(plan, i), plan_target(plan, k) and, where rows are weighted, plan_row_weights(plan, k)
 *         plan_train(plan, &(PlanBatch){.samples = 32, .first_sample = 64, .epoch = 3}, &result);
 *
 * A model may have several plans (training, validation, prediction); they share its weights and nothing else. Nothing is
 * allocated after plan_new. Results are the same bits whatever the number of threads. */
#ifndef NNL_PLAN_PLAN_H
#define NNL_PLAN_PLAN_H

#include "runtime/plan/model.h"
#include "runtime/base/par.h"

typedef struct Plan Plan;

/* What is asked of one output of the graph. */
typedef struct {
    KindRef loss;     /* kind NULL: no loss */
    double weight;    /* in the total (loss_weights); usually 1 */
    bool row_weights; /* each sample has a weight (row and class weights, multiplied); else all are 1 */
    bool clipped;     /* never from the logits, though activation and loss share a link: probabilities are clipped as Keras's
                       * torch backend does; for comparison with its figures */
} PlanOutput;

typedef struct {
    int64_t batch;             /* samples at most */
    bool training;             /* forward in training mode, backward, update; else inference */
    const PlanOutput *outputs; /* one for each of graph->outputs; NULL: outputs only, no losses */
    KindRef optimizer;         /* of a training plan */
    Par *par;                  /* NULL: one thread */
} PlanConfig;

/* Lowers the graph, lays out its buffers and takes their memory. Makes `optimizer` the model's (see model_set_optimizer).
 * NULL: too large, reported. Every shape of the graph must be known, batch at least 1. */
Plan *plan_new(Arena *arena, Model *model, const PlanConfig *config, Diags *diags);

/* Another pool for the plan (made before threads may start, see blas_open). */
void plan_use_threads(Plan *plan, Par *par);

/* Where the caller writes a batch before a step, and reads it after one. Rows of a sample stand one behind the other.
 * Inputs and targets stay as they are through a step. */
float *plan_input(const Plan *plan, int input);            /* [batch, shape_size(wire)] */
int64_t plan_input_size(const Plan *plan, int input);      /* floats a sample */
float *plan_target(const Plan *plan, int output);          /* [batch, plan_target_size]; NULL: no loss */
int64_t plan_target_size(const Plan *plan, int output);    /* floats a sample: one a step where the loss wants class numbers */
float *plan_row_weights(const Plan *plan, int output);     /* [batch]; NULL: not weighted */
/* The outputs of the last step, probabilities where the output ends in a sigmoid or softmax. */
const float *plan_output(const Plan *plan, int output);    /* [batch, shape_size(wire)] */
const uint8_t *plan_output_mask(const Plan *plan, int output); /* [batch, steps], 1 valid; NULL: none */
/* Whether the loss is computed from the logits of the activation that ends the output. */
bool plan_output_linked(const Plan *plan, int output);

typedef struct {
    int64_t samples;      /* in this batch, at most config.batch */
    int64_t first_sample; /* place of its first sample in the epoch's order: keys random draws */
    uint32_t epoch;       /* from 0 */
    uint32_t training;    /* number of the training or fold, from 0 */
} PlanBatch;

typedef struct {
    double total;         /* sum of weight * loss, plus penalties: what Keras logs as `loss` */
    double penalties;     /* weight and activity penalties */
    const double *losses; /* one for each output, without its weight; 0 where it has no loss. Valid until the next step */
    bool finite;          /* false: the total is not a number, and no update was made */
} PlanResult;

/* One step of training: forward, losses, backward, update. Stops after the losses where the total is not finite. */
void plan_train(Plan *plan, const PlanBatch *batch, PlanResult *result);
/* Forward in inference mode and the losses, penalties included. Of an inference plan with losses. */
void plan_evaluate(Plan *plan, const PlanBatch *batch, PlanResult *result);
/* Forward only, in inference mode. Of an inference plan. */
void plan_forward(Plan *plan, const PlanBatch *batch);
/* Forward and backward as in plan_train, but no update: gradients are left in the model's block (tests, inspection). */
void plan_gradients(Plan *plan, const PlanBatch *batch, PlanResult *result);

/* After a result that is not finite: carries the batch out once more and looks where it began. `part`: "input", "weights", "output"
 * or "loss"; layer NULL for input and loss. */
typedef struct {
    const char *layer; /* the first layer that went wrong */
    const Call *call;  /* its call; NULL as layer */
    const char *part;
} PlanNan;
PlanNan plan_find_nan(Plan *plan, const PlanBatch *batch);

/* Bytes of the plan's block, and with the model's weights, gradients and optimizer. */
size_t plan_bytes(const Plan *plan);
size_t plan_total_bytes(const Plan *plan);
/* Whether a product of the plan goes to the BLAS library (see blas_open). */
bool plan_needs_blas(const Plan *plan);

/* --dump=plan; stable. Steps in order, with the buffers they read and write. */
void plan_dump(const Plan *plan, Buf *out);

#endif
