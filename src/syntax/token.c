/* Raw tokens to the tokens that the parser reads, in one pass: lines are joined where the language goes on over a line end,
 * a line end is put around braces, and what was left open is closed at the first place where it can only have been
 * forgotten, reported at the bracket or brace. So the grammar needs no rule about lines, and one missing sign gives one
 * message.
 *
 * A line goes on: inside ( ) and [ ]; after `,` `->` `=` or an operator; before a line that begins with `->` or `{`. */
#include "src/syntax/token.h"

#include <string.h>

typedef struct {
    TokenKind kind; /* ( [ { */
    Span span;
    size_t indent;   /* of the line it stands in */
    BlockKind block; /* of a brace */
} Open;

enum { NESTING_LIMIT = 200 };

typedef struct {
    Tokens *tokens;
    VEC(Open) open;
    size_t line;        /* joined token that the current line begins with */
    size_t indent;      /* of the line of the text that is being taken */
    size_t line_indent; /* of the one that the current statement began on */
    size_t unary;       /* signs in a row, each a level of nesting */
    Open suspect;       /* a block that a `}` closed which stands further out, where there was one (kind TOKEN_LBRACE) */
    size_t suspect_at;  /* that brace */
    size_t word;        /* raw token that the next line with something on it begins with, once looked for */
    bool loose;         /* lines outside every block were reported */
    bool too_deep;
} Join;

static Token *last_joined(Join *join)
{
    TokenVec *joined = &join->tokens->joined;
    return joined->n > 0 ? &joined->at[joined->n - 1] : NULL;
}

static TokenKind last_kind(Join *join)
{
    const Token *last = last_joined(join);
    return last ? (TokenKind)last->kind : TOKEN_NL;
}

static Open *innermost(Join *join)
{
    return join->open.n > 0 ? &join->open.at[join->open.n - 1] : NULL;
}

static bool in_brackets(Join *join)
{
    const Open *open = innermost(join);
    return open && open->kind != TOKEN_LBRACE;
}

static void emit(Join *join, Token token)
{
    VEC_PUSH(join->tokens->arena, join->tokens->joined, token);
}

/* A token that does not stand in the text, right behind the last that does. */
static void emit_made(Join *join, TokenKind kind, size_t at)
{
    emit(join, (Token){.kind = (uint16_t)kind, .begin = (uint32_t)at, .end = (uint32_t)at, .text = word_text(kind)});
}

static void end_line(Join *join, size_t at)
{
    TokenKind last = last_kind(join);
    if (last != TOKEN_NL && last != TOKEN_LBRACE) emit_made(join, TOKEN_NL, at);
    join->line = join->tokens->joined.n;
}

static bool at_line_start(Join *join)
{
    return join->line == join->tokens->joined.n && !in_brackets(join);
}

static size_t last_end(Join *join)
{
    const Token *last = last_joined(join);
    return last ? last->end : 0;
}

/* Closes every bracket that is open, as if `)` stood behind the last token. */
static void close_brackets(Join *join)
{
    while (in_brackets(join)) {
        const Open *open = innermost(join);
        bool round = open->kind == TOKEN_LPAREN;
        const char *sign = round ? ")" : "]";
        size_t at = last_end(join);
        const Token *last = last_joined(join);
        bool comma = last->kind == TOKEN_COMMA;
        Diag *e = diag(join->tokens->diags, E0129, open->span, A("open", round ? "(" : "["), A("close", sign));
        diag_edit(diag_fix(e, E0129_help), comma ? token_span(join->tokens, last) : tokens_span(join->tokens, at, at), sign);
        if (comma) join->tokens->joined.n--;
        emit_made(join, round ? TOKEN_RPAREN : TOKEN_RBRACKET, at);
        join->open.n--;
    }
}

/* Closes the innermost brace, as if `}` stood in a line of its own before `before`. */
static void close_brace(Join *join, size_t before)
{
    /* If a `}` stood further out than the block it closed, that block's own was the one forgotten. */
    const Tokens *tokens = join->tokens;
    const Open *open = innermost(join);
    if (join->suspect.kind == TOKEN_LBRACE && join->suspect.span.begin > open->span.begin) {
        open = &join->suspect;
        before = join->suspect_at;
    }
    size_t at = before, indent = open->indent;
    while (at > 0 && tokens->text[at - 1] != '\n') at--;
    Diag *e = diag(tokens->diags, E0128, open->span);
    bool fresh = before >= tokens->n && tokens->n > 0 && tokens->text[tokens->n - 1] != '\n';
    if (before >= tokens->n) at = tokens->n;
    const char *text = arena_printf(tokens->arena, "%s%*s}\n", fresh ? "\n" : "", (int)indent, "");
    diag_edit(diag_fix(e, E0128_help), tokens_span(tokens, at, at), text);
    end_line(join, last_end(join));
    emit_made(join, TOKEN_RBRACE, last_end(join));
    join->open.n--;
    join->suspect.kind = TOKEN_NL;
    end_line(join, last_end(join));
}

