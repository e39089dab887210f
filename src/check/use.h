/* `use`: blocks and params of the standard library and of other files join the script's names. */
#ifndef NNL_CHECK_USE_H
#define NNL_CHECK_USE_H

#include "src/check/output.h"
#include "src/check/scope.h"

/* The script (at path) and the files that it uses are put among those that are read. */
void check_uses(Arena *arena, Scope *scope, const Ast *script, const char *path, const char *folder, Outputs *outputs, Diags *diags);

#endif
