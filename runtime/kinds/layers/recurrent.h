/* What simple_rnn, lstm and gru share: arguments, shapes and weights (recurrent.c), where numbers lie (recurrent_place.c), the way
 * forward (recurrent_forward.c) and backward through time (recurrent_backward.c). A cell tells which blocks of columns its products
 * have and carries out one step.
 *
 * x [B, T, F]   W [F, G U]   R [U, G U]   h [B, U]; results [B, T, U] or the last [B, U], then the states [B, U].
 *
 * At a masked step the state stays, and the result repeats the last one (0 before the first valid step; an initial state is no result),
 * or is 0 where so asked. go_backwards takes the steps from the last to the first and gives results in that order. Dropout draws one
 * mask for each sequence; with recurrent dropout the gates of lstm and gru have masks of their own.
 *
 * Inputs lie beside the states that they meet, [x h] by step, so that the step's product with [W; R] is one, and so is the
 * product that makes the weights' gradients over many steps. W and R are laid out for these products once a call. Gates are kept, so
 * backward computes nothing twice.
 *
 * Rows are cut into slices, by their number and the layer's size alone; a task goes through all steps of a slice, and sums what it brings to
 * the weights' gradients while the numbers are near. The slices' sums are added in order
 */
#ifndef NNL_KINDS_LAYERS_RECURRENT_H
#define NNL_KINDS_LAYERS_RECURRENT_H

#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

enum { RNN_GATES = 4, RNN_SLICES = 16 /* of the rows, at most */ };

/* Arguments of all three; what a kind lacks stays 0. */
typedef struct {
    int64_t units;
    KindRef activation, recurrent_activation;
    bool use_bias, unit_forget_bias, reset_after;
    KindRef kernel_initializer, recurrent_initializer, bias_initializer;
    KindRef kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer;
    KindRef kernel_constraint, recurrent_constraint, bias_constraint;
    double dropout, recurrent_dropout;
    bool return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask;
    int64_t seed;
    ArgWires initial_state;
} RnnArgs;

#define RNN_UNITS_ARG ARG_INT(RnnArgs, units, .required = true, .min = 1, .max = 1e15, .help = "how many numbers each result has")
#define RNN_ACTIVATION_ARG(what) ARG_KIND(RnnArgs, activation, ACTIVATION, "tanh", .none = true, .help = what)
#define RNN_GATE_ACTIVATION_ARG \
    ARG_KIND(RnnArgs, recurrent_activation, ACTIVATION, "sigmoid", .none = true, .help = "applied to the gates")
#define RNN_BIAS_ARG ARG_BOOL(RnnArgs, use_bias, true, .help = "add a learned number to each result")
#define RNN_INITIALIZER_ARGS                                                                                                     \
    ARG_KIND(RnnArgs, kernel_initializer, INITIALIZER, "glorot_uniform", .help = "first values of the weights of the input"),    \
        ARG_KIND(RnnArgs, recurrent_initializer, INITIALIZER, "orthogonal", .help = "first values of the weights of the state"), \
        ARG_KIND(RnnArgs, bias_initializer, INITIALIZER, "zeros", .help = "first values of the added numbers")
#define RNN_REGULARIZER_ARGS                                                                          \
    REGULARIZER_ARG(RnnArgs, kernel_regularizer, .help = "penalty on large weights of the input"),    \
        REGULARIZER_ARG(RnnArgs, recurrent_regularizer, .help = "penalty on large weights of the state"), \
        REGULARIZER_ARG(RnnArgs, bias_regularizer, .help = "penalty on large added numbers")
#define RNN_CONSTRAINT_ARGS                                                                                             \
    CONSTRAINT_ARG(RnnArgs, kernel_constraint, .help = "a rule that the weights of the input must keep"),               \
        CONSTRAINT_ARG(RnnArgs, recurrent_constraint, .help = "a rule that the weights of the state must keep"),        \
        CONSTRAINT_ARG(RnnArgs, bias_constraint, .help = "a rule that the added numbers must keep")
#define RNN_DROPOUT_ARGS                                                                                                \
    ARG_FLOAT(RnnArgs, dropout, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,                \
              .help = "the share of inputs set to 0 in training, the same ones at each step"),                          \
        ARG_FLOAT(RnnArgs, recurrent_dropout, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,  \
                  .help = "the share of the state set to 0 in training, the same at each step")
#define RNN_STEP_ARGS                                                                                                            \
    ARG_BOOL(RnnArgs, return_sequences, false, .help = "give every step's result, not the last alone"),                          \
        ARG_BOOL(RnnArgs, return_state, false, .help = "give the last state too"),                                               \
        ARG_BOOL(RnnArgs, go_backwards, false, .help = "from the last step to the first"),                                       \
        ARG_BOOL(RnnArgs, stateful, false, .help = "not possible: samples are shuffled"),                                        \
        ARG_BOOL(RnnArgs, unroll, false, .help = "accepted, changes nothing"),                                                   \
        ARG_BOOL(RnnArgs, zero_output_for_mask, false, .help = "the result of a masked step is 0, not the last valid one")
#define RNN_STATE_ARG \
    ARG_WIRES(RnnArgs, initial_state, .none = true, .fallback = "none", .help = "the state before the first step")

/* Blocks of U columns of a step's product: `blocks` of them from `place` of z on, with columns from `column` on of W and R. */
typedef struct {
    int place, blocks, column;
    bool x, h; /* [x h] [W; R], or x W or h R alone */
} RnnSpan;

typedef struct RnnStep RnnStep;

