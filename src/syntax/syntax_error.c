/* A token that did not fit, in words. What an example of grammar/messages.def has the same parser state and token says it
 * best; else the situation is described by what could stand there. No token's inner name reaches a person. */
#include "src/syntax/parser.h"

#include <string.h>

#define NO_TEXT DIAG_TEXT_NONE
static const struct {
    const char *example;
    DiagCode code;
    DiagText place, help;
} messages[] = {
#define SAY(example, code, place, help) {example, code, place, help},
#include "grammar/messages.def"
#undef SAY
};
enum { MESSAGE_COUNT = sizeof messages / sizeof *messages };

/* Parses every example; where each fails is where its message belongs. */
static void learn(Parser *p)
{
    if (p->situations) return;
    p->situations = ARENA_ARRAY(p->arena, Situation, MESSAGE_COUNT);
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        Parser example = {.arena = p->arena, .start = 0};
        if (!parser_learn(&example, messages[i].example)) continue;
        Situation *situation = &p->situations[p->situation_count++];
        *situation = example.seen;
        situation->message = i;
    }
}

static const Situation *known(const Parser *p, Situation seen)
{
    for (size_t i = 0; i < p->situation_count; i++) {
        const Situation *at = &p->situations[i];
        if (at->state == seen.state && at->token == seen.token && at->expected == seen.expected) return at;
    }
    return NULL;
}

/* A key for a set of tokens, whatever their order. */
static uint64_t set_key(const TokenKind *kinds, size_t n)
{
    uint64_t key = 0;
    for (size_t i = 0; i < n; i++) key += ((uint64_t)kinds[i] + 1) * 0x9E3779B97F4A7C15u ^ (uint64_t)kinds[i] << 32;
    return key;
}

/* ---- words ---- */

static const char *kind_said(TokenKind kind)
{
    if (word_text(kind)) return NULL;
    switch ((int)kind) {
    case TOKEN_END:
        return "the end of the script";
    case TOKEN_NL:
        return "the end of the line";
    case TOKEN_IDENT:
        return "a name";
    case TOKEN_NUMBER:
        return "a number";
    case TOKEN_PERCENT:
        return "a share";
    case TOKEN_TEXT:
        return "a text in double quotes";
    case TOKEN_ARROW:
        return "`->`";
    case TOKEN_DOTS:
        return "`..`";
    case TOKEN_DOT:
        return "`.`";
    case TOKEN_COMMA:
        return "`,`";
    case TOKEN_COLON:
        return "`:`";
    case TOKEN_EQ:
        return "`=`";
    case TOKEN_LPAREN:
        return "`(`";
    case TOKEN_RPAREN:
        return "`)`";
    case TOKEN_LBRACKET:
        return "`[`";
    case TOKEN_RBRACKET:
        return "`]`";
    case TOKEN_LBRACE:
        return "`{`";
    case TOKEN_RBRACE:
        return "`}`";
    default:
        return "an operator";
    }
}

const char *token_said(const Parser *p, const Token *token)
{
    if (token->kind == TOKEN_END || token->kind == TOKEN_NL) return kind_said((TokenKind)token->kind);
    if (token->begin == token->end) return kind_said((TokenKind)token->kind);
    return arena_printf(p->arena, "`%s`", token_written(p->tokens, token));
}

/* What the parser would take, as a small set. */
typedef struct {
    bool has[TOKEN_KIND_COUNT];
} Expected;

static bool is_operator(TokenKind kind)
{
    return (kind >= TOKEN_NE && kind <= TOKEN_SLASH) || kind == TOKEN_AND || kind == TOKEN_OR || kind == TOKEN_IN ||
           kind == TOKEN_NOT;
}

static bool is_relation(TokenKind kind)
{
    return kind >= TOKEN_EQ && kind <= TOKEN_GE;
}

/* The kinds worth naming, at most `room`: words that are names as well are "a name", operators are left out where
 * something else can stand. Returns how many there are. */
