/* Text to tree. The only reader of scripts; the one includer of the generated scanner and parser is parse.c. */
#ifndef NNL_SYNTAX_PARSE_H
#define NNL_SYNTAX_PARSE_H

#include "src/syntax/ast.h"

/* Reads a registered source. Always returns an AST_SCRIPT, with AST_ERROR where something could not be read (reported then;
 * all mistakes of the whole text in one go). Limits: 16 MB, nesting 200. */
Ast *parse_script(Arena *arena, uint32_t source, Diags *diags);

/* A single value as it stands after NAME= on the command line (`batch_size=64`, `share=80%`, `act=relu`, `file="a b.csv"`): an expression
 * node, or NULL (reported). */
Ast *parse_value(Arena *arena, uint32_t source, Diags *diags);

/* --dump=tokens: one token a line. */
void parse_dump_tokens(Arena *arena, uint32_t source, Diags *diags, Buf *out);

/* The clause words of a data or train statement and the statement words, for nearest names; NULL-terminated lists. */
extern const char *const parse_data_clauses[];
extern const char *const parse_train_clauses[];
extern const char *const parse_statements[];

#endif
