/* The inside of a plan, shared by the files of runtime/plan and their tests; nobody else includes it.
 *
 *   plan.c       plan_new, what its caller reads, and carrying out a batch
 *   fits.c       whether a model stays below the limit of memory
 *   lower.c      graph → flows: which wires share numbers, what wants a gradient, what backward reads
 *   emit.c       flows → forward steps, and the losses
 *   emit_back.c  flows → backward steps
 *   lifetime.c   first and last use of each buffer → offsets in one block
 *   resolve.c    offsets → pointers, once
 *   exec.c       the loop over steps
 *   loss.c       one output's loss and its gradient
 *   penalty.c    weight penalties
 *   update.c     one step of the optimizer
 *   plan_dump.c  the plan as text                                                                                        */
#ifndef NNL_PLAN_PARTS_H
#define NNL_PLAN_PARTS_H

#include "runtime/plan/plan.h"

#define PLAN_LIMIT 1e12 /* bytes */

enum { NO_BUFFER = -1, NO_FLOW = -1 };

/* A piece of the block, with a life: the first and last step that touches it. */
typedef struct {
    const char *name; /* of what it holds, for the dump: a wire's or layer's name and a purpose */
    size_t bytes;
    int first, last;  /* last < first: never used, takes no place */
    size_t offset;
} Buffer;

/* Numbers that flow: a wire's, or the logits between a product and its activation. Wires that are only another view of the same
 * numbers share one Flow. */
typedef struct {
    const char *name;
    int64_t floats;    /* a sample */
    int buffer;
    int gradient;      /* buffer of its gradient; NO_BUFFER until something contributes */
    bool wants;        /* a trained weight lies before it */
    bool reached;      /* a loss or penalty lies behind it */
    bool pinned;       /* nobody may write over it: inputs, outputs, logits of a loss */
    bool backward_reads;
    int last_reader;   /* index of the last part that reads it forward */
} Flow;

/* A call as the plan sees it. */
typedef struct {
    const Call *call;
    const LayerKind *kind;
    Mode mode;
    bool skipped;        /* no work of its own: outputs are its input (views, dropout in prediction, plain activations) */
    bool trains;         /* some weight of its layer is trained */
    bool backward;       /* has a backward step: it wants a gradient and one reaches it */
    unsigned reads;
    int *in, *out;       /* flows; out before the activation */
    int after;           /* the flow behind the activation that ends it; NO_FLOW: none */
    KindRef activation;  /* kind NULL: none */
    KindRef activity;    /* regularizer of its outputs; kind NULL: none */
    int scratch;         /* kept from forward to backward */
} CallPart;

typedef enum {
    STEP_FORWARD,
    STEP_ACTIVATE,   /* y = f(x) */
    STEP_ACTIVITY,   /* penalty of outputs, into plan->penalty */
    STEP_LOSS,       /* value, and gradient in training plans */
    STEP_BACKWARD,
    STEP_DEACTIVATE, /* dx = dy f' */
    STEP_ADD,        /* out += x */
    STEP_ZERO,       /* out = 0 */
    STEP_ACTIVITY_BACK, /* out += gradient of the penalty at x */
} StepType;

typedef struct {
    StepType type;
    const CallPart *part; /* NULL for losses */
    int output;           /* STEP_LOSS */
    /* Buffers; arrays parallel to the call's wires, NO_BUFFER for what is not there. Elementwise steps use x[0], y[0], dy[0], dx[0]. */
    int *x, *y, *dy, *dx;
    int n_x, n_y;
    int scratch;
    /* Resolved: */
    Work work;
    bool makes_mask;
    RngKey *streams;
    int n_streams;
    int64_t rows_a_sample;
    int passes;
    int *tasks; /* for a full batch, one number for each pass */
    /* Elementwise steps, rows_a_sample rows of `width` for each sample. */
    int64_t width;
    const float *in, *in_y, *in_dy; /* x[0], y[0], dy[0] */
    float *to_y, *to;               /* y[0], dx[0] */
    const Shape *shape;
} Step;

