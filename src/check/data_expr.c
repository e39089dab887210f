/* `derive` and `where`: trees of the script → expressions over the table. A bare name is a column, else a param; a quoted text is
 * always a value. */
#include "src/check/data_inside.h"

#include "runtime/base/bug.h"

static Expr *build(DataCheck *c, const Ast *ast);

static Expr *nothing(DataCheck *c, const Ast *ast)
{
    return expr_new(c->arena, EXPR_ERROR, ast->span);
}

static Expr *param_value(DataCheck *c, const Ast *ast)
{
    Value value;
    const Env *env = NULL;
    if (!scope_value(c->scope, ast, &env, true, &value, NULL)) return nothing(c, ast);
    if (value.type == VALUE_INT || value.type == VALUE_FLOAT) return expr_number(c->arena, value.number, ast->span);
    if (value.type == VALUE_TEXT) return expr_text(c->arena, value.text, ast->span);
    diag(c->diags, E0468, ast->span, A("name", ast->name));
    return nothing(c, ast);
}

/* Names nearest to one that is neither column nor param: both count. */
static Expr *unknown_name(DataCheck *c, const Ast *ast)
{
    size_t n = c->table->n_columns, most = n + scope_count(c->scope);
    Arena *scratch = arena_new("names");
    const char **names = ARENA_ARRAY(scratch, const char *, most + 1);
    for (size_t i = 0; i < n; i++) names[i] = c->table->columns[i].name;
    for (size_t i = 0; i < scope_count(c->scope); i++)
        if (scope_at(c->scope, i)->type == NAMED_PARAM) names[n++] = scope_at(c->scope, i)->name;
    const char *nearest = diags_nearest(c->diags, ast->name, names, n);
    arena_free(scratch);
    const Named *param = nearest ? scope_find(c->scope, nearest) : NULL;
    if (param && param->type == NAMED_PARAM && table_find(c->table, nearest) == NO_COLUMN)
        scope_unknown(c->scope, ast->name, ast->span, nearest);
    else data_column(c, ast->name, ast->span);
    return nothing(c, ast);
}

static Expr *build_name(DataCheck *c, const Ast *ast)
{
    const Named *named = scope_find(c->scope, ast->name);
    bool is_param = named && named->type == NAMED_PARAM;
    if (table_find(c->table, ast->name) != NO_COLUMN) {
        if (!is_param) return expr_column(c->arena, ast->name, ast->span);
        Diag *e = diag(c->diags, E0458, ast->span, A("name", ast->name), A("file", c->table->path));
        diag_label(e, named->span, E0458_param);
        Fix *fix = diag_fix(e, E0458_column);
        diag_edit(fix, ast->span, arena_printf(c->arena, "column(\"%s\")", ast->name));
        return nothing(c, ast);
    }
    if (is_param) return param_value(c, ast);
    if (str_eq(ast->name, "pi")) return expr_number(c->arena, 3.14159265358979323846, ast->span);
    return unknown_name(c, ast);
}

