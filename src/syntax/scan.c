/* Inside one token: words, numbers, texts, and the signs that people bring from other keyboards and languages. Each
 * function reports what is wrong and still hands on the token that was meant, so that the rest of the line is read. */
#include "src/syntax/token.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Span tokens_span(const Tokens *tokens, size_t begin, size_t end)
{
    return (Span){.source = tokens->source, .begin = begin, .end = end};
}

Span token_span(const Tokens *tokens, const Token *token)
{
    return tokens_span(tokens, token->begin, token->end);
}

const char *token_written(const Tokens *tokens, const Token *token)
{
    return arena_text(tokens->arena, tokens->text + token->begin, token->end - token->begin);
}

static const char *written(const Tokens *tokens, size_t begin, size_t end)
{
    return arena_text(tokens->arena, tokens->text + begin, end - begin);
}

static bool line_begins(const Tokens *tokens)
{
    return tokens->raw.n == 0 || tokens->raw.at[tokens->raw.n - 1].kind == TOKEN_NL;
}

static Token *push(Tokens *tokens, TokenKind kind, size_t begin, size_t end)
{
    Token token = {.kind = (uint16_t)kind, .begin = (uint32_t)begin, .end = (uint32_t)end};
    if (line_begins(tokens)) {
        token.flags |= FLAG_FIRST;
        tokens->line_first = tokens->raw.n;
        tokens->line_open = 0;
    }
    if (kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET) tokens->line_open++;
    if ((kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET) && tokens->line_open > 0) tokens->line_open--;
    if (tokens->raw.n == 0 || tokens->raw.at[tokens->raw.n - 1].end < begin) token.flags |= FLAG_SPACED;
    VEC_PUSH(tokens->arena, tokens->raw, token);
    return &tokens->raw.at[tokens->raw.n - 1];
}

void scan_token(Tokens *tokens, TokenKind kind, size_t begin, size_t end)
{
    push(tokens, kind, begin, end);
}

void scan_comment(Tokens *tokens, size_t begin, size_t end)
{
    if (end > begin && tokens->text[end - 1] == '\r') end--;
    RawComment comment = {.begin = (uint32_t)begin, .end = (uint32_t)end, .behind = !line_begins(tokens)};
    VEC_PUSH(tokens->arena, tokens->comments, comment);
}

/* The bytes from `begin` up to the first code point that no name goes on with. */
size_t scan_word(Tokens *tokens, size_t begin, size_t end)
{
    size_t at = begin;
    while (at < end) {
        unsigned char byte = (unsigned char)tokens->text[at];
        if (byte < 0x80) {
            at++;
            continue;
        }
        size_t next = at;
        uint32_t code = str_code_point(tokens->text, end, &next);
        bool fits = at == begin ? str_xid_start(code) : str_xid_continue(code);
        if (!fits) break;
        at = next;
    }
    if (at == begin) return scan_odd(tokens, begin);
    TokenKind kind = word_find(tokens->text + begin, at - begin);
    Token *token = push(tokens, kind, begin, at);
    token->text = kind != TOKEN_IDENT ? word_text(kind) : str_nfc(tokens->arena, written(tokens, begin, at), at - begin);
    return at;
}