static size_t worth_naming(const Expected *expected, TokenKind *kinds, size_t room)
{
    size_t n = 0;
    size_t reserved = 0;
    for (TokenKind kind = TOKEN_END; kind < TOKEN_KIND_COUNT; kind++)
        if (expected->has[kind] && word_is_reserved(kind)) reserved++;
    bool ends = expected->has[TOKEN_NL] || expected->has[TOKEN_END];
    for (int turn = 0; turn < 2 && n == 0 && !(turn == 1 && ends); turn++) {
        for (TokenKind kind = TOKEN_IDENT; kind < TOKEN_KIND_COUNT; kind++) {
            if (!expected->has[kind] || kind == TOKEN_BAD || kind == TOKEN_BAD_VALUE) continue;
            if (kind == TOKEN_PERCENT && expected->has[TOKEN_NUMBER]) continue;
            bool soft = word_text(kind) && !word_is_reserved(kind);
            if (expected->has[TOKEN_IDENT] && (soft || (word_is_reserved(kind) && reserved > 8))) continue;
            if (expected->has[TOKEN_IDENT] && (kind == TOKEN_LPAREN || kind == TOKEN_MINUS || kind == TOKEN_IF)) continue;
            if (turn == 0 && (is_operator(kind) || (kind == TOKEN_EQ && expected->has[TOKEN_NE]))) continue;
            if (n < room) kinds[n] = kind;
            n++;
        }
    }
    if (ends) {
        if (n < room) kinds[n] = expected->has[TOKEN_NL] ? TOKEN_NL : TOKEN_END;
        n++;
    }
    return n;
}

/* "a name, `to` or the end of the line" */
static const char *expected_said(const Parser *p, const Expected *expected, bool layer)
{
    TokenKind kinds[8];
    size_t n = worth_naming(expected, kinds, 8);
    if (n > 8) n = 8;
    Buf out = buf_in(p->arena);
    buf_put(&out, n == 0 ? "something else" : "");
    for (size_t i = 0; i < n; i++) {
        const char *said = kind_said(kinds[i]);
        if (layer && kinds[i] == TOKEN_IDENT) said = "a layer";
        if (i > 0) buf_put(&out, i + 1 == n ? " or " : ", ");
        if (said)
            buf_put(&out, said);
        else
            buf_printf(&out, "`%s`", word_text(kinds[i]));
    }
    return out.at;
}

/* ---- situations ---- */

typedef struct {
    Parser *p;
    const Token *found, *before, *first; /* before is NULL at the beginning of a line */
    Span span;
    const char *said, *word, *said_before;
    Expected expected;
} Place;

static bool has(const Place *place, TokenKind kind)
{
    return place->expected.has[kind];
}

static bool value_expected(const Place *place)
{
    return has(place, TOKEN_NUMBER) || has(place, TOKEN_IDENT) || has(place, TOKEN_TEXT);
}

static bool begins_value(const Token *token)
{
    TokenKind kind = (TokenKind)token->kind;
    return token_is_name(token) || kind == TOKEN_NUMBER || kind == TOKEN_PERCENT || kind == TOKEN_TEXT ||
           kind == TOKEN_LBRACKET || kind == TOKEN_TRUE || kind == TOKEN_FALSE || kind == TOKEN_NONE || kind == TOKEN_TRAIN;
}

static bool ends(const Token *token)
{
    TokenKind kind = (TokenKind)token->kind;
    return kind == TOKEN_NL || kind == TOKEN_END || kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET || kind == TOKEN_RBRACE ||
           kind == TOKEN_COMMA || kind == TOKEN_LBRACE;
}

static Diag *say(const Place *place, DiagCode code, Span span)
{
    return diag(place->p->diags, code, span, A("found", place->said), A("word", place->word),
                A("before", place->said_before), A("expected", expected_said(place->p, &place->expected, false)));
}

static Span behind(const Place *place)
{
    return place->before ? span_after(span_of(place->p, place->before)) : span_before(place->span);
}

/* The empty place at a line's end is shown right behind the last token. */
static Span shown(const Place *place)
{
    bool nothing = place->found->kind == TOKEN_NL || place->found->kind == TOKEN_END;
    return nothing && place->before ? behind(place) : place->span;
}

