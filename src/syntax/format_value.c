/* The line that the formatter is making, and the values in it: expressions, calls, lists, chains, with the comments and line
 * ends inside them. */
#include "src/syntax/format.h"

#include <string.h>

void format_end_line(Writer *w)
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

void format_put(Writer *w, const char *text)
{
    if (w->breaking) {
        size_t indent = w->next_indent;
        format_end_line(w);
        w->indent = indent;
    }
    buf_put(&w->text, text);
}

void format_space(Writer *w)
{
    if (!w->breaking) format_put(w, " ");
}

/* What comes next may be moved to the right, to stand under its like in the lines around. */
void format_stop(Writer *w)
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
    if (w->text.n > 0 || w->comment) format_end_line(w);
    w->indent = indent;
    buf_put(&w->text, comment->text);
    break_line(w, indent);
}

void format_behind(Writer *w, const AstComment *comment, size_t indent)
{
    if (w->comment) {
        own_comment(w, comment, indent);
        return;
    }
    w->comment = comment;
    break_line(w, indent);
}

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
void format_text(Writer *w, const char *text, bool file)
{
    Buf out = buf_in(w->arena);
    buf_char(&out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            buf_printf(&out, "\\%c", c);
        else if (c == '\n' && !file)
            buf_put(&out, "\\n");
        else if (c == '\t' && !file)
            buf_put(&out, "\\t");
        else if (c < 0x20 || c == 0x7F)
            buf_printf(&out, "\\u{%X}", c);
        else
            buf_char(&out, (char)c);
    }
    buf_char(&out, '"');
    format_put(w, out.at);
}

/* Comments before a part and the line end that the text had there. */
void format_begin_part(Writer *w, const Ast *part, size_t indent, bool first)
{
    for (const AstComment *c = part->comments; c; c = c->next)
        if (!c->behind) own_comment(w, c, indent);
    if (part->broken && !first) break_line(w, indent);
}

void format_end_part(Writer *w, const Ast *part, size_t indent)
{
    for (const AstComment *c = part->comments; c; c = c->next)
        if (c->behind) format_behind(w, c, indent);
}

/* Items with commas between. */
void format_items(Writer *w, const AstList *list, size_t indent)
{
    for (size_t i = 0; i < list->n; i++) {
        const Ast *part = list->at[i];
        format_begin_part(w, part, indent, i == 0);
        if (i > 0) format_space(w);
        format_node(w, part, BY_SUM);
        if (i + 1 < list->n) format_put(w, ",");
        format_end_part(w, part, indent);
    }
}

/* The same in brackets: where the first item begins a line, the closing bracket does too. */
void format_bracketed(Writer *w, const Ast *node, const AstList *list, const char *open, const char *close)
{
    format_put(w, open);
    size_t outer = w->indent, indent = outer + 4;
    bool hanging = list->n > 0 && (list->at[0]->broken || (list->at[0]->comments && !list->at[0]->comments->behind));
    if (hanging) break_line(w, indent);
    format_items(w, list, indent);
    for (const AstComment *c = node->last; c; c = c->next) own_comment(w, c, indent);
    if (hanging || w->breaking) break_line(w, outer);
    format_put(w, close);
}

static void put_chain(Writer *w, const Ast *chain)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < chain->items.n; i++) {
        const Ast *link = chain->items.at[i];
        format_begin_part(w, link, indent, i == 0);
        if (i == 1 && chain->items.at[0]->type == AST_NAME) format_stop(w);
        if (i > 0) {
            format_space(w);
            format_put(w, "-> ");
        }
        format_node(w, link, BY_PRIMARY);
        format_end_part(w, link, indent);
    }
}

static void put_bare(Writer *w, const Ast *node)
{
    switch ((int)node->type) {
    case AST_NAME:
        format_put(w, node->name);
        return;
    case AST_NUMBER:
    case AST_PERCENT:
        format_put(w, node->text);
        return;
    case AST_TEXT:
        format_text(w, node->text, false);
        return;
    case AST_TRUE:
        format_put(w, "true");
        return;
    case AST_FALSE:
        format_put(w, "false");
        return;
    case AST_NONE:
        format_put(w, "none");
        return;
    case AST_NUMBERS:
        format_put(w, "numbers");
        return;
    case AST_TEXTS:
        format_put(w, "texts");
        return;
    case AST_ALL:
        format_put(w, "all");
        if (node->items.n > 0) {
            format_put(w, " except ");
            format_items(w, &node->items, w->indent + 4);
        }
        return;
    case AST_LIST:
        format_bracketed(w, node, &node->items, "[", "]");
        return;
    case AST_CALL:
        format_put(w, node->name);
        if (node->flag) format_bracketed(w, node, &node->args, "(", ")");
        return;
    case AST_ARG:
        if (node->name) {
            format_put(w, node->name);
            if (node->value) format_put(w, "=");
        }
        if (node->value) format_node(w, node->value, BY_SUM);
        return;
    case AST_UNARY:
        format_put(w, str_eq(node->word, "not") ? "not " : "-");
        format_node(w, node->value, binding(node));
        return;
    case AST_BINARY: {
        int own = binding(node);
        format_node(w, node->value, own == BY_RELATION ? own + 1 : own);
        format_put(w, " ");
        format_put(w, node->word);
        format_put(w, " ");
        format_node(w, node->extra, own + 1);
        return;
    }
    case AST_IN:
        format_node(w, node->value, BY_SUM);
        format_put(w, node->flag ? " not in " : " in ");
        format_bracketed(w, node, &node->items, "(", ")");
        return;
    case AST_IF:
        format_put(w, "if(");
        format_node(w, node->value, BY_TEST);
        format_put(w, ", ");
        format_node(w, node->extra, BY_SUM);
        format_put(w, ", ");
        format_node(w, node->extra2, BY_SUM);
        format_put(w, ")");
        return;
    case AST_RANGE:
        format_node(w, node->value, BY_SUM);
        format_put(w, "..");
        format_node(w, node->extra, BY_SUM);
        return;
    case AST_CHAIN:
        put_chain(w, node);
        return;
    case AST_DATE_PART:
        format_node(w, node->value, BY_PRIMARY);
        return;
    default:
        return;
    }
}

void format_file(Writer *w, const Ast *path)
{
    if (path->type == AST_TEXT)
        format_text(w, path->text, true);
    else
        format_node(w, path, BY_PRIMARY);
}

void format_node(Writer *w, const Ast *node, int least)
{
    bool parentheses = node->grouped || binding(node) < least;
    if (parentheses) format_put(w, "(");
    put_bare(w, node);
    if (parentheses) format_put(w, ")");
}

void format_say(Writer *w, const char *word, const Ast *node)
{
    if (!node) return;
    if (w->text.n > 0) format_space(w);
    format_put(w, word);
    if (*word) format_put(w, " ");
    format_node(w, node, BY_SUM);
}
