/* A saved model: the `.keras` file with everything in it. What commands, statements, checkpoints and resuming build on.
 *
 *     SavedModel saved;
 *     if (!saved_read(arena, "m.keras", "m.keras", NO_SPAN, 1, diags, &saved)) return 3;     everything at once
 *
 *     SavedFile *file = saved_open(arena, path, shown, span, diags);                         or in steps: wiring first,
 *     file->graph->layers.at[0]->trainable = false;                                          changes of trainable,
 *     Model *model = saved_model(file, file->graph, seed, diags);                            then numbers
 *
 * Nothing in a file is trusted: whatever is wrong is reported once (codes E08xx, exit code 3) and nothing half-read comes back. */
#ifndef NNL_FILE_SAVED_H
#define NNL_FILE_SAVED_H

#include "runtime/data/recipe.h"
#include "runtime/file/keras.h"

#define SAVED_FORMAT 1 /* of nnl.json; a file with a higher one is refused, with the remedy */

/* Figures by epoch, as History in runtime/train/train.h has them. */
typedef struct {
    const char **names;
    size_t n_names;
    size_t n_epochs;
    double **values; /* values[epoch][name] */
    double *rates, *seconds; /* by epoch; NULL: not told */
} SavedHistory;

typedef struct {
    const char *name, *value, *description; /* description NULL: none */
} SavedParam;

/* What a score of a later day needs of the training rows, for one column of one output. */
typedef struct {
    const char *name;      /* of a baseline that learns */
    const double *numbers; /* what it says: a number, or the share of each class */
    size_t n;
} SavedBaseline;
typedef struct {
    const SavedBaseline *baselines;
    size_t n_baselines;
    size_t season;    /* rows; 0: none is known */
    double threshold; /* of two classes, by F1 on the validation rows; NaN: not known */
} SavedScore;

/* What nnl.json holds. Zero means: nothing is known. */
typedef struct {
    const Recipe *recipe;     /* NULL: the model was not trained on a table by us; spans in it are NO_SPAN once read */
    const Fit *fit;           /* with the recipe */
    const size_t *input_groups;   /* recipe->groups of each of the graph's inputs */
    const size_t *output_targets; /* recipe->targets of each of the graph's outputs */
    const SavedParam *params;
    size_t n_params;
    uint64_t seed;
    int64_t batch;            /* of the last training; 0: never trained */
    uint32_t trainings;       /* how often it was trained: keys the draws of the next one */
    SavedHistory history;     /* of the last training */
    const char *monitor;      /* NULL: nobody watched */
    double best;
    int64_t best_epoch;       /* from 1; 0: none */
    const SavedScore *scores; /* column by column over all outputs */
    size_t n_scores;
} SavedExtras;

/* ---- Writing ---------------------------------------------------------------------------------------------------------------- */

/* Writes `.keras`: whole or not at all (output.h). compile NULL (or its optimizer's kind): saved uncompiled. extras NULL: no nnl.json.
 * false: reported at span. */
bool saved_write(Arena *arena, const Model *model, const KerasCompile *compile, const SavedExtras *extras, const char *path, const char *shown,
                 Span span, Diags *diags);
/* Writes `NAME.weights.h5`: numbers (and the optimizer's state) alone. */
bool saved_write_weights(Arena *arena, const Model *model, const char *path, const char *shown, Span span, Diags *diags);
/* Whether the graph can be saved at all; else reported. For checking, before anything runs. */
#define saved_can_write keras_can_save
/* The first Keras 3.N that opens what is saved; 0: every one from 3.3 on. */
#define saved_since keras_since

/* ---- Reading ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    const char *path, *shown;
    Span span;
    size_t size;               /* bytes of the file */
    const char *keras_version; /* of the writer; NULL: the file does not say */
    Graph *graph;
    KerasCompile compile;      /* optimizer.kind NULL: not compiled */
    bool ours;                 /* it has nnl.json */
    SavedExtras extras;
    const uint8_t *weights;    /* model.weights.h5 */
    size_t n_weights;
    const bool *frozen;        /* which arrays of keras_arrays(graph) the file does not train */
    size_t n_arrays;
} SavedFile;

/* Wiring, compile settings and nnl.json; numbers are judged by saved_model. NULL: reported. */
SavedFile *saved_open(Arena *arena, const char *path, const char *shown, Span span, Diags *diags);
/* The model of that wiring, with the file's numbers. graph: file->graph, or one wired alike (other `trainable` flags are good: then the
 * optimizer begins anew). The optimizer's state is taken over where the file has it. NULL: reported. */
Model *saved_model(const SavedFile *file, Graph *graph, uint64_t seed, Diags *diags);
/* The same without making anything: whether the numbers fit the graph. false: reported. */
bool saved_fits(const SavedFile *file, const Graph *graph, Diags *diags);

typedef struct {
    SavedFile *file;
    Graph *graph;
    Model *model;
    KerasCompile compile;
    SavedExtras extras;
} SavedModel;

bool saved_read(Arena *arena, const char *path, const char *shown, Span span, uint64_t seed, Diags *diags, SavedModel *out);

/* Fills a model from `f.weights.h5` (or the weights of a `.keras`). model NULL: only holds the file to the graph. false: reported. */
bool saved_read_weights(Arena *arena, const char *path, const char *shown, Span span, const Graph *graph, Model *model, Diags *diags);

/* A second graph of the same wiring, with weights of its own (what a file written from `graph` will hold). NULL: reported. */
Graph *saved_copy(Arena *arena, const Graph *graph, const char *name, Span span, Diags *diags);

#endif
