/* Expressions: the functions there are, building trees, walking and printing them. */
#include "runtime/table/expr_inside.h"

#include <math.h>

/* By name; the checker finds functions here and nowhere else. */
static const ExprFunction functions[] = {
    {"abs", "the number without its sign", "abs(change)", 1, 1, false, false, FN_ABS},
    {"cos", "cosine of an angle in radians", "cos(2 * pi * hour(time) / 24)", 1, 1, false, false, FN_COS},
    {"day", "day of the month of a date, 1 to 31", "day(date)", 1, 1, true, false, FN_DAY},
    {"dayofyear", "day of the year of a date, 1 to 366", "dayofyear(date)", 1, 1, true, false, FN_DAYOFYEAR},
    {"diff", "the value less that of N rows before (1)", "diff(price, 1)", 1, 2, false, true, FN_DIFF},
    {"ewm_mean", "exponentially weighted mean with a span", "ewm_mean(price, 12)", 2, 2, false, true, FN_EWM_MEAN},
    {"exp", "e to the power of the number", "exp(rate)", 1, 1, false, false, FN_EXP},
    {"hour", "hour of a time, 0 to 23", "hour(time)", 1, 1, true, false, FN_HOUR},
    {"log", "natural logarithm of a number above 0", "log(income)", 1, 1, false, false, FN_LOG},
    {"log1p", "log(1 + x), for numbers from 0 on", "log1p(visits)", 1, 1, false, false, FN_LOG1P},
    {"max", "the largest of its values in the row", "max(left, right)", 2, -1, false, false, FN_MAX},
    {"min", "the smallest of its values in the row", "min(left, right)", 2, -1, false, false, FN_MIN},
    {"minute", "minute of a time, 0 to 59", "minute(time)", 1, 1, true, false, FN_MINUTE},
    {"month", "month of a date, 1 to 12", "month(date)", 1, 1, true, false, FN_MONTH},
    {"quarter", "quarter of a date, 1 to 4", "quarter(date)", 1, 1, true, false, FN_QUARTER},
    {"rolling_max", "the largest of the last N rows", "rolling_max(price, 7)", 2, 2, false, true, FN_ROLLING_MAX},
    {"rolling_mean", "mean of the last N rows", "rolling_mean(price, 7)", 2, 2, false, true, FN_ROLLING_MEAN},
    {"rolling_min", "the smallest of the last N rows", "rolling_min(price, 7)", 2, 2, false, true, FN_ROLLING_MIN},
    {"rolling_std", "standard deviation of the last N rows", "rolling_std(price, 7)", 2, 2, false, true, FN_ROLLING_STD},
    {"rolling_sum", "sum of the last N rows", "rolling_sum(rain, 7)", 2, 2, false, true, FN_ROLLING_SUM},
    {"round", "rounded to a whole number, or to N decimals (halves to even)", "round(price, 2)", 1, 2, false, false, FN_ROUND},
    {"second", "second of a time, 0 to 59", "second(time)", 1, 1, true, false, FN_SECOND},
    {"shift", "the value N rows before", "shift(price, 7)", 2, 2, false, true, FN_SHIFT},
    {"sin", "sine of an angle in radians", "sin(2 * pi * hour(time) / 24)", 1, 1, false, false, FN_SIN},
    {"sqrt", "square root of a number from 0 on", "sqrt(area)", 1, 1, false, false, FN_SQRT},
    {"timestamp", "seconds since 1970 in UTC of a date", "timestamp(date)", 1, 1, true, false, FN_TIMESTAMP},
    {"weekday", "day of the week of a date, 0 is Monday", "weekday(date)", 1, 1, true, false, FN_WEEKDAY},
    {"weekofyear", "ISO week of a date, 1 to 53", "weekofyear(date)", 1, 1, true, false, FN_WEEKOFYEAR},
    {"year", "year of a date", "year(date)", 1, 1, true, false, FN_YEAR},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

const ExprFunction *expr_functions(size_t *n)
{
    *n = FUNCTIONS;
    return functions;
}

const ExprFunction *expr_function_find(const char *name)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (str_eq(functions[i].name, name)) return &functions[i];
    return NULL;
}

const char *const *expr_function_names(Arena *arena, size_t *n)
{
    const char **names = ARENA_ARRAY(arena, const char *, FUNCTIONS);
    for (size_t i = 0; i < FUNCTIONS; i++) names[i] = functions[i].name;
    *n = FUNCTIONS;
    return names;
}

Expr *expr_new(Arena *arena, ExprOp op, Span span)
{
    Expr *expr = ARENA_NEW(arena, Expr);
    expr->op = op;
    expr->span = expr->op_span = span;
    expr->column = NO_COLUMN;
    return expr;
}

Expr *expr_number(Arena *arena, double number, Span span)
{
    Expr *expr = expr_new(arena, EXPR_NUMBER, span);
    expr->number = number;
    return expr;
}

Expr *expr_text(Arena *arena, const char *text, Span span)
{
    Expr *expr = expr_new(arena, EXPR_TEXT, span);
    expr->text = text;
    return expr;
}

Expr *expr_column(Arena *arena, const char *name, Span span)
{
    Expr *expr = expr_new(arena, EXPR_COLUMN, span);
    expr->name = name;
    return expr;
}

