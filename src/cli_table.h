/* The tables of commands and options, between cli_table.c and cli.c. */
#ifndef NNL_CLI_TABLE_H
#define NNL_CLI_TABLE_H

#include "src/cli.h"

typedef enum {
    OPTION_SEED = 1 << 0,
    OPTION_THREADS = 1 << 1,
    OPTION_EPOCHS = 1 << 2,
    OPTION_QUIET = 1 << 3,
    OPTION_STRICT = 1 << 4,
    OPTION_LOG = 1 << 5,
    OPTION_OUTPUT = 1 << 6,
    OPTION_PART = 1 << 7,
    OPTION_CHECK = 1 << 8,
    OPTION_DUMP = 1 << 9,
    OPTION_SHORT = 1 << 10,
    OPTION_JSON = 1 << 11,
    OPTION_HELP = 1 << 12,
    OPTION_INPUT = 1 << 13
} OptionId;

enum {
    MESSAGES = OPTION_SHORT | OPTION_JSON | OPTION_HELP,
    SCRIPT = MESSAGES | OPTION_SEED | OPTION_THREADS | OPTION_EPOCHS | OPTION_QUIET | OPTION_STRICT | OPTION_LOG,
    MODEL_FILE = MESSAGES | OPTION_THREADS | OPTION_QUIET | OPTION_STRICT | OPTION_LOG,
    MANY = 1000000
};

/* What NAME=VALUE means to a command. */
typedef enum {
    PARAMS_NONE,
    PARAMS_SCRIPT, /* a param of the script: a plain name */
    PARAMS_SAMPLE  /* a cell of one sample: any name but that of a file */
} ParamUse;

typedef struct {
    const char *name;
    Command command;
    const char *usage; /* behind "nnl " */
    const char *purpose;
    size_t least, most; /* words that are neither options nor params */
    const char *needs;  /* what the first `least` words are */
    ParamUse params;    /* NAME=VALUE */
    unsigned options;
    bool waits; /* understood, not carried out yet */
} CommandRow;

typedef enum { VALUE_NONE, VALUE_NUMBER, VALUE_FILE, VALUE_CHOICE, VALUE_PAIR } ValueType;

typedef struct {
    OptionId id;
    const char *name;
    ValueType type;
    const char *value;   /* how help calls it, or the choices parted by | */
    const char *wanted;  /* "a whole number from 1 to 1024" */
    int64_t least, most; /* of a number */
    const char *purpose;
} OptionRow;

extern const CommandRow cli_commands[];
extern const size_t cli_n_commands;
extern const OptionRow cli_options[];
extern const size_t cli_n_options;

/* The row of a command's word, or NULL. */
const CommandRow *cli_command(const char *name);

#endif
