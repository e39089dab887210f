/* What only the cells can tell: features that are no numbers, gaps, the labels of classes. One message for all columns that a selection
 * takes in, since they share their place and their remedy. */
#include "src/check/data_inside.h"

#include <math.h>

/* ---- Features -------------------------------------------------------------------------------------------------------- */

typedef bool Judge(const DataCheck *c, const UsedColumn *used);

static const Column *column_of(const DataCheck *c, const UsedColumn *used)
{
    return &c->rows->columns[table_find(c->rows, used->recipe.name)];
}

static bool is_bare_text(const DataCheck *c, const UsedColumn *used)
{
    (void)c;
    return used->recipe.is_feature && used->recipe.type == COLUMN_TEXT && !used->recipe.encode.kind;
}

static bool is_date(const DataCheck *c, const UsedColumn *used)
{
    (void)c;
    return used->recipe.is_feature && used->recipe.type == COLUMN_DATE;
}

/* Not one cell in the whole table: filling would have nothing to learn from. */
static bool is_empty(const DataCheck *c, const UsedColumn *used)
{
    const Column *column = &c->table->columns[used->table_column];
    return used->recipe.is_feature && used->recipe.fill == FILL_NONE && c->table->n_rows > 0 && column->n_missing == c->table->n_rows;
}

static bool has_gaps(const DataCheck *c, const UsedColumn *used)
{
    return used->recipe.fill == FILL_NONE && !is_empty(c, used) && !is_date(c, used) && recipe_lacks(c->recipe, (size_t)(used - c->used.at), c->rows, c->series, NULL, 0) > 0;
}

/* The columns of one place that the judge finds, *n of them; none where an earlier column of that place began. */
static const UsedColumn **alike(const DataCheck *c, size_t at, Judge *judge, size_t *n)
{
    const UsedColumn **list = ARENA_ARRAY(c->arena, const UsedColumn *, c->used.n + 1);
    *n = 0;
    const UsedColumn *first = &c->used.at[at];
    for (size_t i = 0; i < c->used.n; i++) {
        const UsedColumn *used = &c->used.at[i];
        if (used->item != first->item || !judge(c, used)) continue;
        if (i < at) {
            *n = 0;
            return list;
        }
        list[(*n)++] = used;
    }
    return list;
}

static const char *written_list(const DataCheck *c, const UsedColumn *const *list, size_t n)
{
    Buf text = buf_in(c->arena);
    for (size_t i = 0; i < n; i++) buf_printf(&text, "%s%s", i ? ", " : "", data_written(c, list[i]->recipe.name));
    return text.at;
}

static size_t distinct(const DataCheck *c, const UsedColumn *used)
{
    size_t n;
    column_labels(c->arena, c->rows, table_find(c->rows, used->recipe.name), &n);
    return n;
}

static void report_text(DataCheck *c, const UsedColumn *const *list, size_t n)
{
    const UsedColumn *used = list[0];
    Diag *e = diag(c->diags, E0407, used->item->span, A("column", used->recipe.name), AI("n", distinct(c, used)));
    size_t at = table_find(c->rows, used->recipe.name);
    if (n == 1 && table_explain_text(e, c->rows, at, c->recipe->csv.clause)) return;
    Span header = table_header_span(c->rows, at);
    if (header.source && n == 1) diag_label(e, header, E0407_header);
    for (size_t i = 1; i < n; i++)
        diag_note(e, E0407_also, A("column", list[i]->recipe.name), AI("n", distinct(c, list[i])));
    const char *names = written_list(c, list, n);
    data_fix(c, e, E0407_encode, arena_printf(c->arena, "encode %s: one_hot", names), A("columns", names));
    if (n == 1 && distinct(c, used) > 20) data_leave_out(c, e, E0407_leave_out, used);
}

