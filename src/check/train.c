/* Clauses of a train statement; see train.h. What follows from the data is in train_loss.c, callbacks in train_callbacks.c. */
#include "src/check/train.h"

#include <string.h>

#include "runtime/data/ids.h"
#include "src/check/args.h"
#include "src/check/train_parts.h"
#include "src/syntax/parse.h"

/* ---- Clauses ---------------------------------------------------------------------------------------------------------- */

static bool may_repeat(AstType type)
{
    return type == AST_CLAUSE_METRICS || type == AST_CLAUSE_LOSS || type == AST_CLAUSE_LOSS_WEIGHTS || type == AST_CLAUSE_CLASS_WEIGHT ||
           type == AST_CLAUSE_CALLBACK || type == AST_CLAUSE_UNKNOWN || type == AST_ERROR;
}

static void report_repeated(const TrainContext *c, const Ast *train)
{
    for (size_t i = 0; i < train->items.n; i++) {
        const Ast *clause = train->items.at[i];
        if (may_repeat(clause->type)) continue;
        for (size_t k = 0; k < i; k++) {
            if (train->items.at[k]->type != clause->type) continue;
            Diag *e = diag(c->diags, E0640, clause->word_span, A("clause", clause->word));
            diag_label(e, train->items.at[k]->word_span, E0640_first);
            break;
        }
    }
}

/* The first kind of the family that has such an argument; NULL: none. */
static const Kind *taker(Family family, const char *argument)
{
    size_t n;
    const Kind *const *kinds = kind_list(family, &n);
    for (size_t i = 0; i < n; i++)
        if (kind_arg_index(kinds[i], argument) >= 0) return kinds[i];
    return NULL;
}

static void report_unknown_clause(const TrainContext *c, const Ast *clause)
{
    Diag *e = diag(c->diags, E0641, clause->word_span, A("word", clause->word));
    const char *nearest = word_foreign(WORD_TRAIN_CLAUSE, clause->word), *argument = word_foreign(WORD_ARGUMENT, clause->word);
    if (!argument) argument = clause->word;
    const Kind *optimizer = taker(FAMILY_OPTIMIZER, argument), *callback = taker(FAMILY_CALLBACK, argument);
    if (!nearest && (optimizer || callback)) {
        if (str_eq(argument, "verbose")) diag_fix(e, E0641_quiet);
        else if (optimizer) diag_fix(e, E0641_optimizer, A("kind", optimizer->name), A("argument", argument));
        else diag_fix(e, E0641_callback, A("kind", callback->name), A("argument", argument));
        return;
    }
    size_t n = 0;
    while (parse_train_clauses[n]) n++;
    if (!nearest) nearest = str_nearest(clause->word, parse_train_clauses, n);
    if (nearest) diag_did_you_mean(e, clause->word_span, nearest);
    else diag_note(e, E0641_known, A("words", str_join(c->arena, parse_train_clauses, n, true)));
}

ArgContext train_arguments(const TrainContext *c)
{
    return (ArgContext){.arena = c->arena, .diags = c->diags, .scope = c->scope};
}

static KindRef default_kind(const TrainContext *c, Family family, const char *name)
{
    const Kind *kind = kind_find(family, name);
    return (KindRef){kind, kind ? kind_defaults(c->arena, kind) : NULL};
}

/* ---- Outputs --------------------------------------------------------------------------------------------------------- */

/* The target of each output: the only one for the only output, else the one of its name. */
static void match_targets(const TrainContext *c, TrainConfig *config)
{
    const Recipe *recipe = c->data->recipe;
    for (size_t k = 0; k < config->n_outputs; k++) {
        TrainOutput *output = &config->outputs[k];
        output->target = NO_TARGET;
        if (config->n_outputs == 1 && recipe->n_targets == 1) {
            output->target = 0;
            continue;
        }
        const char **names = ARENA_ARRAY(c->arena, const char *, recipe->n_targets + 1);
        for (size_t t = 0; t < recipe->n_targets; t++) {
            names[t] = recipe->targets[t].name;
            if (str_eq(names[t], output->name)) output->target = t;
        }
        if (output->target != NO_TARGET) continue;
        Diag *e = diag(c->diags, E0642, c->graph->outputs.at[k].span, A("output", output->name), A("data", c->data_name));
        if (recipe->n_targets) diag_note(e, E0642_targets, A("names", str_join(c->arena, names, recipe->n_targets, true)));
        diag_fix(e, E0642_help);
    }
}

