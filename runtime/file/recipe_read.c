/* Reading nnl.json; see recipe_json.h. A file is a stranger's: every place is held to its list, every kind to its use, every state to what
 * its kind learns, and widths to the graph, so that nothing behind this point needs to ask again. */
#include <string.h>

#include "runtime/file/keras_inside.h"
#include "runtime/file/recipe_inside.h"

/* ---- Expressions ----------------------------------------------------------------------------------------------------------------- */

static Expr *read_expr(In *in, const Json *json, int depth);

static Expr *part(In *in, const Json *json, const char *key, int depth)
{
    const Json *value = json_get(json, key);
    return value ? read_expr(in, value, depth + 1) : NULL;
}

static bool arity_fits(const Expr *e)
{
    switch (e->op) {
    case EXPR_NUMBER:
    case EXPR_TEXT:
    case EXPR_COLUMN: return !e->a && !e->b && !e->n_args;
    case EXPR_NEGATE:
    case EXPR_NOT: return e->a && !e->b && !e->n_args;
    case EXPR_IN: return e->a && !e->b && e->n_args >= 1;
    case EXPR_IF: return e->a && !e->b && e->n_args == 2;
    case EXPR_CALL:
        return e->function && !e->a && !e->b && e->n_args >= (size_t)e->function->least && (e->function->most < 0 || e->n_args <= (size_t)e->function->most);
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_AND:
    case EXPR_OR: return e->a && e->b && !e->n_args;
    case EXPR_ERROR: break;
    }
    return false;
}

static bool counts_rows(const Expr *e)
{
    double n;
    return expr_constant(e, &n) && n >= 1.0 && n <= (double)INT32_MAX;
}

/* Always an expression; `failed` tells whether it is good. */
static Expr *read_expr(In *in, const Json *json, int depth)
{
    Expr *e = expr_number(in->arena, 0.0, NO_SPAN);
    if (depth > 200) {
        read_fail(in, "an expression is too deep");
        return e;
    }
    e = expr_new(in->arena, (ExprOp)read_word(in, json, "op", expr_of_word), NO_SPAN);
    if (e->op == EXPR_NUMBER) e->number = read_number(in, json_get(json, "number"), "number");
    if (e->op == EXPR_TEXT) e->text = read_text(in, json, "text", false);
    if (e->op == EXPR_COLUMN) e->name = read_text(in, json, "column", false);
    if (e->op == EXPR_CALL) {
        e->function = expr_function_find(read_text(in, json, "function", false));
        if (!e->function) read_fail(in, "an expression calls a function that is not known");
    }
    e->flag = read_bool(json, "not");
    e->a = part(in, json, "a", depth);
    e->b = part(in, json, "b", depth);
    const Json *args = json_get(json, "args");
    if (args && args->type == JSON_LIST && args->n) {
        e->args = ARENA_ARRAY(in->arena, Expr *, args->n);
        for (size_t i = 0; i < args->n; i++) e->args[i] = read_expr(in, &args->items[i], depth + 1);
        e->n_args = args->n;
    }
    if (!arity_fits(e)) read_fail(in, "an expression has the wrong number of parts");
    else if (e->op == EXPR_CALL && e->function->looks_back && e->n_args == 2 && !counts_rows(e->args[1])) read_fail(in, "an expression looks back by no number of rows");
    return e;
}

/* ---- The recipe -------------------------------------------------------------------------------------------------------------------- */