static bool goes_on_name(const Tokens *tokens, size_t at)
{
    unsigned char byte = (unsigned char)tokens->text[at];
    if (byte < 0x80) return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    size_t next = at;
    return str_xid_continue(str_code_point(tokens->text, tokens->n, &next));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number without its underscores; false where one stands at an end or beside another. */
static bool digits_of(Tokens *tokens, size_t begin, size_t end, const char **digits)
{
    Buf buf = buf_in(tokens->arena);
    bool good = true;
    for (size_t i = begin; i < end; i++) {
        char c = tokens->text[i];
        if (c != '_') {
            buf_char(&buf, c);
            continue;
        }
        if (i + 1 >= end || !is_digit(tokens->text[i + 1]) || !is_digit(tokens->text[i - 1])) good = false;
    }
    *digits = buf.at ? buf.at : "";
    return good;
}

/* What a number of another notation stands for: 0x10, 0b11, 0o17; NULL where it is none. */
static const char *other_notation(Tokens *tokens, const char *text)
{
    int base = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) base = 16;
    if (text[0] == '0' && (text[1] == 'b' || text[1] == 'B')) base = 2;
    if (text[0] == '0' && (text[1] == 'o' || text[1] == 'O')) base = 8;
    if (base == 0 || text[2] == 0) return NULL;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text + 2, &end, base);
    if (*end != 0 || errno != 0 || value < 0) return NULL;
    return arena_printf(tokens->arena, "%lld", value);
}

static size_t bad_number(Tokens *tokens, size_t begin, size_t end)
{
    size_t at = end;
    while (goes_on_name(tokens, at) || is_digit(tokens->text[at]) ||
           (tokens->text[at] == '.' && is_digit(tokens->text[at + 1]) && tokens->text[at - 1] != '.')) {
        size_t next = at;
        str_code_point(tokens->text, tokens->n, &next);
        at = next;
    }
    const char *text = written(tokens, begin, at);
    Span span = tokens_span(tokens, begin, at);
    Diag *e = diag(tokens->diags, E0114, span, A("text", text));
    const char *meant = other_notation(tokens, text);
    if (meant) {
        diag_edit(diag_fix(e, E0114_decimal, A("number", meant)), span, meant);
    } else if (strchr(text, '_') && tokens->text[end] != '_' && end == at) {
        const char *digits = NULL;
        digits_of(tokens, begin, end, &digits);
        diag_edit(diag_fix(e, E0114_underscore), span, digits);
    } else {
        diag_fix(e, E0114_help);
    }
    push(tokens, TOKEN_BAD_VALUE, begin, at);
    return at;
}

size_t scan_number(Tokens *tokens, size_t begin, size_t end)
{
    const char *digits = NULL;
    if (!digits_of(tokens, begin, end, &digits) || goes_on_name(tokens, end)) return bad_number(tokens, begin, end);

    size_t at = end;
    bool whole = strpbrk(digits, ".eE") == NULL;
    Token *before = tokens->raw.n > 0 ? &tokens->raw.at[tokens->raw.n - 1] : NULL;
    bool dot_before = before && before->kind == TOKEN_DOT && before->end == begin && whole;
    Token *two_before = dot_before && tokens->raw.n > 1 ? &tokens->raw.at[tokens->raw.n - 2] : NULL;
    if (dot_before && !(two_before && two_before->end == before->begin && token_is_name(two_before))) {
        Span span = tokens_span(tokens, before->begin, end);
        const char *meant = arena_printf(tokens->arena, "0.%s", digits);
        Diag *e = diag(tokens->diags, E0115, span, A("text", written(tokens, before->begin, end)));
        diag_edit(diag_fix(e, E0115_help, A("number", meant)), span, meant);
        begin = before->begin;
        tokens->raw.n--;
        digits = meant;
        whole = false;
    } else if (tokens->text[end] == '.' && tokens->text[end + 1] != '.' && whole && !goes_on_name(tokens, end + 1)) {
        at = end + 1;
        Span span = tokens_span(tokens, begin, at);
        const char *meant = arena_printf(tokens->arena, "%s.0", digits);
        Diag *e = diag(tokens->diags, E0115, span, A("text", written(tokens, begin, at)));
        diag_edit(diag_fix(e, E0115_help, A("number", meant)), span, meant);
        whole = false;
    }

    double value = strtod(digits, NULL);
    if (!isfinite(value)) {
        Diag *e = diag(tokens->diags, E0118, tokens_span(tokens, begin, at), A("text", written(tokens, begin, at)));
        diag_fix(e, E0118_help);
        push(tokens, TOKEN_BAD_VALUE, begin, at);
        return at;
    }
    bool percent = tokens->text[at] == '%';
    if (percent) at++;
    Token *token = push(tokens, percent ? TOKEN_PERCENT : TOKEN_NUMBER, begin, at);
    token->number = percent ? value / 100 : value;
    if (whole) token->flags |= FLAG_WHOLE;
    return at;
}

