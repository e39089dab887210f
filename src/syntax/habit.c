/* Lines as people of other languages write them, and first words that are misspelt (Python's own lines: habit_python.c). A line is looked at before the parser
 * sees it: where its meaning is plain its raw tokens are rewritten, so that a wrong header does not hide its body; else
 * the line is passed over. Each habit is reported once, here, and nowhere else. */
#include "src/syntax/habit.h"

#include "src/syntax/kind_name.h"

#include <string.h>

TokenKind raw_kind_at(const Tokens *tokens, size_t i)
{
    return i < tokens->raw.n ? (TokenKind)tokens->raw.at[i].kind : TOKEN_END;
}

bool raw_name_at(const Tokens *tokens, size_t i)
{
    return i < tokens->raw.n && token_is_name(&tokens->raw.at[i]);
}

const char *raw_text_at(const Tokens *tokens, size_t i)
{
    return i < tokens->raw.n && word_text(raw_kind_at(tokens, i))           ? word_text(raw_kind_at(tokens, i))
           : i < tokens->raw.n && tokens->raw.at[i].kind == TOKEN_IDENT ? tokens->raw.at[i].text
                                                                        : "";
}

/* How far a bracket is followed over line ends: one that is never closed must not make reading quadratic. */
enum { BRACKET_REACH = 4096 };

size_t raw_line_end(const Tokens *tokens, size_t i, bool blocks)
{
    size_t depth = 0, begin = i;
    for (; i < tokens->raw.n; i++) {
        TokenKind kind = raw_kind_at(tokens, i);
        if (kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET) depth++;
        if ((kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET) && depth > 0) depth--;
        if (kind == TOKEN_LBRACE && blocks) {
            size_t braces = 0;
            for (; i < tokens->raw.n; i++) {
                if (raw_kind_at(tokens, i) == TOKEN_LBRACE) braces++;
                if (raw_kind_at(tokens, i) == TOKEN_RBRACE && --braces == 0) return i + 1;
            }
            return i;
        }
        if (kind == TOKEN_RBRACE) return i;
        if (kind == TOKEN_NL && (depth == 0 || i - begin > BRACKET_REACH)) return i;
        /* A bracket that is never closed must not swallow the script. */
        if (kind == TOKEN_NL && i + 1 < tokens->raw.n && tokens_indent(tokens, tokens->raw.at[i + 1].begin) == 0 &&
            token_begins_statement(&tokens->raw.at[i + 1], i + 2 < tokens->raw.n ? &tokens->raw.at[i + 2] : NULL))
            return i;
    }
    return i;
}

size_t raw_closing(const Tokens *tokens, size_t open, size_t end)
{
    size_t depth = 0;
    for (size_t i = open; i < end; i++) {
        TokenKind kind = raw_kind_at(tokens, i);
        if (kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET) depth++;
        if ((kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET) && --depth == 0) return i;
    }
    return end;
}

Span raw_span(const Tokens *tokens, size_t begin, size_t end)
{
    return tokens_span(tokens, tokens->raw.at[begin].begin, tokens->raw.at[end > begin ? end - 1 : begin].end);
}

static void drop_raw(Tokens *tokens, size_t i)
{
    tokens->raw.at[i].kind = TOKEN_GONE;
}

/* The name of the script's one data block; NULL where there is none or several. */
static const char *only_data(const Tokens *tokens)
{
    const char *name = NULL;
    for (size_t i = 0; i < tokens->raw.n; i++) {
        if (raw_kind_at(tokens, i) != TOKEN_DATA || !(tokens->raw.at[i].flags & FLAG_FIRST) || !raw_name_at(tokens, i + 1)) continue;
        if (name) return NULL;
        name = raw_text_at(tokens, i + 1);
    }
    return name;
}

/* ---- misspelt first words ---- */

