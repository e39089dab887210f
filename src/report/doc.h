/* `nnl doc [NAME]`: what there is, generated from the records of the kinds. */
#ifndef NNL_REPORT_DOC_H
#define NNL_REPORT_DOC_H

#include "runtime/kinds/kind.h"

/* name NULL: every family with its kinds, a line each. A family ("layer", "layers"): the same of that family. A kind: its arguments,
 * defaults and an example, from each family that has one of the name. False: there is nothing of that name (the nearest is told). */
bool doc_print(Arena *arena, const char *name, Buf *out);

#endif
