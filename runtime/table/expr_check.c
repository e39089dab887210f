/* Types of expressions, and what is wrong with them.
 *
 * Types come from below: columns have theirs, and each operator says what it takes and gives. A node of unknown type was
 * reported already, and what holds it says nothing more. */
#include "runtime/table/csv.h"
#include "runtime/table/expr_inside.h"

#include <math.h>

typedef struct {
    Arena *arena;
    const Table *table;
    Diags *diags;
    bool ok;
} Checker;

static const char *type_words(ExprType type)
{
    switch (type) {
    case EXPR_IS_NUMBER: return "a number";
    case EXPR_IS_TEXT: return "a text";
    case EXPR_IS_DATE: return "a date";
    case EXPR_IS_TEST: return "a test";
    case EXPR_UNKNOWN: break;
    }
    return "unknown";
}

/* "`Urban`", "`\"Yes\"`", or the expression in back-quotes. */
static const char *what_is(Checker *c, const Expr *expr)
{
    Buf text = buf_in(c->arena);
    buf_char(&text, '`');
    expr_print(expr, &text);
    buf_char(&text, '`');
    return text.at;
}

static void check(Checker *c, Expr *expr);

/* Says why a column that is used as numbers or dates is one of texts. */
static void explain(Checker *c, Diag *e, const Expr *expr)
{
    if (expr->op == EXPR_COLUMN && expr->column != NO_COLUMN) (void)table_explain_text(e, c->table, expr->column, NO_SPAN);
}

static void need_number(Checker *c, const Expr *holder, const Expr *expr)
{
    if (expr->type == EXPR_IS_NUMBER || expr->type == EXPR_UNKNOWN) return;
    c->ok = false;
    Diag *e = diag(c->diags, E0531, expr->span, A("operator", expr_operator(holder)), A("what", what_is(c, expr)),
                   A("type", type_words(expr->type)));
    diag_primary(e, E0531_here);
    if (expr->type == EXPR_IS_TEXT) explain(c, e, expr);
    if (expr->type == EXPR_IS_DATE && expr->op == EXPR_COLUMN) {
        Fix *fix = diag_fix(e, E0531_timestamp, A("column", expr->name));
        diag_edit(fix, span_before(expr->span), "timestamp(");
        diag_edit(fix, span_after(expr->span), ")");
    }
}

/* A test that could stand where the expression stands. */
static const char *test_of(Checker *c, const Expr *expr)
{
    Buf text = buf_in(c->arena);
    expr_print(expr, &text);
    const Column *column = expr->op == EXPR_COLUMN && expr->column != NO_COLUMN ? &c->table->columns[expr->column] : NULL;
    if (expr->type == EXPR_IS_DATE) buf_put(&text, " >= \"2020-01-01\"");
    else if (expr->type == EXPR_IS_NUMBER) buf_put(&text, " > 0");
    else buf_printf(&text, " = \"%s\"", column && column->type == COLUMN_TEXT && column->n_texts > 0 ? column->texts[0] : "Yes");
    return text.at;
}

static void need_test(Checker *c, const Expr *holder, const Expr *expr)
{
    if (expr->type == EXPR_IS_TEST || expr->type == EXPR_UNKNOWN) return;
    c->ok = false;
    const char *example = test_of(c, expr);
    if (holder) {
        Diag *e = diag(c->diags, E0536, expr->span, A("operator", expr_operator(holder)), A("what", what_is(c, expr)),
                       A("type", type_words(expr->type)), A("example", example));
        diag_primary(e, E0536_here);
        diag_fix(e, E0536_example);
    } else {
        Diag *e = diag(c->diags, E0535, expr->span, A("type", type_words(expr->type)), A("example", example));
        diag_primary(e, E0535_here);
        diag_fix(e, E0535_example);
    }
}

