/* What the parts of the scanner share. Between scan.c, scan_text.c and scan_sign.c only. */
#ifndef NNL_SYNTAX_SCAN_H
#define NNL_SYNTAX_SCAN_H

#include "src/syntax/token.h"

/* Adds a raw token and returns it, valid until the next. */
Token *scan_push(Tokens *tokens, TokenKind kind, size_t begin, size_t end);
const char *scan_written(const Tokens *tokens, size_t begin, size_t end);
/* Nothing stands on the line yet. */
bool scan_line_begins(const Tokens *tokens);
bool scan_is_digit(char c);
/* What bytes between quotes stand for, in normal form C; bad escapes are reported. */
const char *scan_text_value(Tokens *tokens, size_t begin, size_t end);
/* A sign without meaning: reports it. Returns end. */
size_t scan_one_sign(Tokens *tokens, size_t begin, size_t end);

#endif