static const char *nearest_of(const Tokens *tokens, const char *word, bool (*wanted)(WordClass))
{
    const char *names[TOKEN_KIND_COUNT];
    size_t n = 0;
    (void)tokens;
    for (TokenKind kind = TOKEN_IDENT; kind < TOKEN_KIND_COUNT; kind++)
        if (wanted(word_class(kind))) names[n++] = word_text(kind);
    return str_nearest(word, names, n);
}

static bool of_statement(WordClass class)
{
    return class == WORD_STATEMENT || class == WORD_SOFT_STATEMENT;
}
static bool of_line(WordClass class)
{
    return class == WORD_LINE;
}

static void misspelt(Tokens *tokens, size_t i, const char *nearest)
{
    Token *token = &tokens->raw.at[i];
    Span span = token_span(tokens, token);
    Diag *e = diag(tokens->diags, E0125, span, A("word", raw_text_at(tokens, i)));
    diag_did_you_mean(e, span, nearest);
    token->kind = (uint16_t)word_find(nearest, strlen(nearest));
    token->text = word_text((TokenKind)token->kind);
}

/* Whether what follows the first word looks like a statement's header: `m {`, `m on d`, `"f.nnl"`, `7`. */
static bool header_follows(const Tokens *tokens, size_t i)
{
    TokenKind next = raw_kind_at(tokens, i + 1);
    return raw_name_at(tokens, i + 1) || next == TOKEN_NUMBER || next == TOKEN_TEXT || next == TOKEN_LBRACE ||
           (word_is_reserved(next) && next != TOKEN_IN && next != TOKEN_AND && next != TOKEN_OR);
}

/* `units = 16`: a value with a name, up to the end of the line. A name alone may be a wire, unless it is a word of the language. */
static bool is_value_with_name(const Tokens *tokens, size_t i, size_t end)
{
    if (!raw_name_at(tokens, i) || raw_kind_at(tokens, i + 1) != TOKEN_EQ || i + 2 >= end) return false;
    bool value = false;
    for (size_t k = i + 2; k < end; k++) {
        TokenKind kind = raw_kind_at(tokens, k);
        value = value || kind == TOKEN_NUMBER || kind == TOKEN_PERCENT || kind == TOKEN_TEXT || kind == TOKEN_TRUE || kind == TOKEN_FALSE;
        bool sign = (kind >= TOKEN_PLUS && kind <= TOKEN_RBRACKET) || kind == TOKEN_COMMA;
        if (!value && !sign && !raw_name_at(tokens, k)) return false;
        if (kind == TOKEN_ARROW || kind == TOKEN_DOT || kind == TOKEN_LBRACE) return false;
        if (kind == TOKEN_LPAREN && raw_name_at(tokens, k - 1)) return false;
    }
    return value || (end == i + 3 && kind_name_is_word(raw_text_at(tokens, i + 2)));
}