/* ---- texts ---- */

/* Whether the text to come names a file, by the word before it. */
static bool names_file(const Tokens *tokens)
{
    if (tokens->raw.n == 0) return false;
    TokenKind before = (TokenKind)tokens->raw.at[tokens->raw.n - 1].kind;
    return before == TOKEN_FROM || before == TOKEN_TO || before == TOKEN_ON || before == TOKEN_USE || before == TOKEN_USING ||
           before == TOKEN_JOIN;
}

/* One escape at text[*at] (a backslash) of the text that begins at `first`; steps past it. One mistake a text is reported. */
static void escape(Tokens *tokens, size_t first, size_t *at, size_t end, bool *reported, Buf *out)
{
    size_t begin = *at;
    char c = *at + 1 < end ? tokens->text[*at + 1] : 0;
    bool path = names_file(tokens);
    if (path && (c == 'n' || c == 't')) c = 0; /* no file's name holds these: a folder of Windows was meant */
    *at += 2;
    switch (c) {
    case '"': buf_char(out, '"'); return;
    case '\'': buf_char(out, '\''); return;
    case '\\': buf_char(out, '\\'); return;
    case 'n': buf_char(out, '\n'); return;
    case 't': buf_char(out, '\t'); return;
    case 'u':
        if (*at < end && tokens->text[*at] == '{') {
            uint32_t code = 0;
            size_t i = *at + 1, digits = 0;
            for (; i < end && digits < 7; i++, digits++) {
                char d = tokens->text[i];
                if (is_digit(d)) code = code * 16 + (uint32_t)(d - '0');
                else if (d >= 'a' && d <= 'f') code = code * 16 + (uint32_t)(d - 'a' + 10);
                else if (d >= 'A' && d <= 'F') code = code * 16 + (uint32_t)(d - 'A' + 10);
                else break;
            }
            bool letter = code > 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
            if (i < end && tokens->text[i] == '}' && digits > 0 && letter) {
                buf_code_point(out, code);
                *at = i + 1;
                return;
            }
        }
        {
            if (!*reported) {
                Diag *e = diag(tokens->diags, E0113, tokens_span(tokens, begin, *at), A("text", "\\u"));
                diag_fix(e, E0113_unicode);
            }
            *reported = true;
            return;
        }
    default: break;
    }
    size_t to = begin + 1;
    if (to < end) str_code_point(tokens->text, end, &to);
    *at = to;
    if (path) buf_char(out, '/');
    buf_put_n(out, tokens->text + begin + path, to - begin - path);
    if (*reported) return;
    *reported = true;
    Span span = tokens_span(tokens, begin, to);
    Diag *e = diag(tokens->diags, E0113, span, A("text", written(tokens, begin, to)));
    /* The text is a path of Windows: its other backslashes are meant as such too. */
    Fix *fix = diag_fix_add(e, path ? E0113_path : E0113_help, NULL);
    for (size_t i = first; i < end; i++) {
        if (tokens->text[i] != '\\') continue;
        bool plain = i + 1 >= end || (tokens->text[i + 1] != '\\' && tokens->text[i + 1] != '"');
        if (plain) diag_edit(fix, tokens_span(tokens, i, path ? i + 1 : i), path ? "/" : "\\");
        else i++;
    }
}

static const char *text_value(Tokens *tokens, size_t begin, size_t end)
{
    Buf out = buf_in(tokens->arena);
    buf_put(&out, "");
    bool reported = false;
    for (size_t at = begin; at < end;) {
        if (tokens->text[at] == '\\') escape(tokens, begin, &at, end, &reported, &out);
        else buf_char(&out, tokens->text[at++]);
    }
    return str_nfc(tokens->arena, out.at, out.n);
}

