/* Hangs a script's comments on its tree, so that it prints back with them. */
#ifndef NNL_SYNTAX_COMMENTS_H
#define NNL_SYNTAX_COMMENTS_H

#include "src/syntax/token.h"

/* Fills `comments`, `opening`, `last`, `blank_before` and `broken` of the nodes. */
void comments_hang(const Tokens *tokens, Ast *script);

/* The parts of a node that fmt may put on lines of their own, in order: a chain's links, a call's arguments, a list's or a
 * clause's items. Returns how many; their first in *parts. */
size_t ast_parts(const Ast *node, Ast *const **parts);

#endif
