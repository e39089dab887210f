/* What runs but is likely wrong about a data block. */
#include "src/check/data_inside.h"

#include <math.h>

enum { ROWS_ENOUGH = 10 };

static const Column *column_of(const DataCheck *c, const RecipeColumn *column, size_t *at)
{
    *at = table_find(c->rows, column->name);
    return &c->rows->columns[*at];
}

/* The column's name in its file where it has one, else where the script takes it in. */
static Span column_place(const DataCheck *c, const RecipeColumn *column, size_t at)
{
    Span header = table_header_span(c->rows, at);
    return header.source ? header : column->span;
}

static bool same_in_training(const DataCheck *c, const Column *column)
{
    size_t first = SIZE_MAX;
    for (size_t row = 0; row < c->rows->n_rows; row++) {
        if (c->parts[row] != PART_TRAIN) continue;
        if (first == SIZE_MAX) first = row;
        else if (column->type == COLUMN_TEXT ? column->codes[row] != column->codes[first]
                                             : column->numbers[row] != column->numbers[first]) return false;
    }
    return first != SIZE_MAX;
}

static void lint_constant(DataCheck *c, size_t i)
{
    const RecipeColumn *column = &c->recipe->columns[i];
    const TransformKind *scale = transform_of(column->scale);
    if (!column->is_feature || (scale && scale->fit)) return; /* what is scaled is told there */
    size_t at;
    const Column *cells = column_of(c, column, &at);
    if (c->dataset->parts[PART_TRAIN].n < 2 || cells->n_missing || !same_in_training(c, cells)) return;
    Diag *w = diag(c->diags, W0443, column_place(c, column, at), A("column", column->name),
                   A("value", table_cell_text(c->arena, c->rows, dataset_row(c->dataset, c->dataset->parts[PART_TRAIN].samples[0]), at)));
    if (table_header_span(c->rows, at).source) diag_label(w, column->span, W0443_used);
    data_leave_out(c, w, W0443_leave_out, &c->used.at[i]);
}

/* 0, 1, 2, … or 1, 2, 3, … down the whole file. */
static bool counts_rows(const Column *column, size_t n)
{
    if (column->type != COLUMN_NUMBER || n < ROWS_ENOUGH) return false;
    if (column->numbers[0] != 0.0 && column->numbers[0] != 1.0) return false;
    for (size_t row = 1; row < n; row++)
        if (column->numbers[row] != column->numbers[row - 1] + 1.0) return false;
    return true;
}

static void lint_row_number(DataCheck *c, size_t i)
{
    const RecipeColumn *column = &c->recipe->columns[i];
    if (!column->is_feature) return;
    size_t own = table_find(c->own, column->name), at;
    column_of(c, column, &at);
    if (own != NO_COLUMN && counts_rows(&c->own->columns[own], c->own->n_rows)) {
        Diag *w = diag(c->diags, W0444, column_place(c, column, at), A("column", column->name));
        if (table_header_span(c->rows, at).source) diag_label(w, column->span, W0444_used);
        data_leave_out(c, w, W0444_leave_out, &c->used.at[i]);
        return;
    }
    /* An encoded text that is another one in every row is a name, not a category. */
    if (column->type != COLUMN_TEXT || !column->encode.kind || c->rows->n_rows < ROWS_ENOUGH) return;
    size_t n;
    column_labels(c->arena, c->rows, at, &n);
    if (n < c->rows->n_rows - c->rows->n_rows / 20) return;
    Diag *w = diag(c->diags, W0448, column_place(c, column, at), A("column", column->name), AI("n", n), AI("rows", c->rows->n_rows));
    if (table_header_span(c->rows, at).source) diag_label(w, column->span, W0448_used);
    data_leave_out(c, w, W0448_leave_out, &c->used.at[i]);
}

/* ---- Ranges ---------------------------------------------------------------------------------------------------------- */

