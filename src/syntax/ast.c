/* Nodes and lists of the tree. The grammar makes them; build.c makes those that need a second look. */
#include "src/syntax/parser.h"

#include <string.h>

/* Left-deep chains of operators are walked by recursion; no person writes one this long. */
enum { HEIGHT_LIMIT = 2000 };

static uint32_t height_of(const Ast *node)
{
    return node ? node->height : 0;
}

Ast *node_new(Parser *p, Ast node)
{
    Ast *made = ARENA_NEW(p->arena, Ast);
    *made = node;
    return made;
}

Ast *clause_new(Parser *p, Ast node)
{
    if (!node.name) node.name_span = node.word_span;
    return node_new(p, node);
}

AstList list_one(Parser *p, Ast *item)
{
    AstList list = {0};
    VEC_PUSH(p->arena, list, item);
    return list;
}

AstList list_add(Parser *p, AstList list, Ast *item)
{
    VEC_PUSH(p->arena, list, item);
    return list;
}

Span span_of(const Parser *p, const Token *token)
{
    return token_span(p->tokens, token);
}

Span script_span(const Parser *p)
{
    return tokens_span(p->tokens, 0, p->tokens->n);
}

Ast *name_node(Parser *p, const Token *token)
{
    Span span = span_of(p, token);
    return node_new(p, (Ast){.type = AST_NAME, .span = span, .name = token->text, .name_span = span});
}

Ast *text_node(Parser *p, const Token *token)
{
    Span span = span_of(p, token);
    bool single = token->flags & FLAG_SINGLE;
    return node_new(p, (Ast){.type = AST_TEXT, .span = span, .text = token->text, .text_span = span, .flag = single,
                             .misread = token->flags & FLAG_MISREAD});
}

Ast *number_node(Parser *p, const Token *token)
{
    return node_new(p, (Ast){.type = token->kind == TOKEN_PERCENT ? AST_PERCENT : AST_NUMBER,
                             .span = span_of(p, token),
                             .number = token->number,
                             .text = token_written(p->tokens, token),
                             .text_span = span_of(p, token),
                             .flag = token->kind == TOKEN_NUMBER && token->flags & FLAG_WHOLE});
}

static const char *operator_text(const Token *sign)
{
    switch ((int)sign->kind) {
    case TOKEN_PLUS:
        return "+";
    case TOKEN_MINUS:
        return "-";
    case TOKEN_STAR:
        return "*";
    case TOKEN_SLASH:
        return "/";
    case TOKEN_EQ:
        return "=";
    case TOKEN_NE:
        return "!=";
    case TOKEN_LT:
        return "<";
    case TOKEN_LE:
        return "<=";
    case TOKEN_GT:
        return ">";
    case TOKEN_GE:
        return ">=";
    case TOKEN_AND:
        return "and";
    default:
        return "or";
    }
}

Ast *binary(Parser *p, Ast *left, const Token *sign, Ast *right)
{
    Span span = span_join(left->span, right->span);
    uint32_t height = 1 + (height_of(left) > height_of(right) ? height_of(left) : height_of(right));
    if (height > HEIGHT_LIMIT) {
        if (!p->too_long) diag_fix(diag(p->diags, E0104, span_of(p, sign), AI("limit", HEIGHT_LIMIT)), E0104_help);
        p->too_long = true;
        return node_new(p, (Ast){.type = AST_ERROR, .span = span});
    }
    return node_new(p, (Ast){.type = AST_BINARY,
                             .span = span,
                             .word = operator_text(sign),
                             .word_span = span_of(p, sign),
                             .value = left,
                             .extra = right,
                             .height = height});
}

Ast *grouped(Parser *p, Ast *inner, Span span)
{
    (void)p;
    inner->span = span;
    inner->grouped = true;
    return inner;
}

Ast *range(Parser *p, Ast *from, Ast *to)
{
    return node_new(p, (Ast){.type = AST_RANGE, .span = span_join(from->span, to->span), .value = from, .extra = to});
}