static KindRef kind_of(In *in, const Json *object, const char *key, TransformUse use)
{
    const Json *value = json_get(object, key);
    if (!value || value->type == JSON_NULL) return (KindRef){0};
    const Kind *kind = kind_find(FAMILY_TRANSFORM, read_text(in, value, "kind", false));
    if (!kind || ((const TransformKind *)kind)->use != use) {
        read_fail(in, "`%s` is none that is known", key);
        return (KindRef){0};
    }
    static const char *const nothing[] = {NULL};
    void *args = kind_defaults(in->arena, kind);
    const Json *given = json_get(value, "args");
    Diags *judged = diags_new(in->arena, diags_sources(in->r->diags));
    KerasReader reader = {.arena = in->arena, .diags = judged, .span = in->r->span, .shown = in->r->shown};
    if (given && (given->type != JSON_OBJECT || !keras_args(&reader, key, kind, given, nothing, args)))
        read_fail(in, "`%s` has arguments that do not fit `%s`", key, kind->name);
    return (KindRef){kind, args};
}

static CsvOptions csv_of(In *in, const Json *json)
{
    CsvOptions csv = {.header_none = read_bool(json, "header_none")};
    csv.header = read_texts(in, json, "header", &csv.n_header);
    const char *delimiter = read_text(in, json, "delimiter", true);
    if (delimiter && strlen(delimiter) != 1) read_fail(in, "`delimiter` is no single character");
    csv.delimiter = delimiter ? delimiter[0] : 0;
    csv.encoding = read_text(in, json, "encoding", true);
    size_t n;
    const char **missing = read_texts(in, json, "missing", &n);
    CsvMissing *markers = ARENA_ARRAY(in->arena, CsvMissing, n + 1);
    for (size_t i = 0; i < n; i++) markers[i] = (CsvMissing){.text = missing[i]};
    csv.missing = markers;
    csv.n_missing = n;
    const Json *renames = read_list(in, json, "rename");
    CsvRename *list = ARENA_ARRAY(in->arena, CsvRename, renames->n + 1);
    for (size_t i = 0; i < renames->n; i++)
        list[i] = (CsvRename){.from = read_text(in, &renames->items[i], "from", false), .to = read_text(in, &renames->items[i], "to", false)};
    csv.renames = list;
    csv.n_renames = renames->n;
    return csv;
}

NameIndex *read_known_names(In *in, const Recipe *recipe)
{
    NameIndex *names = name_index_new(in->arena);
    for (size_t i = 0; i < recipe->n_file_columns; i++) name_index_add(names, recipe->file_columns[i].name);
    for (size_t i = 0; i < recipe->n_derives; i++) name_index_add(names, recipe->derives[i].name);
    for (size_t i = 0; i < recipe->n_dates; i++) name_index_add(names, recipe->dates[i].name);
    return names;
}

static void read_file_part(In *in, const Json *json, Recipe *recipe)
{
    const Json *columns = read_list(in, json, "file_columns"), *derives = read_list(in, json, "derive"), *wheres = read_list(in, json, "where");
    RecipeFileColumn *file_columns = ARENA_ARRAY(in->arena, RecipeFileColumn, columns->n + 1);
    for (size_t i = 0; i < columns->n; i++)
        file_columns[i] = (RecipeFileColumn){read_text(in, &columns->items[i], "name", false),
                                             (ColumnType)read_word(in, &columns->items[i], "type", column_type_of_word)};
    RecipeDerive *derived = ARENA_ARRAY(in->arena, RecipeDerive, derives->n + 1);
    for (size_t i = 0; i < derives->n; i++) {
        const Json *value = json_get(&derives->items[i], "value");
        if (!value) read_fail(in, "a derived column has no value");
        derived[i] = (RecipeDerive){.name = read_text(in, &derives->items[i], "name", false), .expr = value ? read_expr(in, value, 0) : NULL};
    }
    RecipeWhere *tests = ARENA_ARRAY(in->arena, RecipeWhere, wheres->n + 1);
    for (size_t i = 0; i < wheres->n; i++) tests[i] = (RecipeWhere){.expr = read_expr(in, &wheres->items[i], 0)};
    recipe->file_columns = file_columns;
    recipe->n_file_columns = columns->n;
    recipe->derives = derived;
    recipe->n_derives = derives->n;
    recipe->wheres = tests;
    recipe->n_wheres = wheres->n;
}