/* A quoted text that stands beside a date is one. */
static bool text_to_date(Checker *c, Expr *text)
{
    if (text->op != EXPR_TEXT) return false;
    DateForm form;
    if (date_parse_iso(text->text, strlen(text->text), &form, &text->number)) {
        text->type = EXPR_IS_DATE;
    } else {
        Diag *e = diag(c->diags, E0538, text->span, A("text", text->text));
        diag_primary(e, E0538_here);
        text->type = EXPR_UNKNOWN;
        c->ok = false;
    }
    return true;
}

/* Whether both can be compared; reports. */
static void need_same(Checker *c, Expr *a, Expr *b)
{
    if (a->type == EXPR_UNKNOWN || b->type == EXPR_UNKNOWN || a->type == b->type) return;
    if (a->type == EXPR_IS_DATE && text_to_date(c, b)) return;
    if (b->type == EXPR_IS_DATE && text_to_date(c, a)) return;
    c->ok = false;
    Diag *e = diag(c->diags, E0532, b->span, A("left", what_is(c, a)), A("left_type", type_words(a->type)),
                   A("right_type", type_words(b->type)));
    diag_label(e, a->span, E0532_left);
    diag_primary(e, E0532_right);
    const Expr *column = a->type == EXPR_IS_TEXT ? a : b, *other = column == a ? b : a;
    if (column->op == EXPR_COLUMN) explain(c, e, column);
    double value;
    if (other->op == EXPR_NUMBER && column->op == EXPR_COLUMN && column->type == EXPR_IS_TEXT) {
        diag_edit(diag_fix(e, E0532_quote), other->span, arena_printf(c->arena, "\"%s\"", str_double(c->arena, other->number)));
    } else if (column->op == EXPR_TEXT && other->type == EXPR_IS_NUMBER && csv_number(column->text, strlen(column->text), &value)) {
        diag_edit(diag_fix(e, E0532_unquote), column->span, column->text);
    }
}

static void check_text(Checker *c, Expr *expr)
{
    expr->type = EXPR_IS_TEXT;
    if (table_find(c->table, expr->text) == NO_COLUMN) return;
    c->ok = false;
    Diag *e = diag(c->diags, E0540, expr->span, A("name", expr->text), A("path", c->table->path));
    bool plain = str_is_name(expr->text);
    Fix *fix = diag_fix_add(e, plain ? E0540_bare : E0540_call, (const DiagArg[]){{0}});
    diag_edit(fix, expr->span, plain ? expr->text : arena_printf(c->arena, "column(\"%s\")", expr->text));
    expr->type = EXPR_UNKNOWN;
}

static void check_column(Checker *c, Expr *expr)
{
    static const ExprType types[] = {[COLUMN_NUMBER] = EXPR_IS_NUMBER, [COLUMN_TEXT] = EXPR_IS_TEXT, [COLUMN_DATE] = EXPR_IS_DATE};
    if (!table_require(c->table, expr->name, expr->span, c->diags, &expr->column)) {
        c->ok = false;
        expr->type = EXPR_UNKNOWN;
        return;
    }
    expr->type = types[c->table->columns[expr->column].type];
}

static const char *count_words(Checker *c, int least, int most)
{
    if (most < 0) return arena_printf(c->arena, "%d or more values", least);
    if (least == most) return arena_printf(c->arena, "%d value%s", least, least == 1 ? "" : "s");
    return arena_printf(c->arena, "%d to %d values", least, most);
}

static bool check_count(Checker *c, const Expr *expr, const char *name, size_t found, int least, int most, const char *example)
{
    if (found >= (size_t)least && (most < 0 || found <= (size_t)most)) return true;
    c->ok = false;
    Diag *e = diag(c->diags, E0534, expr->span, A("function", name), A("expected", count_words(c, least, most)),
                   A("found", arena_printf(c->arena, "%zu", found)), A("example", example));
    diag_fix(e, E0534_example);
    return false;
}

