/* Text to tree: the generated scanner fills the raw tokens, token.c joins them, the generated parser builds the tree and
 * comments are hung on it. The one file that sees generated code. */
#include "src/syntax/parse.h"

#include "src/syntax/comments.h"
#include "src/syntax/parser.h"

#include <stdlib.h>
#include <string.h>

/* Memory of the generated code: the scanner's lies in the script's arena, the parser's stack on the heap as bison wants it. */
#define YYMALLOC memory_alloc
#define YYFREE free
#define YYMAXDEPTH 100000

#include "grammar/nnl.lex.c"
/* Both call their entry yylex. */
#undef yylex
#include "grammar/nnl.tab.c"

/* ---- scanning ---- */

void *nnl_scan_alloc(yy_size_t size, yyscan_t scanner)
{
    (void)scanner;
    return memory_alloc(size);
}

void *nnl_scan_realloc(void *block, yy_size_t size, yyscan_t scanner)
{
    (void)scanner;
    return memory_resize(block, size);
}

void nnl_scan_free(void *block, yyscan_t scanner)
{
    (void)scanner;
    free(block);
}

static bool tokens_read(Tokens *tokens)
{
    if (!scan_script(tokens)) {
        VEC_PUSH(tokens->arena, tokens->joined, ((Token){.kind = TOKEN_END}));
        return false;
    }
    size_t n = tokens->n;
    char *buffer = ARENA_ARRAY(tokens->arena, char, n + 3);
    memcpy(buffer, tokens->text, n + 1);
    tokens->scanned = buffer;
    yyscan_t scanner = NULL;
    nnl_scan_lex_init_extra(tokens, &scanner);
    nnl_scan__scan_buffer(buffer, n + 3, scanner);
    nnl_scan_lex(scanner);
    nnl_scan_lex_destroy(scanner);
    tokens_join(tokens);
    return true;
}

/* ---- parsing ---- */

static const int bison_tokens[TOKEN_KIND_COUNT] = {
    [TOKEN_END] = TOK_YYEOF,
    [TOKEN_NL] = TOK_NL,
    [TOKEN_IDENT] = TOK_IDENT,
    [TOKEN_NUMBER] = TOK_NUMBER,
    [TOKEN_PERCENT] = TOK_PERCENT,
    [TOKEN_TEXT] = TOK_TEXT,
    [TOKEN_BAD_VALUE] = TOK_BAD_VALUE,
    [TOKEN_BAD] = TOK_BAD,
    [TOKEN_ARROW] = TOK_ARROW,
    [TOKEN_DOTS] = TOK_DOTS,
    [TOKEN_DOT] = TOK_DOT,
    [TOKEN_COMMA] = TOK_COMMA,
    [TOKEN_COLON] = TOK_COLON,
    [TOKEN_EQ] = TOK_EQ,
    [TOKEN_NE] = TOK_NE,
    [TOKEN_LT] = TOK_LT,
    [TOKEN_LE] = TOK_LE,
    [TOKEN_GT] = TOK_GT,
    [TOKEN_GE] = TOK_GE,
    [TOKEN_PLUS] = TOK_PLUS,
    [TOKEN_MINUS] = TOK_MINUS,
    [TOKEN_STAR] = TOK_STAR,
    [TOKEN_SLASH] = TOK_SLASH,
    [TOKEN_LPAREN] = TOK_LPAREN,
    [TOKEN_RPAREN] = TOK_RPAREN,
    [TOKEN_LBRACKET] = TOK_LBRACKET,
    [TOKEN_RBRACKET] = TOK_RBRACKET,
    [TOKEN_LBRACE] = TOK_LBRACE,
    [TOKEN_RBRACE] = TOK_RBRACE,
    [TOKEN_PERCENT_SIGN] = TOK_BAD,
    [TOKEN_SEMICOLON] = TOK_BAD,
    [TOKEN_GONE] = TOK_BAD,
#define WORD(token, word, class, help) [TOKEN_##token] = TOK_##token,
#include "grammar/keywords.def"
#undef WORD
};

static int nnl_lex(NNL_STYPE *value, Span *span, Parser *p)
{
    if (p->start) {
        int start = p->start;
        p->start = 0;
        *span = tokens_span(p->tokens, 0, 0);
        return start;
    }
    const TokenVec *tokens = &p->tokens->joined;
    const Token *token = &tokens->at[p->next < tokens->n ? p->next : tokens->n - 1];
    if (p->next < tokens->n) p->next++;
    value->tok = token;
    *span = span_of(p, token);
    return bison_tokens[token->kind];
}

/* Syntax errors are reported by yyreport_syntax_error; this is called when the parser's stack is full. */
static void nnl_error(const Span *span, Parser *p, const char *text)
{
    (void)text;
    if (!p->learning) diag_fix(diag(p->diags, E0104, *span, AI("limit", 200)), E0104_help);
}

