/* The loss and metrics of an output, judged against its target: what follows where nothing is named, what does not fit, what is likely
 * wrong. See "Loss, where the script names none" in the reference. */
#include <math.h>
#include <string.h>

#include "src/check/train_parts.h"

typedef struct {
    const TrainContext *c;
    TrainOutput *output;
    int k;
    const Wire *wire;
    const Call *maker;                  /* the call the user wrote; NULL: the output is an input */
    const ActivationKind *activation;   /* that ends the output, or NULL */
    const RecipeTarget *target;
    const DataTarget *data;
    size_t t;                           /* place of the target */
    int64_t width;                      /* the output's last axis */
} Judge;

/* ---- Words for both sides ---------------------------------------------------------------------------------------------- */

static const char *units(Arena *arena, int64_t n)
{
    return n == 1 ? "one unit" : arena_printf(arena, "%lld units", (long long)n);
}

/* "ends in softmax over 3 units", "gives one unit without an activation". */
static const char *output_words(const Judge *j)
{
    Arena *arena = j->c->arena;
    if (!j->activation || str_eq(j->activation->kind.name, "linear")) return arena_printf(arena, "gives %s without an activation", units(arena, j->width));
    return arena_printf(arena, "ends in %s over %s", j->activation->kind.name, units(arena, j->width));
}

/* "one of 3 classes", "a number", "2 numbers". */
static const char *target_words(const Judge *j)
{
    Arena *arena = j->c->arena;
    if (j->target->classes) return arena_printf(arena, "one of %zu classes", j->data->n_classes);
    if (j->target->zero_one && j->target->n_columns == 1) return "a number that is only ever 0 or 1";
    return j->data->width == 1 ? "a number" : arena_printf(arena, "%zu numbers", j->data->width);
}

/* ---- Remedies ------------------------------------------------------------------------------------------------------------ */

static void offer_activation(const Judge *j, Diag *e, DiagText text, const char *activation)
{
    Fix *fix = diag_fix(e, text, A("activation", activation));
    if (!j->maker) return;
    const Layer *layer = j->maker->layer;
    int index = 0;
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++, index++) {
        if (spec->type != ARG_KIND || spec->family != FAMILY_ACTIVATION || !layer->arg_spans) continue;
        if (layer->arg_spans[index].source) {
            diag_edit(fix, layer->arg_spans[index], activation);
            return;
        }
        size_t n;
        const char *source = sources_text(diags_sources(j->c->diags), layer->span.source, &n);
        if (!source || layer->span.end > n || layer->span.end == 0 || source[layer->span.end - 1] != ')') return;
        diag_edit(fix, (Span){layer->span.source, layer->span.end - 1, layer->span.end - 1},
                  arena_printf(j->c->arena, ", activation=%s", activation));
        return;
    }
}

static void offer_as_class(const Judge *j, Diag *e)
{
    if (j->target->classes || j->target->n_columns != 1) return;
    Fix *fix = diag_fix(e, E0650_as_class, A("target", j->target->name));
    if (j->target->span.source) diag_edit(fix, span_after(j->target->span), " as class");
}

/* Changes the number of units of the output's layer, where that is written as its first argument. */
static void offer_units(const Judge *j, Diag *e, int64_t wanted)
{
    Fix *fix = diag_fix(e, E0652_units, A("units", units(j->c->arena, wanted)));
    const Layer *layer = j->maker ? j->maker->layer : NULL;
    if (!layer || !layer->arg_spans || !layer->kind->kind.args || layer->kind->kind.args[0].type != ARG_INT || !layer->arg_spans[0].source) return;
    if (shape_size(&j->wire->shape) == j->width) diag_edit(fix, layer->arg_spans[0], arena_printf(j->c->arena, "%lld", (long long)wanted));
}

static Span output_span(const Judge *j)
{
    return j->maker ? j->maker->span : j->c->graph->outputs.at[j->k].span;
}

/* ---- A loss that follows ------------------------------------------------------------------------------------------------- */