/* The second argument of a function that looks back: rows, written out. */
static void check_rows(Checker *c, const Expr *expr)
{
    if (expr->n_args < 2 || expr->args[1]->type == EXPR_UNKNOWN) return;
    const Expr *rows = expr->args[1];
    int id = expr->function->id;
    double value, least = id == FN_ROLLING_STD ? 2.0 : 1.0;
    bool written = expr_constant(rows, &value), span = id == FN_EWM_MEAN;
    if (written && value >= least && value <= 1e9 && (span || value == floor(value))) return;
    c->ok = false;
    if (written && value < 0.0 && value == floor(value) && (id == FN_SHIFT || id == FN_DIFF)) {
        Diag *e = diag(c->diags, E0480, rows->span, A("function", expr->function->name), A("n", value == -1.0 ? "1 row" : arena_printf(c->arena, "%.0f rows", -value)));
        const char *column = expr->args[0]->op == EXPR_COLUMN ? expr->args[0]->name : "price";
        diag_fix(e, E0480_ahead, A("column", column), A("rows", str_double(c->arena, -value)));
        return;
    }
    const char *wanted = span ? "a span of 1 or more, written as a number"
                              : arena_printf(c->arena, "a whole number of rows, %.0f or more", least);
    Diag *e = diag(c->diags, E0481, rows->span, A("function", expr->function->name), A("wanted", wanted), A("found", what_is(c, rows)));
    diag_fix(e, E0481_example, A("example", expr->function->example));
}

static void check_call(Checker *c, Expr *expr)
{
    const ExprFunction *f = expr->function;
    for (size_t i = 0; i < expr->n_args; i++) check(c, expr->args[i]);
    expr->type = EXPR_IS_NUMBER;
    if (!check_count(c, expr, f->name, expr->n_args, f->least, f->most, f->example)) return;
    if (f->looks_back) check_rows(c, expr);
    for (size_t i = 0; i < expr->n_args; i++) {
        const Expr *arg = expr->args[i];
        if (!f->of_date) {
            need_number(c, expr, arg);
            continue;
        }
        if (arg->type == EXPR_IS_DATE || arg->type == EXPR_UNKNOWN) continue;
        c->ok = false;
        Diag *e = diag(c->diags, E0533, arg->span, A("function", f->name), A("what", what_is(c, arg)), A("type", type_words(arg->type)));
        diag_primary(e, E0533_here);
        if (arg->op == EXPR_COLUMN && arg->type == EXPR_IS_TEXT && table_explain_text(e, c->table, arg->column, NO_SPAN)) continue;
        diag_fix(e, E0533_iso);
    }
}

static void check_if(Checker *c, Expr *expr)
{
    check(c, expr->a);
    need_test(c, expr, expr->a);
    for (size_t i = 0; i < expr->n_args; i++) check(c, expr->args[i]);
    if (!check_count(c, expr, "if", expr->n_args + 1, 3, 3, "if(age > 30, 1, 0)")) return;
    Expr *a = expr->args[0], *b = expr->args[1];
    expr->type = a->type == EXPR_IS_TEST ? EXPR_IS_NUMBER : a->type;
    ExprType other = b->type == EXPR_IS_TEST ? EXPR_IS_NUMBER : b->type;
    if (expr->type == EXPR_UNKNOWN) expr->type = other;
    if (expr->type == other || other == EXPR_UNKNOWN) return;
    c->ok = false;
    Diag *e = diag(c->diags, E0537, expr->span, A("first", type_words(a->type)), A("second", type_words(b->type)));
    diag_label(e, a->span, E0537_first);
    diag_label(e, b->span, E0537_second);
    diag_fix(e, E0537_same);
    expr->type = EXPR_UNKNOWN;
}

static void check_order(Checker *c, const Expr *expr)
{
    const Expr *text = expr->a->type == EXPR_IS_TEXT ? expr->a : expr->b;
    if (expr->a->type != EXPR_IS_TEXT || expr->b->type != EXPR_IS_TEXT) return;
    c->ok = false;
    Diag *e = diag(c->diags, E0539, expr->op_span, A("operator", expr_operator(expr)));
    diag_label(e, text->span, E0539_here);
    if (text->op == EXPR_COLUMN && table_explain_text(e, c->table, text->column, NO_SPAN)) return;
    diag_fix(e, E0539_use);
}

