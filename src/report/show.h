/* What a model will see of a data block: `show DATA`, and the prepared samples themselves as a table (`nnl data`). */
#ifndef NNL_REPORT_SHOW_H
#define NNL_REPORT_SHOW_H

#include <stdio.h>

#include "src/check/program.h"
#include "src/cli.h"

/* Types, ranges, missing cells, parts, and the first samples as they stood and as the model sees them. */
void show_data(Arena *arena, const CheckedData *data, Buf *out);

/* `nnl data FILE [NAME] [--part P] [-o samples.csv]`: header and one line a sample, to the file or standard output. A name that the
 * script lacks, a part that the split lacks, and a file that cannot be written are reported. */
void show_samples(Arena *arena, const Program *program, const Options *options, Diags *diags);
/* The samples of a part (PART_NONE: those of all parts, in file order) as that table: line of the source file, inputs, targets. Targets
 * stand as the loss sees them: scaled numbers; of two classes 1 for the positive one; of more classes their number from 0.
 * false: a write failed, errno says why. */
bool show_samples_csv(Arena *arena, const Dataset *data, Part part, FILE *out);

#endif
