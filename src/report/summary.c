/* summary.c: the table of a model's layers. Borders, widths of columns and places where texts are broken are those of Keras, which prints
 * by the library rich: columns end at fixed shares of the width, texts break between words, and a word too long ends in an ellipsis. */
#include "src/report/summary.h"

#include <string.h>

enum { MOST_COLUMNS = 4 };

typedef struct {
    const char *cell[MOST_COLUMNS];
} Row;

typedef struct {
    Arena *arena;
    const Graph *graph;
    Buf *out;
    bool chain; /* three columns: nothing to tell about what feeds what */
    int n_columns;
    int width[MOST_COLUMNS]; /* of the text in a cell */
} Summary;

/* ---- Cells --------------------------------------------------------------------------------------------------------- */

static size_t width_of(const char *text, size_t n) { return display_width(text, n, 0); }

/* At most `width` columns of the text; an ellipsis stands for what is cut off. */
static const char *cut(Arena *arena, const char *text, size_t n, size_t width)
{
    if (width_of(text, n) <= width) return arena_text(arena, text, n);
    size_t at = 0, columns = 0;
    for (;;) {
        size_t next = at, wide = display_cluster(text, n, &next, columns);
        if (columns + wide + 1 > width) break;
        columns += wide;
        at = next;
    }
    return arena_printf(arena, "%.*s…", (int)at, text);
}

/* Breaks a text between words into lines of at most `width` columns. */
static size_t break_lines(Arena *arena, const char *text, size_t width, const char **lines, size_t most)
{
    size_t n = 0, length = strlen(text), begin = 0, end = 0;
    while (begin < length && n < most) {
        end = begin;
        for (size_t at = begin; at < length;) {
            size_t word_end = at + strcspn(text + at, " ");
            if (at > begin && width_of(text + begin, word_end - begin) > width) break;
            end = word_end;
            at = word_end + strspn(text + word_end, " ");
        }
        lines[n++] = cut(arena, text + begin, end - begin, width);
        begin = end + strspn(text + end, " ");
    }
    if (n == 0) lines[n++] = "";
    return n;
}

static void put_repeated(Buf *out, const char *text, int n)
{
    for (int i = 0; i < n; i++) buf_put(out, text);
}

static void put_border(Summary *s, const char *left, const char *line, const char *cross, const char *right)
{
    buf_put(s->out, left);
    for (int i = 0; i < s->n_columns; i++) {
        if (i) buf_put(s->out, cross);
        put_repeated(s->out, line, s->width[i] + 2);
    }
    buf_printf(s->out, "%s\n", right);
}

static void put_row(Summary *s, const Row *row, const char *bar)
{
    enum { MOST_LINES = 200 };
    const char *lines[MOST_COLUMNS][MOST_LINES];
    size_t n[MOST_COLUMNS], height = 1;
    for (int i = 0; i < s->n_columns; i++) {
        n[i] = break_lines(s->arena, row->cell[i], (size_t)s->width[i], lines[i], MOST_LINES);
        if (n[i] > height) height = n[i];
    }
    for (size_t line = 0; line < height; line++) {
        buf_put(s->out, bar);
        for (int i = 0; i < s->n_columns; i++) {
            const char *text = line < n[i] ? lines[i][line] : "";
            int pad = s->width[i] - (int)width_of(text, strlen(text));
            bool right = i == 2;
            buf_char(s->out, ' ');
            if (right) put_repeated(s->out, " ", pad);
            buf_put(s->out, text);
            if (!right) put_repeated(s->out, " ", pad);
            buf_printf(s->out, " %s", bar);
        }
        buf_char(s->out, '\n');
    }
}

/* ---- Layers -------------------------------------------------------------------------------------------------------- */

/* Whether each call takes what the one before it gives, and nothing else, from one input on. */
static bool is_chain(const Graph *graph)
{
    if (graph->inputs.n != 1) return false;
    for (size_t i = 0; i < graph->shown.n; i++) {
        const Call *call = graph->shown.at[i];
        if (call->n_in != 1 || call->layer->n_calls != 1) return false;
        const Wire *in = call->in[0];
        if (i == 0 ? in != graph->inputs.at[0].wire : !in->maker || call_shown(in->maker) != graph->shown.at[i - 1]) return false;
    }
    return true;
}

static const char *shapes_of(Summary *s, const Call *call)
{
    if (call->n_out == 1) return shape_keras(s->arena, &call->out[0]->shape);
    Buf text = buf_in(s->arena);
    for (int i = 0; i < call->n_out; i++) buf_printf(&text, "%s%s", i ? ", " : "[", shape_keras(s->arena, &call->out[i]->shape));
    buf_char(&text, ']');
    return text.at;
}