static void no_loss(const Judge *j)
{
    Diag *e = diag(j->c->diags, E0650, output_span(j), A("output", j->output->name), A("ends", output_words(j)), A("target", j->target->name),
                   A("is", target_words(j)));
    diag_label(e, j->target->span, E0650_target, A("is", target_words(j)));
    Link link = j->activation ? j->activation->link : LINK_NONE;
    bool two = j->data->n_classes == 2;
    if (link == LINK_SOFTMAX && !j->target->classes) offer_as_class(j, e);
    else if (link == LINK_SIGMOID && !j->target->classes) diag_fix(e, E0650_linear);
    else if (j->target->classes && two && j->width == 1) offer_activation(j, e, E0650_activation, "sigmoid");
    else if (j->target->classes && j->width == (int64_t)j->data->n_classes) offer_activation(j, e, E0650_activation, "softmax");
    else if (j->target->classes) diag_fix(e, E0650_classes, AI("n", j->data->n_classes));
    else diag_fix(e, E0650_name);
}

static bool zero_one_columns(const Judge *j)
{
    return j->target->zero_one && !j->target->classes;
}

/* NULL: none follows. */
static const char *inferred(const Judge *j)
{
    Link link = j->activation ? j->activation->link : LINK_NONE;
    if (link == LINK_SOFTMAX) return j->target->classes ? "categorical_crossentropy" : NULL;
    if (link == LINK_SIGMOID) {
        if (j->width == 1 && (zero_one_columns(j) || (j->target->classes && j->data->n_classes == 2))) return "binary_crossentropy";
        return zero_one_columns(j) && (size_t)j->width == j->data->width ? "binary_crossentropy" : NULL;
    }
    return j->target->classes ? NULL : "mse";
}

static bool infer_loss(const Judge *j)
{
    const char *name = inferred(j);
    if (!name) {
        no_loss(j);
        return false;
    }
    const Kind *kind = kind_find(FAMILY_LOSS, name);
    j->output->loss = (KindRef){kind, kind_defaults(j->c->arena, kind)};
    j->output->loss_inferred = true;
    return true;
}

/* ---- A loss that is named ------------------------------------------------------------------------------------------------ */

static const char *form_words(TargetForm form)
{
    switch (form) {
    case TARGET_NUMBERS: return "numbers";
    case TARGET_ONE_HOT:
    case TARGET_INDEX: return "classes";
    }
    return "";
}

static bool loss_fits(const Judge *j, Span span)
{
    const LossKind *loss = (const LossKind *)j->output->loss.kind;
    if (dataset_target_size(j->c->data->dataset, j->t, loss->target) > 0) return true;
    Diag *e = diag(j->c->diags, E0651, span, A("loss", loss->kind.name), A("wants", form_words(loss->target)), A("target", j->target->name),
                   A("is", target_words(j)));
    diag_label(e, j->target->span, E0650_target, A("is", target_words(j)));
    if (loss->target != TARGET_NUMBERS) {
        offer_as_class(j, e);
    } else if (j->data->n_classes > 2) {
        diag_edit(diag_fix(e, E0651_crossentropy), span, "categorical_crossentropy");
    }
    return false;
}

/* ---- Widths -------------------------------------------------------------------------------------------------------------- */

static bool width_fits(const Judge *j)
{
    if (!shape_known(&j->wire->shape)) return false;
    const LossKind *loss = (const LossKind *)j->output->loss.kind;
    int64_t wanted = loss->target == TARGET_NUMBERS ? (int64_t)dataset_target_size(j->c->data->dataset, j->t, TARGET_NUMBERS) : (int64_t)j->data->n_classes;
    int64_t found = shape_size(&j->wire->shape);
    if (found == wanted) return true;
    Arena *arena = j->c->arena;
    bool classes = loss->target != TARGET_NUMBERS;
    const char *needs = classes ? arena_printf(arena, "%lld classes", (long long)wanted) : wanted == 1 ? "one number" : arena_printf(arena, "%lld numbers", (long long)wanted);
    Diag *e = diag(j->c->diags, E0652, output_span(j), A("output", j->output->name), A("found", found == 1 ? "one number" : arena_printf(arena, "%lld numbers", (long long)found)),
                   A("target", j->target->name), A("wanted", needs));
    diag_primary(e, E0652_gives, A("shape", shape_text(arena, &j->wire->shape)));
    diag_label(e, j->target->span, E0652_target, A("wanted", needs));
    if (j->wire->shape.rank > 1 && j->width == wanted) diag_fix(e, E0652_steps);
    else offer_units(j, e, wanted);
    return false;
}

