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
    void (*note_best)(Training *training, int64_t epoch, const char *monitor, double value); /* the same, where nobody calls `best` */
    void (*say)(Training *training, const char *text);
    /* Writes the model (or its weights alone); shown: the path as the script's reader knows it. false: reported. */
    bool (*save)(Training *training, const char *path, const char *shown, bool weights_only);
    /* Asks for a backup of the complete state, made once every callback has had its turn. */
    void (*keep_backup)(Training *training);
} TrainingServices;

/* Where a training keeps its complete state, so that a process that dies can go on with the same bits. */
typedef struct {
    const char *folder;   /* as the script wrote it */
    bool keep_two;        /* the one before it too */
    bool keep_at_end;     /* not deleted when training ends */
} BackupRules;

typedef struct {
    const void *args;
    void *state;            /* state_size bytes, zero at the beginning of a training; as they were when it is resumed */
    void *handle;           /* what cannot be kept as bytes: an open file; the callback's own */
    Training *training;
    const TrainingServices *ask;
    Arena *arena;           /* of the training */
    Diags *diags;
    Span span;              /* the clause in the script */
    int64_t epoch, epochs;  /* from 0; number planned */
    int64_t batch;          /* from 0, in batch_end */
    const char *folder;     /* paths in arguments are relative to it */
} CallbackRun;

typedef struct CallbackKind {
    Kind kind;
    size_t state_size;
    const char *monitor;     /* name of the argument that names a figure; NULL: none */
    bool (*watches)(const void *args); /* whether it looks at that figure; NULL: it does */
    const char *(*writes)(const void *args); /* the file it writes, for checks before anything runs; NULL: none */
    bool writes_by_figures;  /* that file is a model's, and its name has places for figures: "{epoch:03d}-{val_loss:.2f}.keras" (base/template.h) */
    int64_t (*every)(const void *args); /* batches between two such files, whose figures are those of the epoch so far; NULL or 0: once an epoch */
    BackupRules (*backup)(const void *args); /* NULL: keeps none */
    bool sets_rate;          /* cannot go with a schedule */
    /* false: something was reported that ends the program's run. Each may be NULL. */
    bool (*begin)(CallbackRun *run);
    bool (*epoch_begin)(CallbackRun *run);
    bool (*batch_end)(CallbackRun *run);
    bool (*epoch_end)(CallbackRun *run);
    bool (*interrupted)(CallbackRun *run); /* behind the last batch of a training that was told to end */
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

#endif
