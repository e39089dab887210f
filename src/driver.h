/* The stages in order, once for each command. Each takes the parsed command line, prints what it has to say (results to
 * standard output, everything else to standard error) and returns the exit code. */
#ifndef NNL_DRIVER_H
#define NNL_DRIVER_H

#include "src/cli.h"

int driver_run(const Options *options);
int driver_check(const Options *options);
int driver_fmt(const Options *options);
int driver_summary(const Options *options);
int driver_data(const Options *options);
/* nnl doc [NAME]: options->files[0] where it is given. */
int driver_doc(const Options *options);

#endif
