/* The table of commands and options, and what comes from it. See cli.h. */
#include "src/cli.h"

#include "runtime/base/bug.h"
#include "runtime/base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    OPTION_HELP = 1 << 12
} OptionId;

enum {
    MESSAGES = OPTION_SHORT | OPTION_JSON | OPTION_HELP,
    SCRIPT = MESSAGES | OPTION_SEED | OPTION_THREADS | OPTION_EPOCHS | OPTION_QUIET | OPTION_STRICT | OPTION_LOG,
    MANY = 1000000
};

typedef struct {
    const char *name;
    Command command;
    const char *usage; /* behind "nnl " */
    const char *purpose;
    size_t least, most;   /* words that are neither options nor params */
    const char *needs;    /* what the first `least` words are */
    bool params;          /* takes NAME=VALUE */
    unsigned options;
    bool waits;           /* understood, not carried out yet */
} CommandRow;

static const CommandRow commands[] = {
    {"run", COMMAND_RUN, "run FILE [NAME=VALUE…]", "check a script and carry it out", 1, 1, "a script", true, SCRIPT, false},
    {"check", COMMAND_CHECK, "check FILE [NAME=VALUE…]", "check a script and run nothing", 1, 1, "a script", true,
     SCRIPT | OPTION_DUMP, false},
    {"fmt", COMMAND_FMT, "fmt [--check] FILE…", "write scripts in the usual form (- reads and prints)", 1, MANY, "a script", false,
     MESSAGES | OPTION_CHECK, false},
    {"summary", COMMAND_SUMMARY, "summary FILE [NAME=VALUE…]", "show each model's layers, shapes and parameters", 1, 1, "a script",
     true, SCRIPT, false},
    {"data", COMMAND_DATA, "data FILE [NAME] [--part PART] [-o OUT.csv]", "show the prepared samples as the model sees them", 1, 2,
     "a script", true, SCRIPT | OPTION_PART | OPTION_OUTPUT, false},
    {"explain", COMMAND_EXPLAIN, "explain [CODE]", "explain the code of a message, or list the codes", 0, 1, "", false, MESSAGES, false},
    {"doc", COMMAND_DOC, "doc [NAME]", "describe a layer, loss, clause or any other word", 0, 1, "", false, MESSAGES, false},
    {"predict", COMMAND_PREDICT, "predict MODEL.keras DATA.csv -o OUT.csv", "predict with a saved model", 0, MANY, "", true, 0, true},
    {"evaluate", COMMAND_EVALUATE, "evaluate MODEL.keras DATA.csv", "evaluate a saved model", 0, MANY, "", true, 0, true},
    {"inspect", COMMAND_INSPECT, "inspect MODEL.keras", "show what a saved model holds", 0, MANY, "", true, 0, true},
    {"export", COMMAND_EXPORT, "export MODEL.keras -o MODEL.py", "write a saved model as a Keras script", 0, MANY, "", true, 0, true},
    {"plot", COMMAND_PLOT, "plot FILE -o OUT.svg", "draw a model", 0, MANY, "", true, 0, true},
    {"sweep", COMMAND_SWEEP, "sweep FILE NAME=V1,V2,…", "run a script for several values", 0, MANY, "", true, 0, true},
    {"new", COMMAND_NEW, "new NAME", "write a script to start from", 0, MANY, "", true, 0, true},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

typedef enum { VALUE_NONE, VALUE_NUMBER, VALUE_FILE, VALUE_CHOICE } ValueType;

typedef struct {
    OptionId id;
    const char *name;
    ValueType type;
    const char *value;   /* how help calls it, or the choices parted by | */
    const char *wanted;  /* "a whole number from 1 to 1024" */
    int64_t least, most; /* of a number */
    const char *purpose;
} OptionRow;

static const OptionRow option_rows[] = {
    {OPTION_SEED, "--seed", VALUE_NUMBER, "N", "a whole number from 0 to 9007199254740992", 0, 9007199254740992,
     "seed of all random draws, in place of the script's"},
    {OPTION_THREADS, "--threads", VALUE_NUMBER, "N", "a whole number from 1 to 1024", 1, 1024,
     "threads to use (the cores the process may use); results do not depend on it"},
    {OPTION_EPOCHS, "--epochs", VALUE_NUMBER, "N", "a whole number from 1 to 1000000000", 1, 1000000000,
     "epochs of every training, in place of the script's"},
    {OPTION_QUIET, "--quiet", VALUE_NONE, NULL, NULL, 0, 0, "no progress"},
    {OPTION_STRICT, "--strict", VALUE_NONE, NULL, NULL, 0, 0, "warnings count as errors"},
    {OPTION_LOG, "--log", VALUE_FILE, "FILE.jsonl", "a file", 0, 0, "write every event with its figures, one JSON object a line"},
    {OPTION_PART, "--part", VALUE_CHOICE, "train|validation|test", "train, validation or test", 0, 0, "only the samples of this part"},
    {OPTION_OUTPUT, "-o", VALUE_FILE, "FILE", "a file", 0, 0, "write to this file"},
    {OPTION_CHECK, "--check", VALUE_NONE, NULL, NULL, 0, 0, "change nothing; exit code 1 where something would change"},
    {OPTION_DUMP, "--dump", VALUE_CHOICE, "tokens|ast|graph|plan", "tokens, ast, graph or plan", 0, 0, "print what this stage makes"},
    {OPTION_SHORT, "--short", VALUE_NONE, NULL, NULL, 0, 0, "messages of one line each"},
    {OPTION_JSON, "--json", VALUE_NONE, NULL, NULL, 0, 0, "messages as one JSON object a line"},
    {OPTION_HELP, "--help", VALUE_NONE, NULL, NULL, 0, 0, "this text"},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };

/* What parsing carries along. */
typedef struct {
    Arena *arena;
    Diags *diags;
    char **words;
    int n, at;
    const CommandRow *row;
    const char *called; /* "nnl run", for messages */
    Options *options;
    VEC(const char *) files;
    VEC(CliParam) params;
} Reader;

bool cli_colour(int fd)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && !(no_colour && *no_colour) && terminal && *terminal && !str_eq(terminal, "dumb");
}

