/* Inside one token: words and numbers (texts in scan_text.c, signs in scan_sign.c). Each function reports what is wrong and
 * still hands on the token that was meant, so that the rest of the line is read. */
#include "src/syntax/scan.h"

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

const char *scan_written(const Tokens *tokens, size_t begin, size_t end)
{
    return arena_text(tokens->arena, tokens->text + begin, end - begin);
}

bool scan_line_begins(const Tokens *tokens)
{
    return tokens->raw.n == 0 || tokens->raw.at[tokens->raw.n - 1].kind == TOKEN_NL;
}

Token *scan_push(Tokens *tokens, TokenKind kind, size_t begin, size_t end)
{
    Token token = {.kind = (uint16_t)kind, .begin = (uint32_t)begin, .end = (uint32_t)end};
    if (scan_line_begins(tokens)) {
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
    scan_push(tokens, kind, begin, end);
}

void scan_comment(Tokens *tokens, size_t begin, size_t end)
{
    if (end > begin && tokens->text[end - 1] == '\r') end--;
    RawComment comment = {.begin = (uint32_t)begin, .end = (uint32_t)end, .behind = !scan_line_begins(tokens)};
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
    Token *token = scan_push(tokens, kind, begin, at);
    token->text =
        kind != TOKEN_IDENT ? word_text(kind) : str_nfc(tokens->arena, scan_written(tokens, begin, at), at - begin);
    return at;
}

static bool goes_on_name(const Tokens *tokens, size_t at)
{
    unsigned char byte = (unsigned char)tokens->text[at];
    if (byte < 0x80) return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    size_t next = at;
    return str_xid_continue(str_code_point(tokens->text, tokens->n, &next));
}

bool scan_is_digit(char c)
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
        if (i + 1 >= end || !scan_is_digit(tokens->text[i + 1]) || !scan_is_digit(tokens->text[i - 1])) good = false;
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
    while (goes_on_name(tokens, at) || scan_is_digit(tokens->text[at]) ||
           (tokens->text[at] == '.' && scan_is_digit(tokens->text[at + 1]) && tokens->text[at - 1] != '.')) {
        size_t next = at;
        str_code_point(tokens->text, tokens->n, &next);
        at = next;
    }
    const char *text = scan_written(tokens, begin, at);
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
    scan_push(tokens, TOKEN_BAD_VALUE, begin, at);
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
        Diag *e = diag(tokens->diags, E0115, span, A("text", scan_written(tokens, before->begin, end)));
        diag_edit(diag_fix(e, E0115_help, A("number", meant)), span, meant);
        begin = before->begin;
        tokens->raw.n--;
        digits = meant;
        whole = false;
    } else if (tokens->text[end] == '.' && tokens->text[end + 1] != '.' && whole && !goes_on_name(tokens, end + 1)) {
        at = end + 1;
        Span span = tokens_span(tokens, begin, at);
        const char *meant = arena_printf(tokens->arena, "%s.0", digits);
        Diag *e = diag(tokens->diags, E0115, span, A("text", scan_written(tokens, begin, at)));
        diag_edit(diag_fix(e, E0115_help, A("number", meant)), span, meant);
        whole = false;
    }

    double value = strtod(digits, NULL);
    if (!isfinite(value)) {
        Diag *e = diag(tokens->diags, E0118, tokens_span(tokens, begin, at), A("text", scan_written(tokens, begin, at)));
        diag_fix(e, E0118_help);
        scan_push(tokens, TOKEN_BAD_VALUE, begin, at);
        return at;
    }
    bool percent = tokens->text[at] == '%';
    if (percent) at++;
    Token *token = scan_push(tokens, percent ? TOKEN_PERCENT : TOKEN_NUMBER, begin, at);
    token->number = percent ? value / 100 : value;
    if (whole) token->flags |= FLAG_WHOLE;
    return at;
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