static size_t top_line(Tokens *tokens, size_t i, bool *bad, bool *loose)
{
    TokenKind first = raw_kind_at(tokens, i);
    Token *next = i + 1 < tokens->raw.n ? &tokens->raw.at[i + 1] : NULL;
    if (token_begins_statement(&tokens->raw.at[i], next) || of_statement(word_class(first))) {
        *loose = false;
        return i;
    }
    bool word = raw_name_at(tokens, i);
    WordClass class = word_class(first);
    const char *nearest = word && first == TOKEN_IDENT && header_follows(tokens, i)
                              ? nearest_of(tokens, raw_text_at(tokens, i), of_statement)
                              : NULL;
    if (nearest) {
        misspelt(tokens, i, nearest);
        *loose = false;
        return i;
    }
    if (first == TOKEN_BAD || first == TOKEN_BAD_VALUE) return i;
    size_t end = raw_line_end(tokens, i, true);
    if (end == i) return i;
    if (class != WORD_DATA && class != WORD_TRAIN && is_value_with_name(tokens, i, end)) {
        Span span = raw_span(tokens, i, end);
        Diag *e = diag(tokens->diags, E0160, token_span(tokens, &tokens->raw.at[i]));
        Fix *fix = diag_fix(e, E0160_help, A("line", arena_text(tokens->arena, tokens->text + span.begin, span.end - span.begin)));
        diag_edit(fix, span_before(span), "param ");
        tokens->raw.at[i].flags |= FLAG_ADD_PARAM;
        return i;
    }
    if (!*loose) {
        Span span = token_span(tokens, &tokens->raw.at[i]);
        TokenKind second = raw_kind_at(tokens, i + 1);
        bool layer = class == WORD_LINE || class == WORD_SOFT_LINE || first == TOKEN_ARROW ||
                     (word && (second == TOKEN_LPAREN || second == TOKEN_EQ || second == TOKEN_ARROW || second == TOKEN_NL ||
                               second == TOKEN_COMMA));
        const char *shown = token_written(tokens, &tokens->raw.at[i]);
        if (class == WORD_DATA || class == WORD_TRAIN) {
            Diag *e = diag(tokens->diags, E0127, span, A("word", shown));
            diag_primary(e, class == WORD_DATA ? E0127_data : E0127_train);
        } else if (layer) {
            Diag *e = diag(tokens->diags, E0127, span, A("word", shown));
            diag_primary(e, E0127_layer);
        } else {
            diag_fix(diag(tokens->diags, E0126, span, A("word", shown)), E0126_help);
        }
        *loose = class == WORD_DATA || class == WORD_TRAIN || layer;
    }
    *bad = true;
    return end;
}

/* `dense 64, relu`: an argument without parentheses. */
static size_t bare_arguments(Tokens *tokens, size_t i, bool *bad)
{
    size_t end = raw_line_end(tokens, i, false);
    Span name = token_span(tokens, &tokens->raw.at[i]);
    Span first = token_span(tokens, &tokens->raw.at[i + 1]);
    Diag *e = diag(tokens->diags, E0141, raw_span(tokens, i, end), A("word", raw_text_at(tokens, i)));
    size_t close = end;
    for (size_t k = i + 1; k < end; k++)
        if (raw_kind_at(tokens, k) == TOKEN_ARROW && close == end) close = k;
    if (close > i + 1) {
        Span last = token_span(tokens, &tokens->raw.at[close - 1]);
        Fix *fix = diag_fix(e, E0141_help);
        diag_edit(fix, (Span){first.source, name.end, first.begin}, "(");
        diag_edit(fix, span_after(last), ")");
    }
    *bad = true;
    return end;
}

static size_t model_line(Tokens *tokens, size_t i, bool *bad)
{
    if (raw_kind_at(tokens, i) != TOKEN_IDENT) return i;
    TokenKind next = raw_kind_at(tokens, i + 1);
    if (!raw_name_at(tokens, i + 1) && next != TOKEN_NUMBER) return i;
    bool repeat = next == TOKEN_NUMBER || raw_kind_at(tokens, i + 2) == TOKEN_LBRACE;
    const char *nearest = nearest_of(tokens, raw_text_at(tokens, i), of_line);
    if (nearest && str_eq(nearest, "repeat") == repeat) {
        misspelt(tokens, i, nearest);
        return i;
    }
    TokenKind third = raw_kind_at(tokens, i + 2);
    if (next == TOKEN_NUMBER || third == TOKEN_NL || third == TOKEN_COMMA || third == TOKEN_ARROW || third == TOKEN_RBRACE)
        return bare_arguments(tokens, i, bad);
    return i;
}

/* ---- clauses ---- */

/* The clauses whose values are a list: brackets around it are Python's. */
static bool takes_list(TokenKind kind)
{
    return kind == TOKEN_FEATURES || kind == TOKEN_TARGET || kind == TOKEN_KNOWN || kind == TOKEN_METRICS ||
           kind == TOKEN_MISSING || kind == TOKEN_HEADER || kind == TOKEN_CALLBACK || kind == TOKEN_ENCODE ||
           kind == TOKEN_SCALE || kind == TOKEN_FILL || kind == TOKEN_NUMBER_CLAUSE || kind == TOKEN_REPLACE ||
           kind == TOKEN_GROUP || kind == TOKEN_ORDER || kind == TOKEN_JOIN || kind == TOKEN_LOSS;
}