size_t train_find_output(const TrainContext *c, const TrainConfig *config, const Ast *name)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, config->n_outputs + 1);
    for (size_t k = 0; k < config->n_outputs; k++) {
        if (str_eq(config->outputs[k].name, name->name)) return k;
        names[k] = config->outputs[k].name;
    }
    if (!c->graph) return NO_TARGET;
    Diag *e = diag(c->diags, E0643, name->span, A("name", name->name), A("model", c->model_name));
    const char *nearest = str_nearest(name->name, names, config->n_outputs);
    if (nearest) diag_did_you_mean(e, name->span, nearest);
    else diag_note(e, E0643_outputs, A("names", str_join(c->arena, names, config->n_outputs, true)));
    return NO_TARGET;
}

static void loss_clause(const TrainContext *c, TrainConfig *config, const Ast *clause, Span *loss_spans)
{
    ArgContext arguments = train_arguments(c);
    KindRef loss = args_kind(&arguments, clause->value, FAMILY_LOSS);
    for (size_t i = 0; i < (clause->args.n ? clause->args.n : config->n_outputs); i++) {
        size_t k = clause->args.n ? train_find_output(c, config, clause->args.at[i]) : i;
        if (k == NO_TARGET) continue;
        if (loss_spans[k].source) {
            Diag *e = diag(c->diags, E0640, clause->word_span, A("clause", "loss"));
            diag_label(e, loss_spans[k], E0640_first);
        }
        loss_spans[k] = clause->value->span;
        config->outputs[k].loss = loss;
    }
}

static void add_metric(const TrainContext *c, TrainOutput *output, KindRef ref, const char *word, Span span)
{
    /* A second metric of the same name gets a number, as Keras's objects do. */
    const char *name = word;
    for (size_t again = 1;; again++) {
        bool taken = false;
        for (size_t m = 0; m < output->n_metrics; m++) taken = taken || str_eq(output->metrics[m].name, name);
        if (!taken) break;
        name = arena_printf(c->arena, "%s_%zu", word, again);
    }
    output->metrics[output->n_metrics++] = (TrainMetric){ref, name, span};
}

static void metrics_clause(const TrainContext *c, TrainConfig *config, const Ast *clause)
{
    ArgContext arguments = train_arguments(c);
    for (size_t i = 0; i < clause->items.n; i++) {
        const Ast *item = clause->items.at[i];
        KindRef ref = args_kind(&arguments, item, FAMILY_METRIC);
        if (!ref.kind) continue;
        for (size_t n = 0; n < (clause->args.n ? clause->args.n : config->n_outputs); n++) {
            size_t k = clause->args.n ? train_find_output(c, config, clause->args.at[n]) : n;
            if (k != NO_TARGET) add_metric(c, &config->outputs[k], ref, item->name, item->span);
        }
    }
}

static void negative(const TrainContext *c, Span span, const char *what, double found)
{
    Diag *e = diag(c->diags, E0222, span, A("argument", what), A("owner", ""), A("bounds", "at least 0"), AF("value", found));
    diag_primary(e, E0222_here);
}

static void loss_weights_clause(const TrainContext *c, TrainConfig *config, const Ast *clause)
{
    double weight;
    if (!scope_number(c->scope, clause->value, NULL, "loss_weights", &weight)) return;
    if (weight < 0.0) {
        negative(c, clause->value->span, "loss_weights", weight);
        return;
    }
    for (size_t i = 0; i < clause->args.n; i++) {
        size_t k = train_find_output(c, config, clause->args.at[i]);
        if (k != NO_TARGET) config->outputs[k].weight = weight;
    }
}

/* ---- Class weights ------------------------------------------------------------------------------------------------------ */

