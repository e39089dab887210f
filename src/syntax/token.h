/* Tokens: what the scanner hands to the parser, once lines are joined and foreign habits are answered.
 *
 *     scan.c    characters to raw tokens, with the generated scanner; what is wrong inside one token
 *     habit.c   words and lines of other languages, misspelt first words
 *     token.c   raw tokens to tokens: joins lines, closes what was left open
 *
 * A token's kind is a TokenKind; parse.c turns it into bison's number. */
#ifndef NNL_SYNTAX_TOKEN_H
#define NNL_SYNTAX_TOKEN_H

#include "src/syntax/ast.h"

typedef enum {
    TOKEN_END,
    TOKEN_NL,        /* end of a line, of a statement */
    TOKEN_IDENT,     /* a name that is no word of the language; text */
    TOKEN_NUMBER,    /* number */
    TOKEN_PERCENT,   /* number: the share */
    TOKEN_TEXT,      /* text: without quotes; flag FLAG_SINGLE: it stood in single quotes (reported) */
    TOKEN_BAD_VALUE, /* a value that could not be read (reported) */
    TOKEN_BAD,       /* something that makes its line unreadable (reported) */
    TOKEN_ARROW,     /* -> */
    TOKEN_DOTS,      /* .. */
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_EQ, /* = */
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_SLASH,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_PERCENT_SIGN, /* a lone %; never reaches the parser */
    TOKEN_SEMICOLON,    /* never reaches the parser */
    TOKEN_GONE,         /* taken back by habit.c; never reaches the parser */
#define WORD(token, word, class, help) TOKEN_##token,
#include "grammar/keywords.def"
#undef WORD
    TOKEN_KIND_COUNT
} TokenKind;

typedef enum {
    WORD_STATEMENT,
    WORD_LINE,
    WORD_RESERVED,
    WORD_SOFT_STATEMENT,
    WORD_SOFT_LINE,
    WORD_DATA,
    WORD_TRAIN,
    WORD_SOFT,
    WORD_NOT /* the token is no word of the language */
} WordClass;

enum {
    FLAG_FIRST = 1,  /* first of its line in the text */
    FLAG_SINGLE = 2, /* a text in single quotes */
    FLAG_SPACED = 4, /* white space stands before it */
    FLAG_WHOLE = 8,  /* a number written as a whole number */
    FLAG_ADD_BY = 16,    /* a `by` is missing behind it (reported) */
    FLAG_ADD_PARAM = 32, /* a `param` is missing before it (reported) */
    FLAG_OPENS = 64,     /* a `{` is missing behind it (reported) */
    FLAG_CLOSES = 128,   /* a `}` is missing behind it (reported) */
    FLAG_MISREAD = 256   /* a text in which something was mended (reported) */
};

/* After so many mistakes nothing more is read: the text is no script. */
enum { MISTAKE_LIMIT = 500 };

/* Offsets fit 32 bits: a script is at most 16 MB. */
typedef struct {
    uint16_t kind;
    uint16_t flags;
    uint32_t begin, end;
    union {
        const char *text; /* of a name or word in normal form C, of a text its contents */
        double number;
    };
} Token;

typedef VEC(Token) TokenVec;

/* A comment as the scanner found it. */
typedef struct {
    uint32_t begin, end;
    bool behind; /* something stands before it on its line */
} RawComment;

typedef struct Tokens {
    Arena *arena;
    Diags *diags;
    uint32_t source;
    const char *text; /* the script; text[n] is '\n', text[n + 1] NUL */
    size_t n;
    const char *scanned; /* the copy that the generated scanner works in (it writes into its text) */
    bool value;          /* one value is read, no script */
    TokenVec raw;
    size_t line_first; /* raw token that the line being scanned begins with */
    size_t line_open;  /* brackets open on it */
    TokenVec joined;   /* what the parser reads; ends in TOKEN_END */
    VEC(RawComment) comments;
    size_t steps;            /* of the scanner */
    VEC(DiagEdit) invisible; /* spaces that are not the space key's */
} Tokens;

/* Fills `raw` and `comments`. False where the text is no script at all (reported). */
bool scan_script(Tokens *tokens);
/* Whether so many mistakes were reported that reading ends; asked at every step, looked at now and then. */
bool tokens_enough(Tokens *tokens);
/* Fills `joined` from `raw`. */
void tokens_join(Tokens *tokens);

/* Services of scan.c for the generated scanner: one token begins at byte `begin`; they return where it ends. */
size_t scan_word(Tokens *tokens, size_t begin, size_t end);
size_t scan_number(Tokens *tokens, size_t begin, size_t end);
size_t scan_text(Tokens *tokens, size_t begin);
size_t scan_single(Tokens *tokens, size_t begin);
size_t scan_foreign(Tokens *tokens, size_t begin, size_t end, TokenKind kind, const char *instead);
size_t scan_slashes(Tokens *tokens, size_t begin);
size_t scan_odd(Tokens *tokens, size_t begin);
void scan_comment(Tokens *tokens, size_t begin, size_t end);
void scan_token(Tokens *tokens, TokenKind kind, size_t begin, size_t end);

/* habit.c. What kind of block a line stands in. */
typedef enum { BLOCK_TOP, BLOCK_DATA, BLOCK_TRAIN, BLOCK_LINES, BLOCK_FREEZE, BLOCK_OTHER } BlockKind;

/* Looks at the line that begins with raw token `i`, reports what a person of another language wrote there, rewrites raw
 * tokens where the meaning is plain. Returns the raw token to go on with; where that is not `i`, the tokens before it were
 * unreadable and `*bad` is set. `*loose`: lines that stand outside every block were reported already. */
size_t habit_line(Tokens *tokens, size_t i, BlockKind block, bool *bad, bool *loose);
/* A raw token inside a line, before it is handed on: `True`, `80 %`, `1,000`. */
void habit_token(Tokens *tokens, size_t i, bool in_brackets);

Span token_span(const Tokens *tokens, const Token *token);
Span tokens_span(const Tokens *tokens, size_t begin, size_t end);
/* The bytes of a token, as written. */
const char *token_written(const Tokens *tokens, const Token *token);
/* Display columns before the first token of the line that offset lies in. */
size_t tokens_indent(const Tokens *tokens, size_t offset);

/* The word's token, or TOKEN_IDENT. */
TokenKind word_find(const char *text, size_t n);
/* The word of a token, NULL where it is none. */
const char *word_text(TokenKind kind);
const char *word_help(TokenKind kind);
WordClass word_class(TokenKind kind);
bool word_is_reserved(TokenKind kind);
/* An identifier or a soft word. */
bool token_is_name(const Token *token);
/* A statement begins with it; for soft words the next token decides too. */
bool token_begins_statement(const Token *token, const Token *next);

#endif