Ast *chain_add(Parser *p, Ast *chain, Ast *link)
{
    VEC_PUSH(p->arena, chain->items, link);
    chain->span = span_join(chain->span, link->span);
    return chain;
}

const char *ast_column_text(const Ast *column)
{
    return column->type == AST_TEXT ? column->text : column->name;
}

/* The names that a broken line binds, as far as its tokens tell: `h = …`, `seq, h = …`, `input x …`, `layer enc …`. */
static const Token *bound_names(Parser *p, const Token *first, const Token *nl, AstList *bound)
{
    bool made = first->kind == TOKEN_INPUT || first->kind == TOKEN_OUTPUT || first->kind == TOKEN_LAYER;
    if (made && first + 1 < nl && token_is_name(first + 1)) {
        *bound = list_one(p, name_node(p, first + 1));
        return first + 2;
    }
    const Token *at = first;
    while (at + 1 < nl && token_is_name(at) && at[1].kind == TOKEN_COMMA) at += 2;
    if (at + 1 >= nl || !token_is_name(at) || at[1].kind != TOKEN_EQ) return first;
    for (const Token *name = first; name <= at; name += 2) *bound = list_add(p, *bound, name_node(p, name));
    return at + 2;
}

Ast *broken(Parser *p, const Token *nl)
{
    const Token *begin = p->tokens->joined.at, *first = nl;
    for (size_t depth = 0; first > begin; first--) {
        TokenKind kind = (TokenKind)first[-1].kind;
        if (kind == TOKEN_RBRACE) depth++;
        if (kind == TOKEN_LBRACE && depth-- == 0) break;
        if (kind == TOKEN_NL && depth == 0) break;
    }
    Ast node = {.type = AST_ERROR, .span = tokens_span(p->tokens, first->begin, nl > first ? nl[-1].end : first->end)};
    if (first->kind == TOKEN_BAD && first + 1 < nl && first[1].begin == first->begin) {
        node.span = span_of(p, first);
        first++;
    }
    node.word = word_text((TokenKind)first->kind);
    if (node.word) node.word_span = span_of(p, first);
    bool names_thing = first->kind == TOKEN_DATA || first->kind == TOKEN_MODEL || first->kind == TOKEN_BLOCK ||
                       first->kind == TOKEN_PARAM || first->kind == TOKEN_DERIVE;
    if (names_thing && first + 1 < nl && token_is_name(first + 1)) {
        node.name = first[1].text;
        node.name_span = span_of(p, first + 1);
    }
    const Token *at = bound_names(p, first, nl, &node.args);
    for (; at < nl; at++)
        if (token_is_name(at)) node.items = list_add(p, node.items, name_node(p, at));
    return node_new(p, node);
}

