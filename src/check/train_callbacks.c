/* Callbacks of a training: their arguments, what they monitor, what they need. */
#include "runtime/base/template.h"
#include "runtime/file/saved.h"
#include "runtime/kinds/callback.h"
#include "src/check/train_parts.h"

#include <string.h>

/* The place of a kind's argument in the call, or of the call. */
static Span argument_span(const Ast *call, const Kind *kind, const char *name)
{
    if (call->type != AST_CALL) return call->span;
    int index = kind_arg_index(kind, name), position = 0;
    for (size_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.at[i];
        if (arg->name ? str_eq(arg->name, name) : position++ == index) return arg->value ? arg->value->span : arg->span;
    }
    return call->name_span;
}

static bool validates(const TrainContext *c)
{
    return c->data->dataset->parts[PART_VALIDATION].n > 0;
}

static int64_t every(const CallbackKind *kind, const KindRef *ref)
{
    return kind->every ? kind->every(ref->args) : 0;
}

/* A figure of the epoch's end where files are written between batches. */
static void report_too_early(const TrainContext *c, const TrainConfig *config, const char *name, int64_t n, bool in_path, Span span)
{
    const char **names;
    size_t n_names = train_figure_names(c->arena, config, false, &names);
    const char **known = ARENA_ARRAY(c->arena, const char *, n_names + 2);
    size_t n_known = 0;
    if (in_path) {
        known[n_known++] = "epoch";
        known[n_known++] = "batch";
    }
    for (size_t i = 0; i < n_names; i++) known[n_known++] = names[i];
    Diag *e = diag(c->diags, E0835, span, A("name", name), AI("n", n));
    diag_fix(e, E0835_help, A("names", str_join(c->arena, known, n_known, true)));
}

static void check_monitor(const TrainContext *c, const TrainConfig *config, const CallbackKind *kind, const KindRef *ref, const Ast *call)
{
    int index = kind_arg_index(&kind->kind, kind->monitor);
    const char *monitor = *(const char *const *)((const char *)ref->args + kind->kind.args[index].offset);
    const char **names;
    size_t n = train_figure_names(c->arena, config, validates(c), &names);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(names[i], monitor)) continue;
        if (every(kind, ref) && str_starts(monitor, "val_"))
            report_too_early(c, config, monitor, every(kind, ref), false, argument_span(call, &kind->kind, kind->monitor));
        return;
    }
    Span span = argument_span(call, &kind->kind, kind->monitor);
    Diag *e = diag(c->diags, E0660, span, A("callback", kind->kind.name), A("monitor", monitor));
    if (str_starts(monitor, "val_") && !validates(c)) {
        diag_note(e, E0660_no_validation, A("data", c->data_name));
        diag_fix(e, E0660_split);
        return;
    }
    const char *nearest = word_foreign(WORD_LOG, monitor);
    bool known = false;
    for (size_t i = 0; nearest && i < n; i++) known = known || str_eq(names[i], nearest);
    if (!known) nearest = str_nearest(monitor, names, n);
    if (nearest && span.end > span.begin) diag_did_you_mean(e, span, nearest);
    diag_note(e, E0660_figures, A("names", str_join(c->arena, names, n, true)));
}

/* ---- Files --------------------------------------------------------------------------------------------------------------- */

/* Figures that a file's name may hold. */
typedef struct {
    const char **names;
    size_t n;
    int64_t every;
    bool too_early; /* asked for one that is known only at the end of an epoch */
} Known;

static bool known_figure(void *owner, const char *name, TemplateFigure *figure)
{
    Known *known = owner;
    *figure = (TemplateFigure){.whole = true, .integer = 1};
    if (str_eq(name, "epoch") || (known->every && str_eq(name, "batch"))) return true;
    *figure = (TemplateFigure){.number = 0.5};
    for (size_t i = 0; i < known->n; i++) {
        if (!str_eq(known->names[i], name)) continue;
        known->too_early = known->every && str_starts(name, "val_");
        return !known->too_early;
    }
    return false;
}

/* The figures that callbacks add where an epoch's end comes before this one's turn. */
static size_t names_of(const TrainContext *c, const TrainConfig *config, int64_t batches, const char ***names)
{
    const char **computed;
    size_t n = train_figure_names(c->arena, config, validates(c), &computed);
    *names = ARENA_ARRAY(c->arena, const char *, n + 1);
    if (n) memcpy(*names, computed, n * sizeof *computed);
    for (size_t i = 0; i < config->n_callbacks && !batches; i++) {
        if (!((const CallbackKind *)config->callbacks[i].kind)->sets_rate) continue;
        (*names)[n++] = "learning_rate";
        break;
    }
    return n;
}

