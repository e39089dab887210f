/* `order by`, `group by`, `known`, `window`: the time of rows and what is made of it. */
#include "src/check/data_inside.h"

#include "runtime/data/clock.h"

/* ---- order by ---------------------------------------------------------------------------------------------------------------- */

static bool looks_back(const DataCheck *c, const char *name)
{
    for (size_t i = 0; i < c->recipe->n_derives; i++)
        if (c->recipe->derives[i].looks_back && str_eq(c->recipe->derives[i].name, name)) return true;
    return false;
}

bool data_refuse_back(DataCheck *c, const char *what, const char *name, Span span)
{
    if (!looks_back(c, name)) return false;
    Diag *e = diag(c->diags, E0482, span, A("what", what), A("name", arena_printf(c->arena, "`%s`", name)));
    for (size_t i = 0; i < c->recipe->n_derives; i++)
        if (str_eq(c->recipe->derives[i].name, name)) diag_label(e, c->recipe->derives[i].span, E0482_derived);
    diag_note(e, E0482_why);
    return true;
}

static bool report_text(DataCheck *c, const Column *column, size_t at, Span place)
{
    DateGuess guess = date_guess(column->texts, column->n_texts);
    Diag *e = diag(c->diags, E0432, place, A("column", column->name));
    size_t code = guess.settled < column->n_texts ? guess.settled : 0;
    for (size_t row = 0; row < c->table->n_rows; row++) {
        if (column->codes[row] != code) continue;
        diag_label(e, table_cell_span(c->table, row, at), E0432_cell);
        break;
    }
    bool digits = column->n_texts > code && strpbrk(column->texts[code], "0123456789") != NULL;
    if (digits) diag_fix(e, E0432_form);
    else diag_fix(e, E0432_group);
    return false;
}

static const char *column_words(DataCheck *c, const RecipeOrder *order)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, order->n_columns + 1);
    for (size_t i = 0; i < order->n_columns; i++) names[i] = order->columns[i].name;
    return str_join(c->arena, names, order->n_columns, true);
}

static void read_every(DataCheck *c, const Ast *every, RecipeOrder *order)
{
    static const char *const merges[] = {"", "mean", "sum", "first", "last"};
    int64_t n;
    TimeUnit unit = every->flag ? UNIT_NONE : time_unit_find(every->word);
    order->every_span = every->span;
    if (unit == UNIT_NONE || !every->value || !scope_whole(c->scope, every->value, NULL, "every", 1, &n)) {
        c->waits = true; /* told; what the steps are is not known */
        return;
    }
    TimeUnit finest = order_finest(order);
    bool year_week = false;
    const char *finest_name = order->columns[0].name;
    for (size_t i = 0; i < order->n_columns; i++) {
        year_week = year_week || order->columns[i].role == TIME_WEEK;
        if (order->columns[i].role != TIME_NUMBER) finest_name = order->columns[i].name;
    }
    bool weeks = year_week && unit != UNIT_WEEK && unit != UNIT_YEAR && finest != UNIT_NONE && unit > finest;
    if (finest == UNIT_NONE || unit < finest || weeks) {
        Diag *e = diag(c->diags, E0447, every->span, A("every", arena_printf(c->arena, "%lld %s", (long long)n, time_unit_name(unit))), A("columns", column_words(c, order)),
                       A("column", finest_name), A("unit", time_unit_name(finest)));
        if (weeks) diag_note(e, E0447_weeks);
        else diag_label(e, order->columns[order->n_columns - 1].span, finest == UNIT_NONE ? E0447_role : E0447_finer);
        diag_fix(e, E0447_help);
        return;
    }
    order->every = n;
    order->unit = unit;
    for (size_t i = 1; every->text && i < sizeof merges / sizeof *merges; i++)
        if (str_eq(every->text, merges[i])) order->merge = (StepMerge)i;
}

