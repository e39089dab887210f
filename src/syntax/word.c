/* The words of the language, looked up in grammar/keywords.def. */
#include "src/syntax/token.h"

#include <string.h>

typedef struct {
    const char *text;
    WordClass class;
    const char *help;
} Word;

static const Word words[] = {
#define WORD(token, word, class, help) {word, WORD_##class, help},
#include "grammar/keywords.def"
#undef WORD
};
enum { WORD_COUNT = sizeof words / sizeof *words, FIRST_WORD = TOKEN_KIND_COUNT - WORD_COUNT };

TokenKind word_find(const char *text, size_t n)
{
    size_t low = 0, high = WORD_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(text, words[middle].text, n);
        if (order == 0 && words[middle].text[n] != 0) order = -1;
        if (order == 0) return (TokenKind)(FIRST_WORD + middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return TOKEN_IDENT;
}

const char *word_text(TokenKind kind)
{
    return (size_t)kind >= FIRST_WORD && kind < TOKEN_KIND_COUNT ? words[(size_t)kind - FIRST_WORD].text : NULL;
}

const char *word_help(TokenKind kind)
{
    return (size_t)kind >= FIRST_WORD && kind < TOKEN_KIND_COUNT ? words[(size_t)kind - FIRST_WORD].help : NULL;
}

WordClass word_class(TokenKind kind)
{
    return (size_t)kind >= FIRST_WORD && kind < TOKEN_KIND_COUNT ? words[(size_t)kind - FIRST_WORD].class : WORD_NOT;
}

bool word_is_reserved(TokenKind kind)
{
    WordClass class = word_class(kind);
    return class == WORD_STATEMENT || class == WORD_LINE || class == WORD_RESERVED;
}

bool token_is_name(const Token *token)
{
    WordClass class = word_class((TokenKind)token->kind);
    return token->kind == TOKEN_IDENT || (class != WORD_NOT && !word_is_reserved((TokenKind)token->kind));
}

bool token_begins_statement(const Token *token, const Token *next)
{
    WordClass class = word_class((TokenKind)token->kind);
    if (class == WORD_STATEMENT) return !next || (next->kind != TOKEN_EQ && next->kind != TOKEN_DOT);
    return class == WORD_SOFT_STATEMENT && next && token_is_name(next);
}
