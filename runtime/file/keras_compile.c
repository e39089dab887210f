/* Compile settings in Keras's config.json: optimizer, losses, weights of losses, metrics. See keras_inside.h.
 *
 * They are no part of what a model says, so what is not known in them (a loss of the user's own, a metric we lack) leaves the model uncompiled:
 * it predicts, and a script names its own. Code in them is refused like anywhere else. */
#include <math.h>
#include <string.h>

#include "runtime/file/keras_inside.h"

static bool is_null(const Json *json)
{
    return !json || json->type == JSON_NULL;
}

/* Whether Python code is hidden anywhere in it. */
static bool holds_code(const Json *json)
{
    const char *class_name = keras_text(json, "class_name");
    if (class_name && str_eq(class_name, "__lambda__")) return true;
    for (size_t i = 0; i < json->n; i++)
        if (holds_code(&json->items[i])) return true;
    return false;
}

/* The settings of outputs come alone, in a list, or by the outputs' names. NULL: none for this output. */
static const Json *of_output(const Graph *graph, const Json *json, size_t k, bool single_is_list)
{
    if (is_null(json)) return NULL;
    if (json->type == JSON_OBJECT && !keras_text(json, "class_name")) return json_get(json, graph->outputs.at[k].name);
    if (json->type == JSON_LIST && !(single_is_list && graph->outputs.n == 1)) return k < json->n ? &json->items[k] : NULL;
    return json;
}

static bool read_losses(KerasReader *r, const Json *config, KerasCompile *out)
{
    const Json *losses = json_get(config, "loss"), *weights = json_get(config, "loss_weights");
    for (size_t k = 0; k < r->graph->outputs.n; k++) {
        const Json *loss = of_output(r->graph, losses, k, false), *weight = of_output(r->graph, weights, k, false);
        if (!is_null(loss) && !keras_kind(r, "the model", "loss", FAMILY_LOSS, loss, &out->losses[k])) return false;
        out->weights[k] = weight && weight->type == JSON_NUMBER ? weight->number : 1.0;
    }
    return true;
}

static bool read_metrics(KerasReader *r, const Json *config, KerasCompile *out)
{
    const Json *metrics = json_get(config, "metrics");
    for (size_t k = 0; k < r->graph->outputs.n; k++) {
        const Json *list = of_output(r->graph, metrics, k, true);
        if (is_null(list)) continue;
        bool nested = list->type == JSON_LIST && list->n == 1 && list->items[0].type == JSON_LIST;
        if (nested) list = &list->items[0];
        const Json *items = list->type == JSON_LIST ? list->items : list;
        size_t n = list->type == JSON_LIST ? list->n : 1;
        out->metrics[k] = ARENA_ARRAY(r->arena, struct KerasMetric, n + 1);
        for (size_t i = 0; i < n; i++) {
            struct KerasMetric *metric = &out->metrics[k][out->n_metrics[k]];
            if (is_null(&items[i])) continue;
            if (items[i].type == JSON_TEXT && (str_eq(items[i].text, "acc") || str_eq(items[i].text, "accuracy"))) {
                const Kind *kind = kind_find(FAMILY_METRIC, "accuracy");
                metric->ref = (KindRef){kind, kind ? kind_defaults(r->arena, kind) : NULL};
            } else if (!keras_kind(r, "the model", "metrics", FAMILY_METRIC, &items[i], &metric->ref)) {
                return false;
            }
            const char *name = keras_text(json_get(&items[i], "config"), "name");
            metric->name = name ? name : items[i].type == JSON_TEXT ? items[i].text : metric->ref.kind->name;
            out->n_metrics[k]++;
        }
    }
    return true;
}

bool keras_compile(KerasReader *r, const Json *config, KerasCompile *out)
{
    size_t n = r->graph->outputs.n;
    *out = (KerasCompile){0};
    if (is_null(config) || config->type != JSON_OBJECT || config->n == 0) return true;
    if (holds_code(config)) return keras_broken(r, "its compile settings hold Python code, which is never run");
    KerasCompile found = {0};
    found.losses = ARENA_ARRAY(r->arena, KindRef, n);
    found.weights = ARENA_ARRAY(r->arena, double, n);
    found.metrics = ARENA_ARRAY(r->arena, struct KerasMetric *, n);
    found.n_metrics = ARENA_ARRAY(r->arena, size_t, n);
    KerasReader quiet = *r;
    quiet.diags = diags_new(r->arena, diags_sources(r->diags));
    const Json *optimizer = json_get(config, "optimizer");
    if (is_null(optimizer) || !keras_kind(&quiet, "the model", "optimizer", FAMILY_OPTIMIZER, optimizer, &found.optimizer)) return true;
    if (!read_losses(&quiet, config, &found) || !read_metrics(&quiet, config, &found)) return true;
    *out = found;
    return true;
}
