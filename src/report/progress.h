/* A training as it goes: a live line on a terminal, a table of epochs, plain lines in a pipe; nothing with --quiet. Also the events
 * `epoch` of the log. */
#ifndef NNL_REPORT_PROGRESS_H
#define NNL_REPORT_PROGRESS_H

#include "runtime/train/train.h"
#include "src/report/log.h"

typedef struct {
    const char *model, *data;
    bool quiet;       /* the log only */
    bool live;        /* standard error is a terminal */
    Log *log;
    int (*interrupted)(void);
    const TrainConfig *config;
    int64_t step;     /* every so many epochs a line */
    double started, drawn;
    bool header, line; /* the table has begun; a live line stands */
} Progress;

Progress progress_new(const char *model, const char *data, bool quiet, Log *log, int (*interrupted)(void));
TrainObserver progress_observer(Progress *progress);
/* Ends the live line, if any. */
void progress_end(Progress *progress);

#endif
