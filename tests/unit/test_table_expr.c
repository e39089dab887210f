/* Expressions beside NumPy, three-valued tests, types, and tables that are selected, sorted, joined. */
#include "runtime/base/json.h"
#include "runtime/table/csv.h"
#include "runtime/table/expr.h"
#include "tests/unit/test.h"

#include <stdlib.h>

typedef struct {
    Arena *arena;
    Diags *diags;
    Sources *sources;
    uint32_t script;
} Fixture;

static Fixture begin(void)
{
    Fixture f = {.arena = arena_new("test")};
    f.sources = sources_new(f.arena);
    f.script = sources_add(f.sources, "script.nnl", "0123456789012345678901234567890123456789", 40);
    f.diags = diags_new(f.arena, f.sources);
    return f;
}

static Table *table_of(Fixture *f, const char *text)
{
    return csv_read_memory(f->arena, "t.csv", text, strlen(text), NULL, NO_SPAN, f->diags, NULL);
}

static Span at(const Fixture *f, size_t begin)
{
    return (Span){f->script, begin, begin + 1};
}

static Expr *column(Fixture *f, const char *name)
{
    return expr_column(f->arena, name, at(f, 1));
}

static Expr *number(Fixture *f, double value)
{
    return expr_number(f->arena, value, at(f, 3));
}

static Expr *text(Fixture *f, const char *value)
{
    return expr_text(f->arena, value, at(f, 3));
}

static Expr *binary(Fixture *f, ExprOp op, Expr *a, Expr *b)
{
    return expr_binary(f->arena, op, a, b, at(f, 2));
}

static Expr *call(Fixture *f, const char *name, Expr *a, Expr *b)
{
    Expr *e = expr_new(f->arena, EXPR_CALL, at(f, 0));
    e->function = expr_function_find(name);
    OK(e->function != NULL);
    e->args = ARENA_ARRAY(f->arena, Expr *, 2);
    e->args[e->n_args++] = a;
    if (b) e->args[e->n_args++] = b;
    return e;
}

/* ["+", a, b], ["column", "x"], 3 */
static Expr *from_json(Fixture *f, const Json *j)
{
    if (j->type == JSON_NUMBER) return number(f, j->number);
    const char *op = j->items[0].text;
    if (str_eq(op, "column")) return column(f, j->items[1].text);
    Expr *a = from_json(f, &j->items[1]), *b = j->n > 2 ? from_json(f, &j->items[2]) : NULL;
    static const struct {
        const char *text;
        ExprOp op;
    } ops[] = {{"+", EXPR_ADD}, {"-", EXPR_SUBTRACT}, {"*", EXPR_MULTIPLY}, {"/", EXPR_DIVIDE}};
    for (size_t i = 0; i < 4; i++)
        if (str_eq(op, ops[i].text)) return binary(f, ops[i].op, a, b);
    if (str_eq(op, "neg")) return expr_unary(f->arena, EXPR_NEGATE, a, at(f, 0), at(f, 0));
    return call(f, op, a, b);
}

TEST(figures_as_numpy_has_them)
{
    Fixture f = begin();
    FILE *file = fopen("tests/oracles/table.json", "rb");
    OK(file != NULL);
    if (!file) return;
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *bytes = arena_alloc(f.arena, n + 1);
    OK(fread(bytes, 1, n, file) == n);
    fclose(file);
    const Json *expressions = json_get(json_read(f.arena, sources_add(f.sources, "table.json", bytes, n), JSON_STRICT, f.diags), "expressions");
    Table *t = table_of(&f, json_get(expressions, "csv")->text);
    const Json *cases = json_get(expressions, "cases");
    OK(cases->n > 15);
    for (size_t i = 0; i < cases->n; i++) {
        Expr *e = from_json(&f, &cases->items[i].items[0]);
        const Json *want = &cases->items[i].items[1];
        OK(expr_check(f.arena, e, t, false, f.diags));
        Column got = expr_eval(f.arena, e, t, "z", NULL);
        size_t missing = 0;
        for (size_t row = 0; row < t->n_rows; row++) {
            double expected = want->items[row].type == JSON_NULL ? TABLE_MISSING : strtod(want->items[row].text, NULL);
            missing += isnan(expected) != 0;
            /* exp, log, sin, cos of another library may differ in the last bit */
            NEAR(got.numbers[row], expected, fabs(expected) * 2.3e-16);
        }
        EQ(got.n_missing, missing);
    }
    EQ(diags_count(f.diags), 0);
    arena_free(f.arena);
}