static void read_columns(In *in, const Json *json, Recipe *recipe)
{
    const Json *list = read_list(in, json, "columns");
    recipe->columns = ARENA_ARRAY(in->arena, RecipeColumn, list->n + 1);
    recipe->n_columns = list->n;
    const NameIndex *known = read_known_names(in, recipe);
    NameIndex *before = name_index_new(in->arena);
    for (size_t i = 0; i < list->n; i++) {
        const Json *item = &list->items[i];
        RecipeColumn *c = &recipe->columns[i];
        *c = (RecipeColumn){.name = read_text(in, item, "name", false), .is_feature = read_bool(item, "feature"), .is_target = read_bool(item, "target")};
        c->type = (ColumnType)read_word(in, item, "type", column_type_of_word);
        c->fill = (FillForm)read_word(in, item, "fill", fill_of_word);
        if (c->fill == FILL_LEARNED) c->fill_kind = kind_of(in, item, "fill_kind", TRANSFORM_FILL);
        if (c->fill == FILL_LEARNED && !c->fill_kind.kind) read_fail(in, "the column `%s` is filled in no way", c->name);
        if (c->fill == FILL_NUMBER) c->fill_number = read_number(in, json_get(item, "fill_number"), "fill_number");
        if (c->fill == FILL_TEXT) c->fill_text = read_text(in, item, "fill_text", false);
        c->known = read_bool(item, "known");
        c->per_group = read_bool(item, "per_group");
        for (size_t d = 0; d < recipe->n_derives; d++)
            if (str_eq(recipe->derives[d].name, c->name)) c->depth = recipe->derives[d].depth;
        c->encode = kind_of(in, item, "encode", TRANSFORM_ENCODE);
        c->scale = kind_of(in, item, "scale", TRANSFORM_SCALE);
        if (name_index_find(known, c->name) == NO_NAME) read_fail(in, "the column `%s` is neither in the file nor derived", c->name);
        if (name_index_find(before, c->name) != NO_NAME) read_fail(in, "the column `%s` stands twice", c->name);
        name_index_add(before, c->name);
        bool text = c->type == COLUMN_TEXT;
        const TransformKind *encode = transform_of(c->encode), *scale = transform_of(c->scale), *filled = transform_of(c->fill_kind);
        if ((text && c->is_feature && !encode) || (encode && !(text ? encode->of_texts : encode->of_numbers)))
            read_fail(in, "the column `%s` is encoded in a way that does not fit it", c->name);
        if (scale && (text || !scale->of_numbers || !scale->scale)) read_fail(in, "the column `%s` is scaled in a way that does not fit it", c->name);
        bool fill_fits = filled ? (text ? filled->of_texts : filled->of_numbers) : c->fill == FILL_NUMBER ? !text : c->fill == FILL_TEXT ? text : c->fill != FILL_LINEAR || !text;
        if (!fill_fits) read_fail(in, "the column `%s` is filled in a way that does not fit it", c->name);
    }
}

static void read_groups(In *in, const Json *json, Recipe *recipe)
{
    const Json *list = read_list(in, json, "groups");
    RecipeGroup *groups = ARENA_ARRAY(in->arena, RecipeGroup, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const Json *item = &list->items[i], *as = read_list(in, item, "as");
        RecipeGroup *g = &groups[i];
        *g = (RecipeGroup){.name = read_text(in, item, "name", false), .named = read_bool(item, "named")};
        g->columns = read_places(in, item, "columns", recipe->n_columns, &g->n_columns);
        for (size_t k = 0; k < g->n_columns && !in->failed; k++)
            if (!recipe->columns[g->columns[k]].is_feature) read_fail(in, "the column `%s` stands in a group, but is no feature", recipe->columns[g->columns[k]].name);
        if (as->n > SHAPE_MAX_RANK) read_fail(in, "a group has too many axes");
        g->as.rows = 1;
        for (size_t d = 0; d < as->n && !in->failed; d++) {
            if (!as->items[d].is_integer || as->items[d].integer < 1 || as->items[d].integer > INT32_MAX) read_fail(in, "a group has an axis without a length");
            g->as.dim[g->as.rank++] = as->items[d].integer;
        }
        g->every = 1;
        if (!json_get(item, "window")) continue;
        g->window = (size_t)read_int(in, item, "window", 1, INT32_MAX);
        g->every = (size_t)read_int(in, item, "every", 1, INT32_MAX);
        if (recipe->order.form == ORDER_NONE) read_fail(in, "the group `%s` has a window, but rows are in no order", g->name);
        if (as->n >= SHAPE_MAX_RANK) read_fail(in, "a group has too many axes");
    }
    recipe->groups = groups;
    recipe->n_groups = list->n;
}