typedef struct {
    int gates;  /* blocks of columns in the weights: G */
    int places; /* blocks in a row of z */
    bool has_c; /* lstm's second state */
    bool direct; /* backward leaves in dh what reaches h_before beside the products */
    const RnnSpan *spans;
    int n_spans;
    int n_x, x_columns[RNN_GATES]; /* columns of W that the first places belong to */
    int h_place, n_h;              /* places that columns 0 … n_h-1 of R belong to */
    int bias_rows;
    /* h R_h of gru without reset_after: the reset state stands at the last place, the gradient of the candidate at the first. */
    bool resets_before;
    void (*forward)(const RnnStep *step);
    void (*backward)(const RnnStep *step); /* z: gates to gradients; dc to that of c_before */
} RnnCell;

/* Lengths, and where in scratch things lie. What is by step lies by slice, then step, then row, so that the numbers of a task lie together. */
typedef struct {
    const Work *work; /* NULL: sizes alone */
    const RnnArgs *a;
    const RnnCell *cell;
    const ActivationKind *act, *gate_act; /* NULL: linear */
    int64_t rows, t, f, u;
    int64_t k;        /* F + U */
    int64_t width;    /* of a row of z */
    int64_t columns;  /* G U */
    int64_t from, n;  /* the slice: its first row, and how many */
    int slices;
    int copies;       /* of [x h]: one for each gate where gates have masks of their own */
    bool drops_x, drops_h, plain; /* plain: the usual activations */
    float *xh;        /* [copies] [T + 1, n, F + U] inputs and states before each step, after dropout */
    float *h;         /* the state before each step: a row of [x h] from F on, or [T + 1, n, U] where dropout changes that */
    int64_t ldh;
    float *z;         /* [T, n, width] gates; backward: gradients of what they are of */
    float *before;    /* [T, n, width] what they are of, where not plain */
    float *c;         /* [T + 1, n, U] lstm */
    float *c_act;     /* [T, n, U] its activation */
    float *out;       /* [rows, U] the result so far, where there is a mask; backward: its gradient */
    float *dh, *dc;   /* [rows, U] */
    float *held;      /* [rows, 2 U] gradients of masked rows, put aside */
    float *through;   /* [rows, 2 U] work space */
    float *dx;        /* [rows, F] */
    float *x_factors, *h_factors; /* [copies, rows, F] and U, of dropout */
    float *forward_pack, *x_pack, *h_pack, *bias;
    float *bias_sums; /* [slices, width] */
    float *sums;      /* [slices, F + U, G U] gradients of W over those of R */
    size_t floats;
} Rnn;

/* One step of a slice. Rows lie `u` apart, those of h ldh, of z width. */
struct RnnStep {
    const Rnn *r;
    int64_t p, from, n; /* which step, in the order of processing; the slice */
    float *z, *before;
    const float *h_before, *c_before;
    float *h, *c, *c_act;
    float *dh, *dc;
};

/* recurrent.c */
bool rnn_check(const RnnArgs *a, const char *name, const ArgSpec *schema, const Span *spans, Span span, Diags *diags);
int rnn_outputs(const RnnArgs *a, const RnnCell *cell);
bool rnn_infer(const Infer *infer, Call *call, const RnnCell *cell);
/* bias: shape and first values. */
void rnn_weights(const Layer *layer, const Call *call, WeightList *list, const RnnCell *cell, KindRef bias_initializer);
bool rnn_mask_out(const Call *call, int port);

/* recurrent_place.c */
Rnn rnn_place(const Call *call, int64_t rows, const RnnCell *cell, const Work *work);
size_t rnn_scratch(const Call *call, int64_t rows, const RnnCell *cell);
RnnStep rnn_step(const Rnn *r, int64_t p);
/* The step of the input that is taken p-th, and whether the row is valid there. */
int64_t rnn_time(const Rnn *r, int64_t p);
bool rnn_valid(const Rnn *r, int64_t row, int64_t p);
/* The slice's rows of a copy of [x h] before step p; of the state as it is. */
float *rnn_xh(const Rnn *r, int copy, int64_t p);
float *rnn_h(const Rnn *r, int64_t p);
/* Weights as products with few rows want them: panels of RNN_PANEL columns, a panel's rows one behind the other. */
enum { RNN_PANEL = 32 };
size_t rnn_pack_size(int64_t k, int64_t n);
void rnn_pack(float *to, int64_t k, int64_t first, int64_t rows, int64_t n, const float *b, int64_t ldb);
/* The same from b transposed [n, rows]. */
void rnn_pack_transposed(float *to, int64_t k, int64_t first, int64_t rows, int64_t n, const float *b, int64_t ldb);
void rnn_product(const Gemm *g, const float *pack); /* g's b and ldb are not read */

/* recurrent_forward.c, recurrent_backward.c */
int rnn_tasks(const Call *call, int64_t rows, bool backward, int pass, const RnnCell *cell);
void rnn_forward(const Work *work, const RnnCell *cell);
void rnn_backward(const Work *work, const RnnCell *cell);
/* What the records of recurrent layers have in common. Streams: dropout of the input and of the state. */
#define RNN_RECORD                                                                                                                          \
    .mask = MASK_HOOK, .uses_mask = true, .mask_out = rnn_mask_out, .reads = READS_SCRATCH, .is_recurrent = true, .n_streams = 2,            \
    .passes_forward = 2, .passes_backward = 3
/* Activations of one block of a step's rows. kind NULL: linear. */
void rnn_activate(const ActivationKind *kind, const void *args, const RnnStep *s, int place);
/* d: a row's gradient of the activated block, becomes that of what is before. */
void rnn_deactivate(const ActivationKind *kind, const void *args, const float *before, const float *after, float *d, int64_t u);

#endif
