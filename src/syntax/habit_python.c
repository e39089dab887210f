/* Lines of Python: its statements, and calls of Keras and pandas, each with the line of ours that stands for it. */
#include "src/syntax/habit.h"

#include "src/syntax/kind_name.h"

#include <string.h>

/* import, def, for …: whether the line that begins with raw token `i` is a statement of Python; its help in *help. */
static bool is_python(const Tokens *tokens, size_t i, DiagText *help)
{
    const char *word = raw_text_at(tokens, i);
    TokenKind next = raw_kind_at(tokens, i + 1);
    bool words_follow = raw_name_at(tokens, i + 1) || word_is_reserved(next);
    if (str_eq(word, "import") && words_follow)
        *help = E0123_import;
    else if (str_eq(word, "from") && words_follow && raw_kind_at(tokens, i + 1) != TOKEN_TEXT)
        *help = E0123_import;
    else if (str_eq(word, "def") && words_follow)
        *help = E0123_def;
    else if (str_eq(word, "for") && words_follow && raw_kind_at(tokens, i + 2) == TOKEN_IN)
        *help = E0123_loop;
    else if (str_eq(word, "while") && (words_follow || next == TOKEN_LPAREN))
        *help = E0123_loop;
    else if (str_eq(word, "if") || (str_eq(word, "elif") && words_follow))
        *help = E0123_if;
    else if (str_eq(word, "else") && (next == TOKEN_COLON || next == TOKEN_IF || next == TOKEN_LBRACE))
        *help = E0123_if;
    else if (str_eq(word, "class") && words_follow)
        *help = E0123_def;
    else if (str_eq(word, "print") && (next == TOKEN_LPAREN || next == TOKEN_TEXT))
        *help = E0123_print;
    else if (str_eq(word, "return") && (words_follow || next == TOKEN_NL))
        *help = E0123_return;
    else if ((str_eq(word, "with") || str_eq(word, "lambda") || str_eq(word, "assert")) && words_follow)
        *help = E0123_other;
    else
        return false;
    return true;
}

static size_t python(Tokens *tokens, size_t i, DiagText help)
{
    size_t end = raw_line_end(tokens, i, true);
    Diag *e = diag(tokens->diags, E0123, raw_span(tokens, i, end), A("word", raw_text_at(tokens, i)));
    Fix *fix = diag_fix(e, help);
    if (help == E0123_import) {
        size_t begin = tokens->raw.at[i].begin, to = tokens->raw.at[end > i ? end - 1 : i].end;
        while (begin > 0 && tokens->text[begin - 1] != '\n') begin--;
        while (to < tokens->n && tokens->text[to] != '\n') to++;
        diag_edit(fix, tokens_span(tokens, begin, to < tokens->n ? to + 1 : to), "");
    }
    return end;
}

/* ---- calls of Keras and pandas ---- */

enum { NO_TOKEN = SIZE_MAX };

/* `m = keras.Sequential(…)`, `model.add(…)`, `h = layers.Dense(8)(x)` as raw tokens; NO_TOKEN for what is not there. */
typedef struct {
    size_t begin, end;
    size_t given; /* the one name before `=` */
    size_t first, verb, open, close;
    size_t owner; /* the one word before `.verb` */
} PythonCall;

static bool is_word(const Tokens *tokens, size_t i)
{
    return raw_name_at(tokens, i) || word_is_reserved(raw_kind_at(tokens, i));
}

static size_t past_dots(const Tokens *tokens, size_t i)
{
    while (is_word(tokens, i) && raw_kind_at(tokens, i + 1) == TOKEN_DOT) i += 2;
    return i;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && !str_eq(*list, word)) list++;
    return *list != NULL;
}

/* Calls that nothing of ours looks like, without anything before a point. */
static bool is_bare_call(const Tokens *tokens, const PythonCall *call, BlockKind block)
{
    static const char *const functions[] = {"load_model", "read_csv", "train_test_split", NULL};
    const char *verb = raw_text_at(tokens, call->verb);
    TokenKind given = call->given == NO_TOKEN ? TOKEN_NL : raw_kind_at(tokens, call->given);
    if (block == BLOCK_TOP && is_one_of(verb, functions)) return true;
    return call->given != NO_TOKEN && verb[0] >= 'A' && verb[0] <= 'Z' &&
           (block == BLOCK_TOP || (block == BLOCK_LINES && (given == TOKEN_MODEL || given == TOKEN_DATA)));
}

