/* The record of a kind: everything the program knows about a layer, an activation, a loss … stands in one file, in one
 * record. Checker, shape inference, plan, `nnl doc`, nearest names, summary, model files and the gradient check read it;
 * none of them names a kind.
 *
 * All families share `Kind` (name, help, schema of arguments), so one checker, one printer and one serializer serve them
 * all. Arguments are parsed, checked and defaulted into the kind's own struct through offsets. */
#ifndef NNL_KINDS_KIND_H
#define NNL_KINDS_KIND_H

#include "runtime/base/diag.h"
#include "runtime/base/rng.h"
#include "runtime/base/vec.h"
#include "runtime/tensor/shape.h"

typedef enum {
    FAMILY_LAYER,
    FAMILY_ACTIVATION,
    FAMILY_INITIALIZER,
    FAMILY_REGULARIZER,
    FAMILY_CONSTRAINT,
    FAMILY_LOSS,
    FAMILY_METRIC,
    FAMILY_OPTIMIZER,
    FAMILY_SCHEDULE,
    FAMILY_CALLBACK,
    FAMILY_TRANSFORM,
    FAMILY_BASELINE,
    FAMILY_COUNT
} Family;

typedef struct Kind Kind;
typedef struct Layer Layer;
typedef struct LayerKind LayerKind;
typedef struct Call Call;
typedef struct Wire Wire;
typedef struct Graph Graph;
/* Kinds whose hooks take types of higher folders; their first member is a Kind. */
typedef struct CallbackKind CallbackKind;
typedef struct TransformKind TransformKind;
typedef struct BaselineKind BaselineKind;

/* A kind with its arguments: `l2(0.001)`, `he_normal(seed=1)`. kind NULL: none. */
typedef struct {
    const Kind *kind;
    const void *args;
} KindRef;

/* ---- Schemas ------------------------------------------------------------------------------------------------------- */

typedef enum {
    ARG_INT,    /* int64_t; none: ARG_NO_INT */
    ARG_FLOAT,  /* double; none: NaN */
    ARG_BOOL,   /* bool */
    ARG_WORD,   /* int, index into .words ("same|valid|causal") */
    ARG_NAME,   /* const char *: a name of the script's world (a log key of `monitor`); none: NULL */
    ARG_TEXT,   /* const char *: a quoted text; none: NULL */
    ARG_INTS,   /* ArgInts; a single whole number is a list of one */
    ARG_FLOATS, /* ArgFloats */
    ARG_TEXTS,  /* ArgTexts: quoted texts or names */
    ARG_KIND,   /* KindRef of .family; none: kind NULL */
    ARG_FLOAT_OR_KIND, /* ArgRate: a number, or a kind of .family (a learning rate or a schedule) */
    ARG_LAYER,  /* Layer *: a layer inside a wrapper */
    ARG_WIRES,  /* ArgWires: wires (initial_state=[h, c]) */
} ArgType;

#define ARG_NO_INT INT64_MIN

typedef struct {
    const int64_t *at;
    size_t n;
} ArgInts;
typedef struct {
    const double *at;
    size_t n;
} ArgFloats;
typedef struct {
    const char *const *at;
    size_t n;
} ArgTexts;
typedef struct {
    Wire *const *at;
    size_t n;
} ArgWires;
typedef struct {
    double value;
    KindRef kind; /* kind.kind NULL: the value holds */
} ArgRate;

typedef struct {
    const char *name; /* NULL ends a schema */
    ArgType type;
    size_t offset;
    bool required;
    bool none;            /* may be none */
    const char *fallback; /* the default as a script writes it ("0.3", "glorot_uniform", "none"); NULL: required */
    double min, max;      /* both 0: no bounds. Inclusive, unless: */
    bool min_open, max_open;
    double usual_min, usual_max; /* outside is a warning (both 0: no opinion) */
    const char *words;           /* ARG_WORD: "valid|same|causal"; ARG_INT: the word that stands for ARG_NO_INT ("epoch") */
    size_t least, most;          /* items of a list; 0: any */
    Family family;
    bool epilogue;     /* an activation that the plan runs behind the layer: forward and backward never see it */
    bool activity;     /* a regularizer of the layer's output (after the epilogue), once for each call */
    const char *keras; /* key in Keras's config where it is not the name */
    const char *help;
} ArgSpec;