static size_t next_raw(const Tokens *tokens, size_t i)
{
    while (i < tokens->raw.n && (tokens->raw.at[i].kind == TOKEN_NL || tokens->raw.at[i].kind == TOKEN_GONE)) i++;
    return i;
}

static TokenKind raw_kind(const Tokens *tokens, size_t i)
{
    while (i < tokens->raw.n && tokens->raw.at[i].kind == TOKEN_GONE) i++;
    return i < tokens->raw.n ? (TokenKind)tokens->raw.at[i].kind : TOKEN_END;
}

static BlockKind current_block(Join *join)
{
    for (size_t i = join->open.n; i > 0; i--)
        if (join->open.at[i - 1].kind == TOKEN_LBRACE) return join->open.at[i - 1].block;
    return BLOCK_TOP;
}

/* What a `{` on the current line opens. */
static BlockKind block_of_line(Join *join)
{
    const TokenVec *joined = &join->tokens->joined;
    if (join->line >= joined->n) return BLOCK_OTHER;
    TokenKind first = (TokenKind)joined->at[join->line].kind;
    if (first == TOKEN_DATA) return BLOCK_DATA;
    if (first == TOKEN_TRAIN) return BLOCK_TRAIN;
    if (first == TOKEN_BLOCK || first == TOKEN_REPEAT) return BLOCK_LINES;
    if (first != TOKEN_MODEL) return BLOCK_OTHER;
    for (size_t i = join->line; i < joined->n; i++)
        if (joined->at[i].kind == TOKEN_FROM) return BLOCK_FREEZE;
    return BLOCK_LINES;
}

static const Token *raw_at(const Tokens *tokens, size_t i)
{
    return i < tokens->raw.n ? &tokens->raw.at[i] : NULL;
}

/* Whether raw token `i`, which begins a line, begins a statement that cannot stand in the block around it: then the block's
 * brace was forgotten. A statement deeper in than the line that opened the block was written inside on purpose. */
static bool leaves_block(Join *join, size_t i)
{
    const Tokens *tokens = join->tokens;
    const Token *token = raw_at(tokens, i), *next = raw_at(tokens, i + 1);
    if (!token || join->open.n == 0 || !token_begins_statement(token, next)) return false;
    if (token->kind == TOKEN_TRAIN && !(next && token_is_name(next))) return false;
    return join->indent <= innermost(join)->indent;
}

/* Whether the line that begins with raw token `i` is one of its own, although the line before ended in `,` `=` or `->`. */
static bool begins_anew(Join *join, size_t i)
{
    const Tokens *tokens = join->tokens;
    const Token *token = raw_at(tokens, i);
    if (!token) return true;
    TokenKind kind = (TokenKind)token->kind, next = raw_kind(tokens, i + 1);
    WordClass class = word_class(kind);
    BlockKind block = current_block(join);
    if (kind == TOKEN_RBRACE) return true;
    if (kind == TOKEN_TRAIN && block == BLOCK_DATA) {
        const Token *third = raw_at(tokens, i + 2);
        return next == TOKEN_IDENT && third && third->kind == TOKEN_ON;
    }
    if (class == WORD_STATEMENT || class == WORD_LINE) return true;
    if (class == WORD_SOFT_STATEMENT) return block == BLOCK_TOP && token_begins_statement(token, raw_at(tokens, i + 1));
    bool comma = last_kind(join) == TOKEN_COMMA;
    if (block == BLOCK_LINES && !comma) return token_is_name(token) && next == TOKEN_EQ;
    if (block == BLOCK_DATA ? class != WORD_DATA : block == BLOCK_TRAIN ? class != WORD_TRAIN : true) return false;
    if (!comma) {
        const Token *second = raw_at(tokens, i + 1);
        return second && (token_is_name(second) || next == TOKEN_NUMBER || next == TOKEN_TEXT || next == TOKEN_TRAIN);
    }
    if (kind == TOKEN_VALIDATION || kind == TOKEN_TEST) return next == TOKEN_FROM;
    return next != TOKEN_COMMA && next != TOKEN_NL && next != TOKEN_RBRACE && next != TOKEN_END;
}