static void report_date(DataCheck *c, const UsedColumn *const *list, size_t n)
{
    const UsedColumn *used = list[0];
    Diag *e = diag(c->diags, E0408, used->item->span, A("column", used->recipe.name));
    for (size_t i = 1; i < n; i++) diag_note(e, E0408_also, A("column", list[i]->recipe.name));
    diag_note(e, E0408_derive, A("column", data_written(c, used->recipe.name)));
    if (n == 1) data_leave_out(c, e, E0408_leave_out, used);
}

static size_t lacking(const DataCheck *c, const UsedColumn *used, uint32_t *first, size_t most)
{
    return recipe_lacks(c->recipe, (size_t)(used - c->used.at), c->rows, c->series, first, most);
}

static const char *first_lines(DataCheck *c, const UsedColumn *used)
{
    enum { SHOWN = 3 };
    uint32_t rows[SHOWN];
    Buf text = buf_in(c->arena);
    size_t n = lacking(c, used, rows, SHOWN), shown = n < SHOWN ? n : SHOWN;
    for (size_t i = 0; i < shown; i++) buf_printf(&text, "%s%zu", i ? ", " : "", table_line(c->rows, rows[i]));
    if (n > shown) buf_put(&text, ", ...");
    return text.at;
}

static const char *missing_words(DataCheck *c, const UsedColumn *used)
{
    size_t n = lacking(c, used, NULL, 0);
    return arena_printf(c->arena, "%zu %s", n, n == 1 ? "cell" : "cells");
}

static void report_empty(DataCheck *c, const UsedColumn *const *list, size_t n)
{
    const UsedColumn *used = list[0];
    Diag *e = diag(c->diags, E0427, used->item->span, A("column", used->recipe.name), A("file", c->table->path));
    Span header = table_header_span(c->table, used->table_column);
    bool nameless = header.source && header.begin == header.end && used->table_column + 1 == c->own->n_columns;
    if (nameless) diag_note(e, E0427_trailing);
    for (size_t i = 1; i < n; i++) diag_note(e, E0427_also, A("column", list[i]->recipe.name));
    if (n == 1) {
        data_leave_out(c, e, E0427_leave_out, used);
        return;
    }
    Fix *fix = diag_fix(e, E0427_leave_all, A("columns", written_list(c, list, n)));
    if (used->item->type != AST_ALL) return;
    diag_edit(fix, span_after(used->item->span), arena_printf(c->arena, "%s %s", used->item->items.n ? "," : " except", written_list(c, list, n)));
}

static void report_gaps(DataCheck *c, const UsedColumn *const *list, size_t n)
{
    const UsedColumn *used = list[0];
    Diag *e = diag(c->diags, E0430, used->recipe.span, A("column", used->recipe.name), A("cells", missing_words(c, used)),
                   A("lines", first_lines(c, used)), A("file", c->rows->path));
    diag_note(e, lacking(c, used, NULL, 0) == 1 ? E0430_line : E0430_lines);
    const UsedColumn **numbers = ARENA_ARRAY(c->arena, const UsedColumn *, n), **texts = ARENA_ARRAY(c->arena, const UsedColumn *, n);
    size_t n_numbers = 0, n_texts = 0;
    bool features = true;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) diag_note(e, E0430_also, A("column", list[i]->recipe.name), A("cells", missing_words(c, list[i])));
        if (list[i]->recipe.type == COLUMN_TEXT) texts[n_texts++] = list[i];
        else numbers[n_numbers++] = list[i];
        features = features && list[i]->recipe.is_feature;
    }
    if (features) {
        Buf lines = buf_in(c->arena);
        if (n_numbers) buf_printf(&lines, "fill %s: median", written_list(c, numbers, n_numbers));
        if (n_texts) buf_printf(&lines, "%sfill %s: most_common", n_numbers ? "\n    " : "", written_list(c, texts, n_texts));
        data_fix(c, e, n_numbers ? E0430_median : E0430_most_common, lines.at);
    } else {
        diag_note(e, E0430_target);
    }
    if (!c->recipe->drop_missing) data_fix(c, e, E0430_drop, "drop missing");
}