static bool read_call(const Tokens *tokens, size_t i, BlockKind block, PythonCall *call)
{
    *call = (PythonCall){.begin = i, .given = NO_TOKEN, .owner = NO_TOKEN, .open = NO_TOKEN, .close = NO_TOKEN};
    size_t at = i;
    while (is_word(tokens, at) && raw_kind_at(tokens, at + 1) == TOKEN_COMMA) at += 2;
    if (is_word(tokens, at) && raw_kind_at(tokens, at + 1) == TOKEN_EQ) {
        if (at == i) call->given = at;
        at += 2;
    } else if (at != i) {
        return false;
    }
    call->first = at;
    call->verb = past_dots(tokens, at);
    if (!is_word(tokens, call->verb)) return false;
    bool dotted = call->verb != call->first;
    TokenKind behind = raw_kind_at(tokens, call->verb + 1);
    if (behind != TOKEN_LPAREN && !(dotted && behind == TOKEN_EQ)) return false;
    if (!dotted && !is_bare_call(tokens, call, block)) return false;
    call->end = raw_line_end(tokens, i, true);
    if (call->verb == call->first + 2) call->owner = call->first;
    if (behind == TOKEN_LPAREN) {
        call->open = call->verb + 1;
        call->close = raw_closing(tokens, call->open, call->end);
    }
    return true;
}

/* The arguments of a call one after another: from *at, at first the token behind the `(`, to the comma or the `)`. */
static bool next_argument(const Tokens *tokens, size_t close, size_t *at, size_t *from, size_t *to)
{
    while (*at < close && (raw_kind_at(tokens, *at) == TOKEN_NL || raw_kind_at(tokens, *at) == TOKEN_COMMA)) ++*at;
    if (*at >= close) return false;
    *from = *at;
    for (; *at < close && raw_kind_at(tokens, *at) != TOKEN_COMMA; ++*at) {
        TokenKind kind = raw_kind_at(tokens, *at);
        if (kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET) *at = raw_closing(tokens, *at, close);
    }
    *to = *at;
    return true;
}

static bool is_named(const Tokens *tokens, size_t from)
{
    return is_word(tokens, from) && raw_kind_at(tokens, from + 1) == TOKEN_EQ;
}

/* The argument of that name, NULL: the one without a name. How many have none is counted. */
static bool argument(const Tokens *tokens, const PythonCall *call, const char *name, size_t *from, size_t *to, size_t *n_bare)
{
    bool found = false;
    size_t begin, end;
    *n_bare = 0;
    for (size_t at = call->open + 1; call->open != NO_TOKEN && next_argument(tokens, call->close, &at, &begin, &end);) {
        bool named = is_named(tokens, begin);
        if (!named) ++*n_bare;
        bool wanted = name ? named && str_eq(raw_text_at(tokens, begin), name) : !named;
        if (!wanted || found) continue;
        found = true;
        *from = named ? begin + 2 : begin;
        *to = end;
    }
    return found;
}

/* The bytes from one raw token to another. */
static const char *written(const Tokens *tokens, size_t from, size_t to)
{
    Span span = raw_span(tokens, from, to);
    return arena_text(tokens->arena, tokens->text + span.begin, span.end - span.begin);
}

/* A piece of a Keras layer as ours: words without quotes and modules, True as true, lists in square brackets. */
static void put_piece(Tokens *tokens, size_t from, size_t to, Buf *out)
{
    bool is_name = str_eq(raw_text_at(tokens, from), "name");
    for (size_t k = from; k < to; k++) {
        const Token *token = &tokens->raw.at[k];
        if (token->kind == TOKEN_NL) continue;
        if (token->flags & FLAG_SPACED && out->n > 0 && k > from) buf_char(out, ' ');
        size_t behind = past_dots(tokens, k);
        if (behind < to) k = behind;
        token = &tokens->raw.at[k];
        const char *text = raw_text_at(tokens, k);
        if (token->kind == TOKEN_TEXT && !is_name && str_is_name(token->text)) {
            buf_put(out, token->text);
        } else if (str_eq(text, "True") || str_eq(text, "False") || str_eq(text, "None")) {
            buf_put(out, str_eq(text, "True") ? "true" : str_eq(text, "False") ? "false" : "none");
        } else {
            buf_put(out, token_written(tokens, token));
        }
    }
}