static bool goes_on_after(TokenKind kind)
{
    return kind == TOKEN_COMMA || kind == TOKEN_ARROW || (kind >= TOKEN_EQ && kind <= TOKEN_SLASH) || kind == TOKEN_AND ||
           kind == TOKEN_OR || kind == TOKEN_NOT || kind == TOKEN_IN;
}

static bool ends_value(TokenKind kind)
{
    return kind == TOKEN_NUMBER || kind == TOKEN_PERCENT || kind == TOKEN_TEXT || kind == TOKEN_RPAREN ||
           kind == TOKEN_RBRACKET || kind == TOKEN_BAD_VALUE || kind == TOKEN_TRUE || kind == TOKEN_FALSE ||
           kind == TOKEN_NONE || kind == TOKEN_IDENT || (word_class(kind) != WORD_NOT && !word_is_reserved(kind));
}

/* Inside a bracket, at a line end: whether the line that begins with raw token `i` shows that the bracket was forgotten. */
static bool leaves_bracket(Join *join, size_t i)
{
    const Tokens *tokens = join->tokens;
    const Token *token = raw_at(tokens, i);
    if (!token) return true;
    TokenKind kind = (TokenKind)token->kind;
    if (kind == TOKEN_RBRACE || kind == TOKEN_LBRACE) return true;
    if (kind == TOKEN_ARROW) return true;
    const Token *next = raw_at(tokens, i + 1);
    bool named = next && next->kind == TOKEN_EQ;
    size_t indent = tokens_indent(tokens, token->begin);
    bool outward = indent <= innermost(join)->indent;
    WordClass class = word_class(kind);
    if (token_begins_statement(token, next) && !named && outward) return true;
    if (class == WORD_LINE && !named) return true;
    if (!token_is_name(token)) return false;
    if (outward && ends_value(last_kind(join))) return true;
    BlockKind block = current_block(join);
    bool clause = (block == BLOCK_DATA && class == WORD_DATA) || (block == BLOCK_TRAIN && class == WORD_TRAIN);
    return clause && !named && outward && next && (token_is_name(next) || ends_value((TokenKind)next->kind));
}

/* A comma at the end of the last line of a list. */
static void trailing_comma(Join *join)
{
    const Token *last = last_joined(join);
    if (last_kind(join) != TOKEN_COMMA) return;
    Span span = token_span(join->tokens, last);
    Diag *e = diag(join->tokens->diags, E0137, span);
    diag_edit(diag_fix(e, E0137_help), span, "");
    join->tokens->joined.n--;
}

static void line_break(Join *join, size_t i)
{
    const Tokens *tokens = join->tokens;
    if (join->word <= i) join->word = next_raw(tokens, i);
    size_t next = join->word;
    if (in_brackets(join)) {
        if (!leaves_bracket(join, next)) return;
        close_brackets(join);
    }
    TokenKind kind = raw_kind(tokens, next);
    if (kind == TOKEN_ARROW && last_kind(join) != TOKEN_RBRACE && last_kind(join) != TOKEN_NL) return;
    if (kind == TOKEN_LBRACE && last_kind(join) != TOKEN_NL && last_kind(join) != TOKEN_RBRACE) return;
    if (goes_on_after(last_kind(join)) && last_kind(join) != TOKEN_NL && !at_line_start(join)) {
        if (!begins_anew(join, next)) return;
        if (next < tokens->raw.n) trailing_comma(join);
    }
    end_line(join, tokens->raw.at[i].begin);
}

static void open_block(Join *join, const Token *token)
{
    if (in_brackets(join)) close_brackets(join);
    BlockKind block = block_of_line(join);
    emit(join, *token);
    Open open = {.kind = TOKEN_LBRACE, .span = token_span(join->tokens, token), .indent = join->line_indent, .block = block};
    VEC_PUSH(join->tokens->arena, join->open, open);
    join->line = join->tokens->joined.n;
}

static void close_block(Join *join, const Token *token)
{
    if (in_brackets(join)) close_brackets(join);
    if (join->open.n == 0) {
        if (!join->loose) {
            Diag *e = diag(join->tokens->diags, E0130, token_span(join->tokens, token), A("sign", "}"), A("open", "{"));
            diag_edit(diag_fix(e, E0130_help), token_span(join->tokens, token), "");
        }
        return;
    }
    const Open *open = innermost(join);
    if (token->flags & FLAG_FIRST && join->indent < open->indent && join->suspect.kind != TOKEN_LBRACE) {
        join->suspect = *open;
        join->suspect_at = token->begin;
    }
    end_line(join, token->begin);
    emit(join, *token);
    join->open.n--;
    end_line(join, token->end);
}