/* `dense(8)(x)`: the edit puts the wire before the layer, where one plain name stands in the parentheses. */
static void say_behind(const Place *place, Diag *e)
{
    Parser *p = place->p;
    Fix *fix = diag_fix(e, E0155_help);
    const Token *wire = place->found + 1, *layer = place->before;
    for (size_t depth = 0; layer > place->first; layer--) {
        if (layer->kind == TOKEN_RPAREN) depth++;
        if (layer->kind == TOKEN_LPAREN && --depth == 0) break;
    }
    bool plain = token_is_name(wire) && wire[1].kind == TOKEN_RPAREN && wire[2].kind == TOKEN_NL;
    bool whole = layer > place->first && token_is_name(layer - 1) && (layer - 1 == place->first || layer[-2].kind == TOKEN_EQ);
    if (!plain || !whole) return;
    Span call = span_join(span_of(p, layer - 1), span_of(p, place->before));
    const char *text = arena_text(p->arena, p->tokens->text + call.begin, call.end - call.begin);
    diag_edit(fix, span_join(call, span_of(p, wire + 1)), arena_printf(p->arena, "%s -> %s", token_written(p->tokens, wire), text));
}

static bool say_by_example(const Place *place, Situation seen)
{
    const Situation *situation = known(place->p, seen);
    if (!situation) return false;
    DiagCode code = messages[situation->message].code;
    DiagText help = messages[situation->message].help, at = messages[situation->message].place;
    Diag *e = say(place, code, code == E0147 && place->first ? span_of(place->p, place->first) : shown(place));
    if (at != NO_TEXT) diag_primary_add(e, at, NULL);
    if (code == E0155) say_behind(place, e);
    else if (help != NO_TEXT) {
        Fix *fix = diag_fix_add(e, help, NULL);
        if (help == E0147_help) diag_edit(fix, behind(place), " { }");
    }
    return true;
}

/* A word that begins a statement or a model's line, in a block where it cannot stand. */
static bool say_misplaced(const Place *place)
{
    if (place->before) return false;
    WordClass class = word_class((TokenKind)place->found->kind);
    TokenKind next = place->found->kind == TOKEN_END ? TOKEN_END : (TokenKind)place->found[1].kind;
    if (next == TOKEN_EQ || next == TOKEN_ARROW) return false; /* a wire of that name */
    bool close = true;
    DiagText text = E0127_statement;
    if (class == WORD_LINE) {
        text = E0127_line;
        close = false;
    } else if (class != WORD_STATEMENT || has(place, (TokenKind)place->found->kind)) {
        return false;
    }
    Diag *e = diag(place->p->diags, E0127, place->span, A("word", place->found->text));
    diag_primary(e, text);
    if (close) diag_fix(e, E0127_close);
    return true;
}

static bool say_name(const Place *place)
{
    TokenKind kind = (TokenKind)place->found->kind;
    bool listed = place->before && (place->before->kind == TOKEN_COMMA || place->before->kind == TOKEN_LPAREN);
    bool connects = kind == TOKEN_ON || kind == TOKEN_TO || kind == TOKEN_FROM || kind == TOKEN_IN || kind == TOKEN_AND ||
                    kind == TOKEN_OR || kind == TOKEN_TRUE || kind == TOKEN_FALSE || kind == TOKEN_NONE ||
                    kind == TOKEN_IF || kind == TOKEN_NOT;
    if (has(place, TOKEN_IDENT) && word_is_reserved(kind) && (!connects || listed)) {
        Diag *e = diag(place->p->diags, E0133, place->span, A("word", place->found->text));
        diag_fix(e, E0133_help);
        return true;
    }
    if (kind == TOKEN_TEXT && has(place, TOKEN_IDENT) && !has(place, TOKEN_TEXT)) {
        name_quoted(place->p, place->found);
        return true;
    }
    WordClass class = place->before ? word_class((TokenKind)place->before->kind) : WORD_NOT;
    if (has(place, TOKEN_IDENT) && !has(place, TOKEN_NUMBER) && (class == WORD_STATEMENT || class == WORD_LINE)) {
        Diag *e = diag(place->p->diags, E0132, shown(place), A("before", place->before->text));
        diag_fix(e, E0132_help);
        return true;
    }
    return false;
}

/* A piece of what only quotes hold together. */
static bool is_piece(const Token *token)
{
    TokenKind kind = (TokenKind)token->kind;
    return token->begin < token->end && (token_is_name(token) || word_text(kind) || kind == TOKEN_NUMBER || kind == TOKEN_DOT ||
                                         kind == TOKEN_DOTS || kind == TOKEN_MINUS || kind == TOKEN_SLASH);
}

static bool is_joint(const Token *token)
{
    TokenKind kind = (TokenKind)token->kind;
    return kind == TOKEN_DOT || kind == TOKEN_DOTS || kind == TOKEN_SLASH;
}

