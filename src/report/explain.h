/* `nnl explain`: the embedded page of a code, or the list of codes. */
#ifndef NNL_REPORT_EXPLAIN_H
#define NNL_REPORT_EXPLAIN_H

#include "runtime/base/diag.h"

/* Puts the page of the code (without regard to case) to out. False: there is no such code; reported. */
bool explain_code(const char *code, Buf *out, Diags *diags);
/* Every code with its message, one a line. */
void explain_list(Buf *out);

#endif
