/* Comments are no tokens: the grammar never sees them. After parsing, each is hung on the node that it stands before or
 * behind; one that stands where no line can be broken moves before its statement. */
#include "src/syntax/comments.h"

#include <string.h>

typedef struct {
    const Tokens *tokens;
    size_t next;               /* first comment not hung yet */
    AstComment **list, **tail; /* the list that was appended to last, and its end */
} Hang;

size_t ast_parts(const Ast *node, Ast *const **parts)
{
    const AstList *list = &node->items;
    switch (node->type) {
    case AST_CALL:
    case AST_EVALUATE:
    case AST_FREEZE:
    case AST_UNFREEZE:
    case AST_INPUT:
    case AST_CLAUSE_LOSS_WEIGHTS:
        list = &node->args;
        break;
    case AST_CHAIN:
    case AST_LIST:
    case AST_ALLOW:
    case AST_IN:
    case AST_ALL:
    case AST_SHARE:
    case AST_CLAUSE_ORDER:
    case AST_CLAUSE_GROUP:
    case AST_CLAUSE_FEATURES:
    case AST_CLAUSE_KNOWN:
    case AST_CLAUSE_TARGET:
    case AST_CLAUSE_ENCODE:
    case AST_CLAUSE_SCALE:
    case AST_CLAUSE_FILL:
    case AST_CLAUSE_SPLIT:
    case AST_CLAUSE_SPLIT_BY:
    case AST_CLAUSE_HEADER:
    case AST_CLAUSE_MISSING:
    case AST_CLAUSE_NUMBER:
    case AST_CLAUSE_DATE:
    case AST_CLAUSE_RENAME:
    case AST_CLAUSE_JOIN:
    case AST_CLAUSE_REPLACE:
    case AST_CLAUSE_METRICS:
    case AST_CLAUSE_CLASS_WEIGHT:
        break;
    case AST_ERROR:
    case AST_SCRIPT:
    case AST_USE:
    case AST_PARAM:
    case AST_SEED:
    case AST_DATA:
    case AST_DATA_FROM_DATA:
    case AST_MODEL:
    case AST_BLOCK:
    case AST_TRAIN:
    case AST_CROSS_VALIDATE:
    case AST_PREDICT:
    case AST_FORECAST:
    case AST_SAVE:
    case AST_SHOW:
    case AST_SUMMARY:
    case AST_PLOT:
    case AST_REPORT:
    case AST_OUTPUT:
    case AST_WIRE:
    case AST_LAYER:
    case AST_LINE:
    case AST_REPEAT:
    case AST_WEIGHTS_FROM:
    case AST_EVERY:
    case AST_CLAUSE_DROP:
    case AST_CLAUSE_WINDOW:
    case AST_CLAUSE_PART_FROM:
    case AST_CLAUSE_WEIGHT:
    case AST_CLAUSE_DELIMITER:
    case AST_CLAUSE_COMMENT:
    case AST_CLAUSE_ENCODING:
    case AST_DATE_PART:
    case AST_CLAUSE_DERIVE:
    case AST_PAIR:
    case AST_CLAUSE_WHERE:
    case AST_CLAUSE_TAKE:
    case AST_CLAUSE_EPOCHS:
    case AST_CLAUSE_BATCH:
    case AST_CLAUSE_OPTIMIZER:
    case AST_CLAUSE_LOSS:
    case AST_CLAUSE_SHUFFLE:
    case AST_CLAUSE_CALLBACK:
    case AST_CLAUSE_UNKNOWN:
    case AST_ON:
    case AST_NUMBERS:
    case AST_TEXTS:
    case AST_NAME:
    case AST_NUMBER:
    case AST_PERCENT:
    case AST_TEXT:
    case AST_TRUE:
    case AST_FALSE:
    case AST_NONE:
    case AST_ARG:
    case AST_UNARY:
    case AST_BINARY:
    case AST_IF:
    case AST_RANGE:
    case AST_TYPE_COUNT:
        *parts = NULL;
        return 0;
    }
    *parts = list->at;
    return list->n;
}

static bool has_block(const Hang *h, const Ast *node)
{
    bool statement = node->type == AST_DATA || node->type == AST_MODEL || node->type == AST_BLOCK ||
                     node->type == AST_TRAIN || node->type == AST_REPEAT;
    return statement && node->open.end > node->open.begin && h->tokens->text[node->open.begin] == '{';
}

/* Whether `offset` is the first of its line and the line above is blank. */
static bool blank_above(const Hang *h, size_t offset)
{
    const char *text = h->tokens->text;
    size_t at = offset;
    while (at > 0 && strchr(" \t\r", text[at - 1])) at--;
    if (at == 0 || text[at - 1] != '\n') return false;
    for (at--; at > 0 && text[at - 1] != '\n'; at--)
        if (!strchr(" \t\r", text[at - 1])) return false;
    return true;
}

static bool same_line(const Hang *h, size_t from, size_t to)
{
    return from <= to && memchr(h->tokens->text + from, '\n', to - from) == NULL;
}

