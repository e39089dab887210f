/* Numbers that a layer looks up (embedding): whole, and not beyond its table. */
#ifndef NNL_DATA_IDS_H
#define NNL_DATA_IDS_H

#include "runtime/data/recipe.h"
#include "runtime/graph/graph.h"

/* Checks every row of the groups that feed such layers; input_groups is the group of each of the graph's inputs. Reports the first number
 * of each that does not fit, with its line, and returns false. */
bool ids_fit(const Graph *graph, const Dataset *data, const size_t *input_groups, Diags *diags);

#endif
