/* The tree printed back in the one layout (`nnl fmt`): four spaces a level, one statement, clause or layer a line, what
 * belongs to the clauses of a block in one column, likewise the `=` and first `->` of neighbouring wires and the comments
 * behind neighbouring lines. Kept from the text: comments and the column of the first of a run, single blank lines, and
 * where a chain, a call or a list goes on in a new line.
 *
 * Lines are made first, with the places where they may be widened, and aligned when all of a run are known. */
#include "src/syntax/ast.h"
#include "src/syntax/comments.h"

#include <string.h>

enum { STOPS = 2 };

typedef struct {
    size_t indent;
    size_t stops[STOPS]; /* bytes of the text before which blanks may be put, in order; 0: none */
    size_t run;          /* lines of one run are aligned with each other */
    const char *text;
    const AstComment *comment; /* behind it, or NULL */
} Line;

typedef struct {
    Arena *arena;
    VEC(Line) lines;
    Buf text;          /* of the line being made */
    size_t indent;     /* of the line being made */
    size_t stops[STOPS], run;
    size_t begin;      /* line that the statement begins with */
    size_t runs;
    size_t next_indent; /* of the line that `breaking` begins */
    bool breaking;      /* what comes next begins a new line */
    const AstComment *comment;
} Writer;

static void end_line(Writer *w)
{
    Line line = {.indent = w->indent,
                 .stops = {w->stops[0], w->stops[1]},
                 .run = w->run,
                 .text = w->text.n > 0 ? w->text.at : "",
                 .comment = w->comment};
    VEC_PUSH(w->arena, w->lines, line);
    w->text = buf_in(w->arena);
    w->stops[0] = w->stops[1] = 0;
    w->run = 0;
    w->comment = NULL;
    w->breaking = false;
}

static void put(Writer *w, const char *text)
{
    if (w->breaking) {
        size_t indent = w->next_indent;
        end_line(w);
        w->indent = indent;
    }
    buf_put(&w->text, text);
}

static void space(Writer *w)
{
    if (!w->breaking) put(w, " ");
}

/* What comes next may be moved to the right, to stand under its like in the lines around. */
static void stop(Writer *w)
{
    if (w->lines.n != w->begin || w->breaking) return;
    w->stops[w->stops[0] > 0] = w->text.n;
}

static void break_line(Writer *w, size_t indent)
{
    w->breaking = true;
    w->next_indent = indent;
}

/* A comment that keeps its own line in the middle of a statement. */
static void own_comment(Writer *w, const AstComment *comment, size_t indent)
{
    if (w->text.n > 0 || w->comment) end_line(w);
    w->indent = indent;
    buf_put(&w->text, comment->text);
    break_line(w, indent);
}

static void behind_comment(Writer *w, const AstComment *comment, size_t indent)
{
    if (w->comment) {
        own_comment(w, comment, indent);
        return;
    }
    w->comment = comment;
    break_line(w, indent);
}

/* ---- expressions ---- */

enum { BY_TEST, BY_AND, BY_NOT, BY_RELATION, BY_SUM, BY_PRODUCT, BY_SIGN, BY_PRIMARY };

static int binding(const Ast *node)
{
    if (node->type == AST_IN) return BY_RELATION;
    if (node->type == AST_UNARY) return str_eq(node->word, "not") ? BY_NOT : BY_SIGN;
    if (node->type != AST_BINARY) return BY_PRIMARY;
    if (str_eq(node->word, "or")) return BY_TEST;
    if (str_eq(node->word, "and")) return BY_AND;
    if (str_eq(node->word, "+") || str_eq(node->word, "-")) return BY_SUM;
    if (str_eq(node->word, "*") || str_eq(node->word, "/")) return BY_PRODUCT;
    return BY_RELATION;
}

/* In a file's name `\t` and `\n` are taken for folders of Windows, so their characters are written by number. */
static void put_text(Writer *w, const char *text, bool file)
{
    Buf out = buf_in(w->arena);
    buf_char(&out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') buf_printf(&out, "\\%c", c);
        else if (c == '\n' && !file) buf_put(&out, "\\n");
        else if (c == '\t' && !file) buf_put(&out, "\\t");
        else if (c < 0x20 || c == 0x7F) buf_printf(&out, "\\u{%X}", c);
        else buf_char(&out, (char)c);
    }
    buf_char(&out, '"');
    put(w, out.at);
}