/* What stands between two raw tokens, blanks and line ends of the list made one line. */
static const char *between(Tokens *tokens, size_t open, size_t close)
{
    Buf out = buf_in(tokens->arena);
    for (size_t i = open + 1; i < close; i++) {
        if (raw_kind_at(tokens, i) == TOKEN_NL) continue;
        if (out.n > 0 && tokens->raw.at[i].flags & FLAG_SPACED) buf_char(&out, ' ');
        buf_put(&out, token_written(tokens, &tokens->raw.at[i]));
    }
    return out.at ? out.at : "";
}

static void clause_line(Tokens *tokens, size_t i)
{
    TokenKind first = raw_kind_at(tokens, i), second = raw_kind_at(tokens, i + 1);
    const char *word = raw_text_at(tokens, i);
    size_t value = i + 1; /* where what belongs to the clause begins */
    if ((second == TOKEN_EQ || second == TOKEN_COLON) && raw_kind_at(tokens, i + 2) != TOKEN_NL) {
        const Token *sign = &tokens->raw.at[i + 1];
        Diag *e =
            diag(tokens->diags, E0134, token_span(tokens, sign), A("word", word), A("sign", token_written(tokens, sign)));
        bool spaced = i + 2 < tokens->raw.n && tokens->raw.at[i + 2].flags & FLAG_SPACED;
        Span cut = {tokens->source, tokens->raw.at[i].end, sign->end};
        diag_edit(diag_fix(e, E0134_help), cut, spaced ? "" : " ");
        drop_raw(tokens, i + 1);
        value = i + 2;
    }
    /* Brackets may stand behind `by`, behind `on "file"`, behind `names:`. */
    size_t end = raw_line_end(tokens, i, false);
    for (size_t k = value; k < end && takes_list(first); k++) {
        TokenKind kind = raw_kind_at(tokens, k), before = raw_kind_at(tokens, k - 1);
        if (kind == TOKEN_LPAREN && k > value) {
            k = raw_closing(tokens, k, end);
            continue;
        }
        bool list = (kind == TOKEN_LBRACKET || (kind == TOKEN_LPAREN && k == value)) && before != TOKEN_AS;
        if (!list) continue;
        size_t close = raw_closing(tokens, k, end);
        if (close >= end) return;
        Span open_span = token_span(tokens, &tokens->raw.at[k]), close_span = token_span(tokens, &tokens->raw.at[close]);
        bool glued = k > 0 && tokens->raw.at[k - 1].end == tokens->raw.at[k].begin;
        const char *inner = between(tokens, k, close);
        Diag *e = diag(tokens->diags, E0135, open_span, A("word", word), A("list", inner),
                       A("sign", token_written(tokens, &tokens->raw.at[k])));
        diag_edit(diag_fix(e, E0135_help), (Span){tokens->source, open_span.begin, close_span.end},
                  arena_printf(tokens->arena, "%s%s", glued ? " " : "", inner));
        drop_raw(tokens, close);
        drop_raw(tokens, k);
        for (size_t m = k; m < close; m++)
            if (raw_kind_at(tokens, m) == TOKEN_NL) drop_raw(tokens, m);
        end = raw_line_end(tokens, i, false);
    }
}

/* `order date`, `group city`: puts in the `by`. */
static void missing_by(Tokens *tokens, size_t i)
{
    TokenKind first = raw_kind_at(tokens, i);
    if (first != TOKEN_ORDER && first != TOKEN_GROUP) return;
    size_t next = i + 1;
    while (raw_kind_at(tokens, next) == TOKEN_GONE) next++;
    TokenKind second = raw_kind_at(tokens, next);
    if (second == TOKEN_BY || (second == TOKEN_AS && first == TOKEN_ORDER)) return;
    if (!raw_name_at(tokens, next) && second != TOKEN_TEXT) return;
    Span span = token_span(tokens, &tokens->raw.at[next]);
    Diag *e = diag(tokens->diags, E0131, span, A("word", "by"), A("before", raw_text_at(tokens, i)));
    diag_edit(diag_fix(e, E0131_help), span_before(span), "by ");
    tokens->raw.at[i].flags |= FLAG_ADD_BY;
}