/* The last token of a name with points in it that begins at `at`, joined without blanks; `at` where there is none. */
static const Token *dotted_end(const Token *at)
{
    const Token *end = at;
    while (token_is_name(end) && end[1].kind == TOKEN_DOT && token_is_name(end + 2) && end->end == end[1].begin && end[1].end == end[2].begin)
        end += 2;
    return end;
}

/* A column with a point in its name where it is calculated with: `where Sepal.Length > 2`. The edit mends the whole line. */
static bool say_dotted(const Place *place)
{
    Parser *p = place->p;
    TokenKind first = (TokenKind)place->first->kind;
    const Token *begin = place->before;
    bool calculated = first == TOKEN_WHERE || (first == TOKEN_DERIVE && begin > place->first + 1);
    if (!calculated || place->found->kind != TOKEN_DOT || begin == place->first || dotted_end(begin) == begin) return false;
    Fix *fix = NULL;
    for (const Token *at = begin; at->kind != TOKEN_NL && at->kind != TOKEN_END; at++) {
        const Token *end = dotted_end(at);
        if (end == at || end[1].kind == TOKEN_LPAREN) continue;
        Span span = span_join(span_of(p, at), span_of(p, end));
        const char *text = arena_text(p->arena, p->tokens->text + span.begin, span.end - span.begin);
        if (!fix) fix = diag_fix(diag(p->diags, E0150, span, A("word", text)), E0150_column);
        diag_edit(fix, span, arena_printf(p->arena, "column(\"%s\")", text));
        at = end;
    }
    return fix != NULL;
}

/* A file, a column with a point in its name or a date that stands without quotes: `to out/p.csv`, `Sepal.Length`, `until 1957-12`. */
static bool say_unquoted(const Place *place)
{
    if (!place->before || !is_piece(place->found)) return false;
    const Token *begin = place->found, *end = place->found;
    while (begin > place->first && is_piece(begin - 1) && begin[-1].end == begin->begin) begin--;
    while (is_piece(end + 1) && end[1].begin == end->end) end++;
    if (begin == end || begin == place->first || is_joint(end)) return false;
    TokenKind behind_what = (TokenKind)begin[-1].kind, first = (TokenKind)place->first->kind;
    bool file = behind_what == TOKEN_TO || behind_what == TOKEN_FROM || behind_what == TOKEN_ON || behind_what == TOKEN_USE;
    bool date = behind_what == TOKEN_UNTIL && begin->kind == TOKEN_NUMBER;
    bool column = word_class(first) == WORD_DATA && first != TOKEN_DERIVE && first != TOKEN_WHERE && place->found->kind == TOKEN_DOT &&
                  token_is_name(begin) && end[1].kind != TOKEN_LPAREN;
    bool joined = is_joint(place->found) || is_joint(place->found + 1);
    if (!date && !(joined && (file || column))) return false;
    Buf text = buf_in(place->p->arena);
    for (const Token *at = begin; at <= end; at++) buf_put(&text, token_written(place->p->tokens, at));
    Span span = span_join(span_of(place->p, begin), span_of(place->p, end));
    Diag *e = diag(place->p->diags, E0150, span, A("word", text.at));
    diag_edit(diag_fix(e, E0150_help), span, arena_printf(place->p->arena, "\"%s\"", text.at));
    return true;
}

static bool say_value(const Place *place)
{
    if (!ends(place->found) || !value_expected(place) || !place->before) return false;
    bool unit = place->before > place->first && place->before[-1].kind == TOKEN_EVERY && token_is_name(place->before);
    if (unit && every_uncounted(place->p, place->before->text, span_of(place->p, place->before))) return true;
    Diag *e = diag(place->p->diags, E0140, shown(place), A("before", token_written(place->p->tokens, place->before)));
    diag_primary(e, E0140_expected,
                 A("expected", expected_said(place->p, &place->expected, place->before->kind == TOKEN_ARROW)));
    return true;
}