static void lint_ranges(DataCheck *c)
{
    static const double large = 100.0;
    Buf names = buf_in(c->arena);
    const RecipeColumn *first = NULL;
    double low = 0.0, high = 0.0;
    bool bare = false;
    size_t n = 0;
    const DataPart training = c->dataset->parts[PART_TRAIN];
    const uint32_t *sample_rows = c->dataset->sample_rows;
    for (size_t i = 0; i < c->ast->items.n; i++)
        if (c->ast->items.at[i]->type == AST_CLAUSE_SCALE && c->ast->items.at[i]->items.n == 0) bare = true;
    for (size_t i = 0; i < c->recipe->n_columns; i++) {
        const RecipeColumn *column = &c->recipe->columns[i];
        if (!column->is_feature || column->encode.kind || column->scale.kind || column->type != COLUMN_NUMBER) continue;
        size_t at;
        const Column *cells = column_of(c, column, &at);
        double least = (double)INFINITY, most = -(double)INFINITY;
        /* How far the first of them reaches is told; of the others it is enough that they reach too far. */
        for (size_t k = 0; k < training.n && !(first && most - least >= large); k++) {
            double value = cells->numbers[sample_rows ? sample_rows[training.samples[k]] : training.samples[k]];
            if (value < least) least = value;
            if (value > most) most = value;
        }
        if (!(most - least >= large)) continue;
        if (!first) {
            first = column;
            low = least;
            high = most;
        }
        buf_printf(&names, "%s%s", n++ ? ", " : "", data_written(c, column->name));
    }
    if (!first) return;
    Diag *w = diag(c->diags, W0445, first->span, A("column", first->name), A("low", str_figure(c->arena, low, 6)),
                   A("high", str_figure(c->arena, high, 6)));
    if (n > 1) diag_note(w, W0445_also, A("columns", names.at));
    const char *line = bare ? arena_printf(c->arena, "scale %s: standard", names.at) : "scale standard";
    data_fix(c, w, W0445_scale, line, A("line", line));
}

/* ---- Leaks ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    const DataCheck *c;
    bool *of_target; /* by table column: is a target, or is calculated from one */
} Leak;

/* What `shift` is given stands in an earlier row. */
static bool tells_target(const Leak *leak, const Expr *expr)
{
    if (!expr || (expr->op == EXPR_CALL && str_eq(expr->function->name, "shift"))) return false;
    if (expr->op == EXPR_COLUMN) {
        size_t at = table_find(leak->c->table, expr->name);
        return at != NO_COLUMN && leak->of_target[at];
    }
    if (tells_target(leak, expr->a) || tells_target(leak, expr->b)) return true;
    for (size_t i = 0; i < expr->n_args; i++)
        if (tells_target(leak, expr->args[i])) return true;
    return false;
}

/* By column in use: is a target in the sample's own row; what lies ahead is told by none of its rows. */
static const bool *own_targets(const DataCheck *c)
{
    bool *own = ARENA_ARRAY(c->arena, bool, c->recipe->n_columns + 1);
    for (size_t t = 0; t < c->recipe->n_targets; t++)
        for (size_t i = 0; c->recipe->targets[t].ahead_last == 0 && i < c->recipe->targets[t].n_columns; i++)
            own[c->recipe->targets[t].columns[i]] = true;
    return own;
}

static void lint_derived_leak(DataCheck *c, const bool *own)
{
    bool *of_target = ARENA_ARRAY(c->arena, bool, c->table->n_columns + 1);
    for (size_t i = 0; i < c->recipe->n_columns; i++)
        if (own[i]) of_target[table_find(c->table, c->recipe->columns[i].name)] = true;
    for (size_t d = 0; d < c->recipe->n_derives; d++) {
        const Leak leak = {c, of_target};
        if (!tells_target(&leak, c->recipe->derives[d].expr)) continue;
        size_t at = table_find(c->table, c->recipe->derives[d].name);
        of_target[at] = true;
        UsedColumn *used = data_used(c, at);
        if (!used || !used->recipe.is_feature) continue;
        Diag *w = diag(c->diags, W0446, c->recipe->derives[d].span, A("column", used->recipe.name));
        diag_label(w, used->recipe.span, W0446_used);
        data_leave_out(c, w, W0446_leave_out, used);
    }
}

typedef VEC(const Column *) Answers;