#define ARG_INT(S, f, ...) {.name = #f, .type = ARG_INT, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_FLOAT(S, f, ...) {.name = #f, .type = ARG_FLOAT, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_BOOL(S, f, d, ...) {.name = #f, .type = ARG_BOOL, .offset = offsetof(S, f), .fallback = (d) ? "true" : "false", __VA_ARGS__}
#define ARG_WORD(S, f, w, d, ...) \
    {.name = #f, .type = ARG_WORD, .offset = offsetof(S, f), .words = (w), .fallback = (d), __VA_ARGS__}
#define ARG_NAME(S, f, ...) {.name = #f, .type = ARG_NAME, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_TEXT(S, f, ...) {.name = #f, .type = ARG_TEXT, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_INTS(S, f, ...) {.name = #f, .type = ARG_INTS, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_FLOATS(S, f, ...) {.name = #f, .type = ARG_FLOATS, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_TEXTS(S, f, ...) {.name = #f, .type = ARG_TEXTS, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_KIND(S, f, F, d, ...) \
    {.name = #f, .type = ARG_KIND, .offset = offsetof(S, f), .family = FAMILY_##F, .fallback = (d), __VA_ARGS__}
#define ARG_RATE(S, f, d, ...) \
    {.name = #f, .type = ARG_FLOAT_OR_KIND, .offset = offsetof(S, f), .family = FAMILY_SCHEDULE, .fallback = (d), __VA_ARGS__}
#define ARG_LAYER(S, f, ...) {.name = #f, .type = ARG_LAYER, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_WIRES(S, f, ...) {.name = #f, .type = ARG_WIRES, .offset = offsetof(S, f), __VA_ARGS__}
#define ARG_END {.name = NULL}

struct Kind {
    const char *name;  /* NNL's spelling */
    const char *keras; /* Keras's class or function name; NULL: Keras has none */
    int keras_since;   /* Keras 3.N is the first that knows it; 0: 3.3, the oldest that counts */
    Family family;
    const char *help;    /* "a fully connected layer" */
    const char *example; /* a line of a script that uses it; run by the tests */
    const ArgSpec *args; /* ended by ARG_END; NULL: no arguments */
    size_t args_size;
    const char *aliases; /* other accepted spellings, "mean_squared_error|mse_loss"; NULL: none */
    /* Judges arguments together (what one ArgSpec cannot say); reports and returns false. spans[i] is the place of args[i]
     * (no place: defaulted). NULL: nothing to judge. */
    bool (*check)(const void *args, const Span *spans, Span span, Diags *diags);
};

/* A value as a script or a model file gives it, before it is judged by an ArgSpec. */
typedef struct Value {
    enum { VALUE_NONE, VALUE_INT, VALUE_FLOAT, VALUE_BOOL, VALUE_NAME, VALUE_TEXT, VALUE_LIST, VALUE_KIND, VALUE_LAYER, VALUE_WIRE } type;
    int64_t integer;
    double number; /* VALUE_INT too */
    bool boolean;
    bool percent;     /* written 30% */
    const char *text; /* VALUE_NAME, VALUE_TEXT */
    const struct Value *items;
    size_t n;
    KindRef kind;
    Layer *layer;
    Wire *wire;
    const char *written; /* the value as the user wrote it, for messages */
    Span span;
} Value;

/* Lookup is by family and name; aliases count. NULL: none. */
const Kind *kind_find(Family family, const char *name);
/* The kind of that Keras class name, for model files. */
const Kind *kind_find_keras(Family family, const char *keras); /* a record may name several, "Orthogonal|OrthogonalInitializer": the first is written */
const Kind *const *kind_list(Family family, size_t *n);
const char *kind_family_name(Family family); /* "layer" */
/* Nearest known name of a family: foreign words first (`Linear`, `lstm_cell`, `은닉층` …, see foreign.def), then spelling.
 * Names that wait (waiting.def) are candidates too. */
const char *kind_nearest(Family family, const char *name);
/* Reports a name that is no kind of the family: E0900 where it waits, else E0220 with the nearest name. */
void kind_unknown(Diags *diags, Family family, const char *name, Span span);
/* Nearest argument name of a kind, foreign words first (`hidden_size` → `units`). */
const char *kind_arg_nearest(const Kind *kind, const char *name);

/* Arguments with every default filled in (required ones zero). */
void *kind_defaults(Arena *arena, const Kind *kind);
int kind_arg_index(const Kind *kind, const char *name); /* -1: none */
/* Reads arguments as a script writes them ("3, relu, kernel_regularizer=l2(0.01)") over what args holds; for defaults, cases
 * and tests, where a mistake is ours. `layer` makes the layers inside wrappers; may be NULL where there are none. */
typedef struct {
    Arena *arena;
    Layer *(*layer)(void *ctx, const LayerKind *kind, const void *args);
    void *ctx;
} KindReader;
bool kind_read_args(const KindReader *reader, const Kind *kind, const char *text, void *args);
/* Judges a value by a spec and stores it; reports type, range and words (codes E02…) and returns false. */
bool kind_set(Arena *arena, const Kind *kind, void *args, const ArgSpec *spec, const Value *value, Diags *diags);
/* The arguments as a script would write them, those that differ from the defaults only: "64, relu, use_bias=false". */
void kind_print_args(const Kind *kind, const void *args, Buf *out);
/* An argument's value back as a Value, for files and documentation. */
Value kind_get(Arena *arena, const Kind *kind, const void *args, const ArgSpec *spec);

/* ---- Words that are not ours -------------------------------------------------------------------------------------- */

/* Where a word stands: a Family, or one of these. */
enum {
    WORD_ARGUMENT = FAMILY_COUNT,
    WORD_STATEMENT,
    WORD_DATA_CLAUSE,
    WORD_TRAIN_CLAUSE,
    WORD_MODEL_CLAUSE, /* inside `model … from` */
    WORD_FORM,         /* a form of a clause or statement: "split until", "fill previous" */
    WORD_FUNCTION,     /* in `derive` */
    WORD_LOG,          /* `monitor=` */
    WORD_COMMAND,      /* of the command line */
    WORD_COUNT
};

/* Our word for one of another library or language (foreign.def), or NULL: `Linear` → `dense`. Case and `_` do not count. */
const char *word_foreign(int place, const char *name);
/* Whether the word is known but not carried out yet (waiting.def): answered by E0900, never by a nearest name. */
bool word_waiting(int place, const char *name);
bool kind_waiting(Family family, const char *name);

/* ---- Graph parts that hooks see ------------------------------------------------------------------------------------ */

/* A value that flows: what one call makes at one port, or an input. */
struct Wire {
    const char *name;  /* the script's, or NULL */
    Shape shape;
    /* The wire whose mask this one carries (itself where its maker makes one), or NULL. A mask is one byte, 1 valid, for each
     * step (shape.dim[0]) of each row of that wire; a mask that is passed on is the same buffer, never a copy. */
    Wire *mask_of;
    Call *maker;       /* NULL: an input */
    int port;
    int index;         /* place in graph->wires */
    int uses;
    int64_t categories; /* a wire of whole numbers: one more than the largest that can come; 0 unknown or no such wire */
    Span span;
};

/* What a weight is before it has numbers. */
typedef struct {
    const char *name; /* Keras's: "kernel", "recurrent_kernel" */
    Shape shape;
    KindRef initializer;
    KindRef regularizer;
    KindRef constraint;
    bool fixed;       /* never trained: moving statistics */
    const char *path; /* in a model file, under the layer: "kernel" or "cell/kernel"; NULL: by position */
} WeightSpec;

typedef struct {
    WeightSpec spec;
    Layer *layer;
    size_t offset;  /* in floats, in the model's block of values */
    bool trainable; /* not fixed and its layer not frozen */
} Weight;

typedef struct {
    Arena *arena;
    WeightSpec *at;
    size_t n, cap;
} WeightList;
WeightSpec *weight_add(WeightList *list, const char *name, Shape shape, KindRef initializer);

/* A layer: arguments and weights. A layer is not a call: shared layers are called more than once. */
struct Layer {
    const LayerKind *kind;
    const void *args;
    const Span *arg_spans; /* parallel to the schema; no place: defaulted */
    const char *name;
    const char *shown_kind; /* the kind in logs: the activation's name for activation layers; else kind->kind.name */
    bool trainable;
    Span span;             /* the whole call in the script */
    Weight *weights;
    size_t n_weights;
    Layer **inner;         /* of wrappers, made once */
    size_t n_inner;
    int n_calls;
    int index;             /* place in graph->layers; -1 for layers inside another, or never called */
    Layer *outer;          /* made inside that layer, whose name and this suffix give its own */
    const char *suffix;
    uint32_t mark;         /* of the walk that saw it last */
};

/* A use of a layer: wires in and out; shapes, scratch, mask, activity penalty and random stream belong to it. */
struct Call {
    Layer *layer;
    Wire **in;
    int n_in;
    Wire **out;
    int n_out;
    int nth;    /* 0 for the layer's first call */
    int index;  /* place in graph->calls */
    Span span;
    Call *outer;      /* the call this one was expanded from, or NULL */
    int n_args_in; /* how many of the last inputs were given as arguments (initial_state) */
    void *note; /* what infer or expand wants to remember, in the graph's arena */
};

/* Functions that graph/ hands to the hooks. */
typedef struct GraphBuilder GraphBuilder;
struct GraphBuilder {
    Arena *arena;
    Diags *diags;
    Graph *graph;
    /* A layer inside `outer`, with its arguments set (kind_defaults, then changed), named outer's name + "_" + suffix. */
    Layer *(*layer)(GraphBuilder *builder, Layer *outer, const LayerKind *kind, const void *args, const char *suffix);
    /* A copy of a layer with other arguments (bidirectional's backward half). */
    Layer *(*copy)(GraphBuilder *builder, Layer *layer, const void *args, const char *name);
    /* Calls a layer on wires; infers at once. NULL: reported. Results in call->out. */
    Call *(*call)(GraphBuilder *builder, Call *outer, Layer *layer, Wire **in, int n_in);
};

/* ---- Layers -------------------------------------------------------------------------------------------------------- */

typedef enum { MODE_TRAIN, MODE_INFER, MODE_FROZEN /* training, but this layer's trainable is false */ } Mode;

typedef enum {
    MASK_PASS, /* the first input's mask goes on */
    MASK_DROP, /* lost, with a warning */
    MASK_STOP, /* ends here as it should */
    MASK_HOOK, /* mask_out tells whether, mask_forward computes */
} MaskRule;

/* What backward reads of the forward pass; it decides how long buffers live. */
enum { READS_X = 1, READS_Y = 2, READS_SCRATCH = 4 };

/* How an output activation and a loss join: computed from the logits where both have the same link. */
typedef enum { LINK_NONE, LINK_SIGMOID, LINK_SOFTMAX } Link;

/* What one execution of a hook sees. Numbers are float32, row-major, rows first. */
typedef struct {
    const Call *call;
    const Layer *layer;
    const void *args;
    Mode mode;
    int64_t samples;       /* in this batch */
    int64_t rows;          /* samples * rows per sample of the call's first input */
    const float *const *x; /* inputs, in call->in's order */
    float *const *y;       /* outputs */
    const float *const *dy; /* gradients of outputs; NULL where nothing reads that output */
    float *const *dx;      /* gradients of inputs: overwritten; NULL where nobody wants one */
    float *const *w;       /* weights in the order of `weights` */
    float *const *dw;      /* their gradients; NULL where not trained */
    bool dw_add;           /* add to dw (a later call of a shared layer), else overwrite */
    const uint8_t *const *mask; /* of the inputs; NULL where an input has none. rows * steps bytes */
    uint8_t *const *mask_out;   /* of the outputs */
    float *scratch;
    const RngKey *streams;  /* one for each random stream of the kind */
    int64_t first_sample;   /* the first row's place in the epoch */
    int pass, task, n_tasks; /* work is cut by shape alone; passes follow each other, tasks of one pass run side by side */
} Work;

typedef struct {
    Arena *arena;
    Diags *diags;
    Span span; /* where to point: the call's place in the script */
} Infer;

/* One small configuration for the gradient and round-trip tests. */
typedef struct {
    const char *args;            /* as a script writes them: "3, relu" */
    const char *shapes;          /* of the inputs: "[4]" or "[3, 2] [3, 2]" */
    bool masked;                 /* give the first input a mask */
    bool whole_numbers;          /* inputs are whole numbers below the layer's own limit (embedding) */
    bool far_apart;              /* no two inputs are near each other: the layer picks the largest, which a small step must not change */
    Mode mode;
} LayerCase;

struct LayerKind {
    Kind kind;
    int min_inputs, max_inputs;      /* 0, 0: exactly one; max -1: any number */
    const char *const *input_names;  /* for layers whose inputs have names; NULL ends */
    /* How many outputs, from the arguments; NULL: one. */
    int (*n_outputs)(const Layer *layer);
    /* Input shapes → output shapes in call->out[i]->shape, or a diagnostic that says why not. Unknown lengths stay unknown. */
    bool (*infer)(const Infer *infer, Call *call);
    /* Asked at each call; all calls must agree with the first. NULL: no weights. */
    void (*weights)(const Layer *layer, const Call *call, WeightList *list);
    /* Floats that forward leaves for backward (plus work space), for `rows` rows; NULL: none. */
    size_t (*scratch)(const Call *call, int64_t rows);
    MaskRule mask;
    bool uses_mask;
    bool (*mask_out)(const Call *call, int port);  /* MASK_HOOK: does this output carry a mask? */
    void (*mask_forward)(const Work *work);        /* MASK_HOOK: fills mask_out */
    unsigned reads;                                /* READS_…; unless it depends on arguments: */
    unsigned (*reads_of)(const Call *call);
    /* The activation that this call is, and nothing else (`-> relu`, `leaky_relu(0.1)`): the plan may run it as such, joined with
     * what stands before or behind. NULL, or a kind NULL: it is more than that. */
    KindRef (*activation)(const Call *call);
    /* Inputs must be whole numbers from 0 and below this (embedding); NULL: any numbers. */
    int64_t (*ids_below)(const Call *call);
    bool in_place;        /* y may be x's buffer (and dx dy's) */
    bool is_view;         /* output is the input's numbers in another shape (flatten, reshape): no work at all */
    bool only_in_training; /* the identity in MODE_INFER (dropout): the plan leaves it out there */
    bool is_recurrent;
    bool over_batch;      /* computes over the batch: refused inside wrappers that fold steps into rows */
    bool runs_epilogue;   /* the plan may append an elementwise activation to forward */
    bool no_activity;     /* accepts activity_regularizer and ignores it, as Keras does (simple_rnn) */
    bool folds;           /* infer sets the outputs' rows per sample itself; else they are the first input's */
    bool hidden;          /* not written in scripts by its own name (activation) */
    int n_streams;        /* random streams in training */
    int passes_forward, passes_backward; /* 0 counts as 1 */
    /* How many tasks a pass is cut into: by rows and shapes, never by threads. NULL: one. */
    int (*tasks)(const Call *call, int64_t rows, bool backward, int pass);
    void (*forward)(const Work *work);
    void (*backward)(const Work *work);
    /* Wrappers: inner layers, made once per layer; their wiring, made once per call (its outputs become the call's). The
     * plan sees inside; summary, file and picture see one layer. A kind with `expand` has no forward of its own. */
    const char *const *inner_paths; /* group of each inner layer in a weights file, below the layer's own; NULL: "layer" */
    bool (*inner)(GraphBuilder *builder, Layer *layer);
    bool (*expand)(GraphBuilder *builder, Call *call, Wire **out);
    const LayerCase *cases; /* ended by args NULL */
};

/* ---- The smaller families ------------------------------------------------------------------------------------------ */

typedef struct {
    Kind kind;
    bool by_row;    /* works over the last axis (softmax), else elementwise */
    bool identity;  /* y is x, so that the plan does nothing (linear) */
    unsigned reads; /* READS_X or READS_Y: what backward needs */
    Link link;
    float low, high; /* the range of its values, for targets that leave it; both 0: unbounded */
    void (*forward)(const void *args, const float *x, float *y, int64_t rows, int64_t width); /* y may be x */
    /* dx = dy * f'; x or y as `reads` says; dx may be dy. */
    void (*backward)(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width);
} ActivationKind;

typedef struct {
    Kind kind;
    void (*fill)(const void *args, const Shape *shape, RngKey key, float *out);
} InitializerKind;

typedef struct {
    Kind kind;
    double (*value)(const void *args, const float *w, int64_t n, const Shape *shape);
    /* g += scale * d value / d w */
    void (*gradient)(const void *args, const float *w, int64_t n, const Shape *shape, float scale, float *g);
} RegularizerKind;

typedef struct {
    Kind kind;
    void (*apply)(const void *args, float *w, int64_t n, const Shape *shape);
} ConstraintKind;

/* What a loss wants to compare with. */
typedef enum { TARGET_NUMBERS, TARGET_ONE_HOT, TARGET_INDEX } TargetForm;

typedef struct {
    Kind kind;
    TargetForm target;
    Link link; /* it can be computed from the logits of this link */
    /* Whether some rows may take no part in the mean (ignore_class), and which: clears valid[row]. NULL: all take part. */
    bool (*leaves_out)(const void *args);
    void (*valid)(const void *args, const float *target, int64_t rows, uint8_t *valid);
    /* One value for each row, before reduction. width is the last axis of pred; target has width numbers a row (TARGET_INDEX: one). */
    void (*values)(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width, float *value);
    /* dpred[row] = scale[row] * d value[row] / d pred[row]. */
    void (*gradient)(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                     const float *scale, float *dpred);
} LossKind;

typedef struct {
    const float *target, *pred;
    const float *weight;   /* of each row; NULL: all 1 */
    const uint8_t *mask;   /* of each row (B * T); NULL: all valid */
    int64_t rows, width;   /* pred's last axis */
    int64_t target_width;  /* width, or 1 where the target is a class index */
    int64_t steps;         /* rows per sample */
} MetricBatch;

typedef struct MetricKind MetricKind;
struct MetricKind {
    Kind kind;
    int direction; /* +1: more is better, -1: less; 0: unknown */
    /* Which metric is meant, from the shapes (accuracy → binary_accuracy …); NULL: itself. */
    const MetricKind *(*resolve)(const void *args, int64_t width, TargetForm target);
    size_t (*state_size)(const void *args, int64_t width); /* doubles */
    void (*update)(const void *args, const MetricBatch *batch, double *state);
    void (*merge)(const void *args, int64_t width, const double *from, double *into); /* NULL: state is summed */
    double (*result)(const void *args, int64_t width, const double *state);
    bool needs_probabilities; /* a 0/1 or class target */
};

/* Arguments every optimizer has; the first member of its own struct. */
typedef struct {
    ArgRate learning_rate;
    double weight_decay, clipnorm, clipvalue, global_clipnorm; /* NaN: none */
    bool use_ema;
    double ema_momentum;
    int64_t ema_overwrite_frequency; /* ARG_NO_INT: none */
    int64_t gradient_accumulation_steps;
    ArgTexts exclude_from_weight_decay;
} OptimizerCommon;

typedef struct {
    const void *args;
    float rate;         /* learning rate of this step */
    int64_t iteration;  /* updates made before this one */
    int64_t n;
    float *w;           /* n variables */
    const float *g;
    float *const *slot; /* slots of n floats each */
    const Shape *shape; /* of the variable, where the kind is `per_variable` */
    double *scalars;    /* the kind's shared figures */
} OptimizerRun;

typedef struct {
    Kind kind;
    int n_slots, n_scalars;
    const char *const *slot_names;                       /* Keras's: "momentum", "velocity" */
    int slots_by_turns; /* in a file so many of the first slots stand variable by variable, the others slot by slot; 0 counts as 1 */
    int (*slots)(const void *args);                      /* where their number depends on arguments; NULL: n_slots */
    float (*slot_start)(const void *args, int slot);     /* NULL: 0 */
    bool per_variable;                                   /* needs whole variables (norms, factors) */
    void (*begin)(const void *args, int64_t iteration, double *scalars); /* once a step; NULL: nothing */
    void (*step)(const OptimizerRun *run);
} OptimizerKind;

typedef struct {
    Kind kind;
    double (*rate)(const void *args, int64_t iteration); /* 0 at the first step */
} ScheduleKind;

#endif
