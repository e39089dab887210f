/* The table of commands and that of options, one row each, and the help that is printed from them. */
#include "src/cli_table.h"

const CommandRow cli_commands[] = {
    {"run", COMMAND_RUN, "run FILE [NAME=VALUE…]", "check a script and carry it out", 1, 1, "a script", PARAMS_SCRIPT, SCRIPT, false},
    {"check", COMMAND_CHECK, "check FILE [NAME=VALUE…]", "check a script and run nothing", 1, 1, "a script", PARAMS_SCRIPT,
     SCRIPT | OPTION_DUMP, false},
    {"fmt", COMMAND_FMT, "fmt [--check] FILE…", "write scripts in the usual form (- reads and prints)", 1, MANY, "a script",
     PARAMS_NONE, MESSAGES | OPTION_CHECK, false},
    {"summary", COMMAND_SUMMARY, "summary FILE [NAME=VALUE…]", "show each model's layers, shapes and parameters (of a script or MODEL.keras)",
     1, 1, "a script or a model file", PARAMS_SCRIPT, SCRIPT, false},
    {"data", COMMAND_DATA, "data FILE [NAME] [--part PART] [-o OUT.csv]", "show the prepared samples as the model sees them",
     1, 2, "a script", PARAMS_SCRIPT, SCRIPT | OPTION_PART | OPTION_OUTPUT, false},
    {"predict", COMMAND_PREDICT, "predict MODEL.keras DATA.csv [-o OUT.csv]", "predict with a saved model, for a table or NAME=VALUE…", 1, 2,
     "a model file", PARAMS_SAMPLE, MODEL_FILE | OPTION_OUTPUT | OPTION_INPUT, false},
    {"evaluate", COMMAND_EVALUATE, "evaluate MODEL.keras DATA.csv", "score a saved model on a table", 2, 2, "a model file and a table",
     PARAMS_NONE, MODEL_FILE, false},
    {"inspect", COMMAND_INSPECT, "inspect MODEL.keras", "show what a saved model holds", 1, 1, "a model file", PARAMS_NONE, MESSAGES, false},
    {"export", COMMAND_EXPORT, "export MODEL.keras [-o MODEL.py]", "write a saved model as a Keras script", 1, 1, "a model file",
     PARAMS_NONE, MESSAGES | OPTION_OUTPUT | OPTION_QUIET, false},
    {"explain", COMMAND_EXPLAIN, "explain [CODE]", "explain the code of a message, or list the codes", 0, 1, "", PARAMS_NONE,
     MESSAGES, false},
    {"doc", COMMAND_DOC, "doc [NAME]", "describe a layer, loss, clause or any other word", 0, 1, "", PARAMS_NONE, MESSAGES, false},
    {"plot", COMMAND_PLOT, "plot FILE -o OUT.svg", "draw a model", 0, MANY, "", PARAMS_SCRIPT, 0, true},
    {"sweep", COMMAND_SWEEP, "sweep FILE NAME=V1,V2,…", "run a script for several values", 0, MANY, "", PARAMS_SCRIPT, 0, true},
    {"new", COMMAND_NEW, "new NAME", "write a script to start from", 0, MANY, "", PARAMS_SCRIPT, 0, true},
};
const size_t cli_n_commands = sizeof cli_commands / sizeof *cli_commands;

