/* The tree of a script, as written: no name is looked up here, no number judged, no default filled in.
 *
 * One node type, `Ast`; what a node holds is told beside its type. Every node has the span of its own text and, where it
 * names something, the span of that name. Names are in Unicode normal form C. Comments hang on the nodes they stand before
 * or behind, so that the tree prints back (format.c). */
#ifndef NNL_SYNTAX_AST_H
#define NNL_SYNTAX_AST_H

#include "runtime/base/diag.h"
#include "runtime/base/vec.h"

typedef enum {
    AST_ERROR, /* could not be read; already reported; says nothing about anything. As a line: word: its first word, if that is one
                  of the language; name: what the statement would have made, or NULL; args: AST_NAME wires it would have bound;
                  items: AST_NAME every other name in it. As a value or a chain's link: nothing. */

    /* Top level. `name` where the statement names what it makes or acts on; "" where it was left out (reported). */
    AST_SCRIPT,         /* items: statements */
    AST_USE,            /* name (standard library) or text (a file) */
    AST_PARAM,          /* name, value, text: description or NULL */
    AST_SEED,           /* value */
    AST_ALLOW,          /* items: AST_NAME (codes) */
    AST_DATA,           /* name, value: source (AST_TEXT, AST_NAME a param, AST_CALL a sample); items: clauses */
    AST_DATA_FROM_DATA, /* not made by the parser: `data NEW from OLD` arrives as AST_DATA whose value is an AST_NAME */
    AST_MODEL,          /* name, value: path of `from` or NULL; items: lines (AST_FREEZE, AST_UNFREEZE after `from`) */
    AST_BLOCK,          /* name, args: AST_ARG (name, value: default or NULL), items: lines */
    AST_TRAIN,          /* name (model), on, items: clauses */
    AST_EVALUATE,       /* args: AST_NAME models, on, value: threshold or NULL, extra: season or NULL */
    AST_CROSS_VALIDATE, /* name, on, value: folds, extra: repeats or NULL */
    AST_PREDICT,        /* name, on, path: `to` or NULL */
    AST_FORECAST,       /* name, on, value: steps, extra: path of `using` or NULL, path: `to` or NULL */
    AST_SAVE,           /* name, path */
    AST_SHOW,           /* name (data) */
    AST_SUMMARY,        /* name (model) */
    AST_PLOT,           /* word: "model", "history" or "predictions"; args: AST_NAME models; on (predictions); path */
    AST_REPORT,         /* name, path */

    /* Lines of a model, a block or a repeat. */
    AST_INPUT,        /* name, args: dimensions (empty: from the data), flag: written with [ ] */
    AST_OUTPUT,       /* name, value: AST_CHAIN or NULL (`output h`) */
    AST_WIRE,         /* args: AST_NAME wires bound (one or several), value: AST_CHAIN */
    AST_LAYER,        /* name, value: AST_CALL or AST_NAME (layer enc = dense(16)) */
    AST_LINE,         /* value: AST_CHAIN (sequential style) */
    AST_REPEAT,       /* value: count, items: lines */
    AST_WEIGHTS_FROM, /* path */
    AST_FREEZE,       /* args: AST_NAME layers */
    AST_UNFREEZE,     /* args: AST_NAME layers */

    AST_CHAIN, /* items: AST_NAME, AST_CALL, in order of `->` (one or more) */

    /* Clauses of data and train: `word` is the clause's word and name_span its place. */
    AST_CLAUSE_ORDER,    /* items: columns; flag: `as given`; extra: AST_EVERY or NULL */
    AST_EVERY,           /* value: number, word: unit, text: "mean", "sum", "first", "last" or NULL; flag: the unit is none (reported) */
    AST_CLAUSE_GROUP,    /* items: columns */
    AST_CLAUSE_FEATURES, /* name: group or NULL, items: columns, args: dimensions of `as [T, F]` or empty */
    AST_CLAUSE_KNOWN,    /* items: columns */
    AST_CLAUSE_TARGET,   /* name: output or NULL, items: columns, flag: `as class`, value: AST_NUMBER or AST_RANGE of `ahead`
                              or NULL, text: positive label or NULL (text_span) */
    AST_CLAUSE_ENCODE,   /* items: columns, value: method (AST_NAME, AST_CALL) */
    AST_CLAUSE_SCALE,    /* items: columns (empty: all), value: method, flag: `per group` */
    AST_CLAUSE_FILL,     /* items: columns (empty: all), value: method, AST_NUMBER or AST_TEXT */
    AST_CLAUSE_DROP,     /* `drop missing` */
    AST_CLAUSE_WINDOW,   /* name: group or NULL, value: length, extra: stride or NULL, extra2: every or NULL */
    AST_CLAUSE_SPLIT,    /* items: AST_SHARE, word2: "shuffled", "in order", "stratified" or NULL, args: of shuffled(…) */
    AST_CLAUSE_SPLIT_BY, /* name: column, items: AST_SHARE with values */
    AST_SHARE, /* word: "train", "validation" or "test"; value: AST_PERCENT, AST_NUMBER, AST_NAME (rest or a param);
                              flag: `until` value; items: values of `split by` (numbers, texts) */
    AST_CLAUSE_PART_FROM, /* word: "validation" or "test"; path */
    AST_CLAUSE_WEIGHT,    /* name: column */
    AST_CLAUSE_HEADER,    /* items: AST_TEXT names; flag: `none` */
    AST_CLAUSE_DELIMITER, /* value: AST_TEXT; flag: `blanks` */
    AST_CLAUSE_COMMENT,   /* value: AST_TEXT */
    AST_CLAUSE_ENCODING,  /* value: AST_TEXT */
    AST_CLAUSE_MISSING,   /* items: AST_TEXT, AST_NUMBER */
    AST_CLAUSE_NUMBER,    /* items: columns, value: AST_TEXT of `strip` */
    AST_CLAUSE_DATE,      /* name: new column or NULL, items: AST_DATE_PART, value: AST_TEXT format of all */
    AST_DATE_PART,        /* value: column */
    AST_CLAUSE_RENAME,    /* items: AST_PAIR (value: old, extra: new AST_NAME) */
    AST_CLAUSE_JOIN,      /* path, items: columns */
    AST_CLAUSE_DERIVE,    /* name, value: expression */
    AST_CLAUSE_REPLACE,   /* items: columns, args: AST_PAIR (value: old, extra: new) */
    AST_PAIR,
    AST_CLAUSE_WHERE, /* value: test */
    AST_CLAUSE_TAKE,  /* value: rows, flag: shuffled */

    AST_CLAUSE_EPOCHS,       /* value */
    AST_CLAUSE_BATCH,        /* value */
    AST_CLAUSE_OPTIMIZER,    /* value: AST_NAME, AST_CALL */
    AST_CLAUSE_LOSS,         /* args: AST_NAME outputs (empty: the only one), value */
    AST_CLAUSE_METRICS,      /* args: AST_NAME outputs (empty: all), items: AST_NAME, AST_CALL */
    AST_CLAUSE_LOSS_WEIGHTS, /* args: AST_NAME outputs, value */
    AST_CLAUSE_CLASS_WEIGHT, /* flag: balanced; items: AST_PAIR (value: label, extra: weight) */
    AST_CLAUSE_SHUFFLE,      /* value: true or false */
    AST_CLAUSE_CALLBACK,     /* value: AST_CALL, AST_NAME */
    AST_CLAUSE_UNKNOWN, /* a line that begins with a word that is no clause here (`teacher strict`): word; reported by the checker
                                with the nearest clause. The rest of the line, and a { } behind it, was skipped. */

    AST_ON, /* where a statement acts: name (data) and word (part) or NULL, or path (a file) */

    /* Where columns are listed: AST_NAME, AST_TEXT (a quoted name) or: */
    AST_ALL,     /* items: the columns after `except` */
    AST_NUMBERS, /* `numbers` */
    AST_TEXTS,   /* `texts` */

    /* Expressions and arguments. */
    AST_NAME,    /* name */
    AST_NUMBER,  /* number; text: as written; flag: written as a whole number */
    AST_PERCENT, /* number: the share (0.8 for 80%); text: as written */
    AST_TEXT, /* text (without quotes); flag: it stood in single quotes (reported): take it for a word where one belongs */
    AST_TRUE,
    AST_FALSE,
    AST_NONE,
    AST_LIST,   /* items */
    AST_CALL,   /* name, args: AST_ARG; flag: written with ( ) (always, but in `sample moons`) */
    AST_ARG,    /* name or NULL (positional), value */
    AST_UNARY,  /* word: "-" or "not", value */
    AST_BINARY, /* word: + - * / = != < <= > >= and or, value (left), extra (right) */
    AST_IN,     /* value, items: the list; flag: `not in` */
    AST_IF,     /* value: test, extra, extra2 */
    AST_RANGE,  /* value .. extra */
    AST_TYPE_COUNT
} AstType;

