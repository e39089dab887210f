/* The command line: one table of commands and one of options, from which parsing, `--help` and nearest names come.
 *
 * Mistakes in it are diagnostics like any other (E091x), so that --json and --short hold for them too; they end with exit
 * code 2. */
#ifndef NNL_CLI_H
#define NNL_CLI_H

#include "runtime/base/diag.h"

#define NNL_VERSION "0.1.0"

typedef enum {
    COMMAND_NONE,
    COMMAND_HELP,    /* nnl --help, nnl COMMAND --help */
    COMMAND_VERSION, /* nnl --version */
    COMMAND_RUN,
    COMMAND_CHECK,
    COMMAND_FMT,
    COMMAND_SUMMARY,
    COMMAND_DATA,
    COMMAND_EXPLAIN,
    COMMAND_DOC,
    COMMAND_PREDICT,
    COMMAND_EVALUATE,
    COMMAND_INSPECT,
    COMMAND_EXPORT,
    /* Understood, not carried out yet. */
    COMMAND_PLOT,
    COMMAND_SWEEP,
    COMMAND_NEW
} Command;

/* NAME=VALUE as it was typed; the name in normal form C. */
typedef struct {
    const char *name, *value;
} CliParam;

typedef struct {
    Command command;
    const char *name;    /* the command's word; for help the word asked about or NULL */
    const char **files;  /* the words of the command that are neither options nor params */
    size_t n_files;
    const CliParam *params;
    size_t n_params;
    const CliParam *inputs; /* --input NAME=FILE, in order */
    size_t n_inputs;
    bool has_seed;
    uint64_t seed;
    int threads;         /* 0: as many as the process may use */
    int epochs;          /* 0: as the script says */
    bool quiet, strict;
    bool check_only;     /* fmt --check */
    const char *log;     /* --log FILE, or NULL */
    const char *output;  /* -o FILE, or NULL */
    const char *part;    /* train, validation or test; or NULL */
    const char *dump;    /* tokens, ast, graph or plan; or NULL */
    DiagStyle style;     /* of messages on standard error */
} Options;

/* Reads the command line. False: reported, and printed to standard error; the exit code is 2, or 1 for a command that waits. */
bool cli_parse(Arena *arena, int argc, char **argv, Options *options, int *exit_code);
/* The help of a command, or of the program where name is NULL. */
void cli_help(const char *name, Buf *out);
/* Whether standard error or output (1, 2) is a terminal that wants colour: NO_COLOR and TERM are asked. */
bool cli_colour(int fd);

#endif