/* "h1[0][0]": the layer, which of its calls, which of that call's results. */
static void put_feeder(const Wire *wire, Buf *text)
{
    if (text->n) buf_put(text, ", ");
    if (!wire->maker) {
        buf_printf(text, "%s[0][0]", wire->name);
        return;
    }
    const Call *maker = call_shown(wire->maker);
    int port = wire->port;
    for (int i = 0; i < maker->n_out; i++)
        if (maker->out[i] == wire) port = i;
    buf_printf(text, "%s[%d][%d]", maker->layer->name, maker->nth, port);
}

/* What feeds each layer, over all its calls, and the shape of the first call: gathered in one walk over the calls. */
typedef struct {
    Buf feeders;
    const char *shapes;
} Fed;

static Fed *gather(Summary *s)
{
    Fed *fed = ARENA_ARRAY(s->arena, Fed, s->graph->layers.n);
    for (size_t i = 0; i < s->graph->shown.n; i++) {
        const Call *call = s->graph->shown.at[i];
        Fed *of = &fed[call->layer->index];
        if (!of->shapes) {
            of->feeders = buf_in(s->arena);
            of->shapes = shapes_of(s, call);
        }
        for (int j = 0; j < call->n_in; j++) put_feeder(call->in[j], &of->feeders);
    }
    return fed;
}

static void put_layers(Summary *s)
{
    Fed *fed = gather(s);
    bool first = true;
    for (size_t i = 0; i < s->graph->inputs.n && !s->graph->sequential; i++) {
        const GraphPort *port = &s->graph->inputs.at[i];
        if (!first) put_border(s, "├", "─", "┼", "┤");
        first = false;
        put_row(s, &(Row){{arena_printf(s->arena, "%s (InputLayer)", port->name), shape_keras(s->arena, &port->wire->shape), "0", "-"}}, "│");
    }
    for (size_t i = 0; i < s->graph->layers.n; i++) {
        const Layer *layer = s->graph->layers.at[i];
        const Kind *kind = &layer->kind->kind;
        if (!first) put_border(s, "├", "─", "┼", "┤");
        first = false;
        put_row(s, &(Row){{arena_printf(s->arena, "%s (%s)", layer->name, kind->keras ? kind->keras : kind->name), fed[i].shapes,
                           str_thousands(s->arena, layer_parameters(layer)), fed[i].feeders.at}}, "│");
    }
}

/* ---- Totals -------------------------------------------------------------------------------------------------------- */

/* Numbers the optimizer keeps: its slots and averages, the count of steps, and the learning rate unless a schedule gives it. */
static int64_t optimizer_numbers(const OptimizerState *optimizer, int64_t trained)
{
    if (!optimizer || !optimizer->ref.kind) return 0;
    const OptimizerCommon *common = optimizer->ref.args;
    int64_t sets = optimizer->n_slots + (optimizer->average != NULL) + (optimizer->sum != NULL);
    return sets * trained + 1 + (common->learning_rate.kind.kind == NULL);
}

static void put_total(Summary *s, const char *what, int64_t n)
{
    buf_printf(s->out, " %s params: %s (%s)\n", what, str_thousands(s->arena, n), str_bytes(s->arena, (double)n * 4));
}

void summary_print_wide(const Graph *graph, const OptimizerState *optimizer, int width, Buf *out)
{
    Summary s = {.arena = out->arena, .graph = graph, .out = out, .chain = is_chain(graph)};
    static const double shares[2][MOST_COLUMNS] = {{0.3, 0.56, 0.74, 1.0}, {0.45, 0.8, 1.0, 0}};
    s.n_columns = s.chain ? 3 : 4;
    for (int i = 0, bar = 0; i < s.n_columns; i++) {
        int next = 1 + (int)(shares[s.chain][i] * (width - 2));
        s.width[i] = next - bar - 3;
        bar = next;
    }
    buf_printf(out, "Model: \"%s\"\n", graph->name);
    put_border(&s, "┏", "━", "┳", "┓");
    put_row(&s, &(Row){{"Layer (type)", "Output Shape", "Param #", "Connected to"}}, "┃");
    put_border(&s, "┡", "━", "╇", "┩");
    put_layers(&s);
    put_border(&s, "└", "─", "┴", "┘");
    int64_t all = graph_parameters(graph), trained = graph_trainable(graph), numbers = optimizer_numbers(optimizer, trained);
    put_total(&s, "Total", all + numbers);
    put_total(&s, "Trainable", trained);
    put_total(&s, "Non-trainable", all - trained);
    if (numbers > 0) put_total(&s, "Optimizer", numbers);
}

void summary_print(const Graph *graph, const OptimizerState *optimizer, Buf *out)
{
    summary_print_wide(graph, optimizer, is_chain(graph) ? 80 : 110, out);
}