static size_t find_class(const TrainContext *c, const RecipeTarget *target, const Ast *label)
{
    const char *text = label->type == AST_TEXT || label->type == AST_NUMBER || label->type == AST_PERCENT ? label->text : label->name;
    for (size_t i = 0; i < target->n_labels; i++) {
        if (str_eq(target->labels[i], text)) return i;
        if (label->type == AST_NUMBER && target->label_numbers && target->label_numbers[i] == label->number) return i;
    }
    if (target->zero_one && label->type == AST_NUMBER && (label->number == 0.0 || label->number == 1.0)) return (size_t)label->number;
    Diag *e = diag(c->diags, E0646, label->span, A("label", text ? text : ""), A("target", target->name));
    const char *nearest = text ? str_nearest(text, target->labels, target->n_labels) : NULL;
    if (nearest) diag_did_you_mean(e, label->span, arena_printf(c->arena, "\"%s\"", nearest));
    else if (target->n_labels) diag_note(e, E0646_labels, A("labels", str_join(c->arena, target->labels, target->n_labels, true)));
    else diag_note(e, E0646_zero_one);
    return NO_TARGET;
}

static void class_weight_clause(const TrainContext *c, TrainConfig *config, const Ast *clause, double **weights)
{
    if (!c->graph || !c->data) return;
    if (config->n_outputs != 1) {
        diag(c->diags, E0647, clause->word_span, A("reason", "the model has several outputs"));
        return;
    }
    if (config->outputs[0].target == NO_TARGET) return;
    size_t t = config->outputs[0].target;
    const RecipeTarget *target = &c->data->recipe->targets[t];
    size_t n = c->data->dataset->targets[t].n_classes;
    if (n == 0) {
        diag(c->diags, E0647, clause->word_span, A("reason", arena_printf(c->arena, "the target `%s` is a number, not a class", target->name)));
        return;
    }
    if (shape_steps(&c->graph->outputs.at[0].wire->shape) > 1) {
        diag(c->diags, E0647, clause->word_span, A("reason", "the output has several steps, and a class weighs a whole sample"));
        return;
    }
    if (clause->flag) {
        config->class_balanced = true;
        return;
    }
    if (!*weights) {
        *weights = ARENA_ARRAY(c->arena, double, n);
        for (size_t i = 0; i < n; i++) (*weights)[i] = 1.0;
        config->class_weights = *weights;
        config->n_class_weights = n;
    }
    for (size_t i = 0; i < clause->items.n; i++) {
        const Ast *pair = clause->items.at[i];
        double weight;
        size_t at = find_class(c, target, pair->value);
        if (!scope_number(c->scope, pair->extra, NULL, "class_weight", &weight) || at == NO_TARGET) continue;
        if (weight < 0.0) negative(c, pair->extra->span, "class_weight", weight);
        else (*weights)[at] = weight;
    }
}

/* ---- The statement ---------------------------------------------------------------------------------------------------- */

static void match_inputs(const TrainContext *c, TrainConfig *config)
{
    size_t n = c->graph->inputs.n;
    size_t *groups = ARENA_ARRAY(c->arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g < c->data->recipe->n_groups; g++)
            if (str_eq(c->data->recipe->groups[g].name, c->graph->inputs.at[i].name)) groups[i] = g;
    config->input_groups = groups;
}

static void shuffle_clause(const TrainContext *c, TrainConfig *config, const Ast *clause)
{
    Value value;
    const Env *env = NULL;
    if (!clause->value || !scope_value(c->scope, clause->value, &env, false, &value, NULL)) return;
    if (value.type == VALUE_BOOL) config->shuffle = value.boolean;
    else diag(c->diags, E0216, clause->value->span, A("what", "shuffle"), A("wanted", "`true` or `false`"), A("found", value.written));
}