void parser_run(Parser *p)
{
    nnl_parse(p);
}

static void parser_begin(Parser *p, Arena *arena, Tokens *tokens, int start)
{
    p->arena = arena;
    p->tokens = tokens;
    p->diags = tokens->diags;
    p->start = start;
    p->next = 0;
}

bool parser_learn(Parser *p, const char *text)
{
    Sources *sources = sources_new(p->arena);
    Tokens tokens = {.arena = p->arena, .diags = diags_new(p->arena, sources)};
    tokens.source = sources_add(sources, "example", text, strlen(text));
    if (!tokens_read(&tokens)) return false;
    p->learning = true;
    parser_begin(p, p->arena, &tokens, TOK_START_SCRIPT);
    parser_run(p);
    return p->seen.state != 0;
}

static Ast *empty_script(Parser *p)
{
    return node_new(p, (Ast){.type = AST_SCRIPT, .span = script_span(p)});
}

Ast *parse_script(Arena *arena, uint32_t source, Diags *diags)
{
    Tokens tokens = {.arena = arena, .diags = diags, .source = source};
    Parser p = {0};
    bool readable = tokens_read(&tokens);
    parser_begin(&p, arena, &tokens, TOK_START_SCRIPT);
    if (!readable) return empty_script(&p);
    parser_run(&p);
    Ast *script = p.result ? p.result : empty_script(&p);
    comments_hang(&tokens, script);
    return script;
}

Ast *parse_value(Arena *arena, uint32_t source, Diags *diags)
{
    size_t n = 0;
    const char *text = sources_text(diags_sources(diags), source, &n);
    Sources *sources = sources_new(arena);
    Diags *silent = diags_new(arena, sources);
    Tokens tokens = {.arena = arena, .diags = silent, .source = sources_add(sources, "value", text, n), .value = true};
    Parser p = {0};
    bool readable = tokens_read(&tokens);
    /* Spans of the value are those of the source that was given. */
    tokens.source = source;
    parser_begin(&p, arena, &tokens, TOK_START_VALUE);
    if (readable) {
        if (tokens.joined.n >= 2 && tokens.joined.at[tokens.joined.n - 2].kind == TOKEN_NL) {
            tokens.joined.at[tokens.joined.n - 2] = tokens.joined.at[tokens.joined.n - 1];
            tokens.joined.n--;
        }
        p.learning = true;
        parser_run(&p);
    }
    if (readable && p.result && p.seen.state == 0 && diags_errors(silent) == 0) return p.result;
    Span span = {.source = source, .begin = 0, .end = n};
    diag_fix(diag(diags, E0151, span, A("text", arena_text(arena, text, n))), E0151_help);
    return NULL;
}

/* ---- for tools ---- */

void parse_dump_tokens(Arena *arena, uint32_t source, Diags *diags, Buf *out)
{
    static const char *const names[] = {"end", "line end", "name", "number", "share", "text", "bad value", "bad", "->", "..",
                                        ".",   ",",        ":",    "=",      "!=",    "<",    "<=",        ">",   ">=", "+",
                                        "-",   "*",        "/",    "(",      ")",     "[",    "]",         "{",   "}"};
    Tokens tokens = {.arena = arena, .diags = diags, .source = source};
    tokens_read(&tokens);
    for (size_t i = 0; i < tokens.joined.n; i++) {
        const Token *token = &tokens.joined.at[i];
        Position at = source_position(diags_sources(diags), source, token->begin);
        const char *word = word_text((TokenKind)token->kind);
        buf_printf(out, "%zu:%zu ", at.line, at.column);
        if (word)
            buf_printf(out, "word %s\n", word);
        else if (token->kind == TOKEN_IDENT)
            buf_printf(out, "name %s\n", token->text);
        else if (token->kind == TOKEN_TEXT)
            buf_printf(out, "text %s\n", token_written(&tokens, token));
        else if (token->kind == TOKEN_NUMBER || token->kind == TOKEN_PERCENT)
            buf_printf(out, "%s %s\n", names[token->kind], token_written(&tokens, token));
        else
            buf_printf(out, "%s\n", names[token->kind]);
    }
}

const char *const parse_data_clauses[] = {"order",  "group",     "features", "known",    "target",     "encode", "scale",
                                          "fill",   "drop",      "window",   "split",    "validation", "test",   "weight",
                                          "header", "delimiter", "comment",  "encoding", "missing",    "number", "date",
                                          "rename", "join",      "derive",   "replace",  "where",      "take",   NULL};
const char *const parse_train_clauses[] = {"epochs",       "batch",        "optimizer", "loss",     "metrics",
                                           "loss_weights", "class_weight", "shuffle",   "callback", NULL};
const char *const parse_statements[] = {"use",   "param", "seed",     "allow",          "data",    "model",
                                        "block", "train", "evaluate", "cross_validate", "predict", "forecast",
                                        "save",  "show",  "summary",  "plot",           "report",  NULL};
