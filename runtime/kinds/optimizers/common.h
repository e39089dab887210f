/* What optimizers share: the arguments every one takes, and powers for bias corrections. */
#ifndef NNL_KINDS_OPTIMIZERS_COMMON_H
#define NNL_KINDS_OPTIMIZERS_COMMON_H

#include "runtime/kinds/kind.h"

#include <math.h>

#define OPTIMIZER_RATE(S, rate)                                                                                          \
    {.name = "learning_rate",                                                                                            \
     .type = ARG_FLOAT_OR_KIND,                                                                                          \
     .offset = offsetof(S, common.learning_rate),                                                                        \
     .family = FAMILY_SCHEDULE,                                                                                          \
     .fallback = rate,                                                                                                   \
     .min = 0,                                                                                                           \
     .max = HUGE_VAL,                                                                                                    \
     .usual_min = 1e-6,                                                                                                  \
     .usual_max = 1,                                                                                                     \
     .help = "how large a step is; a number or a schedule"}

#define OPTIMIZER_SHARED(S, decay)                                                                                       \
    {.name = "weight_decay",                                                                                             \
     .type = ARG_FLOAT,                                                                                                  \
     .offset = offsetof(S, common.weight_decay),                                                                         \
     .fallback = decay,                                                                                                  \
     .none = true,                                                                                                       \
     .min = 0,                                                                                                           \
     .max = HUGE_VAL,                                                                                                    \
     .usual_min = 0,                                                                                                     \
     .usual_max = 0.5,                                                                                                   \
     .help = "each step first shrinks the weights by this times the learning rate"},                                    \
        {.name = "clipnorm",                                                                                             \
         .type = ARG_FLOAT,                                                                                              \
         .offset = offsetof(S, common.clipnorm),                                                                         \
         .fallback = "none",                                                                                             \
         .none = true,                                                                                                   \
         .min = 0,                                                                                                       \
         .max = HUGE_VAL,                                                                                                \
         .min_open = true,                                                                                               \
         .help = "the longest gradient of one weight matrix"},                                                           \
        {.name = "clipvalue",                                                                                            \
         .type = ARG_FLOAT,                                                                                              \
         .offset = offsetof(S, common.clipvalue),                                                                        \
         .fallback = "none",                                                                                             \
         .none = true,                                                                                                   \
         .min = 0,                                                                                                       \
         .max = HUGE_VAL,                                                                                                \
         .min_open = true,                                                                                               \
         .help = "the largest single number in a gradient"},                                                             \
        {.name = "global_clipnorm",                                                                                      \
         .type = ARG_FLOAT,                                                                                              \
         .offset = offsetof(S, common.global_clipnorm),                                                                  \
         .fallback = "none",                                                                                             \
         .none = true,                                                                                                   \
         .min = 0,                                                                                                       \
         .max = HUGE_VAL,                                                                                                \
         .min_open = true,                                                                                               \
         .help = "the longest gradient of all weights together"},                                                        \
        {.name = "use_ema",                                                                                              \
         .type = ARG_BOOL,                                                                                               \
         .offset = offsetof(S, common.use_ema),                                                                          \
         .fallback = "false",                                                                                            \
         .help = "keep a running average of the weights, and end the training with it"},                                 \
        {.name = "ema_momentum",                                                                                         \
         .type = ARG_FLOAT,                                                                                              \
         .offset = offsetof(S, common.ema_momentum),                                                                     \
         .fallback = "0.99",                                                                                             \
         .min = 0,                                                                                                       \
         .max = 1,                                                                                                       \
         .usual_min = 0.5,                                                                                               \
         .usual_max = 0.9999,                                                                                            \
         .help = "how slowly that average follows"},                                                                     \
        {.name = "ema_overwrite_frequency",                                                                              \
         .type = ARG_INT,                                                                                                \
         .offset = offsetof(S, common.ema_overwrite_frequency),                                                          \
         .fallback = "none",                                                                                             \
         .none = true,                                                                                                   \
         .min = 1,                                                                                                       \
         .max = 1e18,                                                                                                    \
         .help = "put the average in the weights' place every so many steps"},                                           \
        {.name = "gradient_accumulation_steps",                                                                          \
         .type = ARG_INT,                                                                                                \
         .offset = offsetof(S, common.gradient_accumulation_steps),                                                      \
         .fallback = "none",                                                                                             \
         .none = true,                                                                                                   \
         .min = 2,                                                                                                       \
         .max = 1e18,                                                                                                    \
         .help = "average the gradients of so many batches before each update"},                                         \
    {                                                                                                                    \
        .name = "exclude_from_weight_decay", .type = ARG_TEXTS, .offset = offsetof(S, common.exclude_from_weight_decay), \
        .fallback = "none", .none = true, .help = "weights whose names contain one of these are not decayed"             \
    }

/* At most one way of clipping may be set. The places in `spans` are parallel to the schema. */
bool optimizer_check(const ArgSpec *schema, const void *args, const Span *spans, Span span, Diags *diags);

/* A kind's check of that schema. */
#define OPTIMIZER_CHECK(name, schema)                                                     \
    static bool name(const void *args, const Span *spans, Span span, Diags *diags)        \
    {                                                                                     \
        return optimizer_check(schema, args, spans, span, diags);                         \
    }

/* (float)beta ^ t, rounded once: what a float32 power gives, the same bits on every machine. */
float optimizer_power(double beta, int64_t t);

#endif
