/* Statements that act on models and data, checked in the order in which they will run. */
#ifndef NNL_CHECK_STATEMENTS_H
#define NNL_CHECK_STATEMENTS_H

#include "src/check/program.h"

typedef struct {
    Arena *arena;
    Scope *scope;
    Diags *diags;
    Program *program;
    const Ast *script;
    int64_t epochs; /* --epochs */
} Statements;

/* Adds the statement to program->actions, or reports. Statements that only define something are passed over. */
void check_statement(Statements *statements, const Ast *ast);

#endif
