/* What the grammar's actions call: nodes and lists of the tree, and what is said where the grammar itself knows the slip.
 * Between nnl.y, ast.c, build.c, syntax_error.c and parse.c only. */
#ifndef NNL_SYNTAX_PARSER_H
#define NNL_SYNTAX_PARSER_H

#include "src/syntax/token.h"

/* A situation of the parser: a state, what it would take, and the token that did not fit. The state alone is not enough:
 * behind a name or a number it is the same in every clause. */
typedef struct {
    int state;
    TokenKind token;
    uint64_t expected;
    size_t message;
} Situation;

typedef struct Parser {
    Arena *arena;
    Tokens *tokens;
    Diags *diags;
    Ast *result;
    size_t next;   /* joined token that the parser reads next */
    int start;     /* bison's token that chooses what is read; 0 once handed on */
    bool learning; /* an example is being parsed: the first error is taken down, nothing is said */
    bool too_long; /* an expression too long was reported */
    Situation seen;
    Situation *situations; /* the messages by example, learned at the first error */
    size_t situation_count;
} Parser;

/* ast.c */
Ast *node_new(Parser *p, Ast node);
Ast *clause_new(Parser *p, Ast node);
AstList list_one(Parser *p, Ast *item);
AstList list_add(Parser *p, AstList list, Ast *item);
Span span_of(const Parser *p, const Token *token);
Span script_span(const Parser *p);
Ast *name_node(Parser *p, const Token *token);
Ast *text_node(Parser *p, const Token *token);
Ast *number_node(Parser *p, const Token *token);
Ast *binary(Parser *p, Ast *left, const Token *sign, Ast *right);
Ast *grouped(Parser *p, Ast *inner, Span span);
Ast *range(Parser *p, Ast *from, Ast *to);
Ast *chain_add(Parser *p, Ast *chain, Ast *link);
const char *ast_column_text(const Ast *column);
/* A line that was passed over, from the first token behind the line before up to its NL token. */
Ast *broken(Parser *p, const Token *nl);

/* build.c: clauses that need a second look. */
Ast *evaluate(Parser *p, Span span, AstList models, Ast *on, AstList options);
Ast *features(Parser *p, Span span, const Token *word, AstList group, AstList columns, Ast *as);
Ast *target(Parser *p, Span span, const Token *word, AstList output, AstList columns, AstList options);
Ast *method_alone(Parser *p, AstType type, Span span, const Token *word, AstList items, bool per_group);
Ast *window(Parser *p, Span span, const Token *word, const Token *group, Ast *length, AstList options);
Ast *split_by(Parser *p, Span span, const Token *word, Ast *column, AstList shares);
Ast *date(Parser *p, Span span, const Token *word, const Token *name, AstList columns, Ast *format);
Ast *every(Parser *p, Span span, Ast *count, const Token *unit, const Token *how);
/* `every month`: reports the number left out; false where the word is no unit of time. */
bool every_uncounted(Parser *p, const char *unit, Span span);
Ast *metrics(Parser *p, Span span, const Token *word, AstList outputs, AstList items);
Ast *arithmetic_only(Parser *p, Ast *value);
Ast *link_odd(Parser *p, Ast *value);
Ast *column_reserved(Parser *p, const Token *word);
Ast *text_unquoted(Parser *p, const Token *name);
Ast *delimiter_named(Parser *p, const Token *sign);
/* `in [a, b]`: the list belongs into round brackets. */
void in_brackets(Parser *p, const Token *open, const Token *close);
/* A statement without the block it needs: its first word and where the block belongs. */
void block_missing(Parser *p, Span word, Span before);
const Token *name_reserved(Parser *p, const Token *word);
const Token *name_quoted(Parser *p, const Token *text);
/* Nothing stands where a name belongs; `next` is the place of what stands there instead. */
const Token *name_missing(Parser *p, Span next);
/* `d.test`; a file without quotes is reported. */
Ast *on_part(Parser *p, Span span, const Token *name, const Token *part);
void word_missing(Parser *p, Span next, const char *word);

/* syntax_error.c: the token before p->next did not fit. */
void syntax_error(Parser *p, int state, const TokenKind *expected, size_t n);
/* How a token is called: "`dense`", "the end of the line". */
const char *token_said(const Parser *p, const Token *token);

/* parse.c: runs the parser over p->tokens. */
void parser_run(Parser *p);
/* Scans, joins and parses a text of its own with p's start, in silence; the first error lands in p->seen. */
bool parser_learn(Parser *p, const char *text);

#endif
