/* Commands on a saved model: predict, evaluate, inspect, export, summary. Each takes the parsed command line, prints what it has to say
 * (results to standard output, everything else to standard error) and returns the exit code. */
#ifndef NNL_COMMANDS_COMMAND_H
#define NNL_COMMANDS_COMMAND_H

#include "runtime/file/saved.h"
#include "runtime/base/par.h"
#include "runtime/train/train.h"
#include "src/cli.h"
#include "src/report/log.h"

int command_predict(const Options *options);
int command_evaluate(const Options *options);
int command_inspect(const Options *options);
int command_export(const Options *options);
/* `nnl summary MODEL.keras`. */
int command_summary(const Options *options);
/* Whether the word names a model file, for commands that take scripts too. */
bool command_is_model(const char *path);

/* ---- What they share --------------------------------------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    Diags *diags;
    const Options *options;
    const char *path;  /* the model file, as messages call it */
    SavedModel saved;
    Log log;
    Par *par;
    bool usage;        /* the command line is wrong: exit code 2 */
} FileCommand;

void command_begin(FileCommand *c, const Options *options);
/* Reads the model file and opens the log, whose first event is the model. false: reported. */
bool command_read(FileCommand *c);
/* Prints what was reported, gives everything back, and returns the exit code. */
int command_end(FileCommand *c);
void command_put(const Buf *out);
/* Threads, taken when first asked for. */
Par *command_pool(FileCommand *c);
/* How messages and events call the model. */
const char *command_model(const FileCommand *c);

/* What the model was trained to do, as far as its file tells: losses, metrics, and which target each output is compared with. Needs a recipe. */
const TrainConfig *command_config(const FileCommand *c);

/* A table of answers, made row by row. */
typedef struct {
    const char *const *header;
    size_t n_columns;
    size_t n_own;  /* the first of them are the input's own */
    size_t n_rows;
    const char **(*row)(const void *owner, size_t row, Arena *arena); /* the cells */
    const void *owner;
} AnswerTable;

/* To options->output, or the first rows to standard output; typed: one `NAME: VALUE` a line of what the model says. false: reported. */
bool command_answers(FileCommand *c, const AnswerTable *table, const char *source, bool typed);

/* Predictions of a model with a recipe (command_recipe.c) and of one without (command_plain.c). false: reported. */
bool predict_by_recipe(FileCommand *c);
bool predict_plainly(FileCommand *c);

/* A script for Keras that does what the file does; weights are read from `path` (report/export.c). */

#endif