static void close_bracket(Join *join, const Token *token)
{
    bool round = token->kind == TOKEN_RPAREN;
    const Open *open = innermost(join);
    if (!in_brackets(join)) {
        Span span = token_span(join->tokens, token);
        Diag *e = diag(join->tokens->diags, E0130, span, A("sign", round ? ")" : "]"), A("open", round ? "(" : "["));
        diag_edit(diag_fix(e, E0130_help), span, "");
        return;
    }
    bool open_round = open->kind == TOKEN_LPAREN;
    Token closing = *token;
    if (open_round != round) {
        /* The other kind: meant for an outer bracket if one is open, else a slip. */
        bool outer = join->open.n > 1 && join->open.at[join->open.n - 2].kind == (round ? TOKEN_LPAREN : TOKEN_LBRACKET);
        const char *right = open_round ? ")" : "]";
        Span span = token_span(join->tokens, token);
        Diag *e = diag(join->tokens->diags, E0129, open->span, A("open", open_round ? "(" : "["), A("close", right));
        diag_label(e, span, E0129_other, A("sign", round ? ")" : "]"));
        diag_edit(diag_fix(e, E0129_help), outer ? span_before(span) : span, right);
        closing.kind = open_round ? TOKEN_RPAREN : TOKEN_RBRACKET;
        if (outer) {
            emit_made(join, (TokenKind)closing.kind, token->begin);
            join->open.n--;
            closing = *token;
        }
    }
    emit(join, closing);
    join->open.n--;
}

static bool too_deep(Join *join, const Token *token)
{
    TokenKind last = last_kind(join);
    bool sign = token->kind == TOKEN_MINUS || token->kind == TOKEN_PLUS || token->kind == TOKEN_NOT;
    join->unary = sign && !ends_value(last) ? join->unary + 1 : sign || ends_value((TokenKind)token->kind) ? 0 : join->unary;
    if (join->open.n + join->unary < NESTING_LIMIT) return false;
    Diag *e = diag(join->tokens->diags, E0104, token_span(join->tokens, token), AI("limit", NESTING_LIMIT));
    diag_fix(e, E0104_help);
    return true;
}

/* One raw token; false where the rest of the script cannot be read. */
static bool take(Join *join, size_t i)
{
    Tokens *tokens = join->tokens;
    Token token = tokens->raw.at[i];
    switch ((int)token.kind) {
    case TOKEN_GONE:
        return true;
    case TOKEN_NL:
        line_break(join, i);
        return true;
    case TOKEN_LBRACE:
        if (too_deep(join, &token)) return false;
        open_block(join, &token);
        return true;
    case TOKEN_RBRACE:
        close_block(join, &token);
        return true;
    case TOKEN_RPAREN:
    case TOKEN_RBRACKET: {
        const Token *last = last_joined(join);
        if (in_brackets(join) && last->kind == TOKEN_COMMA) trailing_comma(join);
        close_bracket(join, &token);
        return true;
    }
    case TOKEN_LPAREN:
    case TOKEN_LBRACKET: {
        if (too_deep(join, &token)) return false;
        Open open = {.kind = (TokenKind)token.kind, .span = token_span(tokens, &token), .indent = join->indent};
        emit(join, token);
        VEC_PUSH(tokens->arena, join->open, open);
        return true;
    }
    case TOKEN_SEMICOLON: {
        Span span = token_span(tokens, &token);
        Diag *e = diag(tokens->diags, E0122, span);
        bool ends = raw_kind(tokens, i + 1) == TOKEN_NL || raw_kind(tokens, i + 1) == TOKEN_END;
        if (in_brackets(join)) {
            diag_edit(diag_fix(e, E0122_comma), span, ",");
            token.kind = TOKEN_COMMA;
            emit(join, token);
            return true;
        }
        if (ends || raw_kind(tokens, i + 1) == TOKEN_RBRACE) {
            diag_edit(diag_fix(e, E0122_help), span, "");
        } else {
            const Open *open = innermost(join);
            const char *text = arena_printf(tokens->arena, "\n%*s", open ? (int)open->indent + 3 : 0, "");
            diag_edit(diag_fix(e, E0122_line), span, text);
        }
        end_line(join, token.begin);
        return true;
    }
    case TOKEN_ARROW:
        if (in_brackets(join)) close_brackets(join);
        emit(join, token);
        return true;
    default:
        if (too_deep(join, &token)) return false;
        if (token.flags & FLAG_ADD_PARAM) emit_made(join, TOKEN_PARAM, token.begin);
        emit(join, token);
        if (token.flags & FLAG_ADD_BY) emit_made(join, TOKEN_BY, token.end);
        return true;
    }
}

