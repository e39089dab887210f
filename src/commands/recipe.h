/* Samples for a model that carries its data recipe: from the table of the command line, or from the values typed there. */
#ifndef NNL_COMMANDS_RECIPE_H
#define NNL_COMMANDS_RECIPE_H

#include "runtime/train/predict.h"
#include "src/commands/command.h"

/* All its samples are in `all`. *shown: how messages call the table. NULL: reported. */
const Dataset *recipe_samples(FileCommand *c, RowsUse use, const char **shown);

#endif
