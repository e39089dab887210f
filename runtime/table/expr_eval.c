/* Values of expressions, a block of rows at a time.
 *
 * Numbers, dates and tests are doubles, NaN where missing or unknown; texts are pointers, NULL where missing. Two texts of one column are
 * the same pointer, so most comparisons end at once. */
#include "runtime/base/vec.h"
#include "runtime/table/expr_inside.h"
#include "runtime/table/table_inside.h"

#include <math.h>

enum { BLOCK = 1024 };

/* Nodes whose result had to be missing though nothing that went in was. */
typedef struct {
    const Expr *expr;
    size_t n;
    size_t row;
} Undefined;

typedef struct {
    Arena *arena; /* of blocks: freed at the end */
    const Table *table;
    size_t row; /* the block's first */
    size_t n;
    struct {
        Undefined *at;
        size_t n, cap;
    } undefined;
} Evaluator;

typedef struct {
    double *numbers;
    const char **texts;
} Values;

/* Blocks of nodes at a depth are used again for each block of rows: one pair for each node, made at first use. */
typedef struct Node Node;
struct Node {
    const Expr *expr;
    Values values;
    Node *a, *b;
    Node **args;
};

static Node *node_new(Arena *arena, const Expr *expr)
{
    if (!expr) return NULL;
    Node *node = ARENA_NEW(arena, Node);
    node->expr = expr;
    if (expr->type == EXPR_IS_TEXT) node->values.texts = ARENA_ARRAY(arena, const char *, BLOCK);
    else node->values.numbers = ARENA_ARRAY(arena, double, BLOCK);
    node->a = node_new(arena, expr->a);
    node->b = node_new(arena, expr->b);
    node->args = ARENA_ARRAY(arena, Node *, expr->n_args + 1);
    for (size_t i = 0; i < expr->n_args; i++) node->args[i] = node_new(arena, expr->args[i]);
    return node;
}

static void note_undefined(Evaluator *e, const Expr *expr, size_t i)
{
    for (size_t k = 0; k < e->undefined.n; k++)
        if (e->undefined.at[k].expr == expr) {
            e->undefined.at[k].n++;
            return;
        }
    VEC_PUSH(e->arena, e->undefined, ((Undefined){expr, 1, e->row + i}));
}

static double call_one(int id, double x)
{
    switch (id) {
    case FN_ABS: return fabs(x);
    case FN_COS: return cos(x);
    case FN_EXP: return exp(x);
    case FN_LOG: return log(x);
    case FN_LOG1P: return log1p(x);
    case FN_ROUND: return rint(x);
    case FN_SIN: return sin(x);
    case FN_SQRT: return sqrt(x);
    case FN_TIMESTAMP: return x;
    default: break;
    }
    DateParts p = date_parts(x);
    switch (id) {
    case FN_DAY: return p.day;
    case FN_DAYOFYEAR: return p.day_of_year;
    case FN_HOUR: return p.hour;
    case FN_MINUTE: return p.minute;
    case FN_MONTH: return p.month;
    case FN_QUARTER: return (p.month - 1) / 3 + 1; /* NOLINT(bugprone-integer-division) */
    case FN_SECOND: return floor(p.second);
    case FN_WEEKDAY: return p.weekday;
    case FN_WEEKOFYEAR: return p.iso_week;
    case FN_YEAR: return (double)p.year;
    default: return TABLE_MISSING;
    }
}

/* As NumPy rounds: scaled by a power of ten, halves to even, scaled back. */
static double round_to(double x, double decimals)
{
    double power = pow(10, fabs(decimals));
    return decimals >= 0 ? rint(x * power) / power : rint(x / power) * power;
}

static void eval(Evaluator *e, Node *node);