static void put_node(Writer *w, const Ast *node, int least);

/* Comments before a part and the line end that the text had there. */
static void begin_part(Writer *w, const Ast *part, size_t indent, bool first)
{
    for (const AstComment *c = part->comments; c; c = c->next)
        if (!c->behind) own_comment(w, c, indent);
    if (part->broken && !first) break_line(w, indent);
}

static void end_part(Writer *w, const Ast *part, size_t indent)
{
    for (const AstComment *c = part->comments; c; c = c->next)
        if (c->behind) behind_comment(w, c, indent);
}

/* Items with commas between. */
static void put_items(Writer *w, const AstList *list, size_t indent)
{
    for (size_t i = 0; i < list->n; i++) {
        const Ast *part = list->at[i];
        begin_part(w, part, indent, i == 0);
        if (i > 0) space(w);
        put_node(w, part, BY_SUM);
        if (i + 1 < list->n) put(w, ",");
        end_part(w, part, indent);
    }
}

/* The same in brackets: where the first item begins a line, the closing bracket does too. */
static void put_bracketed(Writer *w, const Ast *node, const AstList *list, const char *open, const char *close)
{
    put(w, open);
    size_t outer = w->indent, indent = outer + 4;
    bool hanging = list->n > 0 && (list->at[0]->broken || (list->at[0]->comments && !list->at[0]->comments->behind));
    if (hanging) break_line(w, indent);
    put_items(w, list, indent);
    for (const AstComment *c = node->last; c; c = c->next) own_comment(w, c, indent);
    if (hanging || w->breaking) break_line(w, outer);
    put(w, close);
}

static void put_chain(Writer *w, const Ast *chain)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < chain->items.n; i++) {
        const Ast *link = chain->items.at[i];
        begin_part(w, link, indent, i == 0);
        if (i == 1 && chain->items.at[0]->type == AST_NAME) stop(w);
        if (i > 0) {
            space(w);
            put(w, "-> ");
        }
        put_node(w, link, BY_PRIMARY);
        end_part(w, link, indent);
    }
}

static void put_bare(Writer *w, const Ast *node)
{
    switch ((int)node->type) {
    case AST_NAME: put(w, node->name); return;
    case AST_NUMBER:
    case AST_PERCENT: put(w, node->text); return;
    case AST_TEXT: put_text(w, node->text, false); return;
    case AST_TRUE: put(w, "true"); return;
    case AST_FALSE: put(w, "false"); return;
    case AST_NONE: put(w, "none"); return;
    case AST_NUMBERS: put(w, "numbers"); return;
    case AST_TEXTS: put(w, "texts"); return;
    case AST_ALL:
        put(w, "all");
        if (node->items.n > 0) {
            put(w, " except ");
            put_items(w, &node->items, w->indent + 4);
        }
        return;
    case AST_LIST: put_bracketed(w, node, &node->items, "[", "]"); return;
    case AST_CALL:
        put(w, node->name);
        if (node->flag) put_bracketed(w, node, &node->args, "(", ")");
        return;
    case AST_ARG:
        if (node->name) {
            put(w, node->name);
            if (node->value) put(w, "=");
        }
        if (node->value) put_node(w, node->value, BY_SUM);
        return;
    case AST_UNARY:
        put(w, str_eq(node->word, "not") ? "not " : "-");
        put_node(w, node->value, binding(node));
        return;
    case AST_BINARY: {
        int own = binding(node);
        put_node(w, node->value, own == BY_RELATION ? own + 1 : own);
        put(w, " ");
        put(w, node->word);
        put(w, " ");
        put_node(w, node->extra, own + 1);
        return;
    }
    case AST_IN:
        put_node(w, node->value, BY_SUM);
        put(w, node->flag ? " not in " : " in ");
        put_bracketed(w, node, &node->items, "(", ")");
        return;
    case AST_IF:
        put(w, "if(");
        put_node(w, node->value, BY_TEST);
        put(w, ", ");
        put_node(w, node->extra, BY_SUM);
        put(w, ", ");
        put_node(w, node->extra2, BY_SUM);
        put(w, ")");
        return;
    case AST_RANGE:
        put_node(w, node->value, BY_SUM);
        put(w, "..");
        put_node(w, node->extra, BY_SUM);
        return;
    case AST_CHAIN: put_chain(w, node); return;
    case AST_DATE_PART: put_node(w, node->value, BY_PRIMARY); return;
    default: return;
    }
}

