/* What the files of this folder share: words about wires for messages, axes, and how work is cut into tasks. */
#ifndef NNL_KINDS_LAYERS_LAYER_H
#define NNL_KINDS_LAYERS_LAYER_H

#include "runtime/kinds/kind.h"

/* ---- Messages ------------------------------------------------------------------------------------------------------ */

/* "`h1`", "the input `x`", "the result of `dense`". */
const char *wire_said(Arena *arena, const Wire *wire);
/* Where a wire comes from: the call that makes it, as the user wrote it, or the input's line. */
Span wire_origin(const Wire *wire);
/* The kind to call a layer by: that of the wrapper where it stands inside one that the user wrote. */
const char *call_said(const Call *call);

/* Reports E0303 where the length of an input's axis (an index into dim) is not known; need_features: the last. */
bool need_length(const Infer *infer, const Call *call, int input, int axis);
bool need_features(const Infer *infer, const Call *call, int input);
/* Reports E0311 where an input is no [time, features]. Offers return_sequences=true where a recurrent layer dropped the steps. */
bool need_sequence(const Infer *infer, const Call *call, int input);
/* An edit that gives a layer's argument this value in the script: in place of the one that stands there, or behind the others. Nothing
 * where the layer was not written with parentheses. */
void set_written(Fix *fix, const Infer *infer, const Layer *layer, const char *argument, const char *value);
/* Where a recurrent layer gives all its steps because the script says so: the edit that keeps the last alone (E0307). */
void last_step_only(Diag *e, const Wire *wire);
/* Reports E0327 where a layer inside a wrapper is given wires (initial_state), which nobody would read. The layer may be NULL. */
bool no_wires_inside(const Layer *inner, const char *wrapper, Diags *diags);
/* "time", "features" …: what an axis (an index into dim) usually is. */
const char *axis_name(int index, int rank);
/* Reports E0309 where one axis more would be too many. */
bool room_for_axis(const Infer *infer, const Call *call);
/* Keras's axis (the batch is 0, negative ones from the end) as an index into dim; reports E0304. */
bool axis_index(const Infer *infer, const Call *call, int64_t axis, const Shape *shape, int *index);

/* ---- Arguments ----------------------------------------------------------------------------------------------------- */

#define REGULARIZER_ARG(S, f, ...) ARG_KIND(S, f, REGULARIZER, "none", .none = true, __VA_ARGS__)
#define CONSTRAINT_ARG(S, f, ...) ARG_KIND(S, f, CONSTRAINT, "none", .none = true, __VA_ARGS__)
#define ACTIVITY_ARG(S) \
    ARG_KIND(S, activity_regularizer, REGULARIZER, "none", .none = true, .activity = true, .help = "penalty on the layer's results")
#define SEED_ARG(S) ARG_INT(S, seed, .none = true, .fallback = "none", .help = "a seed of its own for the random draws")

/* The key of a stream: with a seed of its own where the layer has one. */
RngKey layer_key(const Work *work, int64_t seed);

/* ---- Work ---------------------------------------------------------------------------------------------------------- */

/* Tasks for n pieces that cost about `cost` simple operations each: one for every 100,000 or so, never more than pieces or 64. Pieces
 * are cut as evenly as they go, by their number alone. */
int tasks_for(int64_t n, int64_t cost);
void task_slice(const Work *work, int64_t n, int64_t *from, int64_t *to);
/* Numbers in one row of an input or output, in the units of work->rows. */
int64_t row_size(const Wire *wire);

/* Layers that are one activation and nothing else: their hooks. */
extern const LayerKind layer_activation;
int activation_tasks(const Call *call, int64_t rows, bool backward, int pass);
bool same_shape_infer(const Infer *infer, Call *call);
void activation_layer_forward(const Work *work);
void activation_layer_backward(const Work *work);
unsigned activation_layer_reads(const Call *call);

#endif
