/* Whether a model and its plan stay below the limit: an estimate from shapes alone, in double, so that no product overflows. */
#include "runtime/plan/parts.h"

static double numbers(const Shape *shape)
{
    double product = shape->rows > 0 ? (double)shape->rows : 1;
    for (int i = 0; i < shape->rank; i++) product *= shape->dim[i] > 0 ? (double)shape->dim[i] : 1;
    return product;
}

static double weights_of(const Layer *layer)
{
    double sum = 0;
    for (size_t i = 0; i < layer->n_weights; i++) sum += numbers(&layer->weights[i].spec.shape);
    for (size_t i = 0; i < layer->n_inner; i++) sum += weights_of(layer->inner[i]);
    return sum;
}

/* "64 GB": decimal units, as the limit is told. */
static const char *bytes_text(Arena *arena, double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < sizeof units / sizeof *units) bytes /= 1000, unit++;
    return arena_printf(arena, "%s %s", str_figure(arena, bytes, 3), units[unit]);
}

static void report(const Graph *graph, double total, int64_t batch, bool training, double share_of_weights, Diags *diags)
{
    Arena *arena = arena_new("report of size");
    /* The first layer that alone takes a tenth of the limit; else the one that takes most. */
    const Layer *blamed = NULL;
    double most = -1;
    for (size_t i = 0; i < graph->layers.n; i++) {
        double bytes = weights_of(graph->layers.at[i]) * share_of_weights;
        if (bytes > most) most = bytes, blamed = graph->layers.at[i];
        if (bytes >= PLAN_LIMIT / 10) break;
    }
    Diag *e = diag(diags, E0780, blamed ? blamed->span : graph->span, A("model", graph->name ? graph->name : "model"),
                   A("bytes", bytes_text(arena, total)), A("limit", bytes_text(arena, PLAN_LIMIT)), AI("batch", batch));
    if (blamed)
        diag_primary(e, E0780_weights, A("layer", blamed->name ? blamed->name : blamed->kind->kind.name),
                     A("n", str_thousands(arena, (int64_t)(weights_of(blamed) < 9e18 ? weights_of(blamed) : 9e18))),
                     A("size", bytes_text(arena, weights_of(blamed) * sizeof(float))));
    diag_note(e, E0780_note, AI("batch", batch));
    if (training) diag_note(e, E0780_training);
    diag_fix(e, E0780_help);
    arena_free(arena);
}

bool model_fits(const Graph *graph, int64_t batch, bool training, Diags *diags)
{
    double weights = 0, flowing = 0, widest = 0;
    for (size_t i = 0; i < graph->layers.n; i++) weights += weights_of(graph->layers.at[i]);
    for (size_t i = 0; i < graph->wires.n; i++) {
        double n = numbers(&graph->wires.at[i]->shape);
        flowing += n;
        if (n > widest) widest = n;
    }
    /* Training keeps values, gradients and two slots of each weight, and each flowing number with its gradient. */
    double share = training ? 4 * sizeof(float) : sizeof(float);
    double total = weights * share + (training ? 2 * flowing : 2 * widest) * (double)batch * sizeof(float);
    if (total <= PLAN_LIMIT) return true;
    report(graph, total, batch, training, share, diags);
    return false;
}