/* `dense(16, activation=relu)` of `Dense(16, activation="relu", input_shape=(4,))`. */
static void put_layer(Tokens *tokens, size_t verb, size_t close, const char *wires, Buf *out)
{
    static const char *const left_out[] = {"input_shape", "batch_input_shape", "dtype", NULL};
    const char *class = raw_text_at(tokens, verb);
    const char *layer = kind_name_of_keras(class);
    Buf arguments = buf_in(tokens->arena);
    buf_put(&arguments, wires);
    size_t from, to;
    for (size_t at = verb + 2; next_argument(tokens, close, &at, &from, &to);) {
        if (is_named(tokens, from) && is_one_of(raw_text_at(tokens, from), left_out)) continue;
        if (arguments.n > 0) buf_put(&arguments, ", ");
        put_piece(tokens, from, to, &arguments);
    }
    buf_put(out, layer ? layer : class);
    if (arguments.n > 0 || !layer || kind_name_is_activation(layer)) buf_printf(out, "(%s)", arguments.n > 0 ? arguments.at : "");
}

/* The line of a model that a call of a layer stands for: `h = x -> dense(8)` of `h = layers.Dense(8)(x)`. NULL: it is none. */
static const char *layer_line(Tokens *tokens, const PythonCall *call)
{
    size_t verb = call->verb, close = call->close, end = call->end;
    if (call->open == NO_TOKEN) return NULL;
    bool add = str_eq(raw_text_at(tokens, verb), "add") && call->given == NO_TOKEN;
    if (add) {
        if (close + 1 != end) return NULL;
        end = close;
        verb = past_dots(tokens, call->open + 1);
        if (!is_word(tokens, verb) || raw_kind_at(tokens, verb + 1) != TOKEN_LPAREN) return NULL;
        close = raw_closing(tokens, verb + 1, end);
    } else if (!kind_name_of_keras(raw_text_at(tokens, verb))) {
        return NULL;
    }
    Buf out = buf_in(tokens->arena);
    if (call->given != NO_TOKEN) buf_printf(&out, "%s = ", raw_text_at(tokens, call->given));
    size_t behind = close + 1;
    const char *wires = "";
    if (behind < end && raw_kind_at(tokens, behind) == TOKEN_LPAREN) {
        size_t inner = raw_closing(tokens, behind, end);
        if (raw_kind_at(tokens, behind + 1) == TOKEN_LBRACKET && inner > behind + 3) wires = written(tokens, behind + 2, inner - 1);
        else if (inner == behind + 2 && raw_name_at(tokens, behind + 1)) buf_printf(&out, "%s -> ", raw_text_at(tokens, behind + 1));
        else return NULL;
        behind = inner + 1;
    }
    if (behind != end) return NULL;
    put_layer(tokens, verb, close, wires, &out);
    return out.at;
}

/* ---- what is said about a call ---- */

/* A word of the script where it can stand as it is, else the general one, which makes the line no edit. */
static const char *or_general(const char *text, const char *general, bool *whole)
{
    if (!text) *whole = false;
    return text ? text : general;
}

/* The model that is called, NULL where its name is a word of the language. */
static const char *owner_of(const Tokens *tokens, const PythonCall *call)
{
    return call->owner != NO_TOKEN && raw_name_at(tokens, call->owner) ? raw_text_at(tokens, call->owner) : NULL;
}

/* The table of `m.fit(d, …)`: a data block, one of its parts, or a file; NULL for anything else. */
static const char *data_of(const Tokens *tokens, const PythonCall *call, bool part)
{
    size_t from, to, n_bare;
    if (!argument(tokens, call, NULL, &from, &to, &n_bare) || n_bare != 1) return NULL;
    bool plain = to == from + 1 && (raw_name_at(tokens, from) || (part && raw_kind_at(tokens, from) == TOKEN_TEXT));
    bool dotted = part && to == from + 3 && raw_name_at(tokens, from) && raw_kind_at(tokens, from + 1) == TOKEN_DOT;
    return plain || dotted ? written(tokens, from, to) : NULL;
}

static const char *text_of(const Tokens *tokens, const PythonCall *call)
{
    size_t from, to, n_bare;
    bool text = argument(tokens, call, NULL, &from, &to, &n_bare) && to == from + 1 && raw_kind_at(tokens, from) == TOKEN_TEXT;
    return text ? written(tokens, from, to) : NULL;
}

static const char *train_line(const Tokens *tokens, const PythonCall *call, const char *model, bool *whole)
{
    static const char *const clauses[][2] = {{"epochs", "epochs"}, {"batch_size", "batch"}};
    Buf out = buf_in(tokens->arena);
    buf_printf(&out, "train %s on %s {", model, or_general(data_of(tokens, call, false), "DATA", whole));
    for (size_t i = 0; i < 2; i++) {
        size_t from, to, n_bare;
        if (!argument(tokens, call, clauses[i][0], &from, &to, &n_bare)) continue;
        buf_printf(&out, "\n    %s %s", clauses[i][1], written(tokens, from, to));
    }
    buf_put(&out, "\n}");
    return out.at;
}