/* Where a text without closing quote was meant to end on its line: before a comment, a final `{`, and as many closing
 * brackets as are open. */
static size_t guess_end(const Tokens *tokens, size_t begin, size_t end)
{
    size_t first = begin + 1;
    for (size_t i = first + 1; i < end; i++)
        if (tokens->text[i] == '#' && (tokens->text[i - 1] == ' ' || tokens->text[i - 1] == '\t')) end = i;
    size_t open = line_begins(tokens) ? 0 : tokens->line_open;
    bool brace = false;
    for (;;) {
        while (end > first && strchr(" \t\r", tokens->text[end - 1])) end--;
        if (end <= first) return end;
        char c = tokens->text[end - 1];
        if (c == '{' && !brace) brace = true;
        else if ((c == ')' || c == ']') && open > 0) open--;
        else if (c != ',') return end;
        end--;
    }
}

size_t scan_text(Tokens *tokens, size_t begin)
{
    size_t at = begin + 1;
    while (tokens->text[at] != '"' && tokens->text[at] != '\n' && at < tokens->n) {
        if (tokens->text[at] == '\\' && tokens->text[at + 1] != '\n' && at + 1 < tokens->n) at++;
        at++;
    }
    size_t content = at;
    if (at < tokens->n && tokens->text[at] == '"') {
        at++;
        if (tokens->text[at] == '"' && at == begin + 2 && at < tokens->n) {
            /* Three quotes: Python's text over several lines. */
            size_t to = at + 1;
            while (to < tokens->n && strncmp(tokens->text + to, "\"\"\"", 3) != 0) to++;
            to = to < tokens->n ? to + 3 : tokens->n;
            Diag *e = diag(tokens->diags, E0119, tokens_span(tokens, begin, begin + 3), A("text", "\"\"\""));
            diag_fix(e, E0119_help);
            if (!line_begins(tokens)) push(tokens, TOKEN_BAD, begin, to);
            return to;
        }
    } else {
        at = content = guess_end(tokens, begin, content);
        Diag *e = diag(tokens->diags, E0112, tokens_span(tokens, begin, at), A("text", written(tokens, begin, at)));
        diag_edit(diag_fix(e, E0112_help), tokens_span(tokens, at, at), "\"");
    }
    const char *value = text_value(tokens, begin + 1, content);
    push(tokens, TOKEN_TEXT, begin, at)->text = value;
    return at;
}

static size_t one_sign(Tokens *tokens, size_t begin, size_t end)
{
    Diag *e = diag(tokens->diags, E0107, tokens_span(tokens, begin, end), A("text", written(tokens, begin, end)));
    diag_primary(e, E0107_found);
    push(tokens, TOKEN_BAD, begin, end);
    return end;
}

/* The name of the argument that the value to come belongs to, NULL where none is written. */
static bool argument_wants_text(const Tokens *tokens)
{
    if (tokens->raw.n < 2 || tokens->raw.at[tokens->raw.n - 1].kind != TOKEN_EQ) return false;
    const Token *name = &tokens->raw.at[tokens->raw.n - 2];
    return token_is_name(name) && (str_eq(name->text, "name") || str_eq(name->text, "filepath") ||
                                   str_eq(name->text, "filename") || str_eq(name->text, "backup_dir"));
}

