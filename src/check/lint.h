/* What runs but is likely wrong, as far as a graph tells. Lints of data stand with the data, those of training with check_train. */
#ifndef NNL_CHECK_LINT_H
#define NNL_CHECK_LINT_H

#include "runtime/graph/graph.h"

void lint_graph(const Graph *graph, Diags *diags);

#endif