static ExprOp binary_op(const char *word)
{
    static const struct {
        const char *word;
        ExprOp op;
    } ops[] = {{"+", EXPR_ADD}, {"-", EXPR_SUBTRACT}, {"*", EXPR_MULTIPLY}, {"/", EXPR_DIVIDE}, {"=", EXPR_EQ}, {"!=", EXPR_NE},
               {"<", EXPR_LT},  {"<=", EXPR_LE},      {">", EXPR_GT},       {">=", EXPR_GE},    {"and", EXPR_AND}, {"or", EXPR_OR}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (str_eq(ops[i].word, word)) return ops[i].op;
    BUG("an operator that no expression has");
}

/* The argument of column("Sepal.Length"), NULL where it has not just one. */
static const Ast *named_text(const Ast *call)
{
    const Ast *arg = call->args.n == 1 ? call->args.at[0] : NULL;
    return arg && arg->type == AST_ARG ? arg->value : arg;
}

/* column("Sepal.Length"): a column that is no plain name. */
static Expr *build_column(DataCheck *c, const Ast *ast)
{
    const Ast *text = named_text(ast);
    if (text && text->type == AST_ERROR) return nothing(c, ast);
    if (!text || text->type != AST_TEXT) {
        diag_fix(diag(c->diags, E0467, ast->span), E0467_help);
        return nothing(c, ast);
    }
    const char *name = data_name(c, text);
    if (data_column(c, name, text->span) == NO_COLUMN) return nothing(c, ast);
    return expr_column(c->arena, name, ast->span);
}

static Expr *build_call(DataCheck *c, const Ast *ast)
{
    if (str_eq(ast->name, "column")) return build_column(c, ast);
    const ExprFunction *function = expr_function_find(ast->name);
    if (word_waiting(WORD_FUNCTION, ast->name)) {
        data_waits(c, ast->name_span, WORD_FUNCTION, ast->name, arena_printf(c->arena, "the function `%s`", ast->name));
        return nothing(c, ast);
    }
    if (function && function->looks_back && !data_clause(c, AST_CLAUSE_ORDER))
        data_needs_order(c, arena_printf(c->arena, "`%s`", ast->name), ast->name_span);
    if (!function) {
        Diag *e = diag(c->diags, E0466, ast->name_span, A("name", ast->name));
        size_t n;
        const char *const *names = expr_function_names(c->arena, &n);
        const char *nearest = word_foreign(WORD_FUNCTION, ast->name);
        if (!nearest) nearest = str_nearest(ast->name, names, n);
        if (nearest) diag_did_you_mean(e, ast->name_span, nearest);
        else diag_note(e, E0466_known, A("names", str_join(c->arena, names, n, true)));
        for (size_t i = 0; i < ast->args.n; i++) {
            const Ast *arg = ast->args.at[i];
            build(c, arg->type == AST_ARG ? arg->value : arg);
        }
        return nothing(c, ast);
    }
    Expr *call = expr_new(c->arena, EXPR_CALL, ast->span);
    call->function = function;
    call->op_span = ast->name_span;
    call->args = ARENA_ARRAY(c->arena, Expr *, ast->args.n + 1);
    for (size_t i = 0; i < ast->args.n; i++) {
        const Ast *arg = ast->args.at[i];
        if (arg->type == AST_ARG && arg->name) {
            diag(c->diags, E0474, arg->name_span, A("function", ast->name), A("name", arg->name));
            return nothing(c, ast);
        }
        call->args[call->n_args++] = build(c, arg->type == AST_ARG ? arg->value : arg);
    }
    return call;
}

/* The column of texts that a tree names; NULL: it is none. */
static const Column *texts_of(DataCheck *c, const Ast *ast)
{
    const Ast *text = ast->type == AST_CALL && str_eq(ast->name, "column") ? named_text(ast) : NULL;
    const char *name = ast->type == AST_NAME ? ast->name : text && text->type == AST_TEXT ? data_name(c, text) : NULL;
    size_t at = name ? table_find(c->table, name) : NO_COLUMN;
    return at != NO_COLUMN && c->table->columns[at].type == COLUMN_TEXT ? &c->table->columns[at] : NULL;
}

/* One side of a comparison. `Species = setosa`: a name that nothing explains, beside a column of texts, is a text without its quotes. */
static Expr *build_beside(DataCheck *c, const Ast *ast, const Ast *other)
{
    const Column *column = ast->type == AST_NAME ? texts_of(c, other) : NULL;
    const Named *named = column ? scope_find(c->scope, ast->name) : NULL;
    if (!column || named || table_find(c->table, ast->name) != NO_COLUMN) return build(c, ast);
    const char *text = ast->name;
    if (column_code(column, text) == TEXT_MISSING) {
        if (diags_nearest(c->diags, text, table_names(c->table), c->table->n_columns)) return build(c, ast);
        const char *nearest = diags_nearest(c->diags, text, column->texts, column->n_texts < 1000 ? column->n_texts : 1000);
        if (nearest && !strpbrk(nearest, "\"\\")) text = nearest;
    }
    Diag *e = diag(c->diags, E0150, ast->span, A("word", ast->name));
    diag_edit(diag_fix(e, E0150_help, A("word", text)), ast->span, arena_printf(c->arena, "\"%s\"", text));
    return expr_text(c->arena, text, ast->span);
}

static Expr *build(DataCheck *c, const Ast *ast)
{
    switch ((int)ast->type) {
    case AST_NUMBER:
    case AST_PERCENT: return expr_number(c->arena, ast->number, ast->span);
    case AST_TEXT: return expr_text(c->arena, ast->text, ast->span);
    case AST_NAME: return build_name(c, ast);
    case AST_CALL: return build_call(c, ast);
    case AST_UNARY: {
        ExprOp op = str_eq(ast->word, "not") ? EXPR_NOT : EXPR_NEGATE;
        return expr_unary(c->arena, op, build(c, ast->value), ast->span, ast->word_span);
    }
    case AST_BINARY: {
        ExprOp op = binary_op(ast->word);
        bool equal = op == EXPR_EQ || op == EXPR_NE;
        Expr *a = equal ? build_beside(c, ast->value, ast->extra) : build(c, ast->value);
        Expr *b = equal ? build_beside(c, ast->extra, ast->value) : build(c, ast->extra);
        return expr_binary(c->arena, op, a, b, ast->word_span);
    }
    case AST_IN: {
        Expr *in = expr_new(c->arena, EXPR_IN, ast->span);
        in->a = build(c, ast->value);
        in->flag = ast->flag;
        in->op_span = ast->word_span;
        in->args = ARENA_ARRAY(c->arena, Expr *, ast->items.n + 1);
        for (size_t i = 0; i < ast->items.n; i++) in->args[in->n_args++] = build_beside(c, ast->items.at[i], ast->value);
        return in;
    }
    case AST_IF: {
        Expr *branch = expr_new(c->arena, EXPR_IF, ast->span);
        branch->a = build(c, ast->value);
        branch->args = ARENA_ARRAY(c->arena, Expr *, 2);
        branch->args[0] = build(c, ast->extra);
        branch->args[1] = build(c, ast->extra2);
        branch->n_args = 2;
        branch->op_span = ast->name_span;
        return branch;
    }
    case AST_ERROR: break;
    default: {
        bool truth = ast->type == AST_TRUE || ast->type == AST_FALSE;
        const char *number = ast->type == AST_TRUE ? "1" : "0";
        Diag *e = diag(c->diags, E0475, ast->span, A("found", truth ? ast->type == AST_TRUE ? "`true`" : "`false`" : "something else"));
        if (truth) diag_edit(diag_fix(e, E0475_number, A("number", number)), ast->span, number);
        break;
    }
    }
    return nothing(c, ast);
}

/* ---- derive ---------------------------------------------------------------------------------------------------------- */

static bool mentions(const Ast *ast, const char *name)
{
    if (!ast) return false;
    if (ast->type == AST_NAME) return str_eq(ast->name, name);
    if (ast->type == AST_TEXT) return str_eq(ast->text, name);
    for (size_t i = 0; i < ast->args.n; i++)
        if (mentions(ast->args.at[i], name)) return true;
    for (size_t i = 0; i < ast->items.n; i++)
        if (mentions(ast->items.at[i], name)) return true;
    return mentions(ast->value, name) || mentions(ast->extra, name) || mentions(ast->extra2, name);
}

typedef struct {
    const Ast *clause;
    enum { DERIVE_OPEN, DERIVE_DONE } state;
} Derive;

typedef VEC(Derive) DeriveList;

static DeriveList collect_derives(DataCheck *c)
{
    DeriveList list = {0};
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_DERIVE || !clause->name || !clause->value) continue;
        Derive derive = {clause, DERIVE_OPEN};
        size_t at = table_find(c->table, clause->name);
        const Ast *first = NULL;
        for (size_t k = 0; k < list.n; k++)
            if (str_eq(list.at[k].clause->name, clause->name)) first = list.at[k].clause;
        if (at != NO_COLUMN || first) {
            Diag *e = diag(c->diags, E0465, clause->name_span, A("name", clause->name), A("file", c->table->path));
            Span header = at != NO_COLUMN ? table_header_span(c->table, at) : first->name_span;
            if (header.source) diag_label(e, header, E0465_first);
            diag_fix(e, E0465_help);
            build(c, clause->value);
            continue;
        }
        VEC_PUSH(c->arena, list, derive);
    }
    return list;
}

