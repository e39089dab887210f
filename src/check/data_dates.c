/* Columns of dates that are not in ISO form: those of `date` clauses, and those that `order by` or a function of dates takes for dates. */
#include "src/check/data_inside.h"

#include <math.h>

typedef VEC(RecipeDate) DateList;

static bool has_date(const DateList *dates, const char *name)
{
    for (size_t i = 0; i < dates->n; i++)
        if (str_eq(dates->at[i].name, name)) return true;
    return false;
}

/* ---- `date` ------------------------------------------------------------------------------------------------------------------ */

static bool check_format(DataCheck *c, const Ast *value, const char *format)
{
    size_t bad;
    if (date_format_check(format, &bad)) return true;
    Diag *e = diag(c->diags, E0435, value->span, A("directive", arena_text(c->arena, format + bad, format[bad + 1] ? 2 : 1)));
    diag_note(e, E0435_known);
    return false;
}

static void read_clause(DataCheck *c, const Ast *clause, DateList *dates)
{
    const char *format = clause->value && clause->value->type != AST_ERROR ? scope_text(c->scope, clause->value, "date") : NULL;
    RecipeDate date = {.span = clause->span, .format = format};
    const char **from = ARENA_ARRAY(c->arena, const char *, clause->items.n + 1);
    bool good = format != NULL && check_format(c, clause->value, format);
    for (size_t i = 0; i < clause->items.n; i++) {
        const Ast *item = clause->items.at[i]->type == AST_DATE_PART ? clause->items.at[i]->value : clause->items.at[i];
        const char *name = data_name(c, item);
        size_t at = name && c->table ? data_column(c, name, item->span) : NO_COLUMN;
        if (at == NO_COLUMN) good = false;
        else from[date.n_from++] = c->table->columns[at].name;
    }
    if (!good || date.n_from == 0) {
        c->waits = true;
        return;
    }
    date.from = from;
    date.name = clause->name ? clause->name : from[0];
    size_t own = clause->name ? table_find(c->table, clause->name) : NO_COLUMN;
    if (own != NO_COLUMN || has_date(dates, date.name)) {
        Diag *e = diag(c->diags, E0465, clause->name ? clause->name_span : clause->span, A("name", date.name), A("file", c->table->path));
        Span header = own != NO_COLUMN ? table_header_span(c->table, own) : NO_SPAN;
        if (header.source) diag_label(e, header, E0465_first);
        diag_fix(e, E0465_help);
        return;
    }
    VEC_PUSH(c->arena, *dates, date);
}

/* ---- Guessing ---------------------------------------------------------------------------------------------------------------- */

