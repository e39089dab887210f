/* Expressions over the columns of a table: `derive` and `where`.
 *
 * The checker builds the tree, expr_check looks up columns and finds types, expr_eval makes a column, expr_where a list of rows.
 *
 * A missing cell makes what is computed from it missing. A comparison with one is neither true nor false: `and`, `or` and `not` treat
 * it as "unknown" (false and unknown is false), `where` keeps only rows whose test is true, and `if` of an unknown test is
 * missing. A result without a finite value (division by zero, log of nothing, overflow) is missing too, and is counted. */
#ifndef NNL_TABLE_EXPR_H
#define NNL_TABLE_EXPR_H

#include "runtime/table/table.h"

typedef enum { EXPR_UNKNOWN, EXPR_IS_NUMBER, EXPR_IS_TEXT, EXPR_IS_DATE, EXPR_IS_TEST } ExprType;

typedef enum {
    EXPR_ERROR, /* already reported; says nothing about what holds it */
    EXPR_NUMBER, /* number: a literal, a param, pi */
    EXPR_TEXT,   /* text */
    EXPR_COLUMN, /* name; column after expr_check */
    EXPR_NEGATE, EXPR_NOT, /* a */
    EXPR_ADD, EXPR_SUBTRACT, EXPR_MULTIPLY, EXPR_DIVIDE, /* a, b */
    EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE,
    EXPR_AND, EXPR_OR,
    EXPR_IN,  /* a: the value; args: the list; flag: `not in` */
    EXPR_IF,  /* a: test; args: two values */
    EXPR_CALL /* function, args */
} ExprOp;

typedef struct {
    const char *name;
    const char *help;
    const char *example;
    int least, most;   /* arguments; most −1: any number */
    bool of_date;      /* the first argument is a date */
    bool looks_back;   /* needs the rows before in time order */
    int id;            /* for the evaluator */
} ExprFunction;

/* All functions, by name; *n of them. `if` and `in` are no functions. */
const ExprFunction *expr_functions(size_t *n);
const ExprFunction *expr_function_find(const char *name); /* or NULL */
const char *const *expr_function_names(Arena *arena, size_t *n);

typedef struct Expr Expr;
struct Expr {
    ExprOp op;
    ExprType type; /* after expr_check */
    bool flag;
    Span span;      /* all of it */
    Span op_span;   /* operator or function name */
    double number;
    const char *text; /* EXPR_TEXT */
    const char *name; /* EXPR_COLUMN */
    size_t column;
    const ExprFunction *function;
    Expr *a, *b;
    Expr **args;
    size_t n_args;
};

Expr *expr_new(Arena *arena, ExprOp op, Span span);
Expr *expr_number(Arena *arena, double number, Span span);
Expr *expr_text(Arena *arena, const char *text, Span span);
Expr *expr_column(Arena *arena, const char *name, Span span);
Expr *expr_unary(Arena *arena, ExprOp op, Expr *a, Span span, Span op_span);
Expr *expr_binary(Arena *arena, ExprOp op, Expr *a, Expr *b, Span op_span);

/* Looks up columns in the table and checks types and numbers of arguments, all mistakes at once. Where `where`, the whole must be
 * a test. Run it again for another table: columns are found by name. */
bool expr_check(Arena *arena, Expr *expr, const Table *table, bool where, Diags *diags);
/* Warns of texts that a column is compared with though none of its cells holds them (W0507). For a checked expression and the table the script is
 * about, not for later files. */
void expr_lint(Arena *arena, const Expr *expr, const Table *table, Diags *diags);
/* Whether it holds a function that looks back (or names a column of `back`: names of columns that do). */
bool expr_looks_back(const Expr *expr, const char *const *back, size_t n_back);
/* Calls f for each column it names, in order of appearance. */
void expr_columns(const Expr *expr, void (*f)(void *context, const Expr *column), void *context);

/* The column `name` of values over all rows; a test gives 1 and 0. Warns where results had to be missing. Needs a checked
 * expression that does not look back. diags may be NULL: no warning. */
Column expr_eval(Arena *arena, const Expr *expr, const Table *table, const char *name, Diags *diags);
/* The same for one that looks back: place[row] says how many rows of the row's run stand before it. */
Column expr_eval_back(Arena *arena, const Expr *expr, const Table *table, const uint32_t *place, const char *name, Diags *diags);
/* How many rows must stand before a row for the expression to have a value; depth_of answers for the columns it names. */
size_t expr_depth(const Expr *expr, size_t (*depth_of)(void *context, const Expr *column), void *context);
/* A number written out, perhaps with a sign. */
bool expr_constant(const Expr *expr, double *value);
/* The rows whose test is true, *n of them; *n_unknown (may be NULL): rows whose test has no answer for missing cells. */
uint32_t *expr_where(Arena *arena, const Expr *expr, const Table *table, size_t *n, size_t *n_unknown);

/* As the language writes it (for recipes and messages). */
void expr_print(const Expr *expr, Buf *out);

#endif