static void put_file(Writer *w, const Ast *path)
{
    if (path->type == AST_TEXT) put_text(w, path->text, true);
    else put_node(w, path, BY_PRIMARY);
}

static void put_node(Writer *w, const Ast *node, int least)
{
    bool parentheses = node->grouped || binding(node) < least;
    if (parentheses) put(w, "(");
    put_bare(w, node);
    if (parentheses) put(w, ")");
}

/* ---- clauses ---- */

static void say(Writer *w, const char *word, const Ast *node)
{
    if (!node) return;
    if (w->text.n > 0) space(w);
    put(w, word);
    if (*word) put(w, " ");
    put_node(w, node, BY_SUM);
}

static void put_pairs(Writer *w, const AstList *pairs, const char *sign)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < pairs->n; i++) {
        const Ast *pair = pairs->at[i];
        begin_part(w, pair, indent, i == 0);
        if (i > 0) space(w);
        put_node(w, pair->value, BY_SUM);
        put(w, sign);
        put_node(w, pair->extra, BY_SUM);
        if (i + 1 < pairs->n) put(w, ",");
        end_part(w, pair, indent);
    }
}

static void put_shares(Writer *w, const AstList *shares)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < shares->n; i++) {
        const Ast *share = shares->at[i];
        begin_part(w, share, indent, i == 0);
        if (i > 0) space(w);
        put(w, share->word);
        put(w, share->flag ? " until " : " ");
        if (share->value) put_node(w, share->value, BY_SUM);
        else if (share->open.end > share->open.begin) put_bracketed(w, share, &share->items, "[", "]");
        else put_items(w, &share->items, indent);
        if (i + 1 < shares->n) put(w, ",");
        end_part(w, share, indent);
    }
}

/* Columns or outputs before a colon. */
static void put_scope(Writer *w, const AstList *scope)
{
    if (scope->n == 0) return;
    put_items(w, scope, w->indent + 4);
    put(w, ": ");
}

static void put_target(Writer *w, const Ast *node)
{
    if (node->flag) put(w, " as class");
    say(w, "ahead", node->value);
    say(w, "positive", node->extra);
}