size_t scan_single(Tokens *tokens, size_t begin)
{
    size_t at = begin + 1;
    while (at < tokens->n && tokens->text[at] != '\'' && tokens->text[at] != '\n') {
        if (tokens->text[at] == '\\' && tokens->text[at + 1] != '\n' && at + 1 < tokens->n) at++;
        at++;
    }
    if (at >= tokens->n || tokens->text[at] != '\'') return one_sign(tokens, begin, begin + 1);
    size_t end = at + 1;
    Span open = tokens_span(tokens, begin, begin + 1), close = tokens_span(tokens, at, end);
    const char *inner = written(tokens, begin + 1, at);
    Diag *e = diag(tokens->diags, E0111, tokens_span(tokens, begin, end), A("text", inner));
    if (!line_begins(tokens) && tokens->line_open > 0 && str_is_name(inner) && !argument_wants_text(tokens)) {
        diag_edit(diag_fix(e, E0111_word), tokens_span(tokens, begin, end), inner);
        /* Whether a word or a text belongs there is for the next reading to say. */
        size_t second = tokens->line_first + 1;
        bool list = second < tokens->raw.n && tokens->raw.at[second].kind == TOKEN_LBRACKET;
        if (!list) {
            push(tokens, TOKEN_BAD_VALUE, begin, end);
            return end;
        }
    } else {
        Fix *fix = diag_fix(e, E0111_help);
        diag_edit(fix, open, "\"");
        for (size_t i = begin + 1; i < at; i++)
            if (tokens->text[i] == '"' && tokens->text[i - 1] != '\\') diag_edit(fix, tokens_span(tokens, i, i), "\\");
        diag_edit(fix, close, "\"");
    }
    const char *value = text_value(tokens, begin + 1, at);
    Token *token = push(tokens, TOKEN_TEXT, begin, end);
    token->text = value;
    token->flags |= FLAG_SINGLE;
    return end;
}

/* ---- signs of other languages and keyboards ---- */

size_t scan_foreign(Tokens *tokens, size_t begin, size_t end, TokenKind kind, const char *instead)
{
    Span span = tokens_span(tokens, begin, end);
    const char *text = written(tokens, begin, end);
    if (str_eq(text, "=>")) {
        TokenKind word = line_begins(tokens) ? TOKEN_END : (TokenKind)tokens->raw.at[tokens->line_first].kind;
        if (word == TOKEN_WHERE || word == TOKEN_DERIVE) {
            kind = TOKEN_GE;
            instead = ">=";
        }
    }
    if (instead) {
        bool tight = word_text(kind) != NULL; /* a word needs blanks around it */
        bool before = begin > 0 && tight && !strchr(" \t\n(", tokens->text[begin - 1]);
        bool after = tight && !strchr(" \t\r\n", tokens->text[end]);
        Diag *e = diag(tokens->diags, E0121, span, A("text", text), A("instead", instead));
        diag_edit(diag_fix(e, E0121_help), span,
                  arena_printf(tokens->arena, "%s%s%s", before ? " " : "", instead, after ? " " : ""));
    } else {
        Diag *e = diag(tokens->diags, E0107, span, A("text", text));
        diag_fix(e, E0107_power);
    }
    Token *token = push(tokens, kind, begin, end);
    if (word_text(kind)) token->text = word_text(kind);
    return end;
}

/* `//` or a C comment. Inside brackets that close on the same line, `//` was meant as a division. */
size_t scan_slashes(Tokens *tokens, size_t begin)
{
    size_t end = begin;
    Span span = tokens_span(tokens, begin, begin + 2);
    if (tokens->text[begin + 1] == '*') {
        while (end < tokens->n && strncmp(tokens->text + end, "*/", 2) != 0) end++;
        end = end < tokens->n ? end + 2 : tokens->n;
        Diag *e = diag(tokens->diags, E0119, span, A("text", "/*"));
        diag_fix(e, E0119_help);
        return end;
    }
    while (tokens->text[end] != '\n') end++;
    bool closes = memchr(tokens->text + begin, ')', end - begin) != NULL;
    if (!line_begins(tokens) && tokens->line_open > 0 && closes) {
        Diag *e = diag(tokens->diags, E0121, span, A("text", "//"), A("instead", "/"));
        diag_edit(diag_fix(e, E0121_division), span, "/");
        push(tokens, TOKEN_SLASH, begin, begin + 2);
        return begin + 2;
    }
    Diag *e = diag(tokens->diags, E0119, span, A("text", "//"));
    diag_edit(diag_fix(e, E0119_line), span, "#");
    return end;
}