TEST(undefined_results_are_counted)
{
    Fixture f = begin();
    Table *t = table_of(&f, "x,y\n1,0\n,0\n-4,2\n0,0\n");
    Expr *e = call(&f, "log", binary(&f, EXPR_DIVIDE, column(&f, "x"), column(&f, "y")), NULL);
    OK(expr_check(f.arena, e, t, false, f.diags));
    Column got = expr_eval(f.arena, e, t, "z", f.diags);
    EQ(got.n_missing, 4);
    EQ(diags_warnings(f.diags), 2); /* 1/0 and 0/0; log of -2 */
    arena_free(f.arena);
}

TEST(tests_with_missing_cells)
{
    Fixture f = begin();
    Table *t = table_of(&f, "x,s\n1,a\n2,\n,b\n4,a\n");
    size_t n, unknown;
    Expr *over = binary(&f, EXPR_GT, column(&f, "x"), number(&f, 1));
    Expr *is_a = binary(&f, EXPR_EQ, column(&f, "s"), text(&f, "a"));
    Expr *both = binary(&f, EXPR_AND, over, is_a), *either = binary(&f, EXPR_OR, over, is_a);
    Expr *not_a = binary(&f, EXPR_NE, column(&f, "s"), text(&f, "a"));
    Expr *negated = expr_unary(f.arena, EXPR_NOT, is_a, at(&f, 0), at(&f, 0));
    OK(expr_check(f.arena, both, t, true, f.diags) && expr_check(f.arena, either, t, true, f.diags));
    OK(expr_check(f.arena, not_a, t, true, f.diags) && expr_check(f.arena, negated, t, true, f.diags));
    uint32_t *rows = expr_where(f.arena, both, t, &n, &unknown);
    OK(n == 1 && rows[0] == 3);
    EQ(unknown, 1); /* row 1: true and unknown; row 2: unknown and false is false */
    rows = expr_where(f.arena, either, t, &n, &unknown);
    OK(n == 3 && rows[0] == 0 && rows[1] == 1 && rows[2] == 3 && unknown == 1);
    rows = expr_where(f.arena, not_a, t, &n, &unknown);
    OK(n == 1 && rows[0] == 2 && unknown == 1);
    rows = expr_where(f.arena, negated, t, &n, &unknown);
    OK(n == 1 && rows[0] == 2 && unknown == 1);
    Expr *choice = expr_new(f.arena, EXPR_IF, at(&f, 0));
    choice->a = over;
    choice->n_args = 2;
    choice->args = (Expr *[]){text(&f, "much"), column(&f, "s")};
    OK(expr_check(f.arena, choice, t, false, f.diags));
    EQ(choice->type, EXPR_IS_TEXT);
    Column got = expr_eval(f.arena, choice, t, "z", f.diags);
    STR(column_text(&got, 0), "a");
    STR(column_text(&got, 1), "much");
    STR(column_text(&got, 2), NULL);
    Expr *in = expr_new(f.arena, EXPR_IN, at(&f, 0));
    in->a = column(&f, "x");
    in->n_args = 2;
    in->args = (Expr *[]){number(&f, 4), number(&f, 1)};
    in->flag = true;
    OK(expr_check(f.arena, in, t, true, f.diags));
    rows = expr_where(f.arena, in, t, &n, &unknown);
    OK(n == 1 && rows[0] == 1 && unknown == 1);
    EQ(diags_count(f.diags), 0);
    arena_free(f.arena);
}

