/* Signs that people bring from other languages and keyboards: operators, comments, arrows, wide and look-alike characters,
 * invisible spaces. */
#include "src/syntax/scan.h"

#include <stdlib.h>
#include <string.h>

size_t scan_foreign(Tokens *tokens, size_t begin, size_t end, TokenKind kind, const char *instead)
{
    Span span = tokens_span(tokens, begin, end);
    const char *text = scan_written(tokens, begin, end);
    if (str_eq(text, "=>")) {
        TokenKind word = scan_line_begins(tokens) ? TOKEN_END : (TokenKind)tokens->raw.at[tokens->line_first].kind;
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
    Token *token = scan_push(tokens, kind, begin, end);
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
    if (!scan_line_begins(tokens) && tokens->line_open > 0 && closes) {
        Diag *e = diag(tokens->diags, E0121, span, A("text", "//"), A("instead", "/"));
        diag_edit(diag_fix(e, E0121_division), span, "/");
        scan_push(tokens, TOKEN_SLASH, begin, begin + 2);
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
    {0x00D7, TOKEN_STAR, "*"},  {0x00B7, TOKEN_STAR, "*"},  {0x22C5, TOKEN_STAR, "*"},  {0x2217, TOKEN_STAR, "*"},
    {0x00F7, TOKEN_SLASH, "/"}, {0x2215, TOKEN_SLASH, "/"}, {0x2212, TOKEN_MINUS, "-"}, {0x2010, TOKEN_MINUS, "-"},
    {0x2011, TOKEN_MINUS, "-"}, {0x2012, TOKEN_MINUS, "-"}, {0x2013, TOKEN_MINUS, "-"}, {0x2014, TOKEN_MINUS, "-"},
    {0x2015, TOKEN_MINUS, "-"}, {0x2264, TOKEN_LE, "<="},   {0x2265, TOKEN_GE, ">="},   {0x2260, TOKEN_NE, "!="},
    {0x2026, TOKEN_DOTS, ".."}, {0x3001, TOKEN_COMMA, ","}, {0x3002, TOKEN_DOT, "."},   {0x2236, TOKEN_COLON, ":"},
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
            Diag *e =
                diag(tokens->diags, E0110, tokens_span(tokens, begin, next), A("text", scan_written(tokens, after, at)));
            Fix *fix = diag_fix(e, E0110_help);
            diag_edit(fix, tokens_span(tokens, begin, after), "\"");
            diag_edit(fix, tokens_span(tokens, at, next), "\"");
            const char *value = scan_text_value(tokens, after, at);
            scan_push(tokens, TOKEN_TEXT, begin, next)->text = value;
            return next;
        }
        at = next;
    }
    return scan_one_sign(tokens, begin, after);
}

static size_t arrow(Tokens *tokens, size_t begin, size_t end)
{
    Span span = tokens_span(tokens, begin, end);
    Diag *e = diag(tokens->diags, E0109, span, A("text", scan_written(tokens, begin, end)));
    diag_edit(diag_fix(e, E0109_help), span, "->");
    scan_push(tokens, TOKEN_ARROW, begin, end);
    return end;
}

static size_t stands_for(Tokens *tokens, size_t begin, size_t end, TokenKind kind, const char *instead)
{
    Span span = tokens_span(tokens, begin, end);
    Diag *e = diag(tokens->diags, E0108, span, A("text", scan_written(tokens, begin, end)), A("instead", instead));
    diag_edit(diag_fix(e, E0108_help), span, instead);
    scan_push(tokens, kind, begin, end);
    return end;
}

/* The token of one ASCII sign. */
static TokenKind sign_token(char c)
{
    static const struct {
        char sign;
        TokenKind token;
    } signs[] = {{',', TOKEN_COMMA},        {':', TOKEN_COLON},    {'=', TOKEN_EQ},       {'(', TOKEN_LPAREN},
                 {')', TOKEN_RPAREN},       {'[', TOKEN_LBRACKET}, {']', TOKEN_RBRACKET}, {'{', TOKEN_LBRACE},
                 {'}', TOKEN_RBRACE},       {'+', TOKEN_PLUS},     {'-', TOKEN_MINUS},    {'*', TOKEN_STAR},
                 {'/', TOKEN_SLASH},        {'.', TOKEN_DOT},      {'<', TOKEN_LT},       {'>', TOKEN_GT},
                 {'%', TOKEN_PERCENT_SIGN}, {';', TOKEN_SEMICOLON}};
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
        if (code >= 0xFF10 && code <= 0xFF19)
            buf_char(&digits, (char)('0' + (code - 0xFF10)));
        else if (code < 0x80 && scan_is_digit((char)code))
            buf_char(&digits, (char)code);
        else if ((code == 0xFF0E || code == '.') && digit_follows && !strchr(digits.at, '.'))
            buf_char(&digits, '.');
        else
            break;
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
        if (line) scan_push(tokens, TOKEN_NL, begin, end);
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
        Diag *e = diag(tokens->diags, E0108, tokens_span(tokens, begin, sign), A("text", scan_written(tokens, begin, sign)),
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
    return scan_one_sign(tokens, begin, end);
}