static void each_place(DataCheck *c, Judge *judge, void (*report)(DataCheck *, const UsedColumn *const *, size_t))
{
    for (size_t i = 0; i < c->used.n; i++) {
        if (!judge(c, &c->used.at[i])) continue;
        size_t n;
        const UsedColumn **list = alike(c, i, judge, &n);
        if (n) report(c, list, n);
    }
}

/* ---- Targets --------------------------------------------------------------------------------------------------------- */

/* Cells that a constant fills are a label too. */
static void number_labels(DataCheck *c, RecipeTarget *target, const UsedColumn *used, const Column *column)
{
    size_t n = c->rows->n_rows;
    double *numbers = ARENA_ARRAY(c->arena, double, n + 1);
    for (size_t row = 0; row < n; row++)
        numbers[row] = isnan(column->numbers[row]) && used->recipe.fill == FILL_NUMBER ? used->recipe.fill_number : column->numbers[row];
    TransformCells cells = {.numbers = numbers, .n = n};
    TransformState labels = transform_categories(c->arena, &cells);
    const char **texts = ARENA_ARRAY(c->arena, const char *, labels.n_numbers + 1);
    for (size_t i = 0; i < labels.n_numbers; i++) texts[i] = str_double(c->arena, labels.numbers[i]);
    target->labels = texts;
    target->label_numbers = labels.numbers;
    target->n_labels = labels.n_numbers;
}

static void text_labels(DataCheck *c, RecipeTarget *target, const UsedColumn *used, const Column *column)
{
    target->labels = column_labels(c->arena, c->rows, table_find(c->rows, column->name), &target->n_labels);
    const char *filled = column->n_missing && used->recipe.fill == FILL_TEXT ? used->recipe.fill_text : NULL;
    if (!filled) return;
    const char **labels = ARENA_ARRAY(c->arena, const char *, target->n_labels + 1);
    size_t n = 0, at = 0;
    while (at < target->n_labels && strcmp(target->labels[at], filled) < 0) labels[n++] = target->labels[at++];
    if (at == target->n_labels || !str_eq(target->labels[at], filled)) labels[n++] = filled;
    while (at < target->n_labels) labels[n++] = target->labels[at++];
    target->labels = labels;
    target->n_labels = n;
}

static size_t find_positive(const RecipeTarget *target, const char *positive)
{
    double number;
    bool is_number = csv_number(positive, strlen(positive), &number);
    for (size_t i = 0; i < target->n_labels; i++) {
        if (str_eq(target->labels[i], positive)) return i;
        if (is_number && target->label_numbers && target->label_numbers[i] == number) return i;
    }
    return target->n_labels;
}

static void judge_positive(DataCheck *c, RecipeTarget *target, const Ast *clause, const Column *column)
{
    if (target->n_labels != 2) {
        if (!target->positive_given) return;
        Diag *e = diag(c->diags, E0422, clause->text_span.source ? clause->text_span : clause->span, A("column", column->name),
                       AI("n", target->n_labels));
        diag_note(e, E0422_labels, A("labels", str_join(c->arena, target->labels, target->n_labels < 12 ? target->n_labels : 12, true)));
        return;
    }
    target->positive = 1;
    if (!target->positive_given) {
        data_fact(c, "of the classes of `%s`, `%s` counts as 0 and `%s` as 1", column->name, target->labels[0], target->labels[1]);
        return;
    }
    const char *positive = str_nfc(c->arena, clause->text, strlen(clause->text));
    target->positive = find_positive(target, positive);
    if (target->positive < 2) return;
    target->positive = 1;
    Span place = clause->text_span.source ? clause->text_span : clause->span;
    Diag *e = diag(c->diags, E0421, place, A("column", column->name), A("text", positive));
    diag_note(e, E0421_labels, A("labels", str_join(c->arena, target->labels, 2, true)));
    const char *nearest = str_nearest(positive, target->labels, 2);
    if (nearest) diag_did_you_mean(e, place, arena_printf(c->arena, "\"%s\"", nearest));
}

