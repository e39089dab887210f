/* The record of a callback: hooks around training, epochs and batches, and its memory as plain bytes, so that an interrupted
 * training can be resumed. What a callback may ask of a training it is handed as functions. */
#ifndef NNL_KINDS_CALLBACK_H
#define NNL_KINDS_CALLBACK_H

#include "runtime/kinds/kind.h"

typedef struct Training Training;

/* What training/ lends to callbacks. Figures are those of the epoch that just ended, by log key. */
typedef struct {
    bool (*figure)(const Training *training, const char *name, double *value); /* false: nobody computes it */
    int (*direction)(const Training *training, const char *name);              /* +1 more is better, -1 less, 0 unknown */
    size_t (*figures)(const Training *training, const char *const **names, const double **values); /* sorted by name */
    void (*add_figure)(Training *training, const char *name, double value);    /* behind the others */
    bool (*validates)(const Training *training);
    double (*rate)(const Training *training);
    void (*set_rate)(Training *training, double rate);
    double (*running_loss)(const Training *training);
    void (*stop)(Training *training, const char *reason);
    void (*keep_weights)(Training *training);
    void (*restore_weights)(Training *training);
    void (*best)(Training *training, int64_t epoch, const char *monitor, double value); /* for the report: epoch from 1 */
    void (*say)(Training *training, const char *text);
} TrainingServices;

typedef struct {
    const void *args;
    void *state;            /* state_size bytes, zero at the beginning of a training */
    void *handle;           /* what cannot be kept as bytes: an open file; the callback's own */
    Training *training;
    const TrainingServices *ask;
    Arena *arena;           /* of the training */
    Diags *diags;
    Span span;              /* the clause in the script */
    int64_t epoch, epochs;  /* from 0; number planned */
    const char *folder;     /* paths in arguments are relative to it */
} CallbackRun;

typedef struct CallbackKind {
    Kind kind;
    size_t state_size;
    const char *monitor;     /* name of the argument that names a figure; NULL: none */
    const char *(*writes)(const void *args); /* the file it writes, for checks before anything runs; NULL: none */
    bool sets_rate;          /* cannot go with a schedule */
    /* false: something was reported that ends the program's run. Each may be NULL. */
    bool (*begin)(CallbackRun *run);
    bool (*epoch_begin)(CallbackRun *run);
    bool (*batch_end)(CallbackRun *run);
    bool (*epoch_end)(CallbackRun *run);
    bool (*end)(CallbackRun *run);
} CallbackKind;

/* What the monitors share: an improvement by Keras's rule, `mode` auto | min | max. */
typedef struct {
    double best;
    int64_t best_epoch; /* from 0 */
    bool seen;          /* a first value came */
} MonitorState;
enum { MODE_AUTO, MODE_MIN, MODE_MAX };
/* Whether the value is better than the best so far by more than min_delta; the first value always is, NaN never after it. */
bool monitor_improves(const CallbackRun *run, const char *monitor, int mode, double min_delta, const MonitorState *state, double value);

/* A number as Python prints it, so that files and texts are Keras's: "1.0", "1e-05". */
const char *callback_number(Arena *arena, double value);

#endif
