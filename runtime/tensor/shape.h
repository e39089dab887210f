/* Shapes of what flows through a graph. The batch axis is never part of a shape.
 *
 * `[5]` is a vector of 5 per sample, `[12, 4]` a sequence of 12 steps of 4. An unknown length (a sequence whose steps the
 * data will tell) is DIM_UNKNOWN; a shape nothing is known of has rank SHAPE_UNKNOWN, and nothing is said about what only
 * follows from it. `rows` tells how many rows of the batch belong to one sample: 1, but T where a wrapper folds the steps
 * of a sequence into the batch (time_distributed), so that a layer inside sees plain samples. */
#ifndef NNL_TENSOR_SHAPE_H
#define NNL_TENSOR_SHAPE_H

#include "runtime/base/str.h"

#define SHAPE_MAX_RANK 6
#define SHAPE_UNKNOWN (-1)
#define DIM_UNKNOWN (-1)

typedef struct {
    int rank;
    int64_t dim[SHAPE_MAX_RANK];
    int64_t rows;
} Shape;

Shape shape_of(int rank, const int64_t *dim);
Shape shape_vector(int64_t features);
Shape shape_unknown(void);
bool shape_known(const Shape *shape); /* rank and every length */
bool shape_eq(const Shape *a, const Shape *b);
/* Product of the lengths: numbers per sample and row; 1 for rank 0. Overflow ends as lack of memory. */
int64_t shape_size(const Shape *shape);
/* The last length, or 1 for rank 0. */
int64_t shape_last(const Shape *shape);
/* Product of all lengths but the last. */
int64_t shape_steps(const Shape *shape);
/* "[12, 4]", "[?, 4]"; "(None, 12, 4)" as Keras's summary writes it. */
const char *shape_text(Arena *arena, const Shape *shape);
const char *shape_keras(Arena *arena, const Shape *shape);
/* "one number", "one vector per sample", "a sequence of 12 steps" …: what a shape is, for messages. */
const char *shape_words(Arena *arena, const Shape *shape);

#endif
