/* Clauses of data and train as the formatter prints them. */
#include "src/syntax/format.h"

static void put_pairs(Writer *w, const AstList *pairs, const char *sign)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < pairs->n; i++) {
        const Ast *pair = pairs->at[i];
        format_begin_part(w, pair, indent, i == 0);
        if (i > 0) format_space(w);
        format_node(w, pair->value, BY_SUM);
        format_put(w, sign);
        format_node(w, pair->extra, BY_SUM);
        if (i + 1 < pairs->n) format_put(w, ",");
        format_end_part(w, pair, indent);
    }
}

static void put_shares(Writer *w, const AstList *shares)
{
    size_t indent = w->indent + 4;
    for (size_t i = 0; i < shares->n; i++) {
        const Ast *share = shares->at[i];
        format_begin_part(w, share, indent, i == 0);
        if (i > 0) format_space(w);
        format_put(w, share->word);
        format_put(w, share->flag ? " until " : " ");
        if (share->value)
            format_node(w, share->value, BY_SUM);
        else if (share->open.end > share->open.begin)
            format_bracketed(w, share, &share->items, "[", "]");
        else
            format_items(w, &share->items, indent);
        if (i + 1 < shares->n) format_put(w, ",");
        format_end_part(w, share, indent);
    }
}

/* Columns or outputs before a colon. */
static void put_scope(Writer *w, const AstList *scope)
{
    if (scope->n == 0) return;
    format_items(w, scope, w->indent + 4);
    format_put(w, ": ");
}

static void put_target(Writer *w, const Ast *node)
{
    if (node->flag) format_put(w, " as class");
    format_say(w, "ahead", node->value);
    format_say(w, "positive", node->extra);
}

/* What stands behind the clause's word. */
void format_clause(Writer *w, const Ast *node)
{
    size_t indent = w->indent + 4;
    switch ((int)node->type) {
    case AST_CLAUSE_ORDER:
        format_put(w, node->flag ? "as given" : "by ");
        format_items(w, &node->items, indent);
        if (node->extra) {
            format_say(w, "every", node->extra->value);
            format_put(w, " ");
            format_put(w, node->extra->word);
            if (node->extra->text) {
                format_put(w, " ");
                format_put(w, node->extra->text);
            }
        }
        return;
    case AST_CLAUSE_GROUP:
        format_put(w, "by ");
        format_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_FEATURES:
    case AST_CLAUSE_TARGET:
        if (node->name) {
            format_put(w, node->name);
            format_put(w, ": ");
        }
        format_items(w, &node->items, indent);
        if (node->type == AST_CLAUSE_TARGET) {
            put_target(w, node);
        } else if (node->args.n > 0 || node->open.end > node->open.begin) {
            format_space(w);
            format_put(w, "as ");
            format_bracketed(w, node, &node->args, "[", "]");
        }
        return;
    case AST_CLAUSE_ENCODE:
    case AST_CLAUSE_FILL:
    case AST_CLAUSE_SCALE:
        put_scope(w, &node->items);
        format_node(w, node->value, BY_SUM);
        if (node->type == AST_CLAUSE_SCALE && node->flag) format_put(w, " per group");
        return;
    case AST_CLAUSE_DROP:
        format_put(w, "missing");
        return;
    case AST_CLAUSE_WINDOW:
        if (node->name) {
            format_put(w, node->name);
            format_put(w, ": ");
        }
        format_node(w, node->value, BY_SUM);
        format_say(w, "stride", node->extra);
        format_say(w, "every", node->extra2);
        return;
    case AST_CLAUSE_SPLIT:
        put_shares(w, &node->items);
        if (node->word2) {
            format_space(w);
            format_put(w, node->word2);
            if (node->close.end > node->close.begin) format_bracketed(w, node, &node->args, "(", ")");
        }
        return;
    case AST_CLAUSE_SPLIT_BY:
        format_put(w, "by ");
        if (node->text)
            format_text(w, node->text, false);
        else
            format_put(w, node->name);
        format_put(w, ": ");
        put_shares(w, &node->items);
        return;
    case AST_CLAUSE_PART_FROM:
        format_put(w, "from ");
        format_file(w, node->path);
        return;
    case AST_CLAUSE_WEIGHT:
        if (node->text)
            format_text(w, node->text, false);
        else
            format_put(w, node->name);
        return;
    case AST_CLAUSE_HEADER:
        if (node->flag) format_put(w, "none");
        format_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_DELIMITER:
        if (node->flag)
            format_put(w, "blanks");
        else
            format_node(w, node->value, BY_PRIMARY);
        return;
    case AST_CLAUSE_NUMBER:
        format_items(w, &node->items, indent);
        format_say(w, "strip", node->value);
        return;
    case AST_CLAUSE_DATE:
        if (node->name) {
            format_put(w, node->name);
            format_put(w, " from ");
        }
        format_items(w, &node->items, indent);
        format_say(w, "as", node->value);
        return;
    case AST_CLAUSE_RENAME:
        put_pairs(w, &node->items, ": ");
        return;
    case AST_CLAUSE_JOIN:
        format_file(w, node->path);
        format_put(w, " on ");
        format_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_DERIVE:
        format_put(w, node->name);
        format_put(w, " = ");
        format_node(w, node->value, BY_TEST);
        return;
    case AST_CLAUSE_REPLACE:
        put_scope(w, &node->items);
        put_pairs(w, &node->args, " = ");
        return;
    case AST_CLAUSE_WHERE:
        format_node(w, node->value, BY_TEST);
        return;
    case AST_CLAUSE_TAKE:
        format_node(w, node->value, BY_SUM);
        format_put(w, node->flag ? " rows shuffled" : " rows");
        return;
    case AST_CLAUSE_LOSS:
    case AST_CLAUSE_LOSS_WEIGHTS:
        put_scope(w, &node->args);
        format_node(w, node->value, BY_SUM);
        return;
    case AST_CLAUSE_KNOWN:
    case AST_CLAUSE_MISSING:
        format_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_METRICS:
        put_scope(w, &node->args);
        format_items(w, &node->items, indent);
        return;
    case AST_CLAUSE_CLASS_WEIGHT:
        if (node->flag) format_put(w, "balanced");
        put_pairs(w, &node->items, ": ");
        return;
    default:
        if (node->value) format_node(w, node->value, BY_SUM);
        return;
    }
}