const OptionRow cli_options[] = {
    {OPTION_SEED, "--seed", VALUE_NUMBER, "N", "a whole number from 0 to 9007199254740992", 0, 9007199254740992,
     "seed of all random draws, in place of the script's"},
    {OPTION_THREADS, "--threads", VALUE_NUMBER, "N", "a whole number from 1 to 1024", 1, 1024,
     "threads to use (the cores the process may use); results do not depend on it"},
    {OPTION_EPOCHS, "--epochs", VALUE_NUMBER, "N", "a whole number from 1 to 1000000000", 1, 1000000000,
     "epochs of every training, in place of the script's"},
    {OPTION_QUIET, "--quiet", VALUE_NONE, NULL, NULL, 0, 0, "no progress"},
    {OPTION_STRICT, "--strict", VALUE_NONE, NULL, NULL, 0, 0, "warnings count as errors"},
    {OPTION_LOG, "--log", VALUE_FILE, "FILE.jsonl", "a file", 0, 0,
     "write every event with its figures, one JSON object a line"},
    {OPTION_PART, "--part", VALUE_CHOICE, "train|validation|test", "train, validation or test", 0, 0,
     "only the samples of this part"},
    {OPTION_OUTPUT, "-o", VALUE_FILE, "FILE", "a file", 0, 0, "write to this file"},
    {OPTION_INPUT, "--input", VALUE_PAIR, "NAME=FILE", "NAME=FILE: an input and its table", 0, 0,
     "feed this input from a table of its own (models without a data recipe)"},
    {OPTION_CHECK, "--check", VALUE_NONE, NULL, NULL, 0, 0, "change nothing; exit code 1 where something would change"},
    {OPTION_DUMP, "--dump", VALUE_CHOICE, "tokens|ast|graph|plan", "tokens, ast, graph or plan", 0, 0,
     "print what this stage makes"},
    {OPTION_SHORT, "--short", VALUE_NONE, NULL, NULL, 0, 0, "messages of one line each"},
    {OPTION_JSON, "--json", VALUE_NONE, NULL, NULL, 0, 0, "messages as one JSON object a line"},
    {OPTION_HELP, "--help", VALUE_NONE, NULL, NULL, 0, 0, "this text"},
};
const size_t cli_n_options = sizeof cli_options / sizeof *cli_options;

const CommandRow *cli_command(const char *name)
{
    for (size_t i = 0; i < cli_n_commands; i++) {
        if (str_eq(cli_commands[i].name, name)) {
            return &cli_commands[i];
        }
    }
    return NULL;
}

/* Spaces up to a column, at least one; `…` counts as one column. */
static void pad_to(Buf *out, size_t line_begin, size_t column)
{
    size_t width = display_width(out->at + line_begin, out->n - line_begin, 0);
    do {
        buf_char(out, ' ');
        width++;
    } while (width < column);
}

static void help_options(unsigned options, Buf *out)
{
    for (size_t i = 0; i < cli_n_options; i++) {
        const OptionRow *row = &cli_options[i];
        if ((options & row->id) == 0) {
            continue;
        }
        size_t begin = out->n;
        buf_printf(out, "  %s%s%s", row->name,
                   row->value ? row->type == VALUE_CHOICE && row->name[1] == '-' ? "=" : " " : "",
                   row->value ? row->value : "");
        pad_to(out, begin, 32);
        buf_printf(out, "%s\n", row->purpose);
    }
}

static void help_command(const CommandRow *row, Buf *out)
{
    buf_printf(out, "nnl %s\n\n  %s\n", row->usage, row->purpose);
    if (row->waits) {
        buf_put(out, "\nThis version does not carry it out yet.\n");
        return;
    }
    if (row->params == PARAMS_SCRIPT) {
        buf_put(out, "  NAME=VALUE gives a param of the script another value\n");
    } else if (row->params == PARAMS_SAMPLE) {
        buf_put(out, "  NAME=VALUE… in place of the table gives the cells of one sample (NAME= leaves a cell empty)\n");
    }
    buf_put(out, "\nOptions:\n");
    help_options(row->options, out);
}

static void help_commands(bool waiting, Buf *out)
{
    for (size_t i = 0; i < cli_n_commands; i++) {
        if (cli_commands[i].waits == waiting) {
            size_t begin = out->n;
            buf_printf(out, "  %s", cli_commands[i].usage);
            pad_to(out, begin, 48);
            buf_printf(out, "%s\n", cli_commands[i].purpose);
        }
    }
}

void cli_help(const char *name, Buf *out)
{
    const CommandRow *row = name ? cli_command(name) : NULL;
    if (row) {
        help_command(row, out);
        return;
    }
    buf_put(out, "nnl " NNL_VERSION ": describe data, a neural network and its training; nnl does the rest\n\n"
                 "  nnl FILE [NAME=VALUE…] is the same as nnl run\n\nCommands:\n");
    help_commands(false, out);
    buf_put(out, "\nUnderstood, but not carried out by this version yet:\n");
    help_commands(true, out);
    buf_put(out, "\nOptions (nnl COMMAND --help lists those of a command):\n");
    help_options(SCRIPT, out);
    buf_put(out,
            "  --version                     the version, and the library for products of matrices\n"
            "\nExit codes: 0 done; 1 the script has errors; 2 wrong usage; 3 data or a file is wrong; 4 training failed;\n"
            "70 a mistake in nnl; 71 out of memory; 130 interrupted; 143 ended by a signal\n");
}