static void read_order(DataCheck *c, const Ast *clause, RecipeOrder *order)
{
    order->span = clause->span;
    if (clause->flag) {
        order->form = ORDER_GIVEN;
        return;
    }
    if (!c->table) {
        order->form = ORDER_BY; /* of a file that could not be read */
        return;
    }
    RecipeOrderColumn *columns = ARENA_ARRAY(c->arena, RecipeOrderColumn, clause->items.n + 1);
    bool good = clause->items.n > 0;
    SelectedList list = data_select(c, &clause->items, false, "order");
    for (size_t i = 0; i < list.n; i++) {
        const Column *column = &c->table->columns[list.at[i].column];
        Span span = list.at[i].item->span;
        if (data_refuse_back(c, "order by", column->name, span)) {
            good = false;
        } else if (column->type == COLUMN_TEXT) {
            if (!c->waits) report_text(c, column, list.at[i].column, span);
            good = false;
        } else if (order->n_columns < ORDER_COLUMNS_MAX) {
            TimeRole role = column->type == COLUMN_DATE ? TIME_DATE : time_role_find(column->name);
            columns[order->n_columns++] = (RecipeOrderColumn){column->name, role, span};
        }
    }
    if (list.n == 0) good = false;
    order->form = ORDER_BY;
    order->columns = columns;
    if (!good || order->n_columns == 0) c->waits = true; /* told; what needs an order has one */
    else if (clause->extra) read_every(c, clause->extra, order);
}

static void read_group(DataCheck *c, const Ast *clause, RecipeOrder *order)
{
    order->group_span = clause->span;
    if (!c->table) return;
    SelectedList list = data_select(c, &clause->items, false, "group");
    const char **names = ARENA_ARRAY(c->arena, const char *, list.n + 1);
    Span *spans = ARENA_ARRAY(c->arena, Span, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        const char *name = c->table->columns[list.at[i].column].name;
        if (data_refuse_back(c, "group by", name, list.at[i].item->span)) continue;
        spans[order->n_group] = list.at[i].item->span;
        names[order->n_group++] = name;
    }
    order->group = names;
    order->group_spans = spans;
}

void data_order(DataCheck *c)
{
    RecipeOrder *order = &c->recipe->order;
    const Ast *clause = data_clause(c, AST_CLAUSE_ORDER), *group = data_clause(c, AST_CLAUSE_GROUP);
    if (clause) read_order(c, clause, order);
    if (group) read_group(c, group, order);
    if (group) data_needs_order(c, "`group by`", group->word_span.source ? group->word_span : group->span);
}

/* One message for all that needs an order, with labels. */
void data_needs_order(DataCheck *c, const char *what, Span span)
{
    if (c->recipe->order.form != ORDER_NONE || c->unread) return;
    if (c->unordered) {
        diag_label(c->unordered, span, E0457_also);
        return;
    }
    c->unordered = diag(c->diags, E0457, span, A("what", what));
    diag_fix(c->unordered, E0457_order);
}

/* ---- known ------------------------------------------------------------------------------------------------------------------- */

void data_known(DataCheck *c)
{
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_KNOWN) continue;
        data_needs_order(c, "`known`", clause->word_span.source ? clause->word_span : clause->span);
        if (!c->table) continue;
        SelectedList list = data_select(c, &clause->items, true, "known");
        for (size_t k = 0; k < list.n; k++) {
            UsedColumn *used = data_used(c, list.at[k].column);
            if (used) used->recipe.known = true;
        }
    }
}

