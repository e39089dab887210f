/* Penalties of weights: once for each trained variable, however often its layer is used, in training and in evaluation. */
#include "runtime/plan/parts.h"

#include "runtime/tensor/kernels.h"

void penalty_prepare(Plan *plan)
{
    const Model *model = plan->model;
    plan->penalized = ARENA_ARRAY(plan->arena, Weight *, model->weights.n);
    for (size_t i = 0; i < model->weights.n; i++) {
        Weight *weight = model->weights.at[i];
        if (weight->trainable && weight->spec.regularizer.kind) plan->penalized[plan->n_penalized++] = weight;
    }
}

double penalty_of_weights(const Plan *plan)
{
    double sum = 0;
    for (size_t i = 0; i < plan->n_penalized; i++) {
        const Weight *weight = plan->penalized[i];
        const RegularizerKind *kind = (const RegularizerKind *)weight->spec.regularizer.kind;
        const Shape *shape = &weight->spec.shape;
        sum += kind->value(weight->spec.regularizer.args, model_value(plan->model, weight), shape_size(shape), shape);
    }
    return sum;
}

void penalty_gradients(Plan *plan)
{
    /* What no backward step writes would still hold the last step's gradient. */
    const Update *update = &plan->update;
    for (size_t i = 0; i < update->n_weights; i++)
        if (!update->backward[i])
            kernels()->fill(shape_size(&update->weights[i]->spec.shape), 0.0f, model_gradient(plan->model, update->weights[i]));
    for (size_t i = 0; i < plan->n_penalized; i++) {
        const Weight *weight = plan->penalized[i];
        const RegularizerKind *kind = (const RegularizerKind *)weight->spec.regularizer.kind;
        const Shape *shape = &weight->spec.shape;
        kind->gradient(weight->spec.regularizer.args, model_value(plan->model, weight), shape_size(shape), shape, 1.0f,
                       model_gradient(plan->model, weight));
    }
}