/* Signs that look like ours. `token` is what they stand for; TOKEN_NL: nothing. */
static const struct {
    uint32_t code;
    TokenKind token;
    const char *instead;
} look_alike[] = {
    {0x00D7, TOKEN_STAR, "*"},   {0x00B7, TOKEN_STAR, "*"},    {0x22C5, TOKEN_STAR, "*"},  {0x2217, TOKEN_STAR, "*"},
    {0x00F7, TOKEN_SLASH, "/"},  {0x2215, TOKEN_SLASH, "/"},   {0x2212, TOKEN_MINUS, "-"}, {0x2010, TOKEN_MINUS, "-"},
    {0x2011, TOKEN_MINUS, "-"},  {0x2012, TOKEN_MINUS, "-"},   {0x2013, TOKEN_MINUS, "-"}, {0x2014, TOKEN_MINUS, "-"},
    {0x2015, TOKEN_MINUS, "-"},  {0x2264, TOKEN_LE, "<="},     {0x2265, TOKEN_GE, ">="},   {0x2260, TOKEN_NE, "!="},
    {0x2026, TOKEN_DOTS, ".."},  {0x3001, TOKEN_COMMA, ","},   {0x3002, TOKEN_DOT, "."},   {0x2236, TOKEN_COLON, ":"},
    {0x2190, TOKEN_BAD, NULL},
};

static bool is_arrow(uint32_t code)
{
    return code == 0x2192 || code == 0x27F6 || code == 0x21D2 || code == 0x27F9 || code == 0x2794 || code == 0x279C ||
           code == 0x2799 || code == 0x279E || code == 0x21A6 || code == 0x21E8 || code == 0x25B6;
}

static bool is_invisible(uint32_t code)
{
    return code == 0x00A0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200F) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x2060 || code == 0x3000 || code == 0xFEFF || code == 0x0085 ||
           code == 0x0B || code == 0x0C;
}

static bool is_opening_quote(uint32_t code)
{
    return (code >= 0x201C && code <= 0x201F) || (code >= 0x2018 && code <= 0x201B) || code == 0x00AB || code == 0x00BB ||
           code == 0x300C || code == 0x300E || code == 0xFF02;
}

static bool is_closing_quote(uint32_t code)
{
    return is_opening_quote(code) || code == 0x300D || code == 0x300F || code == '"';
}

/* A text in typographic quotes: ends at the next such quote on the line. */
static size_t curly_text(Tokens *tokens, size_t begin, size_t after)
{
    for (size_t at = after; at < tokens->n && tokens->text[at] != '\n';) {
        size_t next = at;
        uint32_t code = str_code_point(tokens->text, tokens->n, &next);
        if (is_closing_quote(code)) {
            Diag *e = diag(tokens->diags, E0110, tokens_span(tokens, begin, next), A("text", written(tokens, after, at)));
            Fix *fix = diag_fix(e, E0110_help);
            diag_edit(fix, tokens_span(tokens, begin, after), "\"");
            diag_edit(fix, tokens_span(tokens, at, next), "\"");
            const char *value = text_value(tokens, after, at);
            push(tokens, TOKEN_TEXT, begin, next)->text = value;
            return next;
        }
        at = next;
    }
    return one_sign(tokens, begin, after);
}

static size_t arrow(Tokens *tokens, size_t begin, size_t end)
{
    Span span = tokens_span(tokens, begin, end);
    Diag *e = diag(tokens->diags, E0109, span, A("text", written(tokens, begin, end)));
    diag_edit(diag_fix(e, E0109_help), span, "->");
    push(tokens, TOKEN_ARROW, begin, end);
    return end;
}

