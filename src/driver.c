/* The stages, in order: text → tree → checked program → what runs. One function for each command. */
#include "src/driver.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/file/output.h"
#include "runtime/plan/plan.h"
#include "src/check/program.h"
#include "src/report/doc.h"
#include "src/report/log.h"
#include "src/report/show.h"
#include "src/report/summary.h"
#include "src/run.h"
#include "src/syntax/parse.h"

#define SCRIPT_LIMIT (16u << 20)

/* What every command on a script shares. */
typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
    const Options *options;
    const char *path;
    uint32_t source;
    Ast *script;
    Program *program;
} Stages;

static void begin(Stages *s, const Options *options, const char *path)
{
    *s = (Stages){.arena = arena_new("compile"), .options = options, .path = path};
    s->sources = sources_new(s->arena);
    s->diags = diags_new(s->arena, s->sources);
    if (options->strict) diags_strict(s->diags);
}

/* Prints what was reported and returns the exit code that follows from it. */
static int end(Stages *s)
{
    Buf out = buf_in(s->arena);
    diags_print(s->diags, s->options->style, &out);
    if (out.n) fwrite(out.at, 1, out.n, stderr);
    int code = diags_exit_code(s->diags);
    arena_free(s->arena);
    return code;
}

static void put(const Buf *out, FILE *file)
{
    if (out->n) fwrite(out->at, 1, out->n, file);
}

/* The script's text, from a file or (path "-") from standard input. */
static bool read_script(Stages *s)
{
    bool standard = str_eq(s->path, "-");
    const char *shown = standard ? "standard input" : s->path;
    struct stat info;
    FILE *file = standard ? stdin : fopen(s->path, "rb");
    if (!file || (!standard && fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode))) {
        const char *reason = file ? "it is a folder" : strerror(errno);
        if (file) fclose(file);
        diag_file_fault(diag(s->diags, E0700, NO_SPAN, A("path", shown), A("reason", reason)));
        return false;
    }
    Buf text = buf_in(s->arena);
    char block[65536];
    size_t n;
    while ((n = fread(block, 1, sizeof block, file)) > 0 && text.n <= SCRIPT_LIMIT) buf_put_n(&text, block, n);
    bool ok = !ferror(file);
    if (!ok) diag_file_fault(diag(s->diags, E0700, NO_SPAN, A("path", shown), A("reason", strerror(errno))));
    if (!standard) fclose(file);
    s->source = sources_add(s->sources, shown, text.at ? text.at : "", text.n);
    return ok;
}

/* A table where a script belongs would give a message for each of its lines. */
static bool is_table(const Stages *s)
{
    if (!str_ends(s->path, ".csv") && !str_ends(s->path, ".tsv")) return false;
    diag_fix(diag(s->diags, E0161, NO_SPAN, A("file", s->path)), E0161_help);
    return true;
}

static bool parse(Stages *s)
{
    if (!read_script(s) || is_table(s)) return false;
    s->script = parse_script(s->arena, s->source, s->diags);
    return true;
}

/* `-o` and `--log` must not destroy what the script reads, nor the log what the script writes. */
static bool spares_files(const Stages *s)
{
    const char *written[] = {s->options->output, s->options->log};
    bool ok = true;
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        if (!written[i] || !output_reads(&s->program->outputs, written[i])) continue;
        diag_fix(diag(s->diags, E0606, NO_SPAN, A("file", written[i])), E0606_help);
        ok = false;
    }
    const struct Written *line = s->options->log ? output_writer(&s->program->outputs, s->arena, s->options->log) : NULL;
    if (!line) return ok;
    diag_fix(diag(s->diags, E0620, line->span, A("file", s->options->log), A("other", "a line of the script")), E0620_help);
    return false;
}

/* false: something was reported, or (*usage) the command line does not fit the script. */
static bool check(Stages *s, int *usage_code)
{
    *usage_code = 0;
    if (!parse(s)) return false;
    const Options *o = s->options;
    CheckOptions options = {.seed_given = o->has_seed, .seed = o->seed, .epochs = o->epochs, .n_overrides = o->n_params};
    Override *overrides = ARENA_ARRAY(s->arena, Override, o->n_params + 1);
    for (size_t i = 0; i < o->n_params; i++) overrides[i] = (Override){o->params[i].name, o->params[i].value};
    options.overrides = overrides;
    const char *usage = NULL;
    s->program = check_program(s->arena, s->script, s->path, &options, s->diags, &usage);
    if (usage) {
        diag(s->diags, E0916, NO_SPAN, A("what", usage));
        *usage_code = 2;
        return false;
    }
    if (!spares_files(s)) {
        *usage_code = 2;
        return false;
    }
    return diags_errors(s->diags) == 0;
}

static int threads_of(const Options *options)
{
    if (options->threads > 0) return options->threads;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    return 1;
}

/* ---- nnl check ------------------------------------------------------------------------------------------------------- */