Expr *expr_unary(Arena *arena, ExprOp op, Expr *a, Span span, Span op_span)
{
    Expr *expr = expr_new(arena, op, span);
    expr->op_span = op_span;
    expr->a = a;
    return expr;
}

Expr *expr_binary(Arena *arena, ExprOp op, Expr *a, Expr *b, Span op_span)
{
    Expr *expr = expr_new(arena, op, span_join(a->span, b->span));
    expr->op_span = op_span;
    expr->a = a;
    expr->b = b;
    return expr;
}

bool expr_looks_back(const Expr *expr, const char *const *back, size_t n_back)
{
    if (!expr) return false;
    if (expr->op == EXPR_CALL && expr->function->looks_back) return true;
    if (expr->op == EXPR_COLUMN)
        for (size_t i = 0; i < n_back; i++)
            if (str_eq(expr->name, back[i])) return true;
    if (expr_looks_back(expr->a, back, n_back) || expr_looks_back(expr->b, back, n_back)) return true;
    for (size_t i = 0; i < expr->n_args; i++)
        if (expr_looks_back(expr->args[i], back, n_back)) return true;
    return false;
}

void expr_columns(const Expr *expr, void (*f)(void *context, const Expr *column), void *context)
{
    if (!expr) return;
    if (expr->op == EXPR_COLUMN) f(context, expr);
    expr_columns(expr->a, f, context);
    expr_columns(expr->b, f, context);
    for (size_t i = 0; i < expr->n_args; i++) expr_columns(expr->args[i], f, context);
}

static const struct {
    const char *text;
    int level; /* binds tighter where higher */
} operators[] = {
    [EXPR_NEGATE] = {"-", 7},   [EXPR_NOT] = {"not", 3},     [EXPR_ADD] = {"+", 5}, [EXPR_SUBTRACT] = {"-", 5},
    [EXPR_MULTIPLY] = {"*", 6}, [EXPR_DIVIDE] = {"/", 6},    [EXPR_EQ] = {"=", 4},  [EXPR_NE] = {"!=", 4},
    [EXPR_LT] = {"<", 4},       [EXPR_LE] = {"<=", 4},       [EXPR_GT] = {">", 4},  [EXPR_GE] = {">=", 4},
    [EXPR_AND] = {"and", 2},    [EXPR_OR] = {"or", 1},       [EXPR_IN] = {"in", 4}, [EXPR_IF] = {"if", 8},
    [EXPR_CALL] = {"", 8},
};

const char *expr_operator(const Expr *expr)
{
    if (expr->op == EXPR_CALL) return expr->function->name;
    if (expr->op == EXPR_IN && expr->flag) return "not in";
    return operators[expr->op].text;
}

static void put_text(Buf *out, const char *text)
{
    buf_char(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\') buf_char(out, '\\');
        if (*p == '\n') buf_put(out, "\\n");
        else if (*p == '\t') buf_put(out, "\\t");
        else buf_char(out, *p);
    }
    buf_char(out, '"');
}

static void print(const Expr *expr, int level, Buf *out);

static void print_list(const Expr *const *args, size_t n, Buf *out)
{
    buf_char(out, '(');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_put(out, ", ");
        print(args[i], 0, out);
    }
    buf_char(out, ')');
}

static void print_plain(const Expr *expr, Buf *out)
{
    int own = operators[expr->op].level;
    switch (expr->op) {
    case EXPR_ERROR: buf_put(out, "?"); break;
    case EXPR_NUMBER: buf_put(out, str_double(out->arena, expr->number)); break;
    case EXPR_TEXT: put_text(out, expr->text); break;
    case EXPR_COLUMN:
        if (str_is_name(expr->name)) {
            buf_put(out, expr->name);
        } else {
            buf_put(out, "column(");
            put_text(out, expr->name);
            buf_char(out, ')');
        }
        break;
    case EXPR_NEGATE:
    case EXPR_NOT:
        buf_put(out, expr->op == EXPR_NOT ? "not " : "-");
        print(expr->a, own, out);
        break;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_AND:
    case EXPR_OR: {
        bool comparison = expr->op >= EXPR_EQ && expr->op <= EXPR_GE;
        print(expr->a, own + comparison, out);
        buf_printf(out, " %s ", operators[expr->op].text);
        print(expr->b, own + 1, out);
        break;
    }
    case EXPR_IN:
        print(expr->a, own + 1, out);
        buf_put(out, expr->flag ? " not in " : " in ");
        print_list((const Expr *const *)expr->args, expr->n_args, out);
        break;
    case EXPR_IF:
        buf_put(out, "if(");
        print(expr->a, 0, out);
        for (size_t i = 0; i < expr->n_args; i++) {
            buf_put(out, ", ");
            print(expr->args[i], 0, out);
        }
        buf_char(out, ')');
        break;
    case EXPR_CALL:
        buf_put(out, expr->function->name);
        print_list((const Expr *const *)expr->args, expr->n_args, out);
        break;
    }
}

static void print(const Expr *expr, int level, Buf *out)
{
    bool leaf = expr->op <= EXPR_COLUMN;
    bool parentheses = !leaf && operators[expr->op].level < level;
    if (parentheses) buf_char(out, '(');
    print_plain(expr, out);
    if (parentheses) buf_char(out, ')');
}

void expr_print(const Expr *expr, Buf *out)
{
    print(expr, 0, out);
}
