/* The tree printed back in the one layout (`nnl fmt`): four spaces a level, one statement, clause or layer a line, what
 * belongs to the clauses of a block in one column, likewise the `=` and first `->` of neighbouring wires and the comments
 * behind neighbouring lines. Kept from the text: comments and the column of the first of a run, single blank lines, and
 * where a chain, a call or a list goes on in a new line.
 *
 * Lines are made first, with the places where they may be widened, and aligned when all of a run are known. */
#include "src/syntax/format.h"

#include <string.h>

static bool is_clause(AstType type)
{
    return type >= AST_CLAUSE_ORDER && type <= AST_CLAUSE_UNKNOWN && type != AST_EVERY && type != AST_SHARE &&
           type != AST_DATE_PART && type != AST_PAIR;
}

/* ---- statements and lines ---- */

static void put_on(Writer *w, const Ast *on)
{
    format_put(w, " on ");
    if (on->path) {
        format_file(w, on->path);
        return;
    }
    format_put(w, on->name);
    if (on->word) {
        format_put(w, ".");
        format_put(w, on->word);
    }
}

static void put_named(Writer *w, const char *word, const Ast *node)
{
    format_put(w, word);
    format_put(w, " ");
    format_put(w, node->name);
}

/* The same for a statement that acts: those of neighbouring lines stand in one column. */
static void put_act(Writer *w, const char *word, const Ast *node)
{
    format_put(w, word);
    format_stop(w);
    format_put(w, " ");
    if (node) format_put(w, node->name);
}

static void put_path(Writer *w, const char *word, const Ast *path)
{
    if (!path) return;
    format_put(w, " ");
    format_put(w, word);
    format_put(w, " ");
    format_file(w, path);
}

static void put_block(Writer *w, const Ast *node, size_t indent);

static void put_acting(Writer *w, const Ast *node)
{
    switch ((int)node->type) {
    case AST_SHOW:
        put_act(w, "show", node);
        return;
    case AST_SUMMARY:
        put_act(w, "summary", node);
        return;
    case AST_SAVE:
        put_act(w, "save", node);
        put_path(w, "to", node->path);
        return;
    case AST_REPORT:
        put_act(w, "report", node);
        put_path(w, "to", node->path);
        return;
    case AST_EVALUATE:
        put_act(w, "evaluate", NULL);
        format_items(w, &node->args, w->indent + 4);
        put_on(w, node->on);
        format_say(w, "threshold", node->value);
        format_say(w, "season", node->extra);
        return;
    case AST_PREDICT:
        put_act(w, "predict", node);
        put_on(w, node->on);
        put_path(w, "to", node->path);
        return;
    case AST_FORECAST:
        put_act(w, "forecast", node);
        put_on(w, node->on);
        format_say(w, "for", node->value);
        format_put(w, " steps");
        put_path(w, "using", node->extra);
        put_path(w, "to", node->path);
        return;
    case AST_CROSS_VALIDATE:
        put_act(w, "cross_validate", node);
        put_on(w, node->on);
        format_say(w, "folds", node->value);
        format_say(w, "repeats", node->extra);
        return;
    case AST_PLOT:
        put_act(w, "plot", NULL);
        if (!str_eq(node->word, "model")) {
            format_put(w, node->word);
            format_put(w, " of ");
        }
        format_items(w, &node->args, w->indent + 4);
        if (node->on) put_on(w, node->on);
        put_path(w, "to", node->path);
        return;
    default:
        return;
    }
}

static bool is_acting(AstType type)
{
    return (type >= AST_EVALUATE && type <= AST_REPORT);
}

static void put_other(Writer *w, const Ast *node)
{
    switch ((int)node->type) {
    case AST_USE:
        format_put(w, "use ");
        if (node->name)
            format_put(w, node->name);
        else
            format_text(w, node->text, true);
        return;
    case AST_PARAM:
        put_named(w, "param", node);
        format_stop(w);
        format_put(w, " = ");
        format_node(w, node->value, BY_SUM);
        if (node->text) {
            format_stop(w);
            format_put(w, " ");
            format_text(w, node->text, false);
        }
        return;
    case AST_SEED:
        format_say(w, "seed", node->value);
        return;
    case AST_ALLOW:
        format_put(w, "allow ");
        format_items(w, &node->items, w->indent + 4);
        return;
    case AST_DATA:
        put_named(w, "data", node);
        format_put(w, node->value->type == AST_CALL ? " from sample " : " from ");
        format_file(w, node->value);
        return;
    case AST_MODEL:
        put_named(w, "model", node);
        put_path(w, "from", node->value);
        return;
    case AST_BLOCK:
        put_named(w, "block", node);
        if (node->args.n > 0) format_bracketed(w, node, &node->args, "(", ")");
        return;
    case AST_TRAIN:
        put_named(w, "train", node);
        put_on(w, node->on);
        return;
    case AST_INPUT:
        put_named(w, "input", node);
        if (node->flag) format_bracketed(w, node, &node->args, "[", "]");
        return;
    case AST_OUTPUT:
    case AST_LAYER:
        put_named(w, node->type == AST_OUTPUT ? "output" : "layer", node);
        if (node->value) {
            format_stop(w);
            format_put(w, " = ");
            format_node(w, node->value, BY_PRIMARY);
        }
        return;
    case AST_WIRE:
        format_items(w, &node->args, w->indent + 4);
        format_stop(w);
        format_put(w, " = ");
        format_node(w, node->value, BY_PRIMARY);
        return;
    case AST_LINE:
        format_node(w, node->value, BY_PRIMARY);
        return;
    case AST_REPEAT:
        format_say(w, "repeat", node->value);
        return;
    case AST_WEIGHTS_FROM:
        format_put(w, "weights from ");
        format_file(w, node->path);
        return;
    case AST_FREEZE:
    case AST_UNFREEZE:
        format_put(w, node->type == AST_FREEZE ? "freeze " : "unfreeze ");
        format_items(w, &node->args, w->indent + 4);
        return;
    default:
        return;
    }
}