/* The other of `=` and `:`, or the `:` of a method left out. */
static bool say_colon(const Place *place)
{
    Parser *p = place->p;
    TokenKind kind = (TokenKind)place->found->kind;
    bool colon = kind == TOKEN_EQ && has(place, TOKEN_COLON), equals = kind == TOKEN_COLON && has(place, TOKEN_EQ);
    if (colon || equals) {
        const char *instead = colon ? ":" : "=";
        Diag *e = diag(p->diags, E0121, place->span, A("text", colon ? "=" : ":"), A("instead", instead));
        diag_edit(diag_fix(e, E0121_help), colon ? span_join(behind(place), place->span) : place->span, instead);
        return true;
    }
    bool method = place->first->kind == TOKEN_SCALE || place->first->kind == TOKEN_FILL;
    if (!method || !has(place, TOKEN_COLON) || !begins_value(place->found)) return false;
    Diag *e = diag(p->diags, E0131, place->span, A("word", ":"), A("before", token_written(p->tokens, place->before)));
    diag_edit(diag_fix(e, E0131_help), behind(place), ":");
    return true;
}

/* What can begin a line: a clause, a statement, a layer. */
static bool begins_line(const Token *token)
{
    WordClass class = word_class((TokenKind)token->kind);
    bool layer = token_is_name(token) && (token[1].kind == TOKEN_LPAREN || token[1].kind == TOKEN_EQ);
    return layer || class == WORD_STATEMENT || class == WORD_LINE || class == WORD_DATA || class == WORD_TRAIN;
}

/* The end of the line in which a clause begins, and the indentation of the next: deeper where a brace opens before the clause. */
static const char *next_line(const Place *place)
{
    const char *text = place->p->tokens->text;
    uint32_t line = place->first->begin, indent = 0;
    while (line > 0 && text[line - 1] != '\n') line--;
    while (text[line + indent] == ' ' || text[line + indent] == '\t') indent++;
    const char *deeper = line + indent < place->first->begin ? "    " : "";
    return arena_printf(place->p->arena, "\n%.*s%s", (int)indent, text + line, deeper);
}

/* Two lines in one: what was found, or what stands behind the comma found, begins the second. */
static void say_own_line(const Place *place, DiagText where)
{
    Diag *e = say(place, E0145, place->span);
    diag_primary(e, where);
    Fix *fix = diag_fix(e, E0145_help);
    const Token *begin = place->found + (place->found->kind == TOKEN_COMMA);
    if (!begins_line(begin)) return;
    Parser *p = place->p;
    diag_edit(fix, span_join(behind(place), span_before(span_of(p, begin))), next_line(place));
    if (begin->kind == TOKEN_ENCODE && begin[2].kind == TOKEN_NL)
        diag_edit(fix, span_after(span_of(p, begin)), arena_printf(p->arena, " %s:", token_written(p->tokens, place->before)));
}

/* A clause that goes on behind another's columns: `features height scale standard`. (The parts of `split` have names of clauses.) */
static bool is_clause_behind(const Place *place)
{
    WordClass class = word_class((TokenKind)place->found->kind), first = word_class((TokenKind)place->first->kind);
    return class == WORD_DATA && first == class && place->first->kind != TOKEN_SPLIT && begins_value(place->found + 1);
}

static bool say_sign(const Place *place)
{
    Parser *p = place->p;
    TokenKind kind = (TokenKind)place->found->kind;
    if (!place->before) return false;
    if (say_colon(place)) return true;
    if (is_relation(kind) && has(place, TOKEN_AND)) {
        diag_fix(diag(p->diags, E0143, place->span), E0143_help);
        return true;
    }
    if ((is_relation(kind) || kind == TOKEN_AND || kind == TOKEN_OR || kind == TOKEN_IN) && has(place, TOKEN_RPAREN) &&
        has(place, TOKEN_COMMA)) {
        Diag *e = diag(p->diags, E0142, place->span);
        diag_primary(e, E0142_here);
        diag_fix(e, E0142_help);
        return true;
    }
    if (kind == TOKEN_LPAREN && place->before->kind == TOKEN_RPAREN) {
        say_behind(place, say(place, E0155, place->span));
        return true;
    }
    if (kind == TOKEN_LBRACKET && token_is_name(place->before)) {
        diag_fix(diag(p->diags, E0158, place->span, A("before", token_written(p->tokens, place->before))), E0158_help);
        return true;
    }
    bool value = begins_value(place->found);
    if (has(place, TOKEN_COMMA) && is_clause_behind(place)) {
        say_own_line(place, E0145_end);
        return true;
    }
    if (has(place, TOKEN_COMMA) && value) {
        Diag *e = diag(p->diags, E0138, place->span, A("before", token_written(p->tokens, place->before)),
                       A("found", place->said));
        diag_edit(diag_fix(e, E0138_help), behind(place), ",");
        return true;
    }
    if (has(place, TOKEN_LPAREN) && value && token_is_name(place->before)) {
        Span last = place->span;
        for (const Token *at = place->found; at->kind != TOKEN_NL && at->kind != TOKEN_END; at++) last = span_of(p, at);
        Diag *e = diag(p->diags, E0141, span_join(span_of(p, place->before), last),
                       A("word", token_written(p->tokens, place->before)));
        Fix *fix = diag_fix(e, E0141_help);
        diag_edit(fix, (Span){place->span.source, behind(place).begin, place->span.begin}, "(");
        diag_edit(fix, span_after(last), ")");
        return true;
    }
    return false;
}