static void read_targets(In *in, const Json *json, Recipe *recipe)
{
    const Json *list = read_list(in, json, "targets");
    RecipeTarget *targets = ARENA_ARRAY(in->arena, RecipeTarget, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const Json *item = &list->items[i];
        RecipeTarget *t = &targets[i];
        *t = (RecipeTarget){.name = read_text(in, item, "name", false), .named = read_bool(item, "named"), .classes = read_bool(item, "classes"),
                            .zero_one = read_bool(item, "zero_one"), .positive_given = read_bool(item, "positive_given")};
        t->columns = read_places(in, item, "columns", recipe->n_columns, &t->n_columns);
        t->labels = read_texts(in, item, "labels", &t->n_labels);
        if (json_get(item, "label_numbers")) {
            size_t n;
            t->label_numbers = read_numbers(in, item, "label_numbers", &n);
            if (n != t->n_labels) read_fail(in, "the target `%s` has labels and numbers that do not agree", t->name);
        }
        t->positive = (size_t)read_int(in, item, "positive", 0, t->n_labels ? (int64_t)t->n_labels - 1 : 0);
        if (json_get(item, "ahead")) {
            size_t n;
            const size_t *ahead = read_places(in, item, "ahead", INT32_MAX, &n);
            if (n != 2 || ahead[0] < 1 || ahead[0] > ahead[1] || recipe->order.form == ORDER_NONE) read_fail(in, "the target `%s` lies ahead in no way that is known", t->name);
            else t->ahead_first = ahead[0], t->ahead_last = ahead[1];
        }
        if (in->failed) continue;
        if (!t->n_columns) read_fail(in, "the target `%s` has no column", t->name);
        if (t->classes && (t->n_columns != 1 || t->n_labels < 1)) read_fail(in, "the target `%s` has no labels", t->name);
        for (size_t k = 0; k < t->n_columns && !in->failed; k++) {
            const RecipeColumn *c = &recipe->columns[t->columns[k]];
            if (!c->is_target) read_fail(in, "the column `%s` stands in a target, but is none", c->name);
            bool text = c->type == COLUMN_TEXT;
            if (text ? !t->classes || t->label_numbers : t->classes && !t->label_numbers) read_fail(in, "the target `%s` has labels that do not fit its column", t->name);
        }
    }
    recipe->targets = targets;
    recipe->n_targets = list->n;
}