/* ---- Metrics ------------------------------------------------------------------------------------------------------------- */

static void check_metrics(const Judge *j)
{
    const LossKind *loss = (const LossKind *)j->output->loss.kind;
    bool classes = j->data->n_classes > 0;
    for (size_t m = 0; m < j->output->n_metrics; m++) {
        TrainMetric *metric = &j->output->metrics[m];
        const MetricKind *kind = (const MetricKind *)metric->ref.kind;
        if (kind->needs_probabilities && !classes) {
            Diag *e = diag(j->c->diags, E0653, metric->span, A("metric", metric->name), A("target", j->target->name), A("is", target_words(j)));
            diag_label(e, j->target->span, E0650_target, A("is", target_words(j)));
            diag_edit(diag_fix(e, E0653_help), metric->span, "mae");
            continue;
        }
        if (!kind->needs_probabilities && loss->target == TARGET_INDEX) {
            diag_fix(diag(j->c->diags, E0654, metric->span, A("metric", metric->name), A("loss", loss->kind.name)), E0654_help);
            continue;
        }
        if (!kind->resolve) continue;
        const MetricKind *meant = kind->resolve(metric->ref.args, j->width, loss->target);
        metric->ref = (KindRef){&meant->kind, kind_defaults(j->c->arena, &meant->kind)};
    }
}

/* ---- Warnings ------------------------------------------------------------------------------------------------------------ */

static void warn_range(const Judge *j)
{
    const ActivationKind *activation = j->activation;
    if (!activation || activation->link == LINK_SOFTMAX || (activation->low == 0.0f && activation->high == 0.0f) || !j->data->numbers || j->target->classes) return;
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (size_t i = 0; i < j->c->data->dataset->table->n_rows * j->data->n_columns; i++) {
        low = fmin(low, (double)j->data->numbers[i]);
        high = fmax(high, (double)j->data->numbers[i]);
    }
    if (low >= (double)activation->low && high <= (double)activation->high) return;
    Diag *w = diag(j->c->diags, W0651, output_span(j), A("output", j->output->name), A("activation", activation->kind.name),
                   AF("low", low), AF("high", high), A("target", j->target->name));
    diag_label(w, j->target->span, W0651_target);
    diag_fix(w, W0651_help);
}

static void warn_sigmoid_with_numbers(const Judge *j, Span span)
{
    const LossKind *loss = (const LossKind *)j->output->loss.kind;
    if (!j->activation || j->activation->link != LINK_SIGMOID || loss->link == LINK_SIGMOID) return;
    if (j->data->n_classes == 0) return;
    Diag *w = diag(j->c->diags, W0650, span.source ? span : output_span(j), A("loss", loss->kind.name));
    diag_edit(diag_fix(w, W0650_help), span, "binary_crossentropy");
}

void check_train_loss(const TrainContext *c, TrainOutput *output, int k, Span loss_span)
{
    Judge j = {.c = c, .output = output, .k = k, .wire = c->graph->outputs.at[k].wire, .t = output->target};
    if (j.wire->shape.rank == SHAPE_UNKNOWN) return;
    for (j.maker = j.wire->maker; j.maker && j.maker->outer;) j.maker = j.maker->outer;
    j.activation = graph_output_activation(c->graph, k);
    j.target = &c->data->recipe->targets[j.t];
    j.data = &c->data->dataset->targets[j.t];
    j.width = shape_last(&j.wire->shape);
    if (loss_span.source) {
        if (!output->loss.kind || !loss_fits(&j, loss_span)) return;
    } else if (!output->loss.kind && !infer_loss(&j)) {
        return;
    }
    if (!width_fits(&j)) return;
    check_metrics(&j);
    if (loss_span.source) warn_sigmoid_with_numbers(&j, loss_span);
    const LossKind *loss = (const LossKind *)output->loss.kind;
    if (loss->target == TARGET_NUMBERS && loss->link == LINK_NONE) warn_range(&j);
}