static bool dump(Stages *s, const char *what, Buf *out)
{
    if (str_eq(what, "tokens")) {
        if (!read_script(s)) return false;
        parse_dump_tokens(s->arena, s->source, s->diags, out);
        return true;
    }
    if (str_eq(what, "ast")) {
        if (!parse(s)) return false;
        ast_dump(s->script, false, out);
        return true;
    }
    int usage;
    if (!check(s, &usage)) return false;
    for (size_t i = 0; i < s->program->models.n; i++) {
        const ProgramModel *model = s->program->models.at[i];
        if (str_eq(what, "graph")) {
            graph_dump(model->graph, out);
            continue;
        }
        if (!run_dump_plan(s->arena, s->program, model, s->diags, out)) return false;
    }
    return true;
}

static void print_params(const Program *program, Buf *out)
{
    for (size_t i = 0; i < program->params.n; i++) {
        const ProgramParam *param = &program->params.at[i];
        buf_printf(out, "param %s = %s", param->name, param->value);
        if (param->description) buf_printf(out, "    %s", param->description);
        buf_char(out, '\n');
    }
}

int driver_check(const Options *options)
{
    Stages s;
    begin(&s, options, options->files[0]);
    Buf out = buf_in(s.arena);
    int usage = 0;
    if (options->dump) {
        if (dump(&s, options->dump, &out)) put(&out, stdout);
        return end(&s);
    }
    if (check(&s, &usage)) {
        Log log;
        if (log_open(&log, options->log, s.diags)) {
            for (size_t i = 0; i < s.program->data.n; i++) log_data(&log, s.program->data.at[i]);
            for (size_t i = 0; i < s.program->models.n; i++) log_model(&log, s.program->models.at[i]);
            log_close(&log);
        }
        if (!options->quiet) {
            print_params(s.program, &out);
            run_print_facts(s.program, &out);
            buf_printf(&out, "%s: no mistakes found\n", s.path);
            put(&out, stdout);
        }
    }
    int code = end(&s);
    return usage ? usage : code;
}

/* ---- nnl run --------------------------------------------------------------------------------------------------------- */

int driver_run(const Options *options)
{
    Stages s;
    begin(&s, options, options->files[0]);
    int usage = 0;
    if (!check(&s, &usage)) {
        int code = end(&s);
        return usage ? usage : code;
    }
    Buf warnings = buf_in(s.arena);
    diags_print(s.diags, options->style, &warnings);
    put(&warnings, stderr);
    Log log;
    if (!log_open(&log, options->log, s.diags)) return end(&s);
    RunOptions run = {.threads = threads_of(options), .quiet = options->quiet, .json = options->style.form == DIAG_JSON, .log = &log,
                      .style = options->style};
    int code = run_program(s.arena, s.program, &run, s.diags);
    log_close(&log);
    int reported = end(&s);
    return code ? code : reported;
}

/* ---- nnl fmt --------------------------------------------------------------------------------------------------------- */

static bool same_file_text(const Stages *s, const Buf *out)
{
    size_t n;
    const char *text = sources_text(s->sources, s->source, &n);
    return n == out->n && memcmp(text, out->at ? out->at : "", n) == 0;
}

static bool write_script(Stages *s, const Buf *out)
{
    Output output;
    if (!output_open(&output, s->arena, s->path, s->path, NO_SPAN, s->diags)) return false;
    put(out, output.file);
    return output_close(&output, s->diags);
}

static int format_file(const Options *options, const char *path, bool *would_change)
{
    Stages s;
    begin(&s, options, path);
    Buf out = buf_in(s.arena);
    if (parse(&s) && diags_errors(s.diags) == 0) {
        ast_format(s.script, &out);
        bool standard = str_eq(path, "-");
        bool same = same_file_text(&s, &out);
        if (!same) *would_change = true;
        if (options->check_only) {
            if (!same) printf("%s would change\n", standard ? "standard input" : path);
        } else if (standard) {
            put(&out, stdout);
        } else if (!same) {
            write_script(&s, &out);
        }
    }
    return end(&s);
}

int driver_fmt(const Options *options)
{
    int worst = 0;
    bool would_change = false;
    for (size_t i = 0; i < options->n_files; i++) {
        int code = format_file(options, options->files[i], &would_change);
        if (code && worst != 1) worst = code;
    }
    return worst ? worst : options->check_only && would_change ? 1 : 0;
}

/* ---- nnl summary, data, doc ------------------------------------------------------------------------------------------ */

int driver_summary(const Options *options)
{
    Stages s;
    begin(&s, options, options->files[0]);
    int usage = 0;
    if (check(&s, &usage)) {
        Buf out = buf_in(s.arena);
        for (size_t i = 0; i < s.program->models.n; i++) summary_print(s.program->models.at[i]->graph, NULL, &out);
        put(&out, stdout);
    }
    int code = end(&s);
    return usage ? usage : code;
}

int driver_data(const Options *options)
{
    Stages s;
    begin(&s, options, options->files[0]);
    int usage = 0;
    if (check(&s, &usage)) show_samples(s.arena, s.program, options, s.diags);
    int code = end(&s);
    return usage ? usage : code;
}

int driver_doc(const Options *options)
{
    Arena *arena = arena_new("doc");
    Buf out = buf_in(arena);
    bool ok = doc_print(arena, options->n_files ? options->files[0] : NULL, &out);
    put(&out, ok ? stdout : stderr);
    arena_free(arena);
    return ok ? 0 : 1;
}
