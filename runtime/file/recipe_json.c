/* Writing nnl.json; see recipe_json.h. Keys are in a fixed order and numbers read back to the same bits. */
#include "runtime/file/recipe_json.h"

#include <math.h>

#include "runtime/file/keras_inside.h"
#include "runtime/file/recipe_words.h"

typedef struct {
    Arena *arena;
    JsonOut *o;
} Out;

static void text_key(const Out *w, const char *key, const char *text)
{
    json_key(w->o, key);
    if (text) json_text(w->o, text);
    else json_null(w->o);
}

static void int_key(const Out *w, const char *key, int64_t value)
{
    json_key(w->o, key);
    json_int(w->o, value);
}

static void bool_key(const Out *w, const char *key, bool value)
{
    json_key(w->o, key);
    json_bool(w->o, value);
}

static void texts_key(const Out *w, const char *key, const char *const *texts, size_t n)
{
    json_key(w->o, key);
    json_list(w->o);
    for (size_t i = 0; i < n; i++) json_text(w->o, texts[i]);
    json_list_end(w->o);
}

static void doubles_key(const Out *w, const char *key, const double *numbers, size_t n)
{
    json_key(w->o, key);
    json_list(w->o);
    for (size_t i = 0; i < n; i++) json_double(w->o, numbers[i]);
    json_list_end(w->o);
}

static void sizes_key(const Out *w, const char *key, const size_t *sizes, size_t n)
{
    json_key(w->o, key);
    json_list(w->o);
    for (size_t i = 0; i < n; i++) json_int(w->o, (int64_t)sizes[i]);
    json_list_end(w->o);
}

/* ---- Parts of a recipe ------------------------------------------------------------------------------------------------------ */

static void put_expr(const Out *w, const Expr *e)
{
    json_object(w->o);
    text_key(w, "op", expr_word(e->op));
    if (e->op == EXPR_NUMBER) {
        json_key(w->o, "number");
        json_double(w->o, e->number);
    }
    if (e->op == EXPR_TEXT) text_key(w, "text", e->text);
    if (e->op == EXPR_COLUMN) text_key(w, "column", e->name);
    if (e->op == EXPR_CALL) text_key(w, "function", e->function->name);
    if (e->op == EXPR_IN && e->flag) bool_key(w, "not", true);
    if (e->a) {
        json_key(w->o, "a");
        put_expr(w, e->a);
    }
    if (e->b) {
        json_key(w->o, "b");
        put_expr(w, e->b);
    }
    if (e->n_args) {
        json_key(w->o, "args");
        json_list(w->o);
        for (size_t i = 0; i < e->n_args; i++) put_expr(w, e->args[i]);
        json_list_end(w->o);
    }
    json_object_end(w->o);
}

static void put_kind(const Out *w, const char *key, const KindRef *ref)
{
    json_key(w->o, key);
    if (!ref->kind) {
        json_null(w->o);
        return;
    }
    json_object(w->o);
    text_key(w, "kind", ref->kind->name);
    json_key(w->o, "args");
    json_object(w->o);
    keras_put_args(w->arena, w->o, ref->kind, ref->args);
    json_object_end(w->o);
    json_object_end(w->o);
}

static void put_csv(const Out *w, const CsvOptions *csv)
{
    json_key(w->o, "csv");
    json_object(w->o);
    bool_key(w, "header_none", csv->header_none);
    texts_key(w, "header", csv->header, csv->n_header);
    char delimiter[2] = {csv->delimiter, 0};
    text_key(w, "delimiter", csv->delimiter ? delimiter : NULL);
    text_key(w, "encoding", csv->encoding);
    json_key(w->o, "missing");
    json_list(w->o);
    for (size_t i = 0; i < csv->n_missing; i++) json_text(w->o, csv->missing[i].text);
    json_list_end(w->o);
    json_key(w->o, "rename");
    json_list(w->o);
    for (size_t i = 0; i < csv->n_renames; i++) {
        json_object(w->o);
        text_key(w, "from", csv->renames[i].from);
        text_key(w, "to", csv->renames[i].to);
        json_object_end(w->o);
    }
    json_list_end(w->o);
    json_object_end(w->o);
}