/* What stands behind the clause's word. */
static void put_clause(Writer *w, const Ast *node)
{
    size_t indent = w->indent + 4;
    switch ((int)node->type) {
    case AST_CLAUSE_ORDER:
        put(w, node->flag ? "as given" : "by ");
        put_items(w, &node->items, indent);
        if (node->extra) {
            say(w, "every", node->extra->value);
            put(w, " ");
            put(w, node->extra->word);
            if (node->extra->text) {
                put(w, " ");
                put(w, node->extra->text);
            }
        }
        return;
    case AST_CLAUSE_GROUP:
        put(w, "by ");
        put_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_FEATURES:
    case AST_CLAUSE_TARGET:
        if (node->name) {
            put(w, node->name);
            put(w, ": ");
        }
        put_items(w, &node->items, indent);
        if (node->type == AST_CLAUSE_TARGET) {
            put_target(w, node);
        } else if (node->args.n > 0 || node->open.end > node->open.begin) {
            space(w);
            put(w, "as ");
            put_bracketed(w, node, &node->args, "[", "]");
        }
        return;
    case AST_CLAUSE_ENCODE:
    case AST_CLAUSE_FILL:
    case AST_CLAUSE_SCALE:
        put_scope(w, &node->items);
        put_node(w, node->value, BY_SUM);
        if (node->type == AST_CLAUSE_SCALE && node->flag) put(w, " per group");
        return;
    case AST_CLAUSE_DROP: put(w, "missing"); return;
    case AST_CLAUSE_WINDOW:
        if (node->name) {
            put(w, node->name);
            put(w, ": ");
        }
        put_node(w, node->value, BY_SUM);
        say(w, "stride", node->extra);
        say(w, "every", node->extra2);
        return;
    case AST_CLAUSE_SPLIT:
        put_shares(w, &node->items);
        if (node->word2) {
            space(w);
            put(w, node->word2);
            if (node->close.end > node->close.begin) put_bracketed(w, node, &node->args, "(", ")");
        }
        return;
    case AST_CLAUSE_SPLIT_BY:
        put(w, "by ");
        if (node->text) put_text(w, node->text, false);
        else put(w, node->name);
        put(w, ": ");
        put_shares(w, &node->items);
        return;
    case AST_CLAUSE_PART_FROM:
        put(w, "from ");
        put_file(w, node->path);
        return;
    case AST_CLAUSE_WEIGHT:
        if (node->text) put_text(w, node->text, false);
        else put(w, node->name);
        return;
    case AST_CLAUSE_HEADER:
        if (node->flag) put(w, "none");
        put_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_DELIMITER:
        if (node->flag) put(w, "blanks");
        else put_node(w, node->value, BY_PRIMARY);
        return;
    case AST_CLAUSE_NUMBER:
        put_items(w, &node->items, indent);
        say(w, "strip", node->value);
        return;
    case AST_CLAUSE_DATE:
        if (node->name) {
            put(w, node->name);
            put(w, " from ");
        }
        put_items(w, &node->items, indent);
        say(w, "as", node->value);
        return;
    case AST_CLAUSE_RENAME: put_pairs(w, &node->items, ": "); return;
    case AST_CLAUSE_JOIN:
        put_file(w, node->path);
        put(w, " on ");
        put_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_DERIVE:
        put(w, node->name);
        put(w, " = ");
        put_node(w, node->value, BY_TEST);
        return;
    case AST_CLAUSE_REPLACE:
        put_scope(w, &node->items);
        put_pairs(w, &node->args, " = ");
        return;
    case AST_CLAUSE_WHERE: put_node(w, node->value, BY_TEST); return;
    case AST_CLAUSE_TAKE:
        put_node(w, node->value, BY_SUM);
        put(w, node->flag ? " rows shuffled" : " rows");
        return;
    case AST_CLAUSE_LOSS:
    case AST_CLAUSE_LOSS_WEIGHTS:
        put_scope(w, &node->args);
        put_node(w, node->value, BY_SUM);
        return;
    case AST_CLAUSE_KNOWN:
    case AST_CLAUSE_MISSING: put_items(w, &node->items, indent); return;
    case AST_CLAUSE_METRICS:
        put_scope(w, &node->args);
        put_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_CLASS_WEIGHT:
        if (node->flag) put(w, "balanced");
        put_pairs(w, &node->items, ": ");
        return;
    default:
        if (node->value) put_node(w, node->value, BY_SUM);
        return;
    }
}

static bool is_clause(AstType type)
{
    return type >= AST_CLAUSE_ORDER && type <= AST_CLAUSE_UNKNOWN && type != AST_EVERY && type != AST_SHARE &&
           type != AST_DATE_PART && type != AST_PAIR;
}

/* ---- statements and lines ---- */

static void put_on(Writer *w, const Ast *on)
{
    put(w, " on ");
    if (on->path) {
        put_file(w, on->path);
        return;
    }
    put(w, on->name);
    if (on->word) {
        put(w, ".");
        put(w, on->word);
    }
}

static void put_named(Writer *w, const char *word, const Ast *node)
{
    put(w, word);
    put(w, " ");
    put(w, node->name);
}

/* The same for a statement that acts: those of neighbouring lines stand in one column. */
static void put_act(Writer *w, const char *word, const Ast *node)
{
    put(w, word);
    stop(w);
    put(w, " ");
    if (node) put(w, node->name);
}

static void put_path(Writer *w, const char *word, const Ast *path)
{
    if (!path) return;
    put(w, " ");
    put(w, word);
    put(w, " ");
    put_file(w, path);
}

static void put_block(Writer *w, const Ast *node, size_t indent);