typedef struct Ast Ast;

typedef struct {
    Ast **at;
    size_t n, cap;
} AstList;

/* A comment of its own line before a node, or behind it on its last line. */
typedef struct AstComment {
    const char *text; /* with its # */
    Span span;
    bool behind;       /* on the same line, after the node */
    size_t column;     /* where it stood on its line, in display columns */
    bool blank_before; /* a blank line stood before it */
    struct AstComment *next;
} AstComment;

struct Ast {
    AstType type;
    bool flag;
    bool misread;      /* AST_TEXT: something in it was mended (reported), so whether it is right is not judged again */
    bool blank_before; /* a blank line stood before this statement, clause or line (kept by fmt) */
    Span span;
    const char *name;
    Span name_span;
    const char *word; /* a word of the language */
    Span word_span;
    const char *word2;
    Span word2_span;
    const char *text;
    Span text_span;
    double number;
    Ast *value, *extra, *extra2;
    Ast *on;
    Ast *path; /* AST_TEXT, or AST_NAME of a param */
    AstList args;
    AstList items;
    Span close;           /* the closing ) or } or ], for edits that add an argument or a clause */
    Span open;            /* the opening one */
    uint32_t height;      /* of an expression's tree */
    bool grouped;         /* an expression in parentheses of its own; the span holds them */
    bool broken;          /* inside a statement: it begins a line of its own (chain links, items; kept by fmt) */
    AstComment *comments; /* before and behind it; those before a closing brace hang on the block as `last` */
    AstComment *opening;  /* behind the opening brace */
    AstComment *last;
};

/* "a data statement", "`scale`", …: what a node is, for messages and dumps. */
const char *ast_type_name(AstType type);

/* The tree as text, one node a line, indented; places only where `spans`. Stable. */
void ast_dump(const Ast *script, bool spans, Buf *out);

/* The script printed back in the one layout, comments kept (nnl fmt). */
void ast_format(const Ast *script, Buf *out);

#endif