static void first_clauses(const TrainContext *c, TrainConfig *config, const Ast *train, Span *loss_spans)
{
    ArgContext arguments = train_arguments(c);
    for (size_t i = 0; i < train->items.n; i++) {
        const Ast *clause = train->items.at[i];
        switch ((int)clause->type) {
        case AST_CLAUSE_EPOCHS: scope_whole(c->scope, clause->value, NULL, "epochs", 1, &config->epochs); break;
        case AST_CLAUSE_BATCH: scope_whole(c->scope, clause->value, NULL, "batch", 1, &config->batch); break;
        case AST_CLAUSE_OPTIMIZER: config->optimizer = args_kind(&arguments, clause->value, FAMILY_OPTIMIZER); break;
        case AST_CLAUSE_SHUFFLE: shuffle_clause(c, config, clause); break;
        case AST_CLAUSE_LOSS: loss_clause(c, config, clause, loss_spans); break;
        case AST_CLAUSE_METRICS: metrics_clause(c, config, clause); break;
        case AST_CLAUSE_LOSS_WEIGHTS: loss_weights_clause(c, config, clause); break;
        case AST_CLAUSE_UNKNOWN: report_unknown_clause(c, clause); break;
        default: break;
        }
    }
}

/* The loss that the model's file names, if the target can be given to it. */
static KindRef loss_of_file(const TrainContext *c, const TrainConfig *config, size_t k)
{
    KindRef loss = c->compile->losses[k];
    if (!loss.kind) return loss;
    bool fits = dataset_target_size(c->data->dataset, config->outputs[k].target, ((const LossKind *)loss.kind)->target) > 0;
    return fits ? loss : (KindRef){0};
}

TrainConfig *check_train(const TrainContext *c, const Ast *train)
{
    TrainConfig *config = ARENA_NEW(c->arena, TrainConfig);
    *config = (TrainConfig){.epochs = 20, .batch = 32, .shuffle = true, .folder = c->folder, .span = train->span};
    config->optimizer = default_kind(c, FAMILY_OPTIMIZER, "adam");
    if (c->compile && c->compile->optimizer.kind) config->optimizer = c->compile->optimizer;
    config->n_outputs = c->graph ? c->graph->outputs.n : 0;
    config->outputs = ARENA_ARRAY(c->arena, TrainOutput, config->n_outputs + 1);
    size_t metrics = 0;
    for (size_t i = 0; i < train->items.n; i++) metrics += train->items.at[i]->items.n;
    for (size_t k = 0; k < config->n_outputs; k++) {
        config->outputs[k] = (TrainOutput){.name = c->graph->outputs.at[k].name, .weight = 1.0, .target = NO_TARGET};
        config->outputs[k].metrics = ARENA_ARRAY(c->arena, TrainMetric, metrics + 1);
    }
    report_repeated(c, train);
    bool compiled = c->compile && c->compile->optimizer.kind;
    for (size_t k = 0; compiled && k < config->n_outputs; k++) config->outputs[k].weight = c->compile->weights[k];
    Span *loss_spans = ARENA_ARRAY(c->arena, Span, config->n_outputs + 1);
    bool known = c->graph && c->data;
    if (known) match_targets(c, config);
    size_t before = diags_errors(c->diags);
    first_clauses(c, config, train, loss_spans);
    double *class_weights = NULL;
    for (size_t i = 0; i < train->items.n; i++)
        if (train->items.at[i]->type == AST_CLAUSE_CLASS_WEIGHT) class_weight_clause(c, config, train->items.at[i], &class_weights);
    if (known) {
        match_inputs(c, config);
        ids_fit(c->graph, c->data->dataset, config->input_groups, c->diags);
        for (size_t k = 0; k < config->n_outputs; k++) {
            if (config->outputs[k].target == NO_TARGET) continue;
            if (compiled && !loss_spans[k].source) config->outputs[k].loss = loss_of_file(c, config, k);
            check_train_loss(c, &config->outputs[k], (int)k, loss_spans[k]);
        }
    }
    if (c->graph && graph_parameters(c->graph) > 0 && graph_trainable(c->graph) == 0)
        diag_fix(diag(c->diags, W0612, train->name_span, A("model", c->model_name)), W0612_help);
    check_train_callbacks(c, config, train, diags_errors(c->diags) == before);
    if (c->epochs > 0) config->epochs = c->epochs;
    return config;
}
