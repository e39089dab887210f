/* kind.c: the registry: kinds by family and name, their families' names, their arguments by name.
 *
 * The lists are the .def files, one line a kind. What values become is value.c, what words of other libraries mean words.c. */
#include "runtime/kinds/kind.h"

#include "runtime/base/bug.h"

#include <string.h>

#define KIND(name) extern const LayerKind layer_##name;
#include "runtime/kinds/layers.def"
#undef KIND
#define KIND(name) extern const ActivationKind activation_##name;
#include "runtime/kinds/activations.def"
#undef KIND
#define KIND(name) extern const InitializerKind initializer_##name;
#include "runtime/kinds/initializers.def"
#undef KIND
#define KIND(name) extern const RegularizerKind regularizer_##name;
#include "runtime/kinds/regularizers.def"
#undef KIND
#define KIND(name) extern const ConstraintKind constraint_##name;
#include "runtime/kinds/constraints.def"
#undef KIND
#define KIND(name) extern const LossKind loss_##name;
#include "runtime/kinds/losses.def"
#undef KIND
#define KIND(name) extern const MetricKind metric_##name;
#include "runtime/kinds/metrics.def"
#undef KIND
#define KIND(name) extern const OptimizerKind optimizer_##name;
#include "runtime/kinds/optimizers.def"
#undef KIND
#define KIND(name) extern const ScheduleKind schedule_##name;
#include "runtime/kinds/schedules.def"
#undef KIND
#define KIND(name) extern const CallbackKind callback_##name;
#include "runtime/kinds/callbacks.def"
#undef KIND
#define KIND(name) extern const TransformKind transform_##name;
#include "runtime/kinds/transforms.def"
#undef KIND
#define KIND(name) extern const BaselineKind baseline_##name;
#include "runtime/kinds/baselines.def"
#undef KIND

/* Each list ends in NULL, so that an empty family is a list too. Kinds of higher folders are incomplete here: their first
 * member is the Kind. */
#define KIND(name) &layer_##name.kind,
static const Kind *const layers[] = {
#include "runtime/kinds/layers.def"
    NULL};
#undef KIND
#define KIND(name) &activation_##name.kind,
static const Kind *const activations[] = {
#include "runtime/kinds/activations.def"
    NULL};
#undef KIND
#define KIND(name) &initializer_##name.kind,
static const Kind *const initializers[] = {
#include "runtime/kinds/initializers.def"
    NULL};
#undef KIND
#define KIND(name) &regularizer_##name.kind,
static const Kind *const regularizers[] = {
#include "runtime/kinds/regularizers.def"
    NULL};
#undef KIND
#define KIND(name) &constraint_##name.kind,
static const Kind *const constraints[] = {
#include "runtime/kinds/constraints.def"
    NULL};
#undef KIND
#define KIND(name) &loss_##name.kind,
static const Kind *const losses[] = {
#include "runtime/kinds/losses.def"
    NULL};
#undef KIND
#define KIND(name) &metric_##name.kind,
static const Kind *const metrics[] = {
#include "runtime/kinds/metrics.def"
    NULL};
#undef KIND
#define KIND(name) &optimizer_##name.kind,
static const Kind *const optimizers[] = {
#include "runtime/kinds/optimizers.def"
    NULL};
#undef KIND
#define KIND(name) &schedule_##name.kind,
static const Kind *const schedules[] = {
#include "runtime/kinds/schedules.def"
    NULL};
#undef KIND
#define KIND(name) (const Kind *)&callback_##name,
static const Kind *const callbacks[] = {
#include "runtime/kinds/callbacks.def"
    NULL};
#undef KIND
#define KIND(name) (const Kind *)&transform_##name,
static const Kind *const transforms[] = {
#include "runtime/kinds/transforms.def"
    NULL};
#undef KIND
#define KIND(name) (const Kind *)&baseline_##name,
static const Kind *const baselines[] = {
#include "runtime/kinds/baselines.def"
    NULL};
#undef KIND

#define LIST(array) {(array), sizeof(array) / sizeof *(array) - 1}
static const struct {
    const Kind *const *at;
    size_t n;
} lists[FAMILY_COUNT] = {
    [FAMILY_LAYER] = LIST(layers),           [FAMILY_ACTIVATION] = LIST(activations), [FAMILY_INITIALIZER] = LIST(initializers),
    [FAMILY_REGULARIZER] = LIST(regularizers), [FAMILY_CONSTRAINT] = LIST(constraints), [FAMILY_LOSS] = LIST(losses),
    [FAMILY_METRIC] = LIST(metrics),         [FAMILY_OPTIMIZER] = LIST(optimizers),   [FAMILY_SCHEDULE] = LIST(schedules),
    [FAMILY_CALLBACK] = LIST(callbacks),     [FAMILY_TRANSFORM] = LIST(transforms),   [FAMILY_BASELINE] = LIST(baselines),
};

const char *kind_family_name(Family family)
{
    static const char *const names[FAMILY_COUNT] = {"layer",  "activation", "initializer", "regularizer", "constraint", "loss",
                                                    "metric", "optimizer",  "schedule",    "callback",    "transform",  "baseline"};
    ENSURE(family < FAMILY_COUNT);
    return names[family];
}

const Kind *const *kind_list(Family family, size_t *n)
{
    ENSURE(family < FAMILY_COUNT);
    *n = lists[family].n;
    return lists[family].at;
}

/* Whether `name` is one of the words of "a|b|c". */
static bool among(const char *words, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = words; at && *at;) {
        size_t length = strcspn(at, "|");
        if (length == n && memcmp(at, name, n) == 0) return true;
        at += length + (at[length] == '|');
    }
    return false;
}

const Kind *kind_find(Family family, const char *name)
{
    ENSURE(family < FAMILY_COUNT);
    if (!name) return NULL;
    for (size_t i = 0; i < lists[family].n; i++) {
        const Kind *kind = lists[family].at[i];
        if (str_eq(kind->name, name) || among(kind->aliases, name)) return kind;
    }
    return NULL;
}

const Kind *kind_find_keras(Family family, const char *keras)
{
    ENSURE(family < FAMILY_COUNT);
    for (size_t i = 0; i < lists[family].n; i++)
        if (among(lists[family].at[i]->keras, keras)) return lists[family].at[i];
    return NULL;
}

int kind_arg_index(const Kind *kind, const char *name)
{
    for (int i = 0; kind->args && kind->args[i].name; i++)
        if (str_eq(kind->args[i].name, name)) return i;
    return -1;
}

WeightSpec *weight_add(WeightList *list, const char *name, Shape shape, KindRef initializer)
{
    vec_room(list->arena, (void **)&list->at, list->n, &list->cap, sizeof *list->at);
    WeightSpec *spec = &list->at[list->n++];
    *spec = (WeightSpec){.name = name, .shape = shape, .initializer = initializer};
    return spec;
}
