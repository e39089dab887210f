/* A whole script, checked: what runs, in order, with every name, file, shape and argument looked up. */
#ifndef NNL_CHECK_PROGRAM_H
#define NNL_CHECK_PROGRAM_H

#include "runtime/data/series.h"
#include "runtime/graph/graph.h"
#include "runtime/train/train.h"
#include "src/check/data.h"
#include "src/check/output.h"
#include "src/check/scope.h"

typedef struct {
    const char *name;
    Span span;
    CheckedData *checked; /* NULL: has mistakes */
} ProgramData;

typedef struct ProgramModel ProgramModel;

/* The file that a model's numbers come from. */
typedef struct {
    const char *file, *written;  /* where it is, and as the script names it */
    Span span;
    bool whole;                  /* `model … from`; else `weights from` */
    SavedFile *saved;            /* of a whole model: as it was read while checking; NULL: the script writes it first */
    const ProgramModel *of;      /* the model that an earlier line of the script writes there; NULL: the file was there before */
} ProgramSource;

struct ProgramModel {
    const char *name;
    Span span;
    Graph *graph;
    ProgramData *data; /* the data that told its shapes; NULL: the script did */
    bool trained;      /* an earlier line trains it (known while checking) */
    const TrainConfig *last_train;
    const ProgramData *trained_on; /* the data of that training */
    bool faulty;           /* its lines or its data have mistakes, which were reported: the graph may not be whole */
    ProgramSource *source; /* NULL: its numbers are drawn */
};

/* A statement that does something. Unused fields are empty. */
typedef struct {
    AstType type; /* AST_TRAIN, AST_EVALUATE, AST_CROSS_VALIDATE, AST_PREDICT, AST_FORECAST, AST_SAVE, AST_SHOW, AST_SUMMARY */
    Span span;
    ProgramModel **models; /* one, or several for evaluate */
    size_t n_models;
    ProgramData *data;
    Part part;             /* PART_NONE: all rows */
    const char *file;      /* `on "f.csv"`: where it was found; NULL: none */
    const char *written;   /* the same as the script wrote it */
    Span file_span;
    const char *to, *to_written; /* output path: where, and as written; NULL: print */
    double threshold;      /* NaN: none given */
    int64_t season;        /* of evaluate: rows from one season to the next; 0: none given */
    int64_t folds, repeats; /* of cross_validate */
    const TrainConfig **configs; /* with data: parallel to models, for those that no line above trained; else NULL */
    SeriesFuture *future;  /* of forecast: the ends of the series with the rows to be said, known columns filled in */
    const TrainConfig *train;
} Action;

typedef struct {
    const char *name, *value, *description;
    bool from_command_line;
} ProgramParam;

typedef struct {
    const char *path;   /* of the script, as given */
    const char *folder;
    uint64_t seed;
    VEC(ProgramParam) params;
    VEC(ProgramData *) data;
    VEC(ProgramModel *) models;
    VEC(Action) actions;
    Outputs outputs;
} Program;

typedef struct {
    const char *name;
    const char *value;
} Override;

typedef struct {
    const Override *overrides; /* NAME=VALUE of the command line */
    size_t n_overrides;
    bool seed_given;
    uint64_t seed;
    int64_t epochs;            /* --epochs; 0: as the script says */
} CheckOptions;

#define DEFAULT_SEED 1

/* Checks everything and reports every mistake. NULL: a NAME=VALUE does not fit, *usage says why (exit code 2). */
Program *check_program(Arena *arena, const Ast *script, const char *path, const CheckOptions *options, Diags *diags, const char **usage);

#endif