TEST(dates_in_expressions)
{
    Fixture f = begin();
    Table *t = table_of(&f, "d,n\n2024-01-31,1\n2024-02-29,2\n,3\n2025-12-31,4\n");
    size_t n;
    Expr *e = binary(&f, EXPR_GE, column(&f, "d"), text(&f, "2024-02-29"));
    OK(expr_check(f.arena, e, t, true, f.diags));
    uint32_t *rows = expr_where(f.arena, e, t, &n, NULL);
    OK(n == 2 && rows[0] == 1 && rows[1] == 3);
    Expr *month = call(&f, "month", column(&f, "d"), NULL);
    OK(expr_check(f.arena, month, t, false, f.diags));
    Column got = expr_eval(f.arena, month, t, "m", f.diags);
    NEAR(got.numbers[3], 12, 0);
    OK(isnan(got.numbers[2]));
    EQ(diags_count(f.diags), 0);
    arena_free(f.arena);
}

TEST(wrong_types)
{
    Fixture f = begin();
    Table *t = table_of(&f, "x,s,d,odd.name\n1,a,2024-01-31,1\n2,b,2024-02-01,2\n");
    struct {
        Expr *expr;
        const char *code;
        bool where;
    } cases[] = {
        {binary(&f, EXPR_ADD, column(&f, "x"), column(&f, "s")), "E0531", false},
        {expr_unary(f.arena, EXPR_NEGATE, column(&f, "d"), at(&f, 5), at(&f, 5)), "E0531", false},
        {binary(&f, EXPR_EQ, column(&f, "x"), text(&f, "1")), "E0532", false},
        {binary(&f, EXPR_EQ, column(&f, "s"), number(&f, 1)), "E0532", false},
        {call(&f, "year", column(&f, "x"), NULL), "E0533", false},
        {call(&f, "abs", column(&f, "x"), column(&f, "x")), "E0534", false},
        {column(&f, "x"), "E0535", true},
        {binary(&f, EXPR_AND, column(&f, "x"), binary(&f, EXPR_LT, column(&f, "x"), number(&f, 2))), "E0536", true},
        {binary(&f, EXPR_LT, column(&f, "d"), text(&f, "June")), "E0538", true},
        {binary(&f, EXPR_LT, column(&f, "s"), text(&f, "b")), "E0539", true},
        {binary(&f, EXPR_EQ, text(&f, "s"), text(&f, "b")), "E0540", true},
        {binary(&f, EXPR_EQ, text(&f, "odd.name"), number(&f, 1)), "E0540", true},
        {column(&f, "xs"), "E0514", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Diags *diags = diags_new(f.arena, f.sources);
        OK(!expr_check(f.arena, cases[i].expr, t, cases[i].where, diags));
        EQ(diags_count(diags), 1);
        STR(diags_count(diags) ? diag_code_name(diag_code(diags_at(diags, 0))) : "", cases[i].code);
    }
    Expr *choice = expr_new(f.arena, EXPR_IF, at(&f, 0));
    choice->a = binary(&f, EXPR_LT, column(&f, "x"), number(&f, 2));
    choice->n_args = 2;
    choice->args = (Expr *[]){number(&f, 1), text(&f, "b")};
    OK(!expr_check(f.arena, choice, t, false, f.diags));
    Expr *never = binary(&f, EXPR_EQ, column(&f, "s"), text(&f, "A"));
    OK(expr_check(f.arena, never, t, true, f.diags));
    expr_lint(f.arena, never, t, f.diags);
    EQ(diags_warnings(f.diags), 1);
    arena_free(f.arena);
}

TEST(printed_as_written)
{
    Fixture f = begin();
    Expr *sum = binary(&f, EXPR_ADD, column(&f, "a"), binary(&f, EXPR_MULTIPLY, number(&f, 2), column(&f, "Sepal.Length")));
    Expr *minus = binary(&f, EXPR_SUBTRACT, column(&f, "a"), binary(&f, EXPR_SUBTRACT, column(&f, "b"), number(&f, 0.1)));
    Expr *test = binary(&f, EXPR_OR, binary(&f, EXPR_LT, sum, number(&f, 3)), binary(&f, EXPR_EQ, column(&f, "s"), text(&f, "a \"b\"")));
    Expr *both = binary(&f, EXPR_AND, test, expr_unary(f.arena, EXPR_NOT, test, at(&f, 0), at(&f, 0)));
    Buf out = buf_in(f.arena);
    expr_print(binary(&f, EXPR_DIVIDE, sum, minus), &out);
    STR(out.at, "(a + 2 * column(\"Sepal.Length\")) / (a - (b - 0.1))");
    out = buf_in(f.arena);
    expr_print(both, &out);
    STR(out.at, "(a + 2 * column(\"Sepal.Length\") < 3 or s = \"a \\\"b\\\"\") and not (a + 2 * column(\"Sepal.Length\") < 3 or s = \"a \\\"b\\\"\")");
    OK(!expr_looks_back(both, NULL, 0));
    OK(expr_looks_back(call(&f, "shift", column(&f, "a"), number(&f, 1)), NULL, 0));
    OK(expr_looks_back(both, (const char *[]){"s"}, 1));
    arena_free(f.arena);
}

TEST(rows_selected_sorted_and_joined)
{
    Fixture f = begin();
    Table *t = table_of(&f, "k,s,v\n3,b,1\n1,,2\n3,a,3\n,c,4\n2,b,5\n");
    uint32_t *rows = table_sorted(f.arena, t, (size_t[]){0, 1}, 2);
    static const uint32_t expected[] = {1, 4, 2, 0, 3};
    for (size_t i = 0; i < 5; i++) EQ(rows[i], expected[i]);
    Table *sorted = table_select(f.arena, t, rows, 5);
    NEAR(sorted->columns[2].numbers[0], 2, 0);
    EQ(table_line(sorted, 0), 3);
    EQ(table_line(sorted, 4), 5);
    EQ(sorted->columns[1].n_missing, 1);
    Table *first = table_first(f.arena, sorted, 2);
    EQ(first->n_rows, 2);
    EQ(first->columns[1].n_missing, 1);
    Table *other = table_of(&f, "v,k,s,extra\n6,9,z,0\n7,8,b,0\n");
    Table *matched = table_match(f.arena, other, t, NULL, NO_SPAN, f.diags);
    OK(matched != NULL);
    Table *both = table_concat(f.arena, sorted, matched);
    EQ(both->n_rows, 7);
    EQ(both->n_columns, 3);
    STR(column_text(&both->columns[1], 5), "z");
    STR(column_text(&both->columns[1], 6), "b");
    EQ(column_code(&both->columns[1], "b"), column_code(&sorted->columns[1], "b"));
    EQ(table_line(both, 5), 2);
    STR(table_cell_text(f.arena, both, 5, 2), "6");
    STR(table_cell_text(f.arena, both, 0, 1), "");
    size_t n;
    const char *const *labels = column_labels(f.arena, both, 1, &n);
    EQ(n, 4);
    STR(labels[0], "a");
    STR(labels[3], "z");
    Column as_text = table_as_text(f.arena, both, 0);
    STR(column_text(&as_text, 6), "8");
    STR(column_text(&as_text, 4), NULL);
    Table *bad = table_of(&f, "k,s,v\nx,b,1\n1,b,1\n");
    OK(!table_match(f.arena, bad, t, NULL, NO_SPAN, f.diags));
    EQ(diag_code(diags_at(f.diags, 0)), E0520);
    Table *narrow = table_of(&f, "k,s\n1,b\n");
    OK(!table_match(f.arena, narrow, t, NULL, NO_SPAN, f.diags));
    EQ(diag_code(diags_at(f.diags, 1)), E0521);
    OK(table_match(f.arena, narrow, t, (bool[]){true, true, false}, NO_SPAN, f.diags) != NULL);
    const double made[] = {1, TABLE_MISSING, 3, 4, 5};
    Table *wider = table_add_numbers(f.arena, t, "made", COLUMN_NUMBER, made);
    EQ(wider->columns[3].n_missing, 1);
    STR(table_cell_text(f.arena, wider, 2, 3), "3");
    EQ(table_cell_span(wider, 2, 3).begin, table_row_span(wider, 2).begin);
    Buf out = buf_in(f.arena);
    table_put_cell(&out, "say \"hi\", all", ',');
    STR(out.at, "\"say \"\"hi\"\", all\"");
    arena_free(f.arena);
}