static bool is_zero_one(const DataCheck *c, const RecipeTarget *target)
{
    for (size_t i = 0; i < target->n_columns; i++) {
        const UsedColumn *used = &c->used.at[target->columns[i]];
        if (used->recipe.scale.kind && !str_eq(used->recipe.scale.kind->name, "none")) return false;
        const Column *column = column_of(c, used);
        for (size_t row = 0; row < c->rows->n_rows; row++)
            if (column->numbers[row] != 0.0 && column->numbers[row] != 1.0 && !isnan(column->numbers[row])) return false;
    }
    return true;
}

static void judge_target(DataCheck *c, RecipeTarget *target, const Ast *clause)
{
    bool texts = false;
    for (size_t i = 0; i < target->n_columns; i++) {
        const UsedColumn *used = &c->used.at[target->columns[i]];
        texts = texts || used->recipe.type == COLUMN_TEXT;
        if (used->recipe.type != COLUMN_DATE) continue;
        Diag *e = diag(c->diags, E0424, used->recipe.span, A("column", used->recipe.name));
        diag_fix(e, E0424_help);
        return;
    }
    if (target->positive_given) target->classes = true;
    target->classes = target->classes || texts;
    if (target->classes && target->n_columns > 1) {
        Diag *e = diag(c->diags, E0420, clause->items.n ? span_join(clause->items.at[0]->span, clause->items.at[clause->items.n - 1]->span) : clause->span,
                       AI("n", target->n_columns));
        if (texts && !clause->flag) diag_note(e, E0420_texts);
        diag_fix(e, E0420_help);
        return;
    }
    size_t steps = target->ahead_last - target->ahead_first + 1;
    if (target->classes && steps > 1) {
        Diag *e = diag(c->diags, E0484, target->ahead_span, AI("n", steps));
        diag_fix(e, E0484_help);
        return;
    }
    if (!target->classes) {
        target->zero_one = is_zero_one(c, target);
        return;
    }
    const UsedColumn *used = &c->used.at[target->columns[0]];
    const Column *column = column_of(c, used);
    if (texts) text_labels(c, target, used, column);
    else number_labels(c, target, used, column);
    if (target->n_labels < 2) {
        Diag *e = diag(c->diags, E0423, used->recipe.span, A("column", column->name),
                       A("label", target->n_labels ? target->labels[0] : "nothing"));
        diag_fix(e, E0423_help);
        return;
    }
    size_t at = table_find(c->table, column->name);
    if (texts) table_warn_text(c->table, at, used->recipe.span, c->recipe->csv.clause, c->diags);
    judge_positive(c, target, clause, column);
}

bool data_judge_columns(DataCheck *c)
{
    size_t before = diags_errors(c->diags);
    each_place(c, is_bare_text, report_text);
    each_place(c, is_date, report_date);
    each_place(c, is_empty, report_empty);
    each_place(c, has_gaps, report_gaps);
    RecipeTarget *targets = ARENA_ARRAY(c->arena, RecipeTarget, c->recipe->n_targets + 1);
    for (size_t i = 0; i < c->recipe->n_targets; i++) {
        targets[i] = c->recipe->targets[i];
        judge_target(c, &targets[i], c->target_clauses[i]);
    }
    c->recipe->targets = targets;
    return diags_errors(c->diags) == before;
}

/* ---- Groups ---------------------------------------------------------------------------------------------------------- */

bool data_judge_groups(DataCheck *c)
{
    bool ok = true;
    for (size_t i = 0; i < c->recipe->n_groups; i++) {
        const RecipeGroup *recipe = &c->recipe->groups[i];
        const DataGroup *group = &c->dataset->groups[i];
        if (group->width == 0) {
            diag(c->diags, E0412, recipe->span, A("group", recipe->name));
            ok = false;
        } else if (recipe->as.rank && shape_size(&recipe->as) != (int64_t)group->width) {
            Diag *e = diag(c->diags, E0411, recipe->span, A("shape", shape_text(c->arena, &recipe->as)),
                           AI("wanted", shape_size(&recipe->as)), AI("found", group->width));
            diag_fix(e, E0411_help);
            ok = false;
        }
    }
    return ok;
}
