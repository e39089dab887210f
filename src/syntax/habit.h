/* What the files of habits share. Between habit.c and habit_python.c only. */
#ifndef NNL_SYNTAX_HABIT_H
#define NNL_SYNTAX_HABIT_H

#include "src/syntax/token.h"

/* A raw token; behind the last one TOKEN_END, no name, "". */
TokenKind raw_kind_at(const Tokens *tokens, size_t i);
bool raw_name_at(const Tokens *tokens, size_t i);
const char *raw_text_at(const Tokens *tokens, size_t i);
/* The raw token after the line that begins at `i`: a line end outside brackets. With `blocks`, a { } behind the line
 * belongs to it. */
size_t raw_line_end(const Tokens *tokens, size_t i, bool blocks);
/* The bracket that closes the one at `open`, `end` where none does before it. */
size_t raw_closing(const Tokens *tokens, size_t open, size_t end);
/* The bytes of raw tokens begin to end. */
Span raw_span(const Tokens *tokens, size_t begin, size_t end);

/* Reports a line of Python that begins with raw token `i`. Returns the raw token behind it, `i` where it is none. */
size_t habit_python(Tokens *tokens, size_t i, BlockKind block);

#endif