/* The statement in place of a call, *whole where nothing is left to be filled in; NULL where there is none. */
static const char *statement_of(const Tokens *tokens, const PythonCall *call, bool *whole)
{
    Arena *arena = tokens->arena;
    const char *verb = raw_text_at(tokens, call->verb);
    *whole = true;
    if (str_eq(verb, "load_model")) {
        const char *name = call->given != NO_TOKEN && raw_name_at(tokens, call->given) ? raw_text_at(tokens, call->given) : NULL;
        name = or_general(name, "NAME", whole);
        return arena_printf(arena, "model %s from %s", name, or_general(text_of(tokens, call), "\"file.keras\"", whole));
    }
    static const char *const seeds[] = {"seed", "set_seed", "set_random_seed", NULL};
    size_t from, to, n_bare;
    if (is_one_of(verb, seeds) && argument(tokens, call, NULL, &from, &to, &n_bare) && to == from + 1)
        return arena_printf(arena, "seed %s", written(tokens, from, to));
    const char *model = or_general(owner_of(tokens, call), "MODEL", whole);
    if (str_eq(verb, "fit")) return train_line(tokens, call, model, whole);
    if (str_eq(verb, "evaluate") || str_eq(verb, "predict"))
        return arena_printf(arena, "%s %s on %s", verb, model, or_general(data_of(tokens, call, true), "DATA", whole));
    if (str_eq(verb, "save"))
        return arena_printf(arena, "save %s to %s", model, or_general(text_of(tokens, call), "\"file.keras\"", whole));
    if (str_eq(verb, "summary")) return arena_printf(arena, "summary %s", model);
    return NULL;
}

/* What a sentence says where no line of ours stands for the call. */
static DiagText advice(const Tokens *tokens, const PythonCall *call)
{
    static const struct {
        const char *verb;
        DiagText help;
    } known[] = {{"Sequential", E0124_model}, {"Model", E0124_model},          {"add", E0124_add},
                 {"compile", E0124_compile},  {"read_csv", E0124_data},        {"train_test_split", E0124_split},
                 {"fit_transform", E0124_scale}, {"transform", E0124_scale},   {"get_dummies", E0124_encode}};
    const char *verb = raw_text_at(tokens, call->verb);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(verb, known[i].verb)) return known[i].help;
    TokenKind given = call->given == NO_TOKEN ? TOKEN_NL : raw_kind_at(tokens, call->given);
    return given == TOKEN_MODEL ? E0124_model : given == TOKEN_DATA ? E0124_data : E0124_help;
}

static size_t call_line(Tokens *tokens, const PythonCall *call, BlockKind block)
{
    Span span = raw_span(tokens, call->begin, call->end);
    bool paren = call->open != NO_TOKEN, whole = true;
    Diag *e = diag(tokens->diags, E0124, span,
                   A("call", arena_printf(tokens->arena, "%s%s", written(tokens, call->first, call->verb + 1), paren ? "(…)" : " =")));
    const char *layer = layer_line(tokens, call);
    const char *line = layer ? layer : paren ? statement_of(tokens, call, &whole) : NULL;
    bool belongs = line && (layer ? block == BLOCK_LINES : block == BLOCK_TOP);
    bool train = belongs && strchr(line, '\n') != NULL;
    const char *name = call->given != NO_TOKEN && raw_name_at(tokens, call->given) ? raw_text_at(tokens, call->given) : NULL;
    const char *file = text_of(tokens, call), *data = data_of(tokens, call, false), *model = owner_of(tokens, call);
    Fix *fix = diag_fix_add(e, train ? E0124_train : belongs ? E0124_line : layer ? E0124_layer : advice(tokens, call),
                            (const DiagArg[]){A("line", line), A("name", name ? name : "NAME"), A("file", file ? file : "\"file.csv\""),
                                              A("data", data ? data : "DATA"), A("model", model ? model : "MODEL"), {0}});
    if (belongs && whole) diag_edit(fix, span, line);
    return call->end;
}

/* ---- inputs ---- */

