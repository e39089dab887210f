/* Parts of a table in time order: shares of each series, borders in time, and what may not be drawn by lot. */
#include "src/check/data_inside.h"

#include "runtime/data/clock.h"

/* ---- until ------------------------------------------------------------------------------------------------------------------- */

void data_until(DataCheck *c, const Ast *ast, Part part)
{
    SplitShare *share = &c->recipe->split.part[part];
    const Ast *value_ast = ast->value;
    share->form = SHARE_UNTIL;
    share->span = ast->span;
    share->until = "";
    if (!value_ast || value_ast->type == AST_ERROR) {
        c->unread = true;
        return;
    }
    share->span = value_ast->span;
    Value value;
    const Env *env = NULL;
    if (!scope_value(c->scope, value_ast, &env, true, &value, NULL)) {
        c->waits = true;
        return;
    }
    const char *text = value.type == VALUE_TEXT || value.type == VALUE_NAME ? value.text : value.written;
    share->until = str_nfc(c->arena, text, strlen(text));
    const RecipeOrder *order = &c->recipe->order;
    if (order->form != ORDER_BY) {
        Diag *e = diag(c->diags, E0478, share->span);
        diag_fix(e, E0478_help);
        return;
    }
    ClockLimit limit;
    if (!c->table || order->n_columns == 0 || clock_limit(order, share->until, &limit)) return;
    const char **names = ARENA_ARRAY(c->arena, const char *, order->n_columns + 1);
    for (size_t i = 0; i < order->n_columns; i++) names[i] = order->columns[i].name;
    Diag *e = diag(c->diags, E0491, share->span, A("until", share->until), A("columns", str_join(c->arena, names, order->n_columns, true)));
    Clock clock = clock_new(c->arena, order, c->table);
    double time[ORDER_COLUMNS_MAX] = {0};
    if (c->table->n_rows == 0) return;
    clock_read(&clock, c->table, c->table->n_rows - 1, time);
    diag_note(e, E0491_like, A("example", clock_text(&clock, c->arena, c->table, time)));
}

/* -1, 0, 1: how two limits of one order stand. */
static int compare_limits(const ClockLimit *a, const ClockLimit *b)
{
    for (size_t i = 0; i < a->n_parts && i < b->n_parts; i++)
        if (a->parts[i] != b->parts[i]) return a->parts[i] < b->parts[i] ? -1 : 1;
    if (a->n_parts != b->n_parts) return a->n_parts > b->n_parts ? -1 : 1; /* "2019" ends after "2019 5" */
    if (a->n_parts) return 0;
    if (a->limit != b->limit) return a->limit < b->limit ? -1 : 1;
    return (int)a->closed - (int)b->closed;
}

static bool judge_limits(DataCheck *c, ClockLimit *limits)
{
    const Split *split = &c->recipe->split;
    const SplitShare *before = NULL;
    for (size_t i = 0; i < split->n_parts; i++) {
        const SplitShare *share = &split->part[split->sequence[i]];
        bool last = i + 1 == split->n_parts;
        if (share->form != SHARE_UNTIL && !(share->form == SHARE_REST && last)) {
            Diag *e = diag(c->diags, E0493, share->span, A("what", "shares"));
            for (size_t k = 0; k < split->n_parts; k++)
                if (split->part[split->sequence[k]].form == SHARE_UNTIL) diag_label(e, split->part[split->sequence[k]].span, E0493_until);
            diag_fix(e, E0493_help);
            return false;
        }
        if (share->form == SHARE_REST) continue;
        if (!clock_limit(&c->recipe->order, share->until, &limits[i])) return false; /* told */
        if (before && compare_limits(&limits[i], &limits[i - 1]) <= 0) {
            Diag *e = diag(c->diags, E0492, share->span, A("until", share->until));
            diag_label(e, before->span, E0492_before);
            diag_fix(e, E0492_help);
            return false;
        }
        before = share;
    }
    return true;
}

