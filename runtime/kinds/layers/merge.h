/* Merges of several inputs, number by number: shapes that are stretched to each other, masks, and the loop over both. A lower
 * rank gets axes of length 1 right behind the batch; an axis of length 1 is repeated. */
#ifndef NNL_KINDS_LAYERS_MERGE_H
#define NNL_KINDS_LAYERS_MERGE_H

#include "runtime/kinds/layers/layer.h"

bool merge_infer(const Infer *infer, Call *call);
int merge_tasks(const Call *call, int64_t rows, bool backward, int pass);
/* Output mask: all inputs' masks or-ed, none if an input has none. */
bool merge_mask_out(const Call *call, int port);
void merge_mask_forward(const Work *work);

/* How an input is read in step with the output. */
typedef struct {
    bool plain;                      /* the same shape: number i is number i */
    int64_t size;                    /* numbers of the input's row */
    int64_t stride[SHAPE_MAX_RANK];  /* 0 along repeated axes; by the output's axes */
    int64_t mask_stride;             /* of the output's steps in the input's mask, 0 or 1 */
    int64_t steps;                   /* bytes of the input's mask in a row */
} MergeInput;
MergeInput merge_input(const Call *call, int i);
/* Index in the input's row of number `at` of the output's row. */
int64_t merge_index(const Call *call, const MergeInput *input, int64_t at);
/* Whether all inputs have the output's shape and none has a mask: the loops are those of kernels.h. */
bool merge_all_plain(const Work *work);

/* An input of one row, for merges that leave masked steps out. */
typedef struct {
    MergeInput input;
    const float *x;
    const uint8_t *mask; /* NULL: none */
} MergeOperand;
enum { MERGE_MOST = 64 }; /* inputs that such a merge takes */
void merge_operands(const Work *work, int64_t row, MergeOperand *operands);
bool merge_left_out(const MergeOperand *operand, int64_t step);
/* Numbers in one step of the output. */
int64_t merge_step_size(const Call *call);

/* dx of input i = factor * dy over the rows [from, to); places that are repeated in the output are summed in order. */
void merge_spread(const Work *work, int i, int64_t from, int64_t to, float factor);

#endif
