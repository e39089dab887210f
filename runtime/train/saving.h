/* A trained model as it goes into a file: how it was compiled, its recipe, what it went through. */
#ifndef NNL_TRAIN_SAVING_H
#define NNL_TRAIN_SAVING_H

#include "runtime/file/saved.h"
#include "runtime/train/train.h"

KerasCompile train_compile(Arena *arena, const TrainConfig *config);
/* trainings: those the model has behind it, this one included. Points into config, data and result. What later scores need of the training
 * rows is left to the caller; see evaluate_learn. */
SavedExtras train_extras(Arena *arena, const TrainConfig *config, const Dataset *data, const TrainResult *result, const SavedParam *params,
                         size_t n_params, uint64_t seed, uint32_t trainings);

#endif