static void eval_call(Evaluator *e, Node *node)
{
    const Expr *expr = node->expr;
    double *out = node->values.numbers;
    if (expr->function->looks_back) { /* calculated before, see expr_back.c */
        memcpy(out, e->table->columns[expr->column].numbers + e->row, e->n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < expr->n_args; i++) eval(e, node->args[i]);
    const double *x = node->args[0]->values.numbers;
    int id = expr->function->id;
    if (id == FN_MIN || id == FN_MAX) {
        memcpy(out, x, e->n * sizeof *out);
        for (size_t k = 1; k < expr->n_args; k++) {
            const double *y = node->args[k]->values.numbers;
            for (size_t i = 0; i < e->n; i++) {
                if (isnan(out[i]) || isnan(y[i])) out[i] = TABLE_MISSING;
                else if (id == FN_MIN ? y[i] < out[i] : y[i] > out[i]) out[i] = y[i];
            }
        }
        return;
    }
    for (size_t i = 0; i < e->n; i++) {
        bool known = !isnan(x[i]);
        if (id == FN_ROUND && expr->n_args == 2) {
            double decimals = node->args[1]->values.numbers[i];
            known = known && !isnan(decimals);
            out[i] = known ? round_to(x[i], decimals) : TABLE_MISSING;
        } else {
            out[i] = known ? call_one(id, x[i]) : TABLE_MISSING;
        }
        if (known && !isfinite(out[i])) {
            note_undefined(e, expr, i);
            out[i] = TABLE_MISSING;
        }
    }
}

static void eval_arithmetic(Evaluator *e, Node *node)
{
    double *out = node->values.numbers;
    eval(e, node->a);
    eval(e, node->b);
    const double *a = node->a->values.numbers, *b = node->b->values.numbers;
    ExprOp op = node->expr->op;
    bool odd = false;
    for (size_t i = 0; i < e->n; i++) {
        out[i] = op == EXPR_ADD ? a[i] + b[i] : op == EXPR_SUBTRACT ? a[i] - b[i] : op == EXPR_MULTIPLY ? a[i] * b[i] : a[i] / b[i];
        odd = odd || !isfinite(out[i]);
    }
    for (size_t i = 0; odd && i < e->n; i++) {
        if (isfinite(out[i]) || isnan(a[i]) || isnan(b[i])) continue;
        note_undefined(e, node->expr, i);
        out[i] = TABLE_MISSING;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

static void eval_comparison(Evaluator *e, Node *node)
{
    double *out = node->values.numbers;
    eval(e, node->a);
    eval(e, node->b);
    ExprOp op = node->expr->op;
    if (node->a->values.texts) {
        const char **a = node->a->values.texts, **b = node->b->values.texts;
        for (size_t i = 0; i < e->n; i++) out[i] = a[i] && b[i] ? (double)(same_text(a[i], b[i]) == (op == EXPR_EQ)) : TABLE_MISSING;
        return;
    }
    const double *a = node->a->values.numbers, *b = node->b->values.numbers;
    for (size_t i = 0; i < e->n; i++) {
        bool fact = op == EXPR_EQ   ? a[i] == b[i]
                    : op == EXPR_NE ? a[i] != b[i]
                    : op == EXPR_LT ? a[i] < b[i]
                    : op == EXPR_LE ? a[i] <= b[i]
                    : op == EXPR_GT ? a[i] > b[i]
                                    : a[i] >= b[i];
        out[i] = isnan(a[i]) || isnan(b[i]) ? TABLE_MISSING : (double)fact;
    }
}

/* True if one is equal; else unknown if one is missing, else false. */
static void eval_in(Evaluator *e, Node *node)
{
    double *out = node->values.numbers;
    bool texts = node->expr->a->type == EXPR_IS_TEXT;
    eval(e, node->a);
    for (size_t i = 0; i < e->n; i++) out[i] = 0;
    for (size_t k = 0; k < node->expr->n_args; k++) {
        eval(e, node->args[k]);
        for (size_t i = 0; i < e->n; i++) {
            if (out[i] == 1) continue;
            bool known, equal;
            if (texts) {
                const char *a = node->a->values.texts[i], *b = node->args[k]->values.texts[i];
                known = a && b;
                equal = known && same_text(a, b);
            } else {
                double a = node->a->values.numbers[i], b = node->args[k]->values.numbers[i];
                known = !isnan(a) && !isnan(b);
                equal = a == b;
            }
            if (equal) out[i] = 1;
            else if (!known) out[i] = TABLE_MISSING;
        }
    }
    for (size_t i = 0; node->expr->flag && i < e->n; i++) out[i] = 1 - out[i];
}

static void eval_logic(Evaluator *e, Node *node)
{
    double *out = node->values.numbers;
    eval(e, node->a);
    eval(e, node->b);
    const double *a = node->a->values.numbers, *b = node->b->values.numbers;
    double decides = node->expr->op == EXPR_AND ? 0 : 1;
    for (size_t i = 0; i < e->n; i++)
        out[i] = a[i] == decides || b[i] == decides ? decides : isnan(a[i]) || isnan(b[i]) ? TABLE_MISSING : 1 - decides;
}

static void eval_if(Evaluator *e, Node *node)
{
    eval(e, node->a);
    eval(e, node->args[0]);
    eval(e, node->args[1]);
    const double *test = node->a->values.numbers;
    const Values *yes = &node->args[0]->values, *no = &node->args[1]->values;
    for (size_t i = 0; i < e->n; i++) {
        const Values *chosen = test[i] != 0 ? yes : no;
        if (node->values.texts) node->values.texts[i] = isnan(test[i]) ? NULL : chosen->texts[i];
        else node->values.numbers[i] = isnan(test[i]) ? TABLE_MISSING : chosen->numbers[i];
    }
}

static void eval_column(Evaluator *e, Node *node)
{
    const Column *c = &e->table->columns[node->expr->column];
    if (c->type != COLUMN_TEXT) {
        memcpy(node->values.numbers, c->numbers + e->row, e->n * sizeof(double));
        return;
    }
    for (size_t i = 0; i < e->n; i++) node->values.texts[i] = column_text(c, e->row + i);
}

static void eval(Evaluator *e, Node *node)
{
    double *out = node->values.numbers;
    const Expr *expr = node->expr;
    switch (expr->op) {
    case EXPR_ERROR: break;
    case EXPR_TEXT:
        if (out)
            for (size_t i = 0; i < e->n; i++) out[i] = expr->number; /* a date */
        else
            for (size_t i = 0; i < e->n; i++) node->values.texts[i] = expr->text;
        break;
    case EXPR_NUMBER:
        for (size_t i = 0; i < e->n; i++) out[i] = expr->number;
        break;
    case EXPR_COLUMN: eval_column(e, node); break;
    case EXPR_NEGATE:
        eval(e, node->a);
        for (size_t i = 0; i < e->n; i++) out[i] = -node->a->values.numbers[i];
        break;
    case EXPR_NOT:
        eval(e, node->a);
        for (size_t i = 0; i < e->n; i++) out[i] = 1 - node->a->values.numbers[i];
        break;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE: eval_arithmetic(e, node); break;
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE: eval_comparison(e, node); break;
    case EXPR_AND:
    case EXPR_OR: eval_logic(e, node); break;
    case EXPR_IN: eval_in(e, node); break;
    case EXPR_IF: eval_if(e, node); break;
    case EXPR_CALL: eval_call(e, node); break;
    }
}

static void warn_undefined(const Evaluator *e, Diags *diags)
{
    for (size_t k = 0; k < e->undefined.n; k++) {
        const Undefined *u = &e->undefined.at[k];
        Buf text = buf_in(e->arena);
        expr_print(u->expr, &text);
        Diag *w = diag(diags, W0501, u->expr->span, A("what", text.at), AI("n", u->n),
                       A("rows", u->n == 1 ? "row" : "rows"));
        diag_primary(w, W0501_here);
        Span row = table_row_span(e->table, u->row);
        if (row.source != 0) diag_label(w, row, W0501_row);
    }
}

Column expr_eval(Arena *arena, const Expr *expr, const Table *table, const char *name, Diags *diags)
{
    Evaluator e = {.arena = arena_new("expression"), .table = table};
    Node *root = node_new(e.arena, expr);
    bool texts = expr->type == EXPR_IS_TEXT;
    Column column = {.name = name, .file_column = NO_COLUMN};
    double *numbers = texts ? NULL : ARENA_ARRAY(arena, double, table->n_rows + 1);
    const char **strings = texts ? ARENA_ARRAY(e.arena, const char *, table->n_rows + 1) : NULL;
    for (e.row = 0; e.row < table->n_rows; e.row += e.n) {
        e.n = table->n_rows - e.row < BLOCK ? table->n_rows - e.row : BLOCK;
        eval(&e, root);
        if (texts) memcpy(strings + e.row, root->values.texts, e.n * sizeof *strings);
        else memcpy(numbers + e.row, root->values.numbers, e.n * sizeof *numbers);
    }
    if (texts) {
        column = column_of_texts(arena, name, strings, table->n_rows);
    } else {
        column.type = expr->type == EXPR_IS_DATE ? COLUMN_DATE : COLUMN_NUMBER;
        column.form = expr->type == EXPR_IS_DATE ? DATE_TIME : DATE_NONE;
        if (expr->op == EXPR_COLUMN) column.form = table->columns[expr->column].form;
        column.numbers = numbers;
        for (size_t row = 0; row < table->n_rows; row++) column.n_missing += isnan(numbers[row]) != 0;
    }
    if (diags) warn_undefined(&e, diags);
    arena_free(e.arena);
    return column;
}

uint32_t *expr_where(Arena *arena, const Expr *expr, const Table *table, size_t *n, size_t *n_unknown)
{
    Evaluator e = {.arena = arena_new("expression"), .table = table};
    Node *root = node_new(e.arena, expr);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, table->n_rows + 1);
    size_t kept = 0, unknown = 0;
    for (e.row = 0; e.row < table->n_rows; e.row += e.n) {
        e.n = table->n_rows - e.row < BLOCK ? table->n_rows - e.row : BLOCK;
        eval(&e, root);
        for (size_t i = 0; i < e.n; i++) {
            double test = root->values.numbers[i];
            if (test == 1) rows[kept++] = (uint32_t)(e.row + i);
            unknown += isnan(test) != 0;
        }
    }
    *n = kept;
    if (n_unknown) *n_unknown = unknown;
    arena_free(e.arena);
    return rows;
}