/* One output's loss. */
typedef struct {
    const LossKind *kind; /* NULL: none */
    const void *args;
    double weight;
    bool linked;          /* computed from logits */
    int64_t steps, width, target_width;
    int64_t rows_a_mask;  /* rows that one entry of the mask stands for */
    int flow;             /* what it is computed from */
    int shown;            /* the output's own flow */
    int gradient;         /* buffer it writes; NO_BUFFER: none wanted */
    int target, rows, valid, value, scale, mask; /* buffers */
    const float *pred_at, *target_at, *rows_at;
    float *gradient_at, *value_at, *scale_at;
    const uint8_t *mask_at;
    uint8_t *valid_at;
} LossPart;

/* A stretch of the block of trained weights that is updated in one go: neighbours with equal settings. */
typedef struct {
    size_t offset;
    int64_t n;
    bool decay;
    const Weight *weight; /* where the kind works on whole variables; else NULL */
} Run;

typedef struct {
    const OptimizerKind *kind;
    const void *args;
    const OptimizerCommon *common;
    Weight **weights; /* those with a gradient, in the order of the block */
    bool *backward;   /* parallel: a backward step writes its gradient (else penalties alone do) */
    size_t n_weights;
    Run *runs;
    int n_runs;
    Weight **constrained;
    size_t n_constrained;
    float **slots;    /* n_runs * n_slots pointers */
    int n_slots;
} Update;

struct Plan {
    Arena *arena;
    Model *model;
    Graph *graph;
    Par *par;
    int64_t batch;
    bool training;
    size_t n_outputs;
    int *wire_flow; /* of each wire */
    int *wire_mask;  /* buffer, or NO_BUFFER */
    VEC(Flow) flows;
    VEC(Buffer) buffers;
    VEC(Step) steps;
    CallPart *parts;
    size_t n_parts;
    int n_forward;   /* steps before the first backward step, losses included */
    int n_compute;   /* steps before the first loss */
    LossPart *losses;
    double *loss_values;
    double penalty;  /* of activity, in this step */
    Weight **penalized; /* trained weights with a regularizer */
    size_t n_penalized;
    Update update;
    char *block;
    size_t bytes;
    PlanBatch now;   /* the batch being carried out */
};

/* lower.c */
void plan_lower(Plan *plan, const PlanConfig *config);
int plan_add_buffer(Plan *plan, const char *name, int64_t bytes_a_sample);
/* The flow that leaves a part at a port. */
int part_result(const CallPart *part, int port);

/* emit.c, emit_back.c */
void plan_emit_forward(Plan *plan);
void plan_emit_backward(Plan *plan);
/* A new last step; the pointer is good until the next. */
Step *plan_step(Plan *plan, StepType type, const CallPart *part);
/* An elementwise step over a flow of that shape. */
Step *plan_plain_step(Plan *plan, StepType type, const CallPart *part, const Shape *shape, int x, int y, int dy, int dx);
int *plan_ids(Plan *plan, int n);
/* Lengthens the buffer's life to the last step. */
void plan_touch(Plan *plan, int buffer);

/* lifetime.c: sets offsets and plan->bytes. */
void plan_place(Plan *plan);
/* resolve.c: pointers into the block, once. */
void plan_resolve(Plan *plan);

/* loss.c */
void loss_step(Plan *plan, LossPart *loss, int output);

/* penalty.c */
void penalty_prepare(Plan *plan);
double penalty_of_weights(const Plan *plan);
void penalty_gradients(Plan *plan);

/* update.c */
void update_prepare(Plan *plan);
void update_step(Plan *plan);
/* The rate of the step about to be made, from the schedule where there is one. */
float update_rate(const OptimizerCommon *common, OptimizerState *state);

/* exec.c */
void exec_steps(Plan *plan, int from, int to);
void exec_step(Plan *plan, Step *step);

#endif