static void append(Hang *h, AstComment **list, const RawComment *raw, bool behind)
{
    AstComment *comment = ARENA_NEW(h->tokens->arena, AstComment);
    size_t end = raw->end;
    while (end > raw->begin && strchr(" \t\r", h->tokens->text[end - 1])) end--;
    size_t line = raw->begin;
    while (line > 0 && h->tokens->text[line - 1] != '\n') line--;
    *comment = (AstComment){.text = arena_text(h->tokens->arena, h->tokens->text + raw->begin, end - raw->begin),
                            .span = tokens_span(h->tokens, raw->begin, end),
                            .behind = behind,
                            .column = display_width(h->tokens->text + line, raw->begin - line, 0),
                            .blank_before = !raw->behind && blank_above(h, raw->begin)};
    AstComment **tail = list == h->list ? h->tail : list;
    while (*tail) tail = &(*tail)->next;
    *tail = comment;
    h->list = list;
    h->tail = &comment->next;
}

static const RawComment *peek(const Hang *h)
{
    return h->next < h->tokens->comments.n ? &h->tokens->comments.at[h->next] : NULL;
}

static bool contains(const Ast *node, const RawComment *raw)
{
    return node && node->span.begin < raw->begin && raw->begin < node->span.end;
}

/* A comment inside a statement: finds the innermost node that holds it and whose parts may stand on lines of their own. */
static void hang_inside(Hang *h, Ast *statement, const RawComment *raw)
{
    Ast *node = statement;
    for (;;) {
        Ast *inner = NULL;
        Ast *const single[] = {node->value, node->extra, node->extra2, node->on, node->path};
        for (size_t i = 0; i < sizeof single / sizeof *single; i++)
            if (contains(single[i], raw)) inner = single[i];
        for (size_t i = 0; i < node->args.n; i++)
            if (contains(node->args.at[i], raw)) inner = node->args.at[i];
        for (size_t i = 0; i < node->items.n; i++)
            if (contains(node->items.at[i], raw)) inner = node->items.at[i];
        if (!inner) break;
        node = inner;
    }
    Ast *const *parts = NULL;
    size_t n = ast_parts(node, &parts);
    Ast *previous = NULL, *next = NULL;
    for (size_t i = 0; i < n; i++) {
        if (parts[i]->span.end <= raw->begin) previous = parts[i];
        if (parts[i]->span.begin > raw->begin && !next) next = parts[i];
    }
    bool bracketed = node->type == AST_CALL || node->type == AST_LIST || node->type == AST_IN;
    if (previous && raw->behind && same_line(h, previous->span.end, raw->begin) && (next || bracketed))
        append(h, &previous->comments, raw, true);
    else if (next && (previous || bracketed))
        append(h, &next->comments, raw, false);
    else if (bracketed && n > 0)
        append(h, &node->last, raw, false);
    else
        append(h, &statement->comments, raw, false);
}

static void hang_list(Hang *h, Ast *block, size_t end)
{
    const Ast *previous = NULL;
    bool whole = block->type == AST_SCRIPT;
    for (size_t i = 0; i <= block->items.n; i++) {
        Ast *item = i < block->items.n ? block->items.at[i] : NULL;
        size_t begin = item ? item->span.begin : end;
        for (const RawComment *raw; (raw = peek(h)) && raw->begin < begin; h->next++) {
            if (raw->behind && previous && same_line(h, previous->span.end, raw->begin))
                append(h, &block->items.at[i - 1]->comments, raw, true);
            else if (raw->behind && !previous && !whole && same_line(h, block->open.end, raw->begin))
                append(h, &block->opening, raw, true);
            else
                append(h, item ? &item->comments : &block->last, raw, false);
        }
        if (!item) break;
        item->blank_before = blank_above(h, item->span.begin);
        for (const RawComment *raw; (raw = peek(h)) && raw->begin < item->span.end;) {
            if (has_block(h, item) && raw->begin > item->open.begin) {
                hang_list(h, item, item->close.begin);
                /* What stands between the last line and the brace is hung; the brace ends the item. */
                if (peek(h) == raw) h->next++;
                continue;
            }
            h->next++;
            if (has_block(h, item))
                append(h, &item->opening, raw, true);
            else
                hang_inside(h, item, raw);
        }
        previous = item;
    }
}

/* First of its line, or first but for the `->` before it. */
static bool begins_line(const char *text, size_t at)
{
    for (int turn = 0; turn < 2; turn++) {
        while (at > 0 && strchr(" \t\r", text[at - 1])) at--;
        if (at == 0 || text[at - 1] == '\n') return true;
        if (at < 2 || text[at - 1] != '>' || text[at - 2] != '-') return false;
        at -= 2;
    }
    return false;
}

static void mark(const Hang *h, Ast *node)
{
    if (!node) return;
    Ast *const *parts = NULL;
    size_t n = ast_parts(node, &parts);
    for (size_t i = 0; i < n; i++) parts[i]->broken = begins_line(h->tokens->text, parts[i]->span.begin);
    bool block = has_block(h, node) || node->type == AST_SCRIPT;
    for (size_t i = 0; i < node->items.n; i++) {
        if (block) node->items.at[i]->blank_before = blank_above(h, node->items.at[i]->span.begin);
        mark(h, node->items.at[i]);
    }
    for (size_t i = 0; i < node->args.n; i++) mark(h, node->args.at[i]);
    mark(h, node->value);
    mark(h, node->extra);
    mark(h, node->extra2);
    mark(h, node->on);
    mark(h, node->path);
}

void comments_hang(const Tokens *tokens, Ast *script)
{
    Hang h = {.tokens = tokens};
    hang_list(&h, script, tokens->n + 1);
    mark(&h, script);
}