/* A line that begins with `--`: a comment of SQL or Lua. */
static size_t dashes(Tokens *tokens, size_t i, bool *bad)
{
    Span span = tokens_span(tokens, tokens->raw.at[i].begin, tokens->raw.at[i + 1].end);
    Diag *e = diag(tokens->diags, E0119, span, A("text", "--"));
    diag_edit(diag_fix(e, E0119_line), span, "#");
    *bad = true;
    while (i < tokens->raw.n && raw_kind_at(tokens, i) != TOKEN_NL) i++;
    return i;
}

/* `forecast m for 12 months`: the data's name left out, and steps counted in another unit. */
static size_t forecast_line(Tokens *tokens, size_t i, bool *bad)
{
    size_t end = raw_line_end(tokens, i, false), unit = i;
    while (unit < end && !(raw_kind_at(tokens, unit) == TOKEN_FOR && raw_kind_at(tokens, unit + 1) == TOKEN_NUMBER)) unit++;
    unit += 2;
    if (unit < end && raw_name_at(tokens, unit) && raw_kind_at(tokens, unit) != TOKEN_STEPS && raw_kind_at(tokens, unit) != TOKEN_USING) {
        Token *token = &tokens->raw.at[unit];
        Span span = token_span(tokens, token);
        Diag *e = diag(tokens->diags, E0121, span, A("text", raw_text_at(tokens, unit)), A("instead", "steps"));
        diag_edit(diag_fix(e, E0121_steps), span, "steps");
        token->kind = TOKEN_STEPS;
        token->text = word_text(TOKEN_STEPS);
    }
    if (!raw_name_at(tokens, i + 1) || unit != i + 4) return i;
    const char *data = only_data(tokens), *model = raw_text_at(tokens, i + 1);
    Diag *e = diag(tokens->diags, E0131, token_span(tokens, &tokens->raw.at[i + 2]), A("word", "on"), A("before", model));
    Fix *fix = diag_fix(e, E0131_data, A("data", data ? data : "DATA"));
    if (data) diag_edit(fix, span_after(token_span(tokens, &tokens->raw.at[i + 1])), arena_printf(tokens->arena, " on %s", data));
    *bad = true;
    return end;
}

/* ---- blocks without braces ---- */

static bool opens_block(TokenKind kind)
{
    return kind == TOKEN_MODEL || kind == TOKEN_DATA || kind == TOKEN_TRAIN || kind == TOKEN_BLOCK;
}

/* The last raw token of the header that begins at `i`, where it is whole and without a brace; else 0. */
static size_t bare_header(const Tokens *tokens, size_t i, size_t end)
{
    bool from = false;
    for (size_t k = i; k < end; k++) {
        TokenKind kind = raw_kind_at(tokens, k);
        if (kind == TOKEN_LBRACE) return 0;
        from = from || kind == TOKEN_FROM;
    }
    if (raw_kind_at(tokens, end) != TOKEN_NL || (from && raw_kind_at(tokens, i) == TOKEN_MODEL)) return 0;
    size_t last = end - 1;
    if (raw_kind_at(tokens, last) == TOKEN_COLON) last--;
    bool whole = raw_name_at(tokens, last) || raw_kind_at(tokens, last) == TOKEN_TEXT || raw_kind_at(tokens, last) == TOKEN_RPAREN;
    return last > i && whole ? last : 0;
}

static size_t past_line_ends(const Tokens *tokens, size_t i)
{
    while (raw_kind_at(tokens, i) == TOKEN_NL) i++;
    return i;
}