static const CommandRow *command_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (str_eq(commands[i].name, name)) {
            return &commands[i];
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
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const OptionRow *row = &option_rows[i];
        if ((options & row->id) == 0) {
            continue;
        }
        size_t begin = out->n;
        buf_printf(out, "  %s%s%s", row->name, row->value ? row->type == VALUE_CHOICE && row->name[1] == '-' ? "=" : " " : "",
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
    if (row->params) {
        buf_put(out, "  NAME=VALUE gives a param of the script another value\n");
    }
    buf_put(out, "\nOptions:\n");
    help_options(row->options, out);
}

static void help_commands(bool waiting, Buf *out)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (commands[i].waits == waiting) {
            size_t begin = out->n;
            buf_printf(out, "  %s", commands[i].usage);
            pad_to(out, begin, 48);
            buf_printf(out, "%s\n", commands[i].purpose);
        }
    }
}

void cli_help(const char *name, Buf *out)
{
    const CommandRow *row = name ? command_find(name) : NULL;
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
    buf_put(out, "  --version                     the version, and the library for products of matrices\n"
                 "\nExit codes: 0 done; 1 the script has errors; 2 wrong usage; 3 data or a file is wrong; 4 training failed;\n"
                 "70 a mistake in nnl; 71 out of memory; 130 interrupted; 143 ended by a signal\n");
}

static bool wrong_command(Reader *r, const char *name)
{
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++) {
        names[i] = commands[i].name;
    }
    const char *nearest = str_nearest(name, names, N_COMMANDS);
    Diag *e = diag(r->diags, E0910, NO_SPAN, A("name", name));
    if (nearest) {
        diag_fix(e, E0910_nearest, A("nearest", nearest));
    }
    diag_fix(e, E0910_all);
    return false;
}