const char *ast_type_name(AstType type)
{
    static const char *const names[AST_TYPE_COUNT] = {
        [AST_ERROR] = "something unreadable",
        [AST_SCRIPT] = "a script",
        [AST_USE] = "a `use` statement",
        [AST_PARAM] = "a `param` statement",
        [AST_SEED] = "a `seed` statement",
        [AST_ALLOW] = "an `allow` statement",
        [AST_DATA] = "a `data` statement",
        [AST_DATA_FROM_DATA] = "a `data` statement",
        [AST_MODEL] = "a `model` statement",
        [AST_BLOCK] = "a `block` statement",
        [AST_TRAIN] = "a `train` statement",
        [AST_EVALUATE] = "an `evaluate` statement",
        [AST_CROSS_VALIDATE] = "a `cross_validate` statement",
        [AST_PREDICT] = "a `predict` statement",
        [AST_FORECAST] = "a `forecast` statement",
        [AST_SAVE] = "a `save` statement",
        [AST_SHOW] = "a `show` statement",
        [AST_SUMMARY] = "a `summary` statement",
        [AST_PLOT] = "a `plot` statement",
        [AST_REPORT] = "a `report` statement",
        [AST_INPUT] = "an `input` line",
        [AST_OUTPUT] = "an `output` line",
        [AST_WIRE] = "a wire",
        [AST_LAYER] = "a `layer` line",
        [AST_LINE] = "a layer",
        [AST_REPEAT] = "a `repeat` block",
        [AST_WEIGHTS_FROM] = "a `weights from` line",
        [AST_FREEZE] = "a `freeze` line",
        [AST_UNFREEZE] = "an `unfreeze` line",
        [AST_CHAIN] = "a chain",
        [AST_CLAUSE_ORDER] = "the clause `order`",
        [AST_EVERY] = "`every`",
        [AST_CLAUSE_GROUP] = "the clause `group`",
        [AST_CLAUSE_FEATURES] = "the clause `features`",
        [AST_CLAUSE_KNOWN] = "the clause `known`",
        [AST_CLAUSE_TARGET] = "the clause `target`",
        [AST_CLAUSE_ENCODE] = "the clause `encode`",
        [AST_CLAUSE_SCALE] = "the clause `scale`",
        [AST_CLAUSE_FILL] = "the clause `fill`",
        [AST_CLAUSE_DROP] = "the clause `drop`",
        [AST_CLAUSE_WINDOW] = "the clause `window`",
        [AST_CLAUSE_SPLIT] = "the clause `split`",
        [AST_CLAUSE_SPLIT_BY] = "the clause `split by`",
        [AST_SHARE] = "a share",
        [AST_CLAUSE_PART_FROM] = "a part from a file",
        [AST_CLAUSE_WEIGHT] = "the clause `weight`",
        [AST_CLAUSE_HEADER] = "the clause `header`",
        [AST_CLAUSE_DELIMITER] = "the clause `delimiter`",
        [AST_CLAUSE_COMMENT] = "the clause `comment`",
        [AST_CLAUSE_ENCODING] = "the clause `encoding`",
        [AST_CLAUSE_MISSING] = "the clause `missing`",
        [AST_CLAUSE_NUMBER] = "the clause `number`",
        [AST_CLAUSE_DATE] = "the clause `date`",
        [AST_DATE_PART] = "a part of a date",
        [AST_CLAUSE_RENAME] = "the clause `rename`",
        [AST_CLAUSE_JOIN] = "the clause `join`",
        [AST_CLAUSE_DERIVE] = "the clause `derive`",
        [AST_CLAUSE_REPLACE] = "the clause `replace`",
        [AST_PAIR] = "a pair",
        [AST_CLAUSE_WHERE] = "the clause `where`",
        [AST_CLAUSE_TAKE] = "the clause `take`",
        [AST_CLAUSE_EPOCHS] = "the clause `epochs`",
        [AST_CLAUSE_BATCH] = "the clause `batch`",
        [AST_CLAUSE_OPTIMIZER] = "the clause `optimizer`",
        [AST_CLAUSE_LOSS] = "the clause `loss`",
        [AST_CLAUSE_METRICS] = "the clause `metrics`",
        [AST_CLAUSE_LOSS_WEIGHTS] = "the clause `loss_weights`",
        [AST_CLAUSE_CLASS_WEIGHT] = "the clause `class_weight`",
        [AST_CLAUSE_SHUFFLE] = "the clause `shuffle`",
        [AST_CLAUSE_CALLBACK] = "the clause `callback`",
        [AST_CLAUSE_UNKNOWN] = "an unknown clause",
        [AST_ON] = "a place in the data",
        [AST_ALL] = "`all`",
        [AST_NUMBERS] = "`numbers`",
        [AST_TEXTS] = "`texts`",
        [AST_NAME] = "a name",
        [AST_NUMBER] = "a number",
        [AST_PERCENT] = "a share",
        [AST_TEXT] = "a text",
        [AST_TRUE] = "`true`",
        [AST_FALSE] = "`false`",
        [AST_NONE] = "`none`",
        [AST_LIST] = "a list",
        [AST_CALL] = "a call",
        [AST_ARG] = "an argument",
        [AST_UNARY] = "an expression",
        [AST_BINARY] = "an expression",
        [AST_IN] = "a test",
        [AST_IF] = "an `if`",
        [AST_RANGE] = "a range",
    };
    return names[type];
}
