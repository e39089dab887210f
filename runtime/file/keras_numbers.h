/* Numbers between a weights file and a model. */
#ifndef NNL_FILE_KERAS_NUMBERS_H
#define NNL_FILE_KERAS_NUMBERS_H

#include "runtime/file/h5.h"
#include "runtime/file/keras.h"

/* Holds the file to the graph's weights and, where there is a model, fills them, every one. false: reported (E0816). */
bool keras_fill(Arena *arena, const H5File *file, const Graph *graph, Model *model, Span span, Diags *diags);
/* Makes `optimizer` the model's, with the file's state where there is one; a state that does not fit is left out with a warning. */
void keras_fill_optimizer(Arena *arena, const H5File *file, Model *model, KindRef optimizer, Span span, Diags *diags);

/* Where each array of an optimizer's state lies, in the order of a file, behind the count of updates and the learning rate. */
typedef struct {
    const Weight *weight;
    float *numbers;
} KerasPlace;
size_t keras_state_places(Arena *arena, const Model *model, const KerasArrays *arrays, KerasPlace **places);

#endif