static size_t stands_for(Tokens *tokens, size_t begin, size_t end, TokenKind kind, const char *instead)
{
    Span span = tokens_span(tokens, begin, end);
    Diag *e = diag(tokens->diags, E0108, span, A("text", written(tokens, begin, end)), A("instead", instead));
    diag_edit(diag_fix(e, E0108_help), span, instead);
    push(tokens, kind, begin, end);
    return end;
}

/* The token of one ASCII sign. */
static TokenKind sign_token(char c)
{
    static const struct {
        char sign;
        TokenKind token;
    } signs[] = {{',', TOKEN_COMMA},   {':', TOKEN_COLON},    {'=', TOKEN_EQ},       {'(', TOKEN_LPAREN}, {')', TOKEN_RPAREN},
                 {'[', TOKEN_LBRACKET}, {']', TOKEN_RBRACKET}, {'{', TOKEN_LBRACE},  {'}', TOKEN_RBRACE}, {'+', TOKEN_PLUS},
                 {'-', TOKEN_MINUS},   {'*', TOKEN_STAR},     {'/', TOKEN_SLASH},    {'.', TOKEN_DOT},    {'<', TOKEN_LT},
                 {'>', TOKEN_GT},      {'%', TOKEN_PERCENT_SIGN}, {';', TOKEN_SEMICOLON}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i].sign == c) return signs[i].token;
    return TOKEN_BAD;
}

/* Digits of the wide forms that East Asian keyboards type. */
static size_t wide_digits(Tokens *tokens, size_t begin)
{
    Buf digits = buf_in(tokens->arena);
    size_t at = begin;
    for (;;) {
        size_t next = at;
        uint32_t code = str_code_point(tokens->text, tokens->n, &next);
        size_t after = next;
        uint32_t following = next < tokens->n ? str_code_point(tokens->text, tokens->n, &after) : 0;
        bool digit_follows = (following >= 0xFF10 && following <= 0xFF19) || (following >= '0' && following <= '9');
        if (code >= 0xFF10 && code <= 0xFF19) buf_char(&digits, (char)('0' + (code - 0xFF10)));
        else if (code < 0x80 && is_digit((char)code)) buf_char(&digits, (char)code);
        else if ((code == 0xFF0E || code == '.') && digit_follows && !strchr(digits.at, '.')) buf_char(&digits, '.');
        else break;
        at = next;
    }
    bool whole = strchr(digits.at, '.') == NULL;
    stands_for(tokens, begin, at, TOKEN_NUMBER, digits.at);
    Token *token = &tokens->raw.at[tokens->raw.n - 1];
    token->number = strtod(digits.at, NULL);
    if (whole) token->flags |= FLAG_WHOLE;
    return at;
}