/* The place of a part of a path inside its quotes; of the whole where it holds escapes. */
static Span part_of(Span text, const char *path, size_t begin, size_t end)
{
    if (text.end - text.begin != strlen(path) + 2) return text;
    return (Span){text.source, text.begin + 1 + begin, text.begin + 1 + end};
}

static void check_template(const TrainContext *c, const TrainConfig *config, const CallbackKind *kind, const KindRef *ref, const char *path, Span span)
{
    Known known = {.every = every(kind, ref)};
    known.n = names_of(c, config, known.every, &known.names);
    TemplateFault fault;
    if (template_fill(c->arena, path, known_figure, &known, &fault)) return;
    Span place = part_of(span, path, fault.begin, fault.end);
    if (known.too_early) {
        report_too_early(c, config, fault.unknown, known.every, true, place);
        return;
    }
    if (fault.what) {
        diag_fix(diag(c->diags, E0831, place, A("path", path), A("what", fault.what)), E0831_help, A("example", "{epoch:03d}"));
        return;
    }
    const char **names = ARENA_ARRAY(c->arena, const char *, known.n + 1);
    names[0] = "epoch";
    if (known.n) memcpy(names + 1, known.names, known.n * sizeof *names);
    Diag *e = diag(c->diags, E0830, place, A("path", path), A("name", fault.unknown));
    const char *nearest = word_foreign(WORD_LOG, fault.unknown);
    bool computed = false;
    for (size_t i = 0; nearest && i < known.n; i++) computed = computed || str_eq(known.names[i], nearest);
    if (!computed) nearest = str_nearest(fault.unknown, names, known.n + 1);
    if (nearest && place.end - place.begin < span.end - span.begin)
        diag_did_you_mean(e, (Span){place.source, place.begin + 1, place.begin + 1 + strlen(fault.unknown)}, nearest);
    diag_note(e, E0830_figures, A("names", str_join(c->arena, names, known.n + 1, true)));
}

static Span path_span(const CallbackKind *kind, const Ast *call)
{
    return argument_span(call, &kind->kind, kind->kind.args[0].name);
}

static void check_files(const TrainContext *c, const TrainConfig *config, const CallbackKind *kind, const KindRef *ref, const Ast *call, bool whole)
{
    if (kind->backup) {
        BackupRules rules = kind->backup(ref->args);
        Span span = path_span(kind, call);
        output_check_folder(c->outputs, c->arena, output_place(c->arena, c->folder, rules.folder), rules.folder, span, c->diags);
        for (size_t i = 0; i < config->n_callbacks; i++) {
            if (!((const CallbackKind *)config->callbacks[i].kind)->backup) continue;
            diag_label(diag(c->diags, E0836, call->span), config->callback_spans[i], E0836_first);
            break;
        }
    }
    if (!kind->writes) return;
    const char *path = kind->writes(ref->args);
    Span span = path_span(kind, call);
    if (kind->writes_by_figures && whole && c->graph && c->data) {
        check_template(c, config, kind, ref, path, span);
        saved_can_write(c->graph, call->span, c->diags);
    }
    output_check(c->outputs, c->arena, output_place(c->arena, c->folder, path), path, span,
                 kind->writes_by_figures ? OUTPUT_MODELS : OUTPUT_OTHER, c->diags);
}

void check_train_callbacks(const TrainContext *c, TrainConfig *config, const Ast *train, bool whole)
{
    ArgContext arguments = train_arguments(c);
    config->callbacks = ARENA_ARRAY(c->arena, KindRef, train->items.n + 1);
    Span *spans = ARENA_ARRAY(c->arena, Span, train->items.n + 1);
    config->callback_spans = spans;
    for (size_t i = 0; i < train->items.n; i++) {
        const Ast *clause = train->items.at[i];
        if (clause->type != AST_CLAUSE_CALLBACK || !clause->value) continue;
        KindRef ref = args_kind(&arguments, clause->value, FAMILY_CALLBACK);
        if (!ref.kind) continue;
        const CallbackKind *kind = (const CallbackKind *)ref.kind;
        if (kind->sets_rate && config->optimizer.kind && ((const OptimizerCommon *)config->optimizer.args)->learning_rate.kind.kind)
            diag_fix(diag(c->diags, E0661, clause->value->span, A("callback", kind->kind.name),
                          A("schedule", ((const OptimizerCommon *)config->optimizer.args)->learning_rate.kind.kind->name)), E0661_help);
        check_files(c, config, kind, &ref, clause->value, whole);
        if (kind->monitor && (!kind->watches || kind->watches(ref.args)) && whole && c->graph && c->data)
            check_monitor(c, config, kind, &ref, clause->value);
        spans[config->n_callbacks] = clause->value->span;
        config->callbacks[config->n_callbacks++] = ref;
    }
}