static bool divide_until(DataCheck *c, const uint32_t *own, size_t n)
{
    const Split *split = &c->recipe->split;
    ClockLimit limits[PART_COUNT] = {0};
    if (!judge_limits(c, limits)) return false;
    Clock clock = clock_new(c->arena, &c->recipe->order, c->ordered);
    size_t rows[PART_COUNT] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < split->n_parts && split->part[split->sequence[k]].form == SHARE_UNTIL && !clock_within(&clock, c->ordered, own[i], &limits[k])) k++;
        Part part = k < split->n_parts ? split->sequence[k] : PART_NONE;
        c->parts[own[i]] = part;
        if (part != PART_NONE) rows[part]++;
    }
    for (size_t k = 0; k < split->n_parts && n; k++) {
        Part part = split->sequence[k];
        if (rows[part]) continue;
        const SplitShare *share = &split->part[part];
        if (share->form == SHARE_REST && k > 0) share = &split->part[split->sequence[k - 1]];
        double low[ORDER_COLUMNS_MAX] = {0}, high[ORDER_COLUMNS_MAX] = {0};
        size_t columns[ORDER_COLUMNS_MAX];
        for (size_t i = 0; i < c->recipe->order.n_columns; i++) columns[i] = clock.columns[i];
        const uint32_t *sorted = table_sorted(c->arena, c->ordered, columns, c->recipe->order.n_columns);
        clock_read(&clock, c->ordered, sorted[0], low);
        clock_read(&clock, c->ordered, sorted[c->ordered->n_rows - 1], high);
        Diag *e = diag(c->diags, E0490, share->span, A("until", share->until), A("part", part_name(part)),
                       A("first", clock_text(&clock, c->arena, c->ordered, low)), A("last", clock_text(&clock, c->arena, c->ordered, high)));
        diag_note(e, E0490_range);
        return false;
    }
    return true;
}

static bool earlier(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i]) return a[i] < b[i];
    return false;
}

const char *data_times(DataCheck *c, Part part)
{
    const Split *split = &c->recipe->split;
    if (!c->series || c->recipe->order.form != ORDER_BY || (split->form == SPLIT_SHARES && split->order != SPLIT_IN_ORDER)) return "";
    Clock clock = clock_new(c->arena, &c->recipe->order, c->ordered);
    double time[ORDER_COLUMNS_MAX] = {0}, first[ORDER_COLUMNS_MAX] = {0}, last[ORDER_COLUMNS_MAX] = {0};
    size_t n = c->recipe->order.n_columns, rows = 0;
    for (size_t row = 0; row < c->ordered->n_rows; row++) {
        if (c->parts[row] != part) continue;
        clock_read(&clock, c->ordered, row, time);
        if (rows == 0 || earlier(time, first, n)) memcpy(first, time, sizeof first);
        if (rows == 0 || earlier(last, time, n)) memcpy(last, time, sizeof last);
        rows++;
    }
    if (rows == 0) return "";
    return arena_printf(c->arena, " (%s to %s)", clock_text(&clock, c->arena, c->ordered, first), clock_text(&clock, c->arena, c->ordered, last));
}

bool data_has_until(const DataCheck *c)
{
    const Split *split = &c->recipe->split;
    for (size_t i = 0; i < split->n_parts; i++)
        if (split->part[split->sequence[i]].form == SHARE_UNTIL) return true;
    return false;
}

/* ---- Shares of each series ----------------------------------------------------------------------------------------------------- */

bool data_divide_series(DataCheck *c, const uint32_t *own, size_t n)
{
    const Split *split = &c->recipe->split;
    if (data_has_until(c)) return divide_until(c, own, n);
    Part *parts = ARENA_ARRAY(c->arena, Part, n + 1);
    for (size_t first = 0, end; first < n; first = end) {
        uint32_t series = c->series->series[own[first]];
        for (end = first; end < n && c->series->series[own[end]] == series; end++) {}
        if (!data_judge_counts(c, end - first)) return false;
        split_rows(split, end - first, NULL, 0, parts);
        for (size_t i = first; i < end; i++) c->parts[own[i]] = parts[i - first];
    }
    return true;
}