static void put_acting(Writer *w, const Ast *node)
{
    switch ((int)node->type) {
    case AST_SHOW: put_act(w, "show", node); return;
    case AST_SUMMARY: put_act(w, "summary", node); return;
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
        put_items(w, &node->args, w->indent + 4);
        put_on(w, node->on);
        say(w, "threshold", node->value);
        say(w, "season", node->extra);
        return;
    case AST_PREDICT:
        put_act(w, "predict", node);
        put_on(w, node->on);
        put_path(w, "to", node->path);
        return;
    case AST_FORECAST:
        put_act(w, "forecast", node);
        put_on(w, node->on);
        say(w, "for", node->value);
        put(w, " steps");
        put_path(w, "using", node->extra);
        put_path(w, "to", node->path);
        return;
    case AST_CROSS_VALIDATE:
        put_act(w, "cross_validate", node);
        put_on(w, node->on);
        say(w, "folds", node->value);
        say(w, "repeats", node->extra);
        return;
    case AST_PLOT:
        put_act(w, "plot", NULL);
        if (!str_eq(node->word, "model")) {
            put(w, node->word);
            put(w, " of ");
        }
        put_items(w, &node->args, w->indent + 4);
        if (node->on) put_on(w, node->on);
        put_path(w, "to", node->path);
        return;
    default: return;
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
        put(w, "use ");
        if (node->name) put(w, node->name);
        else put_text(w, node->text, true);
        return;
    case AST_PARAM:
        put_named(w, "param", node);
        stop(w);
        put(w, " = ");
        put_node(w, node->value, BY_SUM);
        if (node->text) {
            stop(w);
            put(w, " ");
            put_text(w, node->text, false);
        }
        return;
    case AST_SEED: say(w, "seed", node->value); return;
    case AST_ALLOW:
        put(w, "allow ");
        put_items(w, &node->items, w->indent + 4);
        return;
    case AST_DATA:
        put_named(w, "data", node);
        put(w, node->value->type == AST_CALL ? " from sample " : " from ");
        put_file(w, node->value);
        return;
    case AST_MODEL:
        put_named(w, "model", node);
        put_path(w, "from", node->value);
        return;
    case AST_BLOCK:
        put_named(w, "block", node);
        if (node->args.n > 0) put_bracketed(w, node, &node->args, "(", ")");
        return;
    case AST_TRAIN:
        put_named(w, "train", node);
        put_on(w, node->on);
        return;
    case AST_INPUT:
        put_named(w, "input", node);
        if (node->flag) put_bracketed(w, node, &node->args, "[", "]");
        return;
    case AST_OUTPUT:
    case AST_LAYER:
        put_named(w, node->type == AST_OUTPUT ? "output" : "layer", node);
        if (node->value) {
            stop(w);
            put(w, " = ");
            put_node(w, node->value, BY_PRIMARY);
        }
        return;
    case AST_WIRE:
        put_items(w, &node->args, w->indent + 4);
        stop(w);
        put(w, " = ");
        put_node(w, node->value, BY_PRIMARY);
        return;
    case AST_LINE: put_node(w, node->value, BY_PRIMARY); return;
    case AST_REPEAT: say(w, "repeat", node->value); return;
    case AST_WEIGHTS_FROM:
        put(w, "weights from ");
        put_file(w, node->path);
        return;
    case AST_FREEZE:
    case AST_UNFREEZE:
        put(w, node->type == AST_FREEZE ? "freeze " : "unfreeze ");
        put_items(w, &node->args, w->indent + 4);
        return;
    default: return;
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
            put(w, node->word);
            if (node->type != AST_CLAUSE_PART_FROM) stop(w);
            put(w, " ");
            put_clause(w, node);
        } else {
            bool like = i > 0 && !alone && (is_acting(node->type) ? is_acting(block->items.at[i - 1]->type)
                                                                  : node->type == block->items.at[i - 1]->type);
            if (!like) run = ++w->runs;
            w->run = run;
            if (is_acting(node->type)) put_acting(w, node);
            else put_other(w, node);
        }
        bool braces = node->open.end > node->open.begin &&
                      (node->type == AST_DATA || node->type == AST_MODEL || node->type == AST_BLOCK ||
                       node->type == AST_TRAIN || node->type == AST_REPEAT);
        if (braces) put_block(w, node, indent);
        for (const AstComment *c = node->comments; c; c = c->next)
            if (c->behind) behind_comment(w, c, indent);
        end_line(w);
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
        put(w, " { }");
        return;
    }
    put(w, " {");
    for (const AstComment *c = node->opening; c; c = c->next) behind_comment(w, c, indent + 4);
    end_line(w);
    put_lines(w, node, indent + 4);
    w->indent = indent;
    put(w, "}");
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
