/* The table of a model's layers, as Keras's summary() prints it: names and classes, output shapes, parameters, what feeds what. */
#ifndef NNL_REPORT_SUMMARY_H
#define NNL_REPORT_SUMMARY_H

#include "runtime/plan/model.h"

/* optimizer NULL, or one that has not begun: its own figures are left out. 80 columns wide, 110 where a column tells what feeds what. */
void summary_print(const Graph *graph, const OptimizerState *optimizer, Buf *out);
/* The same at a given width. */
void summary_print_wide(const Graph *graph, const OptimizerState *optimizer, int width, Buf *out);

#endif