/* ---- Leaks --------------------------------------------------------------------------------------------------------------------- */

bool data_judge_shuffled(DataCheck *c)
{
    const Split *split = &c->recipe->split;
    const Recipe *recipe = c->recipe;
    bool drawn = split->form == SPLIT_SHARES && split->order_given && split->order != SPLIT_IN_ORDER;
    if (drawn && data_has_until(c)) {
        const Ast *by_lot = data_clause(c, AST_CLAUSE_SPLIT);
        Diag *e = diag(c->diags, E0493, by_lot->word2_span, A("what", arena_printf(c->arena, "`%s`", by_lot->word2)));
        diag_fix(e, E0493_help);
        return false;
    }
    if (split->form != SPLIT_SHARES || !split->order_given || split->order == SPLIT_IN_ORDER || !recipe_uses_order(recipe)) return true;
    const Ast *clause = data_clause(c, AST_CLAUSE_SPLIT), *window = data_clause(c, AST_CLAUSE_WINDOW);
    static const char *const why[] = {"neighbouring windows hold the same rows", "a target ahead stands in a row that other samples are told",
                                      "values of rows before it stand in each row", "gaps take values from neighbouring rows"};
    size_t reason = 3;
    Span cause = NO_SPAN;
    for (size_t i = 0; i < recipe->n_columns; i++)
        if (recipe->columns[i].fill == FILL_PREVIOUS || recipe->columns[i].fill == FILL_LINEAR) cause = recipe->columns[i].fill_span;
    for (size_t d = 0; d < recipe->n_derives; d++) {
        if (!recipe->derives[d].looks_back) continue;
        reason = 2;
        cause = recipe->derives[d].span;
    }
    for (size_t t = 0; t < recipe->n_targets; t++) {
        if (!recipe->targets[t].ahead_last) continue;
        reason = 1;
        cause = recipe->targets[t].ahead_span;
    }
    if (window) {
        reason = 0;
        cause = window->span;
    }
    Diag *e = diag(c->diags, E0488, clause->word2_span.source ? clause->word2_span : clause->span, A("word", clause->word2), A("why", why[reason]));
    if (cause.source) diag_label(e, cause, E0488_because);
    Fix *fix = diag_fix(e, E0488_order);
    Span word = clause->word2_span;
    if (word.source && clause->close.source) word.end = clause->close.end;
    if (word.source) diag_edit(fix, word, "in order");
    return false;
}

bool data_judge_sequence(DataCheck *c)
{
    if (!recipe_uses_order(c->recipe)) return true;
    for (size_t s = 0; s < c->series->n; s++) {
        Part latest = PART_TRAIN;
        size_t row_of = 0;
        for (size_t row = c->series->begin[s]; row < c->series->begin[s + 1]; row++) {
            Part part = c->parts[row];
            if (part == PART_NONE) continue;
            if (part >= latest) {
                if (part > latest) row_of = row;
                latest = part;
                continue;
            }
            Span place = c->recipe->split.span.source ? c->recipe->split.span : c->recipe->part_span[latest];
            const char *name = c->series->names[s];
            Diag *e = diag(c->diags, E0489, place.source ? place : c->named->span, A("late", part_name(latest)), A("early", part_name(part)),
                           A("series", name[0] ? arena_printf(c->arena, " of `%s`", name) : ""));
            Span at = table_row_span(c->ordered, row_of);
            if (at.source) diag_label(e, at, E0489_row);
            diag_fix(e, E0489_sequence);
            if (c->recipe->order.n_group == 0) diag_fix(e, E0489_group);
            return false;
        }
    }
    return true;
}
