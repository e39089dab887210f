/* Callbacks of a training: their arguments, what they monitor, what they need. */
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

static void check_monitor(const TrainContext *c, const TrainConfig *config, const CallbackKind *kind, const KindRef *ref, const Ast *call)
{
    int index = kind_arg_index(&kind->kind, kind->monitor);
    const char *monitor = *(const char *const *)((const char *)ref->args + kind->kind.args[index].offset);
    bool validates = c->data->dataset->parts[PART_VALIDATION].n > 0;
    const char **names;
    size_t n = train_figure_names(c->arena, config, validates, &names);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(names[i], monitor)) continue;
        int mode_at = kind_arg_index(&kind->kind, "mode");
        int mode = mode_at < 0 ? MODE_MIN : *(const int *)((const char *)ref->args + kind->kind.args[mode_at].offset);
        if (mode == MODE_AUTO && train_figure_direction(config, monitor) == 0)
            diag_fix(diag(c->diags, E0662, argument_span(call, &kind->kind, kind->monitor), A("monitor", monitor)), E0662_help);
        return;
    }
    Span span = argument_span(call, &kind->kind, kind->monitor);
    Diag *e = diag(c->diags, E0660, span, A("callback", kind->kind.name), A("monitor", monitor));
    if (str_starts(monitor, "val_") && !validates) {
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
        if (kind->monitor && whole && c->graph && c->data) check_monitor(c, config, kind, &ref, clause->value);
        spans[config->n_callbacks] = clause->value->span;
        config->callbacks[config->n_callbacks++] = ref;
    }
}