static const OptionRow *option_of(const Reader *r, const char *name, size_t n)
{
    unsigned known = r->row ? r->row->options : (unsigned)MESSAGES;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const OptionRow *row = &option_rows[i];
        if ((known & row->id) != 0 && strlen(row->name) == n && memcmp(row->name, name, n) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool wrong_option(Reader *r, const char *name, size_t n)
{
    const char *names[N_OPTIONS];
    size_t count = 0;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (!r->row || (r->row->options & option_rows[i].id) != 0) {
            names[count++] = option_rows[i].name;
        }
    }
    const char *given = arena_text(r->arena, name, n);
    const char *nearest = str_nearest(given, names, count);
    Diag *e = diag(r->diags, E0911, NO_SPAN, A("command", r->called), A("name", given));
    if (nearest) {
        diag_fix(e, E0911_nearest, A("nearest", nearest));
    }
    diag_fix(e, E0911_all);
    return false;
}

static bool wrong_value(Reader *r, const OptionRow *row, const char *value, const char *nearest)
{
    Diag *e = diag(r->diags, E0913, NO_SPAN, A("option", row->name), A("wanted", row->wanted), A("value", value));
    if (nearest) {
        diag_fix(e, E0913_nearest, A("nearest", nearest));
    }
    return false;
}

static bool read_number(Reader *r, const OptionRow *row, const char *value, int64_t *number)
{
    char *end;
    errno = 0;
    long long read = strtoll(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno != 0 || read < row->least || read > row->most) {
        return wrong_value(r, row, value, NULL);
    }
    *number = read;
    return true;
}

/* The choice that value names, from "a|b|c"; NULL: reported. */
static const char *read_choice(Reader *r, const OptionRow *row, const char *value)
{
    const char *choices[8];
    size_t n = 0;
    for (const char *at = row->value; *at;) {
        size_t length = strcspn(at, "|");
        ENSURE(n < sizeof choices / sizeof *choices);
        choices[n++] = arena_text(r->arena, at, length);
        at += length + (at[length] == '|');
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq(choices[i], value)) {
            return choices[i];
        }
    }
    wrong_value(r, row, value, str_nearest(value, choices, n));
    return NULL;
}

static bool set_option(Reader *r, const OptionRow *row, const char *value)
{
    Options *o = r->options;
    int64_t number = 0;
    const char *choice = NULL;
    if (row->type == VALUE_NUMBER && !read_number(r, row, value, &number)) {
        return false;
    }
    if (row->type == VALUE_CHOICE && !(choice = read_choice(r, row, value))) {
        return false;
    }
    switch (row->id) {
    case OPTION_SEED:
        o->has_seed = true;
        o->seed = (uint64_t)number;
        break;
    case OPTION_THREADS:
        o->threads = (int)number;
        break;
    case OPTION_EPOCHS:
        o->epochs = (int)number;
        break;
    case OPTION_QUIET:
        o->quiet = true;
        break;
    case OPTION_STRICT:
        o->strict = true;
        break;
    case OPTION_LOG:
        o->log = value;
        break;
    case OPTION_OUTPUT:
        o->output = value;
        break;
    case OPTION_PART:
        o->part = choice;
        break;
    case OPTION_CHECK:
        o->check_only = true;
        break;
    case OPTION_DUMP:
        o->dump = choice;
        break;
    case OPTION_HELP:
        o->command = COMMAND_HELP;
        break;
    case OPTION_SHORT:
    case OPTION_JSON:
        break; /* see find_style */
    }
    return true;
}

/* The option at r->at, as `--name`, `--name value`, `--name=value` or `-o value`. */
static bool read_option(Reader *r)
{
    const char *word = r->words[r->at++];
    size_t n = strcspn(word, "=");
    const char *value = word[n] == '=' ? word + n + 1 : NULL;
    const OptionRow *row = str_eq(word, "-h") ? option_of(r, "--help", 6) : option_of(r, word, n);
    if (!row) {
        return wrong_option(r, word, n);
    }
    if (row->type == VALUE_NONE) {
        if (value) {
            diag(r->diags, E0913, NO_SPAN, A("option", row->name), A("wanted", "no value"), A("value", value));
            return false;
        }
        return set_option(r, row, "");
    }
    if (!value && r->at < r->n) {
        value = r->words[r->at++];
    }
    if (!value || !*value) {
        Diag *e = diag(r->diags, E0912, NO_SPAN, A("option", row->name), A("wanted", row->wanted));
        diag_fix(e, E0912_like, A("value", row->value));
        return false;
    }
    return set_option(r, row, value);
}

static bool is_param(Reader *r, const char *word)
{
    const char *equal = strchr(word, '=');
    if (!equal) {
        return false;
    }
    const char *name = arena_text(r->arena, word, (size_t)(equal - word));
    name = str_nfc(r->arena, name, strlen(name));
    if (!str_is_name(name)) {
        return false;
    }
    CliParam param = {.name = name, .value = equal + 1};
    VEC_PUSH(r->arena, r->params, param);
    return true;
}

static bool read_words(Reader *r)
{
    bool ok = true, only_words = false;
    while (r->at < r->n) {
        const char *word = r->words[r->at];
        if (!only_words && str_eq(word, "--")) {
            only_words = true;
            r->at++;
        } else if (!only_words && word[0] == '-' && word[1]) {
            ok &= read_option(r);
        } else {
            r->at++;
            if (r->files.n < r->row->least || !r->row->params || !is_param(r, word)) {
                VEC_PUSH(r->arena, r->files, word);
            }
        }
    }
    return ok;
}