/* A header whose lines stand below it, farther in: `model m`, or `model m:` as in Python. Puts in the braces. */
static void bare_block(Tokens *tokens, size_t i)
{
    size_t end = raw_line_end(tokens, i, false), header = bare_header(tokens, i, end), last = 0;
    size_t indent = tokens_indent(tokens, tokens->raw.at[i].begin), at = past_line_ends(tokens, end);
    if (!header) return;
    while (at < tokens->raw.n && raw_kind_at(tokens, at) != TOKEN_RBRACE && raw_kind_at(tokens, at) != TOKEN_LBRACE) {
        const Token *next = at + 1 < tokens->raw.n ? &tokens->raw.at[at + 1] : NULL;
        if (tokens_indent(tokens, tokens->raw.at[at].begin) <= indent || token_begins_statement(&tokens->raw.at[at], next)) break;
        size_t behind = raw_line_end(tokens, at, true);
        if (behind == at) break;
        last = behind - 1;
        while (last > at && raw_kind_at(tokens, last) == TOKEN_NL) last--; /* behind a bracket that is never closed */
        at = past_line_ends(tokens, behind);
    }
    if (!last) return;
    bool closed = raw_kind_at(tokens, at) == TOKEN_RBRACE;
    Diag *e = diag(tokens->diags, E0147, token_span(tokens, &tokens->raw.at[i]), A("word", raw_text_at(tokens, i)));
    Fix *fix = diag_fix(e, closed ? E0147_open : E0147_around);
    diag_edit(fix, tokens_span(tokens, tokens->raw.at[header].end, tokens->raw.at[end - 1].end), " {");
    if (header + 1 < end) drop_raw(tokens, end - 1);
    tokens->raw.at[header].flags |= FLAG_OPENS;
    if (closed) return;
    size_t line_end = tokens->raw.at[last].end;
    while (line_end < tokens->n && tokens->text[line_end] != '\n') line_end++;
    diag_edit(fix, tokens_span(tokens, line_end, line_end), arena_printf(tokens->arena, "\n%*s}", (int)indent, ""));
    tokens->raw.at[last].flags |= FLAG_CLOSES;
}

size_t habit_line(Tokens *tokens, size_t i, BlockKind block, bool *bad, bool *loose)
{
    TokenKind first = raw_kind_at(tokens, i);
    if (first == TOKEN_BAD || block == BLOCK_OTHER) return i;
    if (first == TOKEN_MINUS && raw_kind_at(tokens, i + 1) == TOKEN_MINUS) return dashes(tokens, i, bad);
    size_t end = habit_python(tokens, i, block);
    if (end != i) {
        *bad = true;
        return end;
    }
    if (block == BLOCK_TOP) {
        if (opens_block(first)) bare_block(tokens, i);
        if (first == TOKEN_FORECAST) return forecast_line(tokens, i, bad);
        return top_line(tokens, i, bad, loose);
    }
    if (block == BLOCK_LINES) return model_line(tokens, i, bad);
    bool clause =
        (block == BLOCK_DATA && word_class(first) == WORD_DATA) || (block == BLOCK_TRAIN && word_class(first) == WORD_TRAIN);
    if (clause) {
        clause_line(tokens, i);
        missing_by(tokens, i);
    }
    return i;
}

/* ---- inside a line ---- */

static void capital_word(Tokens *tokens, size_t i)
{
    static const struct {
        const char *foreign;
        TokenKind token;
    } words[] = {{"True", TOKEN_TRUE}, {"False", TOKEN_FALSE}, {"None", TOKEN_NONE},
                 {"TRUE", TOKEN_TRUE}, {"FALSE", TOKEN_FALSE}, {"NONE", TOKEN_NONE}};
    Token *token = &tokens->raw.at[i];
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (!str_eq(token->text, words[k].foreign)) continue;
        const char *instead = word_text(words[k].token);
        Span span = token_span(tokens, token);
        Diag *e = diag(tokens->diags, E0120, span, A("text", token->text), A("instead", instead));
        diag_edit(diag_fix(e, E0120_help), span, instead);
        token->kind = (uint16_t)words[k].token;
        token->text = instead;
    }
}

