/* The checked statements, carried out one after another. */
#ifndef NNL_RUN_H
#define NNL_RUN_H

#include "src/check/program.h"
#include "src/report/log.h"

typedef struct {
    int threads;
    bool quiet;
    bool json;       /* nothing but diagnostics on standard error */
    Log *log;
    DiagStyle style;
} RunOptions;

/* Runs the program; results go to standard output, progress to standard error, events to the log. Exit code: 0, 3 (a file could not
 * be read or written), 4 (training failed), 143 (SIGTERM); what went wrong is in diags. A second Ctrl-C ends the process (130). */
int run_program(Arena *arena, Program *program, const RunOptions *options, Diags *diags);

/* What was assumed or found while checking, a line each: "customers: `LEAVE` counts as 1", … */
void run_print_facts(const Program *program, Buf *out);

/* --dump=plan: the training plan where the script trains the model, else the plan of a prediction. */
bool run_dump_plan(Arena *arena, Program *program, const ProgramModel *model, Diags *diags, Buf *out);

#endif