/* One thing alone could stand here: it is missing. */
static bool say_missing(const Place *place)
{
    TokenKind kinds[1];
    if (!place->before || worth_naming(&place->expected, kinds, 1) != 1) return false;
    if (kinds[0] == TOKEN_NL || kinds[0] == TOKEN_END || kinds[0] == TOKEN_IDENT || kinds[0] == TOKEN_NUMBER ||
        kinds[0] == TOKEN_TEXT || is_operator(kinds[0]))
        return false;
    const char *word = word_text(kinds[0]);
    if (!word) {
        const char *quoted = kind_said(kinds[0]);
        word = arena_text(place->p->arena, quoted + 1, strlen(quoted) - 2);
    }
    Diag *e = diag(place->p->diags, E0131, shown(place), A("word", word),
                   A("before", token_written(place->p->tokens, place->before)));
    if (ends(place->found) && (kinds[0] == TOKEN_FOR || kinds[0] == TOKEN_FOLDS)) {
        diag_fix_add(e, kinds[0] == TOKEN_FOR ? E0131_steps : E0131_folds, NULL);
        return true;
    }
    diag_edit(diag_fix(e, E0131_help), behind(place), arena_printf(place->p->arena, " %s", word));
    return true;
}

static void say_anything(const Place *place)
{
    TokenKind kinds[2];
    size_t n = worth_naming(&place->expected, kinds, 2);
    WordClass class = place->first ? word_class((TokenKind)place->first->kind) : WORD_NOT;
    bool layers = has(place, TOKEN_ARROW) && begins_line(place->found + (place->found->kind == TOKEN_COMMA));
    bool over = has(place, TOKEN_NL) && n <= 2 && (class != WORD_NOT || layers) && place->before;
    if (over) {
        say_own_line(place, n == 1 ? E0145_end : E0139_expected);
        return;
    }
    Diag *e = say(place, E0139, shown(place));
    bool layer = place->before && place->before->kind == TOKEN_ARROW;
    diag_primary(e, E0139_expected, A("expected", expected_said(place->p, &place->expected, layer)));
}

void syntax_error(Parser *p, int state, const TokenKind *expected, size_t n)
{
    size_t at = p->next > 0 ? p->next - 1 : 0;
    const Token *found = &p->tokens->joined.at[at];
    Situation seen = {.state = state, .token = (TokenKind)found->kind, .expected = set_key(expected, n)};
    if (p->learning) {
        if (p->seen.state == 0) p->seen = seen;
        return;
    }
    if (found->kind == TOKEN_BAD || found->kind == TOKEN_BAD_VALUE || diags_errors(p->diags) > MISTAKE_LIMIT) return;
    learn(p);

    Place place = {.p = p, .found = found, .span = span_of(p, found)};
    size_t first = at;
    while (first > 0 && p->tokens->joined.at[first - 1].kind != TOKEN_NL &&
           p->tokens->joined.at[first - 1].kind != TOKEN_LBRACE)
        first--;
    place.first = &p->tokens->joined.at[first];
    place.before = at > first ? &p->tokens->joined.at[at - 1] : NULL;
    place.said = token_said(p, found);
    place.word = token_written(p->tokens, place.first);
    place.said_before = place.before ? token_written(p->tokens, place.before) : "";
    for (size_t i = 0; i < n; i++) place.expected.has[expected[i]] = true;

    (void)(say_unquoted(&place) || say_dotted(&place) || say_by_example(&place, seen) || say_misplaced(&place) || say_name(&place) || say_value(&place) ||
           say_sign(&place) || say_missing(&place) || (say_anything(&place), true));
}