/* Where the size of an input begins in `(shape=(4,), name="a")` or `= (4,)`: the raw token, NO_TOKEN where none is given. */
static size_t size_begin(const Tokens *tokens, size_t open, size_t end, bool *batch)
{
    static const char *const shapes[] = {"shape", "input_shape", "batch_shape", "batch_input_shape", NULL};
    *batch = false;
    if (raw_kind_at(tokens, open) == TOKEN_EQ) return open + 1;
    size_t from, to;
    for (size_t at = open + 1; next_argument(tokens, raw_closing(tokens, open, end), &at, &from, &to);) {
        if (!is_named(tokens, from)) return from;
        if (!is_one_of(raw_text_at(tokens, from), shapes)) continue;
        *batch = str_starts(raw_text_at(tokens, from), "batch");
        return from + 2;
    }
    return NO_TOKEN;
}

/* "[4]", "[none, 3]" of `(4,)`, `(None, 3)`, `4`; "" where no size is told. */
static const char *size_of_input(Tokens *tokens, size_t open, size_t end)
{
    bool batch;
    size_t begin = size_begin(tokens, open, end, &batch), from, to;
    if (begin == NO_TOKEN) return "";
    bool tuple = raw_kind_at(tokens, begin) == TOKEN_LPAREN || raw_kind_at(tokens, begin) == TOKEN_LBRACKET;
    Buf out = buf_in(tokens->arena);
    size_t close = tuple ? raw_closing(tokens, begin, end) : begin + 1;
    for (size_t at = tuple ? begin + 1 : begin; next_argument(tokens, close, &at, &from, &to);) {
        if (batch) {
            batch = false;
            continue;
        }
        buf_put(&out, out.n > 0 ? ", " : "[");
        put_piece(tokens, from, to, &out);
    }
    if (out.n == 0) return "";
    buf_char(&out, ']');
    return out.at;
}

/* `input(shape=(4,))`, `x = Input(shape=(4,))`, `input x(4)`, `input x = (4,)`. */
static size_t input_line(Tokens *tokens, size_t i)
{
    size_t at = i, given = NO_TOKEN;
    bool input = raw_kind_at(tokens, i) == TOKEN_INPUT;
    if (raw_kind_at(tokens, i + 1) == TOKEN_EQ) {
        if (!input) given = i;
        at = past_dots(tokens, i + 2);
    } else if (input && raw_name_at(tokens, i + 1)) {
        if (raw_kind_at(tokens, i + 2) == TOKEN_EQ || raw_kind_at(tokens, i + 2) == TOKEN_LPAREN) given = i + 1;
    } else {
        at = past_dots(tokens, i);
    }
    size_t open = at + 1;
    if (given == i + 1) {
        open = i + 2;
    } else {
        const char *word = raw_text_at(tokens, at);
        bool made = raw_kind_at(tokens, at) == TOKEN_INPUT || str_eq(word, "Input") || str_eq(word, "InputLayer");
        if (!made || raw_kind_at(tokens, open) != TOKEN_LPAREN) return i;
    }
    size_t end = raw_line_end(tokens, i, false);
    PythonCall call = {.open = open, .close = end};
    size_t from, to, n_bare;
    const char *name = given != NO_TOKEN && !str_eq(raw_text_at(tokens, given), "shape") ? raw_text_at(tokens, given) : NULL;
    if (!name && raw_kind_at(tokens, open) == TOKEN_LPAREN) {
        call.close = raw_closing(tokens, open, end);
        if (argument(tokens, &call, "name", &from, &to, &n_bare) && raw_kind_at(tokens, from) == TOKEN_TEXT && str_is_name(tokens->raw.at[from].text))
            name = tokens->raw.at[from].text;
    }
    const char *line = arena_printf(tokens->arena, "input %s%s", name ? name : "x", size_of_input(tokens, open, end));
    Span span = raw_span(tokens, i, end);
    diag_edit(diag_fix(diag(tokens->diags, E0159, span), E0159_help, A("line", line)), span, line);
    return end;
}

size_t habit_python(Tokens *tokens, size_t i, BlockKind block)
{
    DiagText help = DIAG_TEXT_NONE;
    PythonCall call;
    if (block == BLOCK_LINES) {
        size_t end = input_line(tokens, i);
        if (end != i) return end;
    }
    if (block != BLOCK_DATA && block != BLOCK_TRAIN && is_python(tokens, i, &help)) return python(tokens, i, help);
    bool columns = raw_name_at(tokens, i) && raw_kind_at(tokens, i + 1) == TOKEN_EQ && raw_kind_at(tokens, i + 3) == TOKEN_LBRACKET;
    if (block == BLOCK_TOP && columns && is_word(tokens, i + 2)) return python(tokens, i, E0123_columns);
    return read_call(tokens, i, block, &call) ? call_line(tokens, &call, block) : i;
}
