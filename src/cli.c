/* Reading the command line by the tables of cli_table.c. See cli.h. */
#include "src/cli_table.h"

#include "runtime/base/bug.h"
#include "runtime/base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No table has more rows. */
enum { NAMES_LIMIT = 64 };

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
    VEC(CliParam) inputs;
} Reader;

bool cli_colour(int fd)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && !(no_colour && *no_colour) && terminal && *terminal && !str_eq(terminal, "dumb");
}

static bool wrong_command(Reader *r, const char *name)
{
    const char *names[NAMES_LIMIT];
    ENSURE(cli_n_commands <= NAMES_LIMIT);
    for (size_t i = 0; i < cli_n_commands; i++) {
        names[i] = cli_commands[i].name;
    }
    const char *nearest = str_nearest(name, names, cli_n_commands);
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
    for (size_t i = 0; i < cli_n_options; i++) {
        const OptionRow *row = &cli_options[i];
        if ((known & row->id) != 0 && strlen(row->name) == n && memcmp(row->name, name, n) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool wrong_option(Reader *r, const char *name, size_t n)
{
    const char *names[NAMES_LIMIT];
    ENSURE(cli_n_options <= NAMES_LIMIT);
    size_t count = 0;
    for (size_t i = 0; i < cli_n_options; i++) {
        if (!r->row || (r->row->options & cli_options[i].id) != 0) {
            names[count++] = cli_options[i].name;
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

/* NAME=FILE, which may come several times. */
static bool read_pair(Reader *r, const OptionRow *row, const char *value)
{
    const char *equal = strchr(value, '=');
    if (!equal || equal == value || !equal[1]) {
        return wrong_value(r, row, value, NULL);
    }
    CliParam pair = {.name = str_nfc(r->arena, arena_text(r->arena, value, (size_t)(equal - value)), (size_t)(equal - value)), .value = equal + 1};
    VEC_PUSH(r->arena, r->inputs, pair);
    return true;
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
    case OPTION_INPUT:
        return read_pair(r, row, value);
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
    struct stat found;
    if (!equal || (r->row->params == PARAMS_SAMPLE && (equal == word || stat(word, &found) == 0))) {
        return false;
    }
    const char *name = arena_text(r->arena, word, (size_t)(equal - word));
    name = str_nfc(r->arena, name, strlen(name));
    if (r->row->params == PARAMS_SCRIPT && !str_is_name(name)) {
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
            if (r->files.n < r->row->least || r->row->params == PARAMS_NONE || !is_param(r, word)) {
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
        return !o->name || cli_command(o->name) ? true : wrong_command(r, o->name);
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
    r->row = cli_command(first);
    r->at = 2;
    if (!r->row) {
        if (!is_script(first)) {
            return wrong_command(r, first);
        }
        r->row = cli_command("run");
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
    options->inputs = r.inputs.at;
    options->n_inputs = r.inputs.n;
    if (!ok) {
        Buf out = buf_in(arena);
        diags_print(r.diags, options->style, &out);
        fwrite(out.at, 1, out.n, stderr);
        *exit_code = waits ? 1 : 2;
    }
    return ok;
}