static void check(Checker *c, Expr *expr)
{
    switch (expr->op) {
    case EXPR_ERROR:
        expr->type = EXPR_UNKNOWN;
        c->ok = false;
        break;
    case EXPR_NUMBER: expr->type = EXPR_IS_NUMBER; break;
    case EXPR_TEXT: check_text(c, expr); break;
    case EXPR_COLUMN: check_column(c, expr); break;
    case EXPR_NEGATE:
        check(c, expr->a);
        need_number(c, expr, expr->a);
        expr->type = EXPR_IS_NUMBER;
        break;
    case EXPR_NOT:
        check(c, expr->a);
        need_test(c, expr, expr->a);
        expr->type = EXPR_IS_TEST;
        break;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
        check(c, expr->a);
        check(c, expr->b);
        need_number(c, expr, expr->a);
        need_number(c, expr, expr->b);
        expr->type = EXPR_IS_NUMBER;
        break;
    case EXPR_EQ:
    case EXPR_NE:
        check(c, expr->a);
        check(c, expr->b);
        need_same(c, expr->a, expr->b);
        expr->type = EXPR_IS_TEST;
        break;
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
        check(c, expr->a);
        check(c, expr->b);
        need_same(c, expr->a, expr->b);
        check_order(c, expr);
        expr->type = EXPR_IS_TEST;
        break;
    case EXPR_AND:
    case EXPR_OR:
        check(c, expr->a);
        check(c, expr->b);
        need_test(c, expr, expr->a);
        need_test(c, expr, expr->b);
        expr->type = EXPR_IS_TEST;
        break;
    case EXPR_IN:
        check(c, expr->a);
        for (size_t i = 0; i < expr->n_args; i++) {
            check(c, expr->args[i]);
            need_same(c, expr->a, expr->args[i]);
        }
        expr->type = EXPR_IS_TEST;
        break;
    case EXPR_IF: check_if(c, expr); break;
    case EXPR_CALL: check_call(c, expr); break;
    }
}

bool expr_check(Arena *arena, Expr *expr, const Table *table, bool where, Diags *diags)
{
    Checker c = {arena, table, diags, true};
    check(&c, expr);
    if (where) need_test(&c, NULL, expr);
    return c.ok;
}

static void lint_pair(Arena *arena, const Expr *column, const Expr *text, const Table *table, Diags *diags)
{
    if (column->op != EXPR_COLUMN || text->op != EXPR_TEXT || column->column == NO_COLUMN) return;
    const Column *c = &table->columns[column->column];
    if (c->type != COLUMN_TEXT || column_code(c, text->text) != TEXT_MISSING) return;
    size_t n = c->n_texts < 8 ? c->n_texts : 8;
    Diag *e = diag(diags, W0507, text->span, A("column", column->name), A("text", text->text),
                   A("texts", str_join(arena, c->texts, n, n == c->n_texts)));
    diag_primary(e, W0507_here);
    if (n == c->n_texts) diag_note(e, W0507_note);
    const char *nearest = str_nearest(text->text, c->texts, c->n_texts < 1000 ? c->n_texts : 1000);
    if (nearest && !strpbrk(nearest, "\"\\"))
        diag_edit(diag_fix(e, COMMON_did_you_mean, A("nearest", nearest)), text->span, arena_printf(arena, "\"%s\"", nearest));
}

void expr_lint(Arena *arena, const Expr *expr, const Table *table, Diags *diags)
{
    if (!expr) return;
    if (expr->op == EXPR_EQ || expr->op == EXPR_NE) {
        lint_pair(arena, expr->a, expr->b, table, diags);
        lint_pair(arena, expr->b, expr->a, table, diags);
    }
    for (size_t i = 0; i < expr->n_args; i++) {
        if (expr->op == EXPR_IN) lint_pair(arena, expr->a, expr->args[i], table, diags);
        else expr_lint(arena, expr->args[i], table, diags);
    }
    expr_lint(arena, expr->a, table, diags);
    expr_lint(arena, expr->b, table, diags);
}