static void report_doubt(DataCheck *c, const Column *column, size_t at, Span place)
{
    /* A cell that would be another day. */
    int a = 0, b = 0;
    uint32_t row = 0;
    const char *text = NULL;
    for (uint32_t k = 0; k < c->table->n_rows; k++) {
        const char *cell = column_text(column, k);
        if (!cell || sscanf(cell, "%d%*c%d", &a, &b) != 2) continue;
        row = k;
        text = cell;
        if (a != b) break;
    }
    char separator = '/';
    for (const char *p = text; p && *p; p++)
        if (strchr("/.-", *p)) separator = *p;
    const char *behind = text && strchr(text, ':') ? (strchr(strchr(text, ':') + 1, ':') ? " %H:%M:%S" : " %H:%M") : "";
    const char *written = data_written(c, column->name);
    Diag *e = diag(c->diags, E0433, place, A("column", column->name));
    static const char *const months[] = {"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                                         "November", "December"};
    if (a >= 1 && a <= 12 && b >= 1 && b <= 12)
        diag_label(e, table_cell_span(c->table, row, at), E0433_cell, A("a", arena_printf(c->arena, "%d %s", a, months[b])),
                   A("b", arena_printf(c->arena, "%d %s", b, months[a])));
    const char *day = arena_printf(c->arena, "date %s as \"%%d%c%%m%c%%Y%s\"", written, separator, separator, behind);
    const char *month = arena_printf(c->arena, "date %s as \"%%m%c%%d%c%%Y%s\"", written, separator, separator, behind);
    data_fix(c, e, E0433_day, day, A("line", day));
    data_fix(c, e, E0433_month, month, A("line", month));
    c->waits = true;
}

/* Eight digits in every cell that name a day between 1800 and 2200. */
static bool is_compact(const Column *column, size_t n_rows)
{
    size_t n = 0;
    for (size_t row = 0; row < n_rows; row++) {
        double value = column->numbers[row], seconds;
        char text[16];
        if (isnan(value)) continue;
        if (!(value >= 18000101.0 && value < 22000101.0) || value != floor(value)) return false;
        snprintf(text, sizeof text, "%.0f", value);
        if (!date_parse(text, 8, DATE_COMPACT, &seconds)) return false;
        n++;
    }
    return n > 0;
}

static void tell_settled(DataCheck *c, const Column *column, DateGuess guess)
{
    static const char *const forms[] = {[DATE_NONE] = "", [DATE_MONTH] = "year-month", [DATE_DAY] = "days", [DATE_TIME] = "times",
                                        [DATE_COMPACT] = "yearmonthday", [DATE_KOREAN] = "dates", [DATE_YMD] = "year/month/day",
                                        [DATE_DMY] = "day/month/year", [DATE_MDY] = "month/day/year"};
    if (guess.settled != SIZE_MAX && guess.settled < column->n_texts)
        data_fact(c, "`%s` is read as %s: `%s` settles it", column->name, forms[guess.form], column->texts[guess.settled]);
    else data_fact(c, "`%s` is read as %s", column->name, forms[guess.form]);
}

/* A column that is meant as dates: of texts in one of the known forms, or (in `order by` alone) of numbers like 20240102. */
static void guess_column(DataCheck *c, size_t at, Span place, bool numbers, DateList *dates)
{
    const Column *column = &c->table->columns[at];
    if (column->type == COLUMN_DATE || has_date(dates, column->name)) return;
    RecipeDate date = {.name = column->name, .n_from = 1, .span = place};
    if (column->type == COLUMN_NUMBER) {
        if (!numbers || !is_compact(column, c->table->n_rows)) return;
        date.form = DATE_COMPACT;
    } else {
        DateGuess guess = date_guess(column->texts, column->n_texts);
        if (guess.form == DATE_NONE) return;
        if (guess.doubtful) {
            report_doubt(c, column, at, place);
            return;
        }
        date.form = guess.form;
        tell_settled(c, column, guess);
    }
    const char **from = ARENA_ARRAY(c->arena, const char *, 1);
    from[0] = column->name;
    date.from = from;
    VEC_PUSH(c->arena, *dates, date);
}

static void guess_in(DataCheck *c, const Ast *ast, DateList *dates)
{
    if (!ast) return;
    if (ast->type == AST_CALL && ast->args.n) {
        const ExprFunction *function = expr_function_find(ast->name);
        const Ast *arg = ast->args.at[0]->type == AST_ARG ? ast->args.at[0]->value : ast->args.at[0];
        size_t at = function && function->of_date && arg && arg->type == AST_NAME ? table_find(c->table, arg->name) : NO_COLUMN;
        if (at != NO_COLUMN) guess_column(c, at, arg->span, false, dates);
    }
    for (size_t i = 0; i < ast->args.n; i++) guess_in(c, ast->args.at[i], dates);
    for (size_t i = 0; i < ast->items.n; i++) guess_in(c, ast->items.at[i], dates);
    guess_in(c, ast->value, dates);
    guess_in(c, ast->extra, dates);
    guess_in(c, ast->extra2, dates);
}

void data_dates(DataCheck *c)
{
    DateList dates = {0};
    for (size_t i = 0; i < c->ast->items.n; i++)
        if (c->ast->items.at[i]->type == AST_CLAUSE_DATE) read_clause(c, c->ast->items.at[i], &dates);
    if (!c->table) return;
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type == AST_CLAUSE_DERIVE || clause->type == AST_CLAUSE_WHERE) guess_in(c, clause->value, &dates);
        for (size_t k = 0; clause->type == AST_CLAUSE_ORDER && k < clause->items.n; k++) {
            const char *name = data_name(c, clause->items.at[k]);
            size_t at = name ? table_find(c->table, name) : NO_COLUMN;
            if (at != NO_COLUMN) guess_column(c, at, clause->items.at[k]->span, clause->items.n == 1, &dates);
        }
    }
    c->recipe->dates = dates.at;
    c->recipe->n_dates = dates.n;
    const Table *read = recipe_dates(c->recipe, c->arena, c->table, ROWS_LEARN, c->diags);
    if (read) c->table = read;
    else c->waits = true;
}