/* A column derived further down, that another one needs first. */
static const Ast *waits_for(const DeriveList *list, const Derive *derive)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].state == DERIVE_OPEN && mentions(derive->clause->value, list->at[i].clause->name)) return list->at[i].clause;
    return NULL;
}

/* The type of a column that looks back; its cells are calculated once the rows stand in order. */
static Column unknown_cells(DataCheck *c, const Expr *expr, const char *name)
{
    size_t n = c->table->n_rows;
    const Table *one = table_new(c->arena, "", n);
    if (expr->type == EXPR_IS_TEXT) {
        const char **texts = ARENA_ARRAY(c->arena, const char *, n + 1);
        one = table_add_texts(c->arena, one, name, texts);
    } else {
        double *numbers = ARENA_ARRAY(c->arena, double, n + 1);
        one = table_add_numbers(c->arena, one, name, expr->type == EXPR_IS_DATE ? COLUMN_DATE : COLUMN_NUMBER, numbers);
    }
    return one->columns[0];
}

static void derive_one(DataCheck *c, const Ast *clause, RecipeDerive *out, size_t *n)
{
    Expr *expr = build(c, clause->value);
    Column column = {0};
    if (expr_check(c->arena, expr, c->table, false, c->diags) && expr->op != EXPR_ERROR) {
        expr_lint(c->arena, expr, c->table, c->diags);
        bool back;
        size_t depth = recipe_depth(expr, out, *n, &back);
        column = back ? unknown_cells(c, expr, clause->name) : expr_eval(c->arena, expr, c->table, clause->name, NULL);
        out[(*n)++] = (RecipeDerive){.name = clause->name, .expr = expr, .looks_back = back, .depth = depth, .span = clause->span};
    } else {
        /* Of unknown values, so that nothing else is said about the name. */
        double *numbers = ARENA_ARRAY(c->arena, double, c->table->n_rows + 1);
        c->table = table_add_numbers(c->arena, c->table, clause->name, COLUMN_NUMBER, numbers);
        return;
    }
    c->table = table_add_column(c->arena, c->table, &column);
}