/* ---- window ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
    int64_t length, stride, every;
} Window;

static bool read_window(DataCheck *c, const Ast *clause, Window *window)
{
    window->stride = window->every = 1;
    bool good = clause->value && clause->value->type != AST_ERROR && scope_whole(c->scope, clause->value, NULL, "window", 1, &window->length);
    if (clause->extra && !scope_whole(c->scope, clause->extra, NULL, "stride", 1, &window->stride)) good = false;
    if (clause->extra2 && !scope_whole(c->scope, clause->extra2, NULL, "every", 1, &window->every)) good = false;
    if (!good || window->every <= window->length) return good;
    diag(c->diags, E0497, clause->extra2->span, A("every", arena_printf(c->arena, "%lld", (long long)window->every)),
         A("window", arena_printf(c->arena, "%lld", (long long)window->length)));
    return false;
}

static void report_group(DataCheck *c, const Ast *clause)
{
    const Recipe *recipe = c->recipe;
    const char **names = ARENA_ARRAY(c->arena, const char *, recipe->n_groups + 1);
    for (size_t i = 0; i < recipe->n_groups; i++) names[i] = recipe->groups[i].name;
    Diag *e = diag(c->diags, E0485, clause->name_span, A("name", clause->name), A("names", str_join(c->arena, names, recipe->n_groups, true)),
                   A("n", clause->value && clause->value->text ? clause->value->text : "N"));
    if (recipe->n_groups == 1 && !recipe->groups[0].named) {
        Fix *fix = diag_fix(e, E0485_one);
        if (clause->value && clause->value->span.begin > clause->name_span.begin)
            diag_edit(fix, (Span){clause->name_span.source, clause->name_span.begin, clause->value->span.begin}, "");
        return;
    }
    const char *nearest = str_nearest(clause->name, names, recipe->n_groups);
    if (nearest) diag_did_you_mean(e, clause->name_span, nearest);
    diag_note(e, E0485_groups);
}

void data_windows(DataCheck *c)
{
    RecipeGroup *groups = ARENA_ARRAY(c->arena, RecipeGroup, c->recipe->n_groups + 1);
    if (c->recipe->n_groups) memcpy(groups, c->recipe->groups, c->recipe->n_groups * sizeof *groups);
    const Ast **from = ARENA_ARRAY(c->arena, const Ast *, c->recipe->n_groups + 1);
    const Ast *stride_clause = NULL;
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_WINDOW) continue;
        data_needs_order(c, "`window`", clause->span);
        Window window;
        if (!read_window(c, clause, &window)) continue;
        bool found = false, twice = false;
        for (size_t g = 0; g < c->recipe->n_groups; g++) {
            if (clause->name && !str_eq(groups[g].name, clause->name)) continue;
            found = true;
            /* One for all groups gives way to a group's own, wherever it stands. */
            if (from[g] && (from[g]->name != NULL) == (clause->name != NULL) && !twice) {
                Diag *e = diag(c->diags, E0400, clause->word_span.source ? clause->word_span : clause->span, A("word", "window"), A("data", c->recipe->name));
                diag_label(e, from[g]->word_span.source ? from[g]->word_span : from[g]->span, E0400_first);
                diag_edit(diag_fix(e, E0400_remove), clause->span, "");
                twice = true;
                continue;
            }
            if (from[g] && from[g]->name) continue;
            from[g] = clause;
            groups[g].window = (size_t)window.length;
            groups[g].every = (size_t)window.every;
        }
        if (!found && clause->name && c->recipe->n_groups) report_group(c, clause);
        if (!clause->extra) continue;
        if (stride_clause && c->recipe->stride != (size_t)window.stride) {
            Diag *e = diag(c->diags, E0496, clause->extra->span, A("a", arena_printf(c->arena, "%zu", c->recipe->stride)),
                           A("b", arena_printf(c->arena, "%lld", (long long)window.stride)));
            diag_label(e, stride_clause->extra->span, E0496_first);
            diag_fix(e, E0496_help);
            continue;
        }
        stride_clause = clause;
        c->recipe->stride = (size_t)window.stride;
    }
    c->recipe->groups = groups;
}

/* ---- Samples ----------------------------------------------------------------------------------------------------------------- */

static size_t longest_run(const DataCheck *c)
{
    size_t most = 0;
    for (size_t row = 0; row < c->rows->n_rows; row++)
        if (c->series->place[row] + (size_t)1 > most) most = c->series->place[row] + (size_t)1;
    return most;
}

/* What takes the rows: "`window 10` and `ahead 1..7`". */
static const char *needs(DataCheck *c, size_t *need, Span *span)
{
    size_t window = 1, ahead = 0, depth = 0;
    const char *parts[3];
    size_t n = 0;
    for (size_t g = 0; g < c->recipe->n_groups; g++) {
        if (c->recipe->groups[g].window > window) window = c->recipe->groups[g].window;
        for (size_t i = 0; i < c->recipe->groups[g].n_columns; i++) {
            size_t d = c->recipe->columns[c->recipe->groups[g].columns[i]].depth;
            if (d > depth) depth = d;
        }
    }
    for (size_t t = 0; t < c->recipe->n_targets; t++) {
        if (c->recipe->targets[t].ahead_last <= ahead) continue;
        ahead = c->recipe->targets[t].ahead_last;
        *span = c->recipe->targets[t].ahead_span;
    }
    const Ast *clause = data_clause(c, AST_CLAUSE_WINDOW);
    if (clause) *span = clause->span;
    if (window > 1) parts[n++] = arena_printf(c->arena, "window %zu", window);
    if (ahead) parts[n++] = arena_printf(c->arena, "ahead %zu", ahead);
    if (depth) parts[n++] = "looking back";
    *need = window + ahead + depth;
    return n ? str_join(c->arena, parts, n, true) : "a sample";
}