/* Whether a value can begin with the token. */
static bool begins_value(const Tokens *tokens, size_t i)
{
    TokenKind kind = raw_kind_at(tokens, i);
    return raw_name_at(tokens, i) || kind == TOKEN_NUMBER || kind == TOKEN_LPAREN;
}

/* `80 %`, or a remainder as other languages write it. */
static void lone_percent(Tokens *tokens, size_t i)
{
    Token *token = &tokens->raw.at[i];
    Token *number = i > 0 ? &tokens->raw.at[i - 1] : NULL;
    Span span = token_span(tokens, token);
    if (begins_value(tokens, i + 1)) {
        diag_fix(diag(tokens->diags, E0107, span, A("text", "%")), E0107_remainder);
    } else if (number && number->kind == TOKEN_NUMBER) {
        span = tokens_span(tokens, number->begin, token->end);
        Diag *e = diag(tokens->diags, E0117, span);
        diag_primary(e, E0117_apart);
        diag_edit(diag_fix(e, E0117_join), tokens_span(tokens, number->end, token->begin), "");
        number->kind = TOKEN_PERCENT;
        number->number /= 100;
        number->end = token->end;
    } else {
        diag_fix(diag(tokens->diags, E0117, span), E0117_help);
    }
    token->kind = TOKEN_BAD;
}

/* `1,000`: digits, a comma and three digits with nothing between. Only where no list could be meant. */
static void thousands(Tokens *tokens, size_t i, bool in_brackets)
{
    Token *number = &tokens->raw.at[i];
    if (!(number->flags & FLAG_WHOLE) || number->end - number->begin > 3) return;
    size_t last = i;
    bool leading_zero = false;
    while (raw_kind_at(tokens, last + 1) == TOKEN_COMMA && tokens->raw.at[last + 1].begin == tokens->raw.at[last].end &&
           raw_kind_at(tokens, last + 2) == TOKEN_NUMBER && tokens->raw.at[last + 2].flags & FLAG_WHOLE &&
           tokens->raw.at[last + 2].begin == tokens->raw.at[last + 1].end &&
           tokens->raw.at[last + 2].end - tokens->raw.at[last + 2].begin == 3) {
        last += 2;
        if (tokens->text[tokens->raw.at[last].begin] == '0') leading_zero = true;
    }
    if (last == i || (in_brackets && !leading_zero)) return;
    Span span = tokens_span(tokens, number->begin, tokens->raw.at[last].end);
    double value = 0;
    Buf digits = buf_in(tokens->arena);
    for (size_t k = i; k <= last; k += 2) {
        value = value * (k == i ? 1 : 1000) + tokens->raw.at[k].number;
        buf_printf(&digits, "%s%s", k == i ? "" : "_", token_written(tokens, &tokens->raw.at[k]));
    }
    Diag *e = diag(tokens->diags, E0116, span,
                   A("text", arena_text(tokens->arena, tokens->text + span.begin, span.end - span.begin)));
    diag_edit(diag_fix(e, E0116_help, A("number", digits.at)), span, digits.at);
    number->number = value;
    number->end = tokens->raw.at[last].end;
    for (size_t k = i + 1; k <= last; k++) drop_raw(tokens, k);
}

void habit_token(Tokens *tokens, size_t i, bool in_brackets)
{
    const Token *token = &tokens->raw.at[i];
    TokenKind before = i > 0 ? raw_kind_at(tokens, i - 1) : TOKEN_NL;
    if (token->kind == TOKEN_IDENT && (in_brackets || before == TOKEN_EQ || before == TOKEN_SHUFFLE) &&
        raw_kind_at(tokens, i + 1) != TOKEN_EQ)
        capital_word(tokens, i);
    if (token->kind == TOKEN_PERCENT_SIGN) lone_percent(tokens, i);
    if (token->kind == TOKEN_NUMBER) thousands(tokens, i, in_brackets);
}