/* A line that was reported: its words stay, so that what it may have made is not called unknown. */
static void pass_over(Join *join, size_t from, size_t to)
{
    const Tokens *tokens = join->tokens;
    Token bad = tokens->raw.at[from];
    bad.kind = TOKEN_BAD;
    bad.end = to > from ? tokens->raw.at[to - 1].end : bad.end;
    emit(join, bad);
    for (size_t k = from; k < to; k++) {
        TokenKind kind = (TokenKind)tokens->raw.at[k].kind;
        if (kind == TOKEN_IDENT || kind == TOKEN_EQ || kind == TOKEN_COMMA || word_text(kind)) emit(join, tokens->raw.at[k]);
    }
    end_line(join, bad.end);
}

/* The braces of a block that was written without, behind raw token `i`. */
static void put_braces(Join *join, size_t i)
{
    const Token *token = &join->tokens->raw.at[i];
    Token brace = {.begin = token->end, .end = token->end};
    if (token->flags & FLAG_OPENS) {
        brace.kind = TOKEN_LBRACE;
        open_block(join, &brace);
    }
    if (token->flags & FLAG_CLOSES && join->open.n > 0) {
        brace.kind = TOKEN_RBRACE;
        close_block(join, &brace);
    }
}

static void report_invisible(Tokens *tokens)
{
    if (tokens->invisible.n == 0) return;
    size_t n = tokens->invisible.n;
    size_t at = tokens->invisible.at[0].span.begin;
    uint32_t code = str_code_point(tokens->text, tokens->n, &at);
    Diag *e = diag(tokens->diags, E0106, tokens->invisible.at[0].span,
                   A("code", arena_printf(tokens->arena, "U+%04X", (unsigned)code)));
    if (n > 1) diag_note(e, E0106_more, AI("count", n - 1));
    Fix *fix = diag_fix(e, E0106_help);
    /* So many are no slip of a page that was copied; replacing them is a program's business. */
    if (n > 1000) return;
    for (size_t i = 0; i < n; i++) diag_edit(fix, tokens->invisible.at[i].span, tokens->invisible.at[i].text);
}

bool tokens_enough(Tokens *tokens)
{
    return (++tokens->steps & 255) == 0 && diags_errors(tokens->diags) > MISTAKE_LIMIT;
}

void tokens_join(Tokens *tokens)
{
    Join join = {.tokens = tokens};
    report_invisible(tokens);
    for (size_t i = 0; i < tokens->raw.n; i++) {
        TokenKind kind = (TokenKind)tokens->raw.at[i].kind;
        if (tokens->raw.at[i].flags & FLAG_FIRST) join.indent = tokens_indent(tokens, tokens->raw.at[i].begin);
        if (kind != TOKEN_NL && kind != TOKEN_GONE && at_line_start(&join) && !tokens->value) {
            join.line_indent = join.indent;
            if (kind == TOKEN_RBRACE) {
                take(&join, i);
                continue;
            }
            while (leaves_block(&join, i)) close_brace(&join, tokens->raw.at[i].begin);
            bool bad = false;
            size_t from = i;
            i = habit_line(tokens, i, current_block(&join), &bad, &join.loose);
            if (bad) {
                pass_over(&join, from, i);
                i--;
                put_braces(&join, i);
                continue;
            }
        }
        if (kind != TOKEN_NL) habit_token(tokens, i, in_brackets(&join));
        if (!take(&join, i) || tokens_enough(tokens)) {
            /* Nothing is said about what stands behind: close everything in silence. */
            join.too_deep = true;
            break;
        }
        put_braces(&join, i);
    }
    size_t end = last_end(&join);
    if (!join.too_deep) {
        if (in_brackets(&join)) close_brackets(&join);
        while (join.open.n > 0) close_brace(&join, tokens->n);
    } else {
        emit_made(&join, TOKEN_BAD, end);
        while (join.open.n > 0) {
            TokenKind kind = innermost(&join)->kind;
            if (kind == TOKEN_LBRACE) end_line(&join, end);
            emit_made(&join,
                      kind == TOKEN_LBRACE   ? TOKEN_RBRACE
                      : kind == TOKEN_LPAREN ? TOKEN_RPAREN
                                             : TOKEN_RBRACKET,
                      end);
            join.open.n--;
        }
    }
    end_line(&join, end);
    emit_made(&join, TOKEN_END, end);
}