static void put_columns(const Out *w, const Recipe *r)
{
    json_key(w->o, "columns");
    json_list(w->o);
    for (size_t i = 0; i < r->n_columns; i++) {
        const RecipeColumn *c = &r->columns[i];
        json_object(w->o);
        text_key(w, "name", c->name);
        text_key(w, "type", column_type_name(c->type));
        bool_key(w, "feature", c->is_feature);
        bool_key(w, "target", c->is_target);
        if (c->known) bool_key(w, "known", true);
        if (c->per_group) bool_key(w, "per_group", true);
        text_key(w, "fill", fill_word(c->fill));
        if (c->fill == FILL_LEARNED) put_kind(w, "fill_kind", &c->fill_kind);
        if (c->fill == FILL_NUMBER) {
            json_key(w->o, "fill_number");
            json_double(w->o, c->fill_number);
        }
        if (c->fill == FILL_TEXT) text_key(w, "fill_text", c->fill_text);
        put_kind(w, "encode", &c->encode);
        put_kind(w, "scale", &c->scale);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

static void put_groups(const Out *w, const Recipe *r)
{
    json_key(w->o, "groups");
    json_list(w->o);
    for (size_t i = 0; i < r->n_groups; i++) {
        const RecipeGroup *g = &r->groups[i];
        json_object(w->o);
        text_key(w, "name", g->name);
        bool_key(w, "named", g->named);
        sizes_key(w, "columns", g->columns, g->n_columns);
        json_key(w->o, "as");
        json_list(w->o);
        for (int d = 0; d < g->as.rank; d++) json_int(w->o, g->as.dim[d]);
        json_list_end(w->o);
        if (g->window) int_key(w, "window", (int64_t)g->window);
        if (g->window) int_key(w, "every", (int64_t)g->every);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

static void put_targets(const Out *w, const Recipe *r)
{
    json_key(w->o, "targets");
    json_list(w->o);
    for (size_t i = 0; i < r->n_targets; i++) {
        const RecipeTarget *t = &r->targets[i];
        json_object(w->o);
        text_key(w, "name", t->name);
        bool_key(w, "named", t->named);
        sizes_key(w, "columns", t->columns, t->n_columns);
        bool_key(w, "classes", t->classes);
        bool_key(w, "zero_one", t->zero_one);
        texts_key(w, "labels", t->labels, t->n_labels);
        if (t->label_numbers) doubles_key(w, "label_numbers", t->label_numbers, t->n_labels);
        int_key(w, "positive", (int64_t)t->positive);
        bool_key(w, "positive_given", t->positive_given);
        if (t->ahead_last) sizes_key(w, "ahead", (const size_t[]){t->ahead_first, t->ahead_last}, 2);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

/* A seed takes all 64 bits, more than a JSON reader of another program keeps: as a text. */
static void seed_key(const Out *w, const char *key, uint64_t seed)
{
    text_key(w, key, arena_printf(w->arena, "%llu", (unsigned long long)seed));
}

static void put_split(const Out *w, const Split *s)
{
    json_key(w->o, "split");
    json_object(w->o);
    text_key(w, "form", split_form_word(s->form));
    text_key(w, "order", split_order_word(s->order));
    bool_key(w, "order_given", s->order_given);
    seed_key(w, "seed", s->seed);
    text_key(w, "by", s->by);
    json_key(w->o, "sequence");
    json_list(w->o);
    for (size_t i = 0; i < s->n_parts; i++) json_text(w->o, part_name(s->sequence[i]));
    json_list_end(w->o);
    json_key(w->o, "parts");
    json_object(w->o);
    for (int p = 0; p < PART_COUNT; p++) {
        const SplitShare *share = &s->part[p];
        if (share->form == SHARE_NONE && !share->n_values) continue;
        json_key(w->o, part_name((Part)p));
        json_object(w->o);
        text_key(w, "form", share_word(share->form));
        if (share->form == SHARE_PERCENT) {
            json_key(w->o, "share");
            json_double(w->o, share->share);
        }
        if (share->form == SHARE_COUNT) int_key(w, "count", share->count);
        if (share->form == SHARE_UNTIL) text_key(w, "until", share->until);
        if (share->n_values) {
            texts_key(w, "values", share->values, share->n_values);
            doubles_key(w, "numbers", share->numbers, share->n_values);
        }
        json_object_end(w->o);
    }
    json_object_end(w->o);
    json_object_end(w->o);
}

static void put_dates(const Out *w, const Recipe *r)
{
    json_key(w->o, "dates");
    json_list(w->o);
    for (size_t i = 0; i < r->n_dates; i++) {
        json_object(w->o);
        text_key(w, "name", r->dates[i].name);
        texts_key(w, "from", r->dates[i].from, r->dates[i].n_from);
        text_key(w, "format", r->dates[i].format);
        text_key(w, "form", date_word(r->dates[i].form));
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

static void put_order(const Out *w, const RecipeOrder *order)
{
    json_key(w->o, "order");
    json_object(w->o);
    text_key(w, "form", order_word(order->form));
    json_key(w->o, "columns");
    json_list(w->o);
    for (size_t i = 0; i < order->n_columns; i++) {
        json_object(w->o);
        text_key(w, "name", order->columns[i].name);
        text_key(w, "role", role_word(order->columns[i].role));
        json_object_end(w->o);
    }
    json_list_end(w->o);
    int_key(w, "every", order->every);
    text_key(w, "unit", time_unit_name(order->unit));
    text_key(w, "merge", merge_word(order->merge));
    texts_key(w, "group", order->group, order->n_group);
    json_object_end(w->o);
}

static void put_recipe(const Out *w, const Recipe *r)
{
    json_object(w->o);
    text_key(w, "name", r->name);
    text_key(w, "path", r->path);
    put_csv(w, &r->csv);
    json_key(w->o, "file_columns");
    json_list(w->o);
    for (size_t i = 0; i < r->n_file_columns; i++) {
        json_object(w->o);
        text_key(w, "name", r->file_columns[i].name);
        text_key(w, "type", column_type_name(r->file_columns[i].type));
        json_object_end(w->o);
    }
    json_list_end(w->o);
    json_key(w->o, "derive");
    json_list(w->o);
    for (size_t i = 0; i < r->n_derives; i++) {
        json_object(w->o);
        text_key(w, "name", r->derives[i].name);
        json_key(w->o, "value");
        put_expr(w, r->derives[i].expr);
        json_object_end(w->o);
    }
    json_list_end(w->o);
    json_key(w->o, "where");
    json_list(w->o);
    for (size_t i = 0; i < r->n_wheres; i++) put_expr(w, r->wheres[i].expr);
    json_list_end(w->o);
    int_key(w, "take", r->take);
    bool_key(w, "take_shuffled", r->take_shuffled);
    bool_key(w, "drop_missing", r->drop_missing);
    put_dates(w, r);
    put_order(w, &r->order);
    int_key(w, "stride", r->stride ? (int64_t)r->stride : 1);
    put_columns(w, r);
    put_groups(w, r);
    put_targets(w, r);
    put_split(w, &r->split);
    json_key(w->o, "part_files");
    json_object(w->o);
    for (int p = 0; p < PART_COUNT; p++)
        if (r->part_path[p]) text_key(w, part_name((Part)p), r->part_path[p]);
    json_object_end(w->o);
    text_key(w, "weight", r->weight);
    json_object_end(w->o);
}

/* ---- What was learned ---------------------------------------------------------------------------------------------------------- */

static void put_state(const Out *w, const char *key, const TransformState *s)
{
    json_key(w->o, key);
    json_object(w->o);
    if (s->n_numbers) doubles_key(w, "numbers", s->numbers, s->n_numbers);
    if (s->n_texts) texts_key(w, "texts", s->texts, s->n_texts);
    if (s->constant) bool_key(w, "constant", true);
    json_object_end(w->o);
}

/* Of a column that is scaled for each series by itself. */
static void put_scales(const Out *w, const Fit *fit, const ColumnFit *column)
{
    if (!column->scales) return;
    json_key(w->o, "scales");
    json_list(w->o);
    for (size_t s = 0; s < fit->n_series; s++) {
        json_object(w->o);
        put_state(w, "scale", &column->scales[s]);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

static void put_fit(const Out *w, const Fit *fit)
{
    json_list(w->o);
    for (size_t i = 0; i < fit->n_columns; i++) {
        json_object(w->o);
        put_state(w, "fill", &fit->columns[i].fill);
        put_state(w, "encode", &fit->columns[i].encode);
        put_state(w, "scale", &fit->columns[i].scale);
        put_scales(w, fit, &fit->columns[i]);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

static void put_history(const Out *w, const SavedHistory *h)
{
    json_key(w->o, "history");
    json_object(w->o);
    texts_key(w, "names", h->names, h->n_names);
    json_key(w->o, "values");
    json_list(w->o);
    for (size_t e = 0; e < h->n_epochs; e++) {
        json_list(w->o);
        for (size_t i = 0; i < h->n_names; i++) json_double(w->o, h->values[e][i]);
        json_list_end(w->o);
    }
    json_list_end(w->o);
    doubles_key(w, "rates", h->rates, h->rates ? h->n_epochs : 0);
    doubles_key(w, "seconds", h->seconds, h->seconds ? h->n_epochs : 0);
    json_object_end(w->o);
}

static void put_scores(const Out *w, const SavedExtras *extras)
{
    json_key(w->o, "scores");
    json_list(w->o);
    for (size_t i = 0; i < extras->n_scores; i++) {
        const SavedScore *score = &extras->scores[i];
        json_object(w->o);
        json_key(w->o, "baselines");
        json_list(w->o);
        for (size_t b = 0; b < score->n_baselines; b++) {
            json_object(w->o);
            text_key(w, "name", score->baselines[b].name);
            doubles_key(w, "numbers", score->baselines[b].numbers, score->baselines[b].n);
            json_object_end(w->o);
        }
        json_list_end(w->o);
        int_key(w, "season", (int64_t)score->season);
        json_key(w->o, "threshold");
        json_double(w->o, score->threshold);
        json_object_end(w->o);
    }
    json_list_end(w->o);
}

void recipe_json_write(Arena *arena, const Graph *graph, const SavedExtras *extras, Buf *out)
{
    JsonOut o = json_out(out);
    Out w = {arena, &o};
    json_object(&o);
    int_key(&w, "format", SAVED_FORMAT);
    json_key(&o, "outputs");
    json_list(&o);
    for (size_t k = 0; k < graph->outputs.n; k++) json_text(&o, graph->outputs.at[k].name);
    json_list_end(&o);
    json_key(&o, "recipe");
    if (extras->recipe) put_recipe(&w, extras->recipe);
    else json_null(&o);
    if (extras->recipe) {
        json_key(&o, "fit");
        put_fit(&w, extras->fit);
        texts_key(&w, "series", extras->fit->series, extras->fit->n_series);
        sizes_key(&w, "input_groups", extras->input_groups, graph->inputs.n);
        sizes_key(&w, "output_targets", extras->output_targets, graph->outputs.n);
    }
    json_key(&o, "params");
    json_list(&o);
    for (size_t i = 0; i < extras->n_params; i++) {
        json_object(&o);
        text_key(&w, "name", extras->params[i].name);
        text_key(&w, "value", extras->params[i].value);
        text_key(&w, "description", extras->params[i].description);
        json_object_end(&o);
    }
    json_list_end(&o);
    seed_key(&w, "seed", extras->seed);
    int_key(&w, "batch", extras->batch);
    int_key(&w, "trainings", extras->trainings);
    put_history(&w, &extras->history);
    text_key(&w, "monitor", extras->monitor);
    json_key(&o, "best");
    json_double(&o, extras->monitor ? extras->best : (double)NAN);
    int_key(&w, "best_epoch", extras->best_epoch);
    put_scores(&w, extras);
    json_object_end(&o);
}
