/* What the parts of the formatter share. Between format.c (statements, lines, alignment), format_clause.c (clauses) and
 * format_value.c (the line being made, values, chains) only. */
#ifndef NNL_SYNTAX_FORMAT_H
#define NNL_SYNTAX_FORMAT_H

#include "src/syntax/ast.h"

enum { STOPS = 2 };

typedef struct {
    size_t indent;
    size_t stops[STOPS]; /* bytes of the text before which blanks may be put, in order; 0: none */
    size_t run;          /* lines of one run are aligned with each other */
    const char *text;
    const AstComment *comment; /* behind it, or NULL */
} Line;

typedef struct {
    Arena *arena;
    VEC(Line) lines;
    Buf text;      /* of the line being made */
    size_t indent; /* of the line being made */
    size_t stops[STOPS], run;
    size_t begin; /* line that the statement begins with */
    size_t runs;
    size_t next_indent; /* of the line that `breaking` begins */
    bool breaking;      /* what comes next begins a new line */
    const AstComment *comment;
} Writer;

/* The line being made. */
void format_end_line(Writer *w);
void format_put(Writer *w, const char *text);
void format_space(Writer *w);
/* What comes next may be moved to the right, to stand under its like in the lines around. */
void format_stop(Writer *w);
void format_behind(Writer *w, const AstComment *comment, size_t indent);

/* Values. `least` is the binding below which parentheses are needed. */
enum { BY_TEST, BY_AND, BY_NOT, BY_RELATION, BY_SUM, BY_PRODUCT, BY_SIGN, BY_PRIMARY };
void format_node(Writer *w, const Ast *node, int least);
void format_text(Writer *w, const char *text, bool file);
void format_file(Writer *w, const Ast *path);
/* Items with commas between; the same in brackets. */
void format_items(Writer *w, const AstList *list, size_t indent);
void format_bracketed(Writer *w, const Ast *node, const AstList *list, const char *open, const char *close);
/* Comments before a part and the line end that the text had there; comments behind it. */
void format_begin_part(Writer *w, const Ast *part, size_t indent, bool first);
void format_end_part(Writer *w, const Ast *part, size_t indent);
/* A word and its value behind what stands there, where there is a value. */
void format_say(Writer *w, const char *word, const Ast *node);

/* What stands behind a clause's word. */
void format_clause(Writer *w, const Ast *node);

#endif