static void read_split(In *in, const Json *json, Split *split)
{
    split->form = (SplitForm)read_word(in, json, "form", split_form_of_word);
    split->order = (SplitOrder)read_word(in, json, "order", split_order_of_word);
    split->order_given = read_bool(json, "order_given");
    split->seed = read_seed(in, json, "seed");
    split->by = read_text(in, json, "by", true);
    size_t n;
    const char **sequence = read_texts(in, json, "sequence", &n);
    if (n > PART_COUNT) read_fail(in, "a split has too many parts");
    for (size_t i = 0; i < n && !in->failed; i++) {
        split->sequence[i] = part_find(sequence[i]);
        if (split->sequence[i] == PART_NONE) read_fail(in, "a split has a part `%s`", sequence[i]);
    }
    split->n_parts = in->failed ? 0 : n;
    const Json *parts = json_get(json, "parts");
    for (size_t i = 0; parts && parts->type == JSON_OBJECT && i < parts->n && !in->failed; i++) {
        Part p = part_find(parts->keys[i]);
        if (p == PART_NONE) {
            read_fail(in, "a split has a part `%s`", parts->keys[i]);
            return;
        }
        const Json *item = &parts->items[i];
        SplitShare *share = &split->part[p];
        share->form = (ShareForm)read_word(in, item, "form", share_of_word);
        if (share->form == SHARE_PERCENT) share->share = read_number(in, json_get(item, "share"), "share");
        if (share->form == SHARE_UNTIL) share->until = read_text(in, item, "until", false);
        if (share->form == SHARE_COUNT) share->count = read_int(in, item, "count", 0, INT64_MAX / 2);
        if (!json_get(item, "values")) continue;
        size_t n_numbers;
        share->values = read_texts(in, item, "values", &share->n_values);
        share->numbers = read_numbers(in, item, "numbers", &n_numbers);
        share->value_spans = ARENA_ARRAY(in->arena, Span, share->n_values + 1);
        if (n_numbers != share->n_values) read_fail(in, "a split has values that do not agree");
    }
}

static Recipe *read_recipe(In *in, const Json *json)
{
    Recipe *recipe = ARENA_NEW(in->arena, Recipe);
    recipe->name = read_text(in, json, "name", false);
    recipe->path = read_text(in, json, "path", false);
    recipe->file = recipe->path;
    const Json *csv = json_get(json, "csv"), *split = json_get(json, "split"), *files = json_get(json, "part_files");
    recipe->csv = csv_of(in, csv);
    read_file_part(in, json, recipe);
    recipe->take = read_int(in, json, "take", 0, INT64_MAX / 2);
    recipe->take_shuffled = read_bool(json, "take_shuffled");
    recipe->drop_missing = read_bool(json, "drop_missing");
    read_time(in, json, recipe);
    read_columns(in, json, recipe);
    read_groups(in, json, recipe);
    read_targets(in, json, recipe);
    read_split(in, split, &recipe->split);
    for (int p = 0; p < PART_COUNT; p++) recipe->part_path[p] = recipe->part_file[p] = read_text(in, files, part_name((Part)p), true);
    recipe->weight = read_text(in, json, "weight", true);
    check_types(in, recipe);
    return recipe;
}

/* ---- The whole --------------------------------------------------------------------------------------------------------------------------- */

static void read_history(In *in, const Json *json, SavedHistory *h)
{
    if (!json || json->type != JSON_OBJECT) return;
    h->names = read_texts(in, json, "names", &h->n_names);
    const Json *values = read_list(in, json, "values");
    h->n_epochs = values->n;
    h->values = ARENA_ARRAY(in->arena, double *, values->n + 1);
    for (size_t e = 0; e < values->n && !in->failed; e++) {
        const Json *row = &values->items[e];
        if (row->type != JSON_LIST || row->n != h->n_names) read_fail(in, "the history has an epoch with the wrong number of figures");
        h->values[e] = ARENA_ARRAY(in->arena, double, h->n_names + 1);
        for (size_t i = 0; i < h->n_names && !in->failed; i++) h->values[e][i] = read_number(in, &row->items[i], "history");
    }
    size_t n_rates, n_seconds;
    double *rates = read_numbers(in, json, "rates", &n_rates), *seconds = read_numbers(in, json, "seconds", &n_seconds);
    if (n_rates && n_rates != h->n_epochs) read_fail(in, "the history has %zu epochs, but %zu learning rates", h->n_epochs, n_rates);
    if (n_seconds && n_seconds != h->n_epochs) read_fail(in, "the history has %zu epochs, but %zu times", h->n_epochs, n_seconds);
    h->rates = n_rates ? rates : NULL;
    h->seconds = n_seconds ? seconds : NULL;
}

