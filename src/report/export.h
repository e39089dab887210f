/* `nnl export`: a saved model as a script for Keras that people can read: it builds the same model layer by layer, loads the same numbers,
 * compiles it alike, prepares a table with pandas as the recipe says, and predicts. Layers, arguments and classes come from the records of
 * the kinds. */
#ifndef NNL_REPORT_EXPORT_H
#define NNL_REPORT_EXPORT_H

#include "runtime/file/saved.h"

/* weights: a Python expression that gives the path of the model file. */
void export_script(Arena *arena, const SavedModel *saved, const char *weights, Buf *out);

/* ---- Parts --------------------------------------------------------------------------------------------------------------------- */

/* `def build():` (export_model.c). */
void export_model(Arena *arena, const SavedModel *saved, Buf *out);
/* `def read(path):` and `def prepare(table):` (export_recipe.c); `def answers(…):` (export_answers.c). */
void export_recipe(Arena *arena, const Recipe *recipe, const Fit *fit, const SavedModel *saved, Buf *out);
/* The functions that these lines call (export_helpers.c). */
void export_helpers(const char *lines, Buf *out);
void export_answers(Arena *arena, const SavedModel *saved, Buf *out);
/* An expression over the columns of `table` (export_expr.c). */
void export_expr(Arena *arena, const Expr *expr, const Recipe *recipe, Buf *out);

/* A text, a number, or a list of them as Python writes it. */
void export_text(Buf *out, const char *text);
void export_number(Buf *out, double value);
void export_texts(Buf *out, const char *const *texts, size_t n);
void export_numbers(Buf *out, const double *numbers, size_t n);

#endif