void data_derive(DataCheck *c)
{
    if (!c->table) return;
    DeriveList list = collect_derives(c);
    RecipeDerive *derives = ARENA_ARRAY(c->arena, RecipeDerive, list.n + 1);
    size_t n = 0, left = list.n;
    for (bool moved = true; moved && left;) {
        moved = false;
        for (size_t i = 0; i < list.n; i++) {
            if (list.at[i].state == DERIVE_DONE || waits_for(&list, &list.at[i])) continue;
            derive_one(c, list.at[i].clause, derives, &n);
            list.at[i].state = DERIVE_DONE;
            moved = true;
            left--;
        }
    }
    for (size_t i = 0; i < list.n && left; i++) {
        if (list.at[i].state == DERIVE_DONE) continue;
        Diag *e = diag(c->diags, E0473, list.at[i].clause->name_span, A("name", list.at[i].clause->name));
        const Ast *other = waits_for(&list, &list.at[i]);
        if (other && other != list.at[i].clause) diag_label(e, other->name_span, E0473_other);
        for (size_t k = i; k < list.n; k++) {
            if (list.at[k].state == DERIVE_DONE) continue;
            double *numbers = ARENA_ARRAY(c->arena, double, c->table->n_rows + 1);
            c->table = table_add_numbers(c->arena, c->table, list.at[k].clause->name, COLUMN_NUMBER, numbers);
        }
        break;
    }
    c->recipe->derives = derives;
    c->recipe->n_derives = n;
}

/* ---- where ----------------------------------------------------------------------------------------------------------- */

static void refuse_column(void *context, const Expr *column)
{
    (void)data_refuse_back(context, "where", column->name, column->span);
}

static bool refuse_back(DataCheck *c, const Expr *test)
{
    size_t before = diags_errors(c->diags);
    expr_columns(test, refuse_column, c);
    if (diags_errors(c->diags) != before) return true;
    if (!expr_looks_back(test, NULL, 0)) return false;
    Diag *e = diag(c->diags, E0482, test->span, A("what", "where"), A("name", "an expression"));
    diag_note(e, E0482_why);
    return true;
}

void data_where(DataCheck *c)
{
    if (!c->table) return;
    RecipeWhere *wheres = ARENA_ARRAY(c->arena, RecipeWhere, c->ast->items.n + 1);
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_WHERE || !clause->value) continue;
        Expr *test = build(c, clause->value);
        if (refuse_back(c, test)) continue;
        if (expr_check(c->arena, test, c->table, true, c->diags) && test->op != EXPR_ERROR) {
            expr_lint(c->arena, test, c->table, c->diags);
            wheres[c->recipe->n_wheres++] = (RecipeWhere){test, clause->span};
        }
    }
    c->recipe->wheres = wheres;
}
