/* Expressions of a recipe as pandas writes them. Numbers are of the type Float64, texts of `string`, tests of `boolean`: in these a missing
 * cell makes what is computed from it missing, and a comparison with one is neither true nor false, as in a recipe. See export.h. */
#include "src/report/export.h"

#include <string.h>

/* What a function becomes: {0}, {1} are its arguments, {*} all of them. `known` (of the script) makes what is no finite number missing. */
static const struct {
    const char *name, *python, *alone; /* alone: with one argument, where that is another text */
} functions[] = {
    {"abs", "abs({0})", NULL},
    {"cos", "known(np.cos({0}))", NULL},
    {"day", "known({0}.dt.day)", NULL},
    {"dayofyear", "known({0}.dt.dayofyear)", NULL},
    {"diff", "({0} - {0}.groupby(runs).shift({1}))", "({0} - {0}.groupby(runs).shift(1))"},
    {"ewm_mean", "by_run({0}, runs, lambda x: x.ewm(span={1}).mean())", NULL},
    {"exp", "known(np.exp({0}))", NULL},
    {"hour", "known({0}.dt.hour)", NULL},
    {"log", "known(np.log({0}))", NULL},
    {"log1p", "known(np.log1p({0}))", NULL},
    {"max", "known(functools.reduce(np.maximum, [{*}]))", NULL},
    {"min", "known(functools.reduce(np.minimum, [{*}]))", NULL},
    {"minute", "known({0}.dt.minute)", NULL},
    {"month", "known({0}.dt.month)", NULL},
    {"quarter", "known({0}.dt.quarter)", NULL},
    {"rolling_max", "by_run({0}, runs, lambda x: x.rolling({1}).max())", NULL},
    {"rolling_mean", "by_run({0}, runs, lambda x: x.rolling({1}).mean())", NULL},
    {"rolling_min", "by_run({0}, runs, lambda x: x.rolling({1}).min())", NULL},
    {"rolling_std", "by_run({0}, runs, lambda x: x.rolling({1}).std())", NULL},
    {"rolling_sum", "by_run({0}, runs, lambda x: x.rolling({1}).sum())", NULL},
    {"round", "{0}.round({1})", "{0}.round(0)"},
    {"second", "known({0}.dt.second + {0}.dt.microsecond / 1e6)", NULL},
    {"shift", "{0}.groupby(runs).shift({1})", NULL},
    {"sin", "known(np.sin({0}))", NULL},
    {"sqrt", "known(np.sqrt({0}))", NULL},
    {"timestamp", "known(({0} - pd.Timestamp(0, tz=\"UTC\")) / pd.Timedelta(seconds=1))", NULL},
    {"weekday", "known({0}.dt.weekday)", NULL},
    {"weekofyear", "known({0}.dt.isocalendar().week)", NULL},
    {"year", "known({0}.dt.year)", NULL},
};

static bool is_date(const Expr *expr, const Recipe *recipe)
{
    if (expr->op != EXPR_COLUMN) return false;
    for (size_t i = 0; i < recipe->n_dates; i++)
        if (str_eq(recipe->dates[i].name, expr->name)) return true;
    for (size_t i = 0; i < recipe->n_file_columns; i++)
        if (str_eq(recipe->file_columns[i].name, expr->name)) return recipe->file_columns[i].type == COLUMN_DATE;
    return false;
}

/* A text beside a date is a date. */
static void put_side(const Expr *expr, const Expr *other, const Recipe *recipe, Buf *out)
{
    if (expr->op == EXPR_TEXT && is_date(other, recipe)) {
        buf_put(out, "pd.Timestamp(");
        export_text(out, expr->text);
        buf_put(out, ", tz=\"UTC\")");
        return;
    }
    export_expr(out->arena, expr, recipe, out);
}

static void put_binary(const Expr *expr, const char *sign, const Recipe *recipe, Buf *out)
{
    buf_char(out, '(');
    put_side(expr->a, expr->b, recipe, out);
    buf_printf(out, " %s ", sign);
    put_side(expr->b, expr->a, recipe, out);
    buf_char(out, ')');
}

static void put_args(const Expr *expr, const Expr *beside, const Recipe *recipe, Buf *out)
{
    for (size_t i = 0; i < expr->n_args; i++) {
        if (i) buf_put(out, ", ");
        if (beside) put_side(expr->args[i], beside, recipe, out);
        else export_expr(out->arena, expr->args[i], recipe, out);
    }
}

static void put_call(const Expr *expr, const Recipe *recipe, Buf *out)
{
    const char *python = NULL;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!str_eq(functions[i].name, expr->function->name)) continue;
        python = expr->n_args == 1 && functions[i].alone ? functions[i].alone : functions[i].python;
    }
    for (const char *at = python; at && *at;) {
        if (at[0] == '{' && at[1] == '*') {
            put_args(expr, NULL, recipe, out);
            at += 3;
        } else if (at[0] == '{' && (size_t)(at[1] - '0') < expr->n_args) {
            export_expr(out->arena, expr->args[at[1] - '0'], recipe, out);
            at += 3;
        } else {
            buf_char(out, *at++);
        }
    }
}

void export_expr(Arena *arena, const Expr *expr, const Recipe *recipe, Buf *out)
{
    static const char *const signs[] = {[EXPR_ADD] = "+", [EXPR_SUBTRACT] = "-", [EXPR_MULTIPLY] = "*", [EXPR_EQ] = "==", [EXPR_NE] = "!=",
                                        [EXPR_LT] = "<", [EXPR_LE] = "<=", [EXPR_GT] = ">", [EXPR_GE] = ">=", [EXPR_AND] = "&", [EXPR_OR] = "|"};
    switch (expr->op) {
    case EXPR_ERROR: break;
    case EXPR_NUMBER: export_number(out, expr->number); break;
    case EXPR_TEXT: export_text(out, expr->text); break;
    case EXPR_COLUMN:
        buf_put(out, "data[");
        export_text(out, expr->name);
        buf_char(out, ']');
        break;
    case EXPR_NEGATE:
    case EXPR_NOT:
        buf_put(out, expr->op == EXPR_NOT ? "(~" : "(-");
        export_expr(arena, expr->a, recipe, out);
        buf_char(out, ')');
        break;
    case EXPR_DIVIDE:
        buf_put(out, "known");
        put_binary(expr, "/", recipe, out);
        break;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_AND:
    case EXPR_OR: put_binary(expr, signs[expr->op], recipe, out); break;
    case EXPR_IN:
        buf_put(out, expr->flag ? "(~among(" : "among(");
        export_expr(arena, expr->a, recipe, out);
        buf_put(out, ", [");
        put_args(expr, expr->a, recipe, out);
        buf_put(out, expr->flag ? "]))" : "])");
        break;
    case EXPR_IF:
        buf_put(out, "choose(");
        export_expr(arena, expr->a, recipe, out);
        buf_put(out, ", ");
        put_args(expr, NULL, recipe, out);
        buf_char(out, ')');
        break;
    case EXPR_CALL: put_call(expr, recipe, out); break;
    }
}
