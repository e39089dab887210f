/* Lines of Python: its statements, and calls of Keras and pandas. */
#include "src/syntax/habit.h"

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

/* model.add(…), model = Sequential(…), data = pd.read_csv(…) */
static bool is_method_call(const Tokens *tokens, size_t i)
{
    bool word = raw_name_at(tokens, i) || word_is_reserved(raw_kind_at(tokens, i));
    bool dotted =
        word && raw_kind_at(tokens, i + 1) == TOKEN_DOT && (raw_name_at(tokens, i + 2) || word_is_reserved(raw_kind_at(tokens, i + 2)));
    if (!dotted) return false;
    for (i += 3; raw_kind_at(tokens, i) == TOKEN_DOT; i += 2) {
    }
    return raw_kind_at(tokens, i) == TOKEN_LPAREN || raw_kind_at(tokens, i) == TOKEN_EQ;
}

static bool is_object(const Tokens *tokens, size_t i, BlockKind block)
{
    if (raw_kind_at(tokens, i + 1) != TOKEN_EQ) return false;
    if (block != BLOCK_TOP && block != BLOCK_LINES) return false;
    TokenKind first = raw_kind_at(tokens, i);
    bool made = (first == TOKEN_MODEL || first == TOKEN_DATA || block == BLOCK_TOP) && raw_name_at(tokens, i + 2) &&
                raw_kind_at(tokens, i + 3) == TOKEN_LPAREN && raw_text_at(tokens, i + 2)[0] <= 'Z';
    return (made && first != TOKEN_PARAM) || is_method_call(tokens, i + 2);
}

static size_t object(Tokens *tokens, size_t i)
{
    size_t end = raw_line_end(tokens, i, true);
    Diag *e = diag(tokens->diags, E0124, raw_span(tokens, i, end));
    const char *verb = raw_text_at(tokens, i + 2);
    DiagText help = E0124_help;
    if (raw_kind_at(tokens, i + 1) == TOKEN_EQ)
        help = raw_kind_at(tokens, i) == TOKEN_DATA ? E0124_data : E0124_model;
    else if (str_eq(verb, "add"))
        help = E0124_add;
    else if (str_eq(verb, "compile") || str_eq(verb, "fit"))
        help = E0124_fit;
    else if (str_eq(verb, "evaluate") || str_eq(verb, "predict"))
        help = E0124_predict;
    else if (str_eq(verb, "save"))
        help = E0124_save;
    else if (str_eq(verb, "summary"))
        help = E0124_summary;
    diag_fix(e, help);
    return end;
}

size_t habit_python(Tokens *tokens, size_t i, BlockKind block)
{
    DiagText help = DIAG_TEXT_NONE;
    if (block != BLOCK_DATA && block != BLOCK_TRAIN && is_python(tokens, i, &help)) return python(tokens, i, help);
    if (is_method_call(tokens, i) || is_object(tokens, i, block)) return object(tokens, i);
    return i;
}