/* One code point that no rule of the scanner takes. */
size_t scan_odd(Tokens *tokens, size_t begin)
{
    size_t end = begin;
    uint32_t code = str_code_point(tokens->text, tokens->n + 1, &end);
    if (is_invisible(code)) {
        /* Remembered, reported once for all: a script pasted from a page may hold hundreds. */
        bool none = code == 0xFEFF || code == 0x2060 || (code >= 0x200B && code <= 0x200F);
        bool line = code == 0x2028 || code == 0x2029 || code == 0x0085;
        DiagEdit edit = {.span = tokens_span(tokens, begin, end), .text = none ? "" : line ? "\n" : " "};
        VEC_PUSH(tokens->arena, tokens->invisible, edit);
        if (line) push(tokens, TOKEN_NL, begin, end);
        return end;
    }
    if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0)) {
        while (end < tokens->n && (unsigned char)tokens->text[end] < 0x20 && !strchr("\t\r\n", tokens->text[end])) end++;
        Diag *e = diag(tokens->diags, E0105, tokens_span(tokens, begin, end), AI("code", code));
        diag_edit(diag_fix(e, E0105_help), tokens_span(tokens, begin, end), "");
        return end;
    }
    if (is_arrow(code)) return arrow(tokens, begin, end);
    bool dash = (code >= 0x2010 && code <= 0x2015) || code == 0x2212;
    if (dash && (tokens->text[end] == '>' || strncmp(tokens->text + end, "\xEF\xBC\x9E", 3) == 0))
        return arrow(tokens, begin, end + (tokens->text[end] == '>' ? 1 : 3));
    if (is_opening_quote(code)) return curly_text(tokens, begin, end);
    if (code >= 0xFF10 && code <= 0xFF19) return wide_digits(tokens, begin);
    if (code == 0xFF03) { /* a wide # */
        while (tokens->text[end] != '\n') end++;
        size_t sign = begin + 3;
        Diag *e = diag(tokens->diags, E0108, tokens_span(tokens, begin, sign), A("text", written(tokens, begin, sign)),
                       A("instead", "#"));
        diag_edit(diag_fix(e, E0108_help), tokens_span(tokens, begin, sign), "#");
        return end;
    }
    if (code > 0xFF00 && code < 0xFF5F) {
        char ascii = (char)(code - 0xFEE0);
        TokenKind kind = sign_token(ascii);
        if (kind != TOKEN_BAD) return stands_for(tokens, begin, end, kind, arena_text(tokens->arena, &ascii, 1));
    }
    for (size_t i = 0; i < sizeof look_alike / sizeof *look_alike; i++)
        if (look_alike[i].code == code && look_alike[i].instead)
            return stands_for(tokens, begin, end, look_alike[i].token, look_alike[i].instead);
    return one_sign(tokens, begin, end);
}

/* ---- the whole text ---- */

static bool readable(Tokens *tokens)
{
    const unsigned char *text = (const unsigned char *)tokens->text;
    size_t n = tokens->n;
    Span start = tokens_span(tokens, 0, n > 0 ? 1 : 0);
    if (n > (size_t)16 * 1024 * 1024) {
        diag_fix(diag(tokens->diags, E0103, start, A("size", str_bytes(tokens->arena, (double)n))), E0103_help);
        return false;
    }
    bool utf16 = n >= 2 && ((text[0] == 0xFF && text[1] == 0xFE) || (text[0] == 0xFE && text[1] == 0xFF));
    if (utf16) {
        diag_fix(diag(tokens->diags, E0101, start, A("encoding", "UTF-16")), E0101_utf16);
        return false;
    }
    if (memchr(text, 0, n)) {
        diag_fix(diag(tokens->diags, E0102, start), E0102_help);
        return false;
    }
    size_t bad = 0;
    if (!str_utf8_valid(tokens->text, n, &bad)) {
        Diag *e = diag(tokens->diags, E0101, tokens_span(tokens, bad, bad + 1), A("encoding", "another encoding"));
        diag_primary(e, E0101_byte, A("byte", arena_printf(tokens->arena, "0x%02X", text[bad])));
        diag_fix(e, E0101_help);
        return false;
    }
    return true;
}

/* The generated scanner's loop lies in parse.c. */
bool scan_script(Tokens *tokens)
{
    size_t n = 0;
    const char *text = sources_text(diags_sources(tokens->diags), tokens->source, &n);
    tokens->n = n;
    tokens->text = text;
    if (!readable(tokens)) return false;
    Buf copy = buf_in(tokens->arena);
    buf_put_n(&copy, text, n);
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) memset(copy.at, ' ', 3);
    buf_char(&copy, '\n');
    tokens->text = copy.at;
    return true;
}

size_t tokens_indent(const Tokens *tokens, size_t offset)
{
    size_t begin = offset;
    while (begin > 0 && tokens->text[begin - 1] != '\n') begin--;
    size_t column = 0;
    for (size_t i = begin; tokens->text[i] == ' ' || tokens->text[i] == '\t'; i++)
        column = tokens->text[i] == '\t' ? (column / 4 + 1) * 4 : column + 1;
    return column;
}