/* The cells of targets that could be copied. */
static Answers answers_of(const DataCheck *c, const bool *own)
{
    Answers answers = {0};
    for (size_t i = 0; i < c->recipe->n_columns && c->rows->n_rows >= ROWS_ENOUGH; i++) {
        size_t at;
        if (!own[i] || c->recipe->columns[i].type != COLUMN_NUMBER) continue;
        const Column *cells = column_of(c, &c->recipe->columns[i], &at);
        if (!same_in_training(c, cells)) VEC_PUSH(c->arena, answers, cells);
    }
    return answers;
}

/* A feature that holds the target's own cells. */
static void lint_copy(DataCheck *c, size_t i, const Answers *targets)
{
    const RecipeColumn *column = &c->recipe->columns[i];
    if (!column->is_feature || column->is_target || column->type != COLUMN_NUMBER) return;
    size_t at;
    const Column *cells = column_of(c, column, &at);
    for (size_t t = 0; t < targets->n; t++) {
        const Column *answers = targets->at[t];
        size_t row = 0;
        while (row < c->rows->n_rows && cells->numbers[row] == answers->numbers[row]) row++;
        if (row < c->rows->n_rows) continue;
        Diag *w = diag(c->diags, W0447, column_place(c, column, at), A("column", column->name), A("target", answers->name));
        if (table_header_span(c->rows, at).source) diag_label(w, column->span, W0447_used);
        data_leave_out(c, w, W0447_leave_out, &c->used.at[i]);
    }
}

/* ---- Classes --------------------------------------------------------------------------------------------------------- */

static void lint_classes(DataCheck *c, size_t t)
{
    const RecipeTarget *target = &c->recipe->targets[t];
    const DataTarget *cells = &c->dataset->targets[t];
    if (!cells->classes) return;
    size_t n = cells->n_classes, *rows = ARENA_ARRAY(c->arena, size_t, n), *training = ARENA_ARRAY(c->arena, size_t, n);
    for (size_t row = 0; row < c->rows->n_rows; row++) {
        rows[cells->classes[row]]++;
        if (c->parts[row] == PART_TRAIN) training[cells->classes[row]]++;
    }
    static const char *const zero_one[] = {"0", "1"};
    const RecipeColumn *column = &c->recipe->columns[target->columns[0]];
    double even = (double)c->rows->n_rows / (double)n;
    const char **few = ARENA_ARRAY(c->arena, const char *, n + 1), **absent = ARENA_ARRAY(c->arena, const char *, n + 1);
    size_t n_few = 0, n_absent = 0, least = SIZE_MAX;
    for (size_t k = 0; k < n; k++) {
        const char *label = target->classes ? target->labels[k] : zero_one[k];
        if (rows[k] > 0 && training[k] == 0) absent[n_absent++] = label;
        else if (rows[k] > 0 && (rows[k] < 2 || (double)rows[k] < even / 10.0)) {
            few[n_few++] = label;
            if (rows[k] < least) least = rows[k];
        }
    }
    if (n_absent)
        diag(c->diags, W0450, target->span, A("labels", str_join(c->arena, absent, n_absent < 6 ? n_absent : 6, true)), A("column", column->name));
    if (!n_few) return;
    Diag *w = diag(c->diags, W0442, column->span, A("labels", str_join(c->arena, few, n_few < 6 ? n_few : 6, true)), A("column", column->name),
                   AI("least", least), AI("rows", c->rows->n_rows));
    diag_fix(w, W0442_help);
}

void data_lint(DataCheck *c)
{
    const bool *own = own_targets(c);
    const Answers answers = answers_of(c, own);
    for (size_t i = 0; i < c->recipe->n_columns; i++) {
        lint_constant(c, i);
        lint_row_number(c, i);
        lint_copy(c, i, &answers);
        if (c->recipe->columns[i].is_feature && c->recipe->columns[i].type == COLUMN_TEXT)
            table_warn_text(c->table, table_find(c->table, c->recipe->columns[i].name), c->recipe->columns[i].span, c->recipe->csv.clause, c->diags);
    }
    lint_ranges(c);
    lint_derived_leak(c, own);
    for (size_t t = 0; t < c->recipe->n_targets; t++) lint_classes(c, t);
}
