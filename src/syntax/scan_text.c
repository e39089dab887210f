/* Texts in quotes: escapes, quotes that are missing, single or typographic. */
#include "src/syntax/scan.h"

#include <string.h>

/* Whether the text to come names a file, by the word before it. */
static bool names_file(const Tokens *tokens)
{
    if (tokens->raw.n == 0) return false;
    TokenKind before = (TokenKind)tokens->raw.at[tokens->raw.n - 1].kind;
    return before == TOKEN_FROM || before == TOKEN_TO || before == TOKEN_ON || before == TOKEN_USE ||
           before == TOKEN_USING || before == TOKEN_JOIN;
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
    case '"':
        buf_char(out, '"');
        return;
    case '\'':
        buf_char(out, '\'');
        return;
    case '\\':
        buf_char(out, '\\');
        return;
    case 'n':
        buf_char(out, '\n');
        return;
    case 't':
        buf_char(out, '\t');
        return;
    case 'u':
        if (*at < end && tokens->text[*at] == '{') {
            uint32_t code = 0;
            size_t i = *at + 1, digits = 0;
            for (; i < end && digits < 7; i++, digits++) {
                char d = tokens->text[i];
                if (scan_is_digit(d))
                    code = code * 16 + (uint32_t)(d - '0');
                else if (d >= 'a' && d <= 'f')
                    code = code * 16 + (uint32_t)(d - 'a' + 10);
                else if (d >= 'A' && d <= 'F')
                    code = code * 16 + (uint32_t)(d - 'A' + 10);
                else
                    break;
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
    default:
        break;
    }
    size_t to = begin + 1;
    if (to < end) str_code_point(tokens->text, end, &to);
    *at = to;
    if (path) buf_char(out, '/');
    buf_put_n(out, tokens->text + begin + path, to - begin - path);
    if (*reported) return;
    *reported = true;
    Span span = tokens_span(tokens, begin, to);
    Diag *e = diag(tokens->diags, E0113, span, A("text", scan_written(tokens, begin, to)));
    /* The text is a path of Windows: its other backslashes are meant as such too. */
    Fix *fix = diag_fix_add(e, path ? E0113_path : E0113_help, NULL);
    for (size_t i = first; i < end; i++) {
        if (tokens->text[i] != '\\') continue;
        bool plain = i + 1 >= end || (tokens->text[i + 1] != '\\' && tokens->text[i + 1] != '"');
        if (plain)
            diag_edit(fix, tokens_span(tokens, i, path ? i + 1 : i), path ? "/" : "\\");
        else
            i++;
    }
}

const char *scan_text_value(Tokens *tokens, size_t begin, size_t end)
{
    Buf out = buf_in(tokens->arena);
    buf_put(&out, "");
    bool reported = false;
    for (size_t at = begin; at < end;) {
        if (tokens->text[at] == '\\')
            escape(tokens, begin, &at, end, &reported, &out);
        else
            buf_char(&out, tokens->text[at++]);
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
    size_t open = scan_line_begins(tokens) ? 0 : tokens->line_open;
    bool brace = false;
    for (;;) {
        while (end > first && strchr(" \t\r", tokens->text[end - 1])) end--;
        if (end <= first) return end;
        char c = tokens->text[end - 1];
        if (c == '{' && !brace)
            brace = true;
        else if ((c == ')' || c == ']') && open > 0)
            open--;
        else if (c != ',')
            return end;
        end--;
    }
}

size_t scan_text(Tokens *tokens, size_t begin)
{
    size_t at = begin + 1, before = diags_errors(tokens->diags);
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
            if (!scan_line_begins(tokens)) scan_push(tokens, TOKEN_BAD, begin, to);
            return to;
        }
    } else {
        at = content = guess_end(tokens, begin, content);
        Diag *e = diag(tokens->diags, E0112, tokens_span(tokens, begin, at), A("text", scan_written(tokens, begin, at)));
        diag_edit(diag_fix(e, E0112_help), tokens_span(tokens, at, at), "\"");
    }
    const char *value = scan_text_value(tokens, begin + 1, content);
    Token *token = scan_push(tokens, TOKEN_TEXT, begin, at);
    token->text = value;
    if (diags_errors(tokens->diags) != before) token->flags |= FLAG_MISREAD;
    return at;
}

size_t scan_one_sign(Tokens *tokens, size_t begin, size_t end)
{
    Diag *e = diag(tokens->diags, E0107, tokens_span(tokens, begin, end), A("text", scan_written(tokens, begin, end)));
    diag_primary(e, E0107_found);
    scan_push(tokens, TOKEN_BAD, begin, end);
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
    if (at >= tokens->n || tokens->text[at] != '\'') return scan_one_sign(tokens, begin, begin + 1);
    size_t end = at + 1;
    Span open = tokens_span(tokens, begin, begin + 1), close = tokens_span(tokens, at, end);
    const char *inner = scan_written(tokens, begin + 1, at);
    Diag *e = diag(tokens->diags, E0111, tokens_span(tokens, begin, end), A("text", inner));
    if (!scan_line_begins(tokens) && tokens->line_open > 0 && str_is_name(inner) && !argument_wants_text(tokens)) {
        diag_edit(diag_fix(e, E0111_word), tokens_span(tokens, begin, end), inner);
        /* Whether a word or a text belongs there is for the next reading to say. */
        size_t second = tokens->line_first + 1;
        bool list = second < tokens->raw.n && tokens->raw.at[second].kind == TOKEN_LBRACKET;
        if (!list) {
            scan_push(tokens, TOKEN_BAD_VALUE, begin, end);
            return end;
        }
    } else {
        Fix *fix = diag_fix(e, E0111_help);
        diag_edit(fix, open, "\"");
        for (size_t i = begin + 1; i < at; i++)
            if (tokens->text[i] == '"' && tokens->text[i - 1] != '\\') diag_edit(fix, tokens_span(tokens, i, i), "\\");
        diag_edit(fix, close, "\"");
    }
    const char *value = scan_text_value(tokens, begin + 1, at);
    Token *token = scan_push(tokens, TOKEN_TEXT, begin, end);
    token->text = value;
    token->flags |= FLAG_SINGLE;
    return end;
}