static bool judge_part(DataCheck *c, Part part)
{
    size_t rows = 0, ahead = 1;
    for (size_t row = 0; row < c->rows->n_rows; row++) rows += c->parts[row] == part;
    if (rows == 0 || c->dataset->parts[part].n) return true;
    for (size_t t = 0; t < c->recipe->n_targets; t++) {
        size_t steps = c->recipe->targets[t].ahead_last - c->recipe->targets[t].ahead_first + 1;
        if (steps > ahead) ahead = steps;
    }
    const SplitShare *share = &c->recipe->split.part[part];
    Span place = share->form != SHARE_NONE ? share->span : c->recipe->part_span[part].source ? c->recipe->part_span[part] : c->named->span;
    Diag *e = diag(c->diags, E0487, place, A("part", part_name(part)), AI("rows", rows), AI("n", ahead));
    if (ahead > rows) diag_note(e, E0487_targets);
    diag_fix(e, E0487_help);
    return false;
}

bool data_judge_samples(DataCheck *c)
{
    const Dataset *data = c->dataset;
    if (!data->series) return true;
    if (data->n_samples == 0 && data->straddling == 0) {
        Span span = c->named->span;
        size_t need;
        const char *what = needs(c, &need, &span);
        Diag *e = diag(c->diags, E0486, span, A("needs", what), AI("need", need), AI("rows", longest_run(c)), AI("n", c->counts.dropped));
        if (c->counts.dropped) diag_note(e, E0486_runs);
        if (data->series->n > 1) diag_note(e, E0486_series, AI("n", data->series->n));
        diag_fix(e, E0486_help);
        return false;
    }
    bool ok = true;
    for (int part = 0; part < PART_COUNT; part++) ok = judge_part(c, (Part)part) && ok;
    if (data->no_past) data_fact(c, "%zu %s too little past to end a sample", data->no_past, data->no_past == 1 ? "row has" : "rows have");
    if (data->no_future) data_fact(c, "%zu %s", data->no_future, data->no_future == 1 ? "row has no target ahead of it" : "rows have no target ahead of them");
    if (data->straddling)
        data_fact(c, "%zu %s targets on both sides of a border and %s left out", data->straddling, data->straddling == 1 ? "sample has" : "samples have",
                  data->straddling == 1 ? "is" : "are");
    return ok;
}

void data_tell_order(DataCheck *c)
{
    const RecipeOrder *order = &c->recipe->order;
    if (order->form == ORDER_NONE || c->rows->n_rows == 0) return;
    if (order->form == ORDER_GIVEN) {
        data_fact(c, "rows are in time order as they stand in the file");
    } else {
        size_t moved = 0;
        for (size_t row = 1; row < c->ordered->n_rows && c->ordered->origin; row++)
            moved += c->ordered->origin[row] != NO_ROW && c->ordered->origin[row] < c->ordered->origin[row - 1] && c->series->place[row] > 0;
        data_fact(c, "rows are in time order by %s%s", column_words(c, order), moved ? "; the file has them in another order" : "");
    }
    if (order->n_group) {
        data_fact(c, "%zu series, by %s", c->series->n, str_join(c->arena, order->group, order->n_group, true));
    }
    static const char *const merges[] = {"", "the mean", "the sum", "the first", "the last"};
    if (c->counts.merged)
        data_fact(c, "%zu %s made one with others of their step, by %s of each column", c->counts.merged, c->counts.merged == 1 ? "row was" : "rows were",
                  merges[order->merge]);
    if (c->counts.inserted)
        data_fact(c, "%zu %s added for steps that the file lacks, and filled", c->counts.inserted, c->counts.inserted == 1 ? "row was" : "rows were");
}