static void read_scores(In *in, const Json *json, SavedExtras *out)
{
    if (!json_get(json, "scores")) return;
    const Json *list = read_list(in, json, "scores");
    SavedScore *scores = ARENA_ARRAY(in->arena, SavedScore, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const Json *baselines = read_list(in, &list->items[i], "baselines");
        SavedBaseline *known = ARENA_ARRAY(in->arena, SavedBaseline, baselines->n + 1);
        for (size_t b = 0; b < baselines->n; b++) {
            known[b].name = read_text(in, &baselines->items[b], "name", false);
            known[b].numbers = read_numbers(in, &baselines->items[b], "numbers", &known[b].n);
        }
        scores[i] = (SavedScore){.baselines = known, .n_baselines = baselines->n,
                                 .season = (size_t)read_int(in, &list->items[i], "season", 0, INT32_MAX),
                                 .threshold = read_number(in, json_get(&list->items[i], "threshold"), "threshold")};
    }
    out->scores = scores;
    out->n_scores = list->n;
}

static void read_params(In *in, const Json *json, SavedExtras *out)
{
    const Json *list = read_list(in, json, "params");
    SavedParam *params = ARENA_ARRAY(in->arena, SavedParam, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        params[i] = (SavedParam){read_text(in, &list->items[i], "name", false), read_text(in, &list->items[i], "value", false),
                                 read_text(in, &list->items[i], "description", true)};
    out->params = params;
    out->n_params = list->n;
}

static void read_outputs(In *in, const Json *json)
{
    size_t n;
    Graph *graph = in->r->graph;
    const char **names = read_texts(in, json, "outputs", &n);
    if (n != graph->outputs.n) {
        read_fail(in, "it names %zu outputs, but the model has %zu", n, graph->outputs.n);
        return;
    }
    for (size_t k = 0; k < n; k++) graph->outputs.at[k].name = names[k];
}

bool recipe_json_read(const RecipeJsonReader *r, const Json *json, SavedExtras *out)
{
    In in = {r, r->arena, false};
    *out = (SavedExtras){0};
    if (json->type != JSON_OBJECT) return read_fail(&in, "it is no object");
    const Json *format = json_get(json, "format");
    if (!format || !format->is_integer || format->integer < 1) return read_fail(&in, "it tells no `format`");
    if (format->integer > SAVED_FORMAT) {
        Diag *e = diag(r->diags, E0818, r->span, A("file", r->shown), AI("found", format->integer), AI("known", SAVED_FORMAT));
        diag_fix(e, E0818_help);
        diag_file_fault(e);
        return false;
    }
    read_outputs(&in, json);
    read_params(&in, json, out);
    out->seed = read_seed(&in, json, "seed");
    out->batch = read_int(&in, json, "batch", 0, INT32_MAX);
    out->trainings = (uint32_t)read_int(&in, json, "trainings", 0, UINT32_MAX);
    read_history(&in, json_get(json, "history"), &out->history);
    out->monitor = read_text(&in, json, "monitor", true);
    out->best = read_number(&in, json_get(json, "best"), "best");
    out->best_epoch = read_int(&in, json, "best_epoch", 0, INT64_MAX / 2);
    read_scores(&in, json, out);
    const Json *recipe = json_get(json, "recipe");
    if (in.failed || !recipe || recipe->type == JSON_NULL) return !in.failed;
    Recipe *read = read_recipe(&in, recipe);
    if (in.failed) return false;
    out->recipe = read;
    out->fit = read_fit(&in, json, read);
    size_t n_groups, n_targets;
    out->input_groups = read_places(&in, json, "input_groups", read->n_groups, &n_groups);
    out->output_targets = read_places(&in, json, "output_targets", read->n_targets, &n_targets);
    if (in.failed) return false;
    if (n_groups != r->graph->inputs.n || n_targets != r->graph->outputs.n) return read_fail(&in, "it does not fit the model's inputs and outputs");
    return read_fits_graph(&in, out);
}
