/* The event log: one JSON object a line, flushed as it comes; see docs for its keys. A log that cannot be written on is
 * reported once. */
#ifndef NNL_REPORT_LOG_H
#define NNL_REPORT_LOG_H

#include <stdio.h>

#include "runtime/base/json.h"
#include "src/check/program.h"

typedef struct {
    FILE *file; /* NULL: nothing is logged */
    const char *path;
    Diags *diags;
    bool failed;
    Arena *arena; /* of the line being written; emptied with each */
    Buf line;
    JsonOut out;
} Log;

/* Opens (and empties) the file. false: reported. path NULL: nothing will be logged. */
bool log_open(Log *log, const char *path, Diags *diags);
void log_close(Log *log);

/* An event: begin, keys through log->out, end. Without a file, `begin` returns NULL and the rest is left out. */
JsonOut *log_begin(Log *log, const char *event);
void log_end(Log *log);

void log_run(Log *log, const Program *program, int threads);
void log_data(Log *log, const ProgramData *data);
void log_model(Log *log, const ProgramModel *model);

#endif