static void blank(Writer *w)
{
    if (w->lines.n == 0) return;
    const Line *last = &w->lines.at[w->lines.n - 1];
    if (*last->text) VEC_PUSH(w->arena, w->lines, ((Line){.text = ""}));
}

static void full_comment(Writer *w, const AstComment *comment, size_t indent)
{
    Line line = {.indent = indent, .text = comment->text};
    VEC_PUSH(w->arena, w->lines, line);
}

/* The lines between the braces of a block, or of the script. */
static void put_lines(Writer *w, const Ast *block, size_t indent)
{
    size_t clauses = ++w->runs, run = clauses;
    for (size_t i = 0; i < block->items.n; i++) {
        const Ast *node = block->items.at[i];
        bool first = i == 0;
        for (const AstComment *c = node->comments; c; c = c->next) {
            if (c->behind) continue;
            if (c->blank_before && !first) blank(w);
            first = false;
            full_comment(w, c, indent);
        }
        if (node->blank_before && !first) blank(w);
        w->indent = indent;
        w->begin = w->lines.n;
        bool alone = node->blank_before || (node->comments && !node->comments->behind);
        if (is_clause(node->type)) {
            w->run = clauses;
            format_put(w, node->word);
            if (node->type != AST_CLAUSE_PART_FROM) format_stop(w);
            format_put(w, " ");
            format_clause(w, node);
        } else {
            bool like = i > 0 && !alone &&
                        (is_acting(node->type) ? is_acting(block->items.at[i - 1]->type)
                                               : node->type == block->items.at[i - 1]->type);
            if (!like) run = ++w->runs;
            w->run = run;
            if (is_acting(node->type))
                put_acting(w, node);
            else
                put_other(w, node);
        }
        bool braces = node->open.end > node->open.begin &&
                      (node->type == AST_DATA || node->type == AST_MODEL || node->type == AST_BLOCK ||
                       node->type == AST_TRAIN || node->type == AST_REPEAT);
        if (braces) put_block(w, node, indent);
        for (const AstComment *c = node->comments; c; c = c->next)
            if (c->behind) format_behind(w, c, indent);
        format_end_line(w);
    }
    bool first = block->items.n == 0;
    for (const AstComment *c = block->last; c; c = c->next) {
        if (c->blank_before && !first) blank(w);
        first = false;
        full_comment(w, c, indent);
    }
}

static void put_block(Writer *w, const Ast *node, size_t indent)
{
    if (node->items.n == 0 && !node->opening && !node->last) {
        format_put(w, " { }");
        return;
    }
    format_put(w, " {");
    for (const AstComment *c = node->opening; c; c = c->next) format_behind(w, c, indent + 4);
    format_end_line(w);
    put_lines(w, node, indent + 4);
    w->indent = indent;
    format_put(w, "}");
}

/* ---- alignment ---- */

static size_t width_of(const char *text, size_t n)
{
    return display_width(text, n, 0);
}

/* Puts blanks at one stop of every line of a run, so that what follows begins in one column. */
static void align(Writer *w, size_t which)
{
    size_t *widest = ARENA_ARRAY(w->arena, size_t, w->runs + 1);
    for (size_t i = 0; i < w->lines.n; i++) {
        const Line *line = &w->lines.at[i];
        size_t width = width_of(line->text, line->stops[which]);
        if (width > widest[line->run]) widest[line->run] = width;
    }
    for (size_t i = 0; i < w->lines.n; i++) {
        Line *line = &w->lines.at[i];
        size_t at = line->stops[which];
        if (at == 0) continue;
        size_t more = widest[line->run] - width_of(line->text, at);
        line->text = arena_printf(w->arena, "%.*s%*s%s", (int)at, line->text, (int)more, "", line->text + at);
        for (size_t later = which + 1; later < STOPS; later++)
            if (line->stops[later] > 0) line->stops[later] += more;
    }
}

static void print(const Writer *w, Buf *out)
{
    for (size_t i = 0; i < w->lines.n;) {
        /* A run of neighbouring lines with comments behind them. */
        size_t end = i, column = 0;
        while (end < w->lines.n && w->lines.at[end].comment) {
            const Line *line = &w->lines.at[end];
            size_t width = line->indent + width_of(line->text, strlen(line->text)) + 2;
            if (end == i) column = line->comment->column;
            if (width > column) column = width;
            end++;
        }
        if (end == i) end = i + 1;
        for (; i < end; i++) {
            const Line *line = &w->lines.at[i];
            size_t width = line->indent + width_of(line->text, strlen(line->text));
            if (*line->text) buf_printf(out, "%*s%s", (int)line->indent, "", line->text);
            if (line->comment) buf_printf(out, "%*s%s", (int)(column - width), "", line->comment->text);
            buf_char(out, '\n');
        }
    }
}

void ast_format(const Ast *script, Buf *out)
{
    Writer w = {.arena = out->arena, .text = buf_in(out->arena)};
    put_lines(&w, script, 0);
    for (size_t which = 0; which < STOPS; which++) align(&w, which);
    print(&w, out);
}