static bool check_counts(Reader *r)
{
    const char *usage = arena_printf(r->arena, "nnl %s", r->row->usage);
    if (r->files.n < r->row->least) {
        Diag *e = diag(r->diags, E0914, NO_SPAN, A("command", r->called), A("wanted", r->row->needs));
        diag_fix(e, E0914_usage, A("usage", usage));
        return false;
    }
    if (r->files.n > r->row->most) {
        Diag *e = diag(r->diags, E0915, NO_SPAN, A("command", r->called), A("name", r->files.at[r->row->most]));
        diag_fix(e, E0915_usage, A("usage", usage));
        return false;
    }
    return true;
}

/* The form of messages is needed for messages about the options before it. */
static void find_style(Reader *r)
{
    r->options->style.colour = cli_colour(STDERR_FILENO);
    for (int i = 1; i < r->n && !str_eq(r->words[i], "--"); i++) {
        if (str_eq(r->words[i], "--json")) {
            r->options->style.form = DIAG_JSON;
        } else if (str_eq(r->words[i], "--short") && r->options->style.form != DIAG_JSON) {
            r->options->style.form = DIAG_SHORT;
        }
    }
}

/* Whether the first word is meant as a script: it names a file, or looks like one. */
static bool is_script(const char *word)
{
    struct stat found;
    return str_ends(word, ".nnl") || strchr(word, '/') || str_eq(word, "-") || stat(word, &found) == 0;
}

static bool read_command_line(Reader *r, bool *waits)
{
    Options *o = r->options;
    if (r->n < 2) {
        Diag *e = diag(r->diags, E0914, NO_SPAN, A("command", "nnl"), A("wanted", "a command or a script"));
        diag_fix(e, E0914_usage, A("usage", "nnl run FILE"));
        diag_fix(e, E0910_all);
        return false;
    }
    const char *first = r->words[1];
    if (str_eq(first, "--version")) {
        o->command = COMMAND_VERSION;
        return true;
    }
    if (str_eq(first, "help")) {
        o->command = COMMAND_HELP;
        o->name = r->n > 2 ? r->words[2] : NULL;
        return !o->name || command_find(o->name) ? true : wrong_command(r, o->name);
    }
    if (first[0] == '-' && first[1]) {
        r->at = 1;
        while (r->at < r->n && o->command != COMMAND_HELP) {
            if (r->words[r->at][0] != '-') {
                return wrong_command(r, r->words[r->at]);
            }
            if (!read_option(r)) {
                return false;
            }
        }
        return o->command == COMMAND_HELP;
    }
    r->row = command_find(first);
    r->at = 2;
    if (!r->row) {
        if (!is_script(first)) {
            return wrong_command(r, first);
        }
        r->row = command_find("run");
        r->at = 1;
    }
    o->name = r->row->name;
    r->called = arena_printf(r->arena, "nnl %s", r->row->name);
    if (r->row->waits) {
        for (int i = r->at; i < r->n; i++) {
            if (str_eq(r->words[i], "--help") || str_eq(r->words[i], "-h")) {
                o->command = COMMAND_HELP;
                return true;
            }
        }
        *waits = true;
        diag(r->diags, E0900, NO_SPAN, A("what", arena_printf(r->arena, "`%s`", r->called)));
        return false;
    }
    o->command = r->row->command;
    bool ok = read_words(r);
    if (o->command == COMMAND_HELP) {
        return ok;
    }
    return ok && check_counts(r);
}

bool cli_parse(Arena *arena, int argc, char **argv, Options *options, int *exit_code)
{
    *options = (Options){0};
    Reader r = {.arena = arena, .words = argv, .n = argc, .called = "nnl", .options = options};
    r.diags = diags_new(arena, sources_new(arena));
    find_style(&r);
    bool waits = false;
    bool ok = read_command_line(&r, &waits);
    options->files = r.files.at;
    options->n_files = r.files.n;
    options->params = r.params.at;
    options->n_params = r.params.n;
    if (!ok) {
        Buf out = buf_in(arena);
        diags_print(r.diags, options->style, &out);
        fwrite(out.at, 1, out.n, stderr);
        *exit_code = waits ? 1 : 2;
    }
    return ok;
}
