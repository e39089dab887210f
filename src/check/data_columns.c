/* Features and targets: which columns feed which input, and which outputs are compared with which columns. */
#include "src/check/data_inside.h"

static size_t use_column(DataCheck *c, size_t table_column, const Ast *item)
{
    const UsedColumn *before = data_used(c, table_column);
    if (before) return (size_t)(before - c->used.at);
    UsedColumn used = {.table_column = table_column, .item = item};
    used.recipe.name = c->table->columns[table_column].name;
    used.recipe.type = c->table->columns[table_column].type;
    used.recipe.span = item->span;
    for (size_t d = 0; d < c->recipe->n_derives; d++)
        if (str_eq(c->recipe->derives[d].name, used.recipe.name)) used.recipe.depth = c->recipe->derives[d].depth;
    while (c->used_place.n <= table_column) VEC_PUSH(c->arena, c->used_place, NO_COLUMN);
    c->used_place.at[table_column] = c->used.n;
    VEC_PUSH(c->arena, c->used, used);
    return c->used.n - 1;
}

/* ---- features -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    Span span;
    const Ast *clause;
    VEC(size_t) columns;
    bool *has; /* by table column */
    Shape as;
} Group;

static bool read_as(DataCheck *c, const Ast *clause, Shape *shape)
{
    int64_t dim[SHAPE_MAX_RANK];
    if (clause->args.n > SHAPE_MAX_RANK) {
        diag(c->diags, E0426, span_join(clause->args.at[0]->span, clause->args.at[clause->args.n - 1]->span), AI("n", clause->args.n));
        return false;
    }
    for (size_t i = 0; i < clause->args.n; i++)
        if (!scope_whole(c->scope, clause->args.at[i], NULL, "as", 1, &dim[i])) return false;
    *shape = shape_of((int)clause->args.n, dim);
    return true;
}

/* The bytes that take one name out of a list: with the comma before it, or behind it where it is the first. */
static Span list_item_span(const AstList *items, const Ast *item)
{
    for (size_t i = 0; i < items->n; i++) {
        if (items->at[i] != item) continue;
        Span span = item->span;
        if (i > 0) span.begin = items->at[i - 1]->span.end;
        else if (items->n > 1) span.end = items->at[1]->span.begin;
        return span;
    }
    return NO_SPAN;
}

void data_leave_out(DataCheck *c, Diag *e, DiagText text, const UsedColumn *used)
{
    const char *name = data_written(c, used->recipe.name);
    Fix *fix = diag_fix_add(e, text, (const DiagArg[]){A("column", used->recipe.name), {0}});
    const Ast *item = used->item, *clause = used->clause;
    if (!clause) return;
    if (data_is_name(item)) {
        if (clause->items.n > 1) diag_edit(fix, list_item_span(&clause->items, item), "");
    } else if (item->type == AST_ALL) {
        const char *edit = item->items.n ? arena_printf(c->arena, ", %s", name) : arena_printf(c->arena, " except %s", name);
        diag_edit(fix, span_after(item->span), edit);
    }
    if (used->recipe.is_target) return;
    /* What prepares the column would name one that is not in use any more. */
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *other = c->ast->items.at[i];
        if (other->type != AST_CLAUSE_ENCODE && other->type != AST_CLAUSE_SCALE && other->type != AST_CLAUSE_FILL) continue;
        for (size_t k = 0; k < other->items.n; k++) {
            if (!data_is_name(other->items.at[k]) || !str_eq(data_name(c, other->items.at[k]), used->recipe.name)) continue;
            diag_edit(fix, other->items.n == 1 ? other->span : list_item_span(&other->items, other->items.at[k]), "");
        }
    }
}

static void add_feature(DataCheck *c, Group *group, const Ast *clause, const Selected *selected)
{
    size_t at = use_column(c, selected->column, selected->item);
    UsedColumn *used = &c->used.at[at];
    if (group->has[selected->column]) {
        if (!data_is_name(selected->item)) return; /* named before a selection that has it too */
        if (!data_is_name(used->item)) return;
        Diag *e = diag(c->diags, E0405, selected->item->span, A("column", used->recipe.name));
        diag_label(e, used->item->span, E0405_first);
        Span place = list_item_span(&clause->items, selected->item);
        if (clause->items.n > 1) diag_edit(diag_fix(e, E0405_remove), place, "");
        return;
    }
    if (!used->recipe.is_feature) {
        used->recipe.is_feature = true;
        used->item = selected->item;
        used->clause = clause;
        used->recipe.span = selected->item->span;
    }
    group->has[selected->column] = true;
    VEC_PUSH(c->arena, group->columns, at);
}

static void finish_groups(DataCheck *c, const Group *groups, size_t n)
{
    RecipeGroup *out = ARENA_ARRAY(c->arena, RecipeGroup, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool named = groups[i].name != NULL;
        out[i] = (RecipeGroup){.name = named ? groups[i].name : "x", .named = named, .every = 1, .columns = groups[i].columns.at,
                               .n_columns = groups[i].columns.n, .as = groups[i].as, .span = groups[i].span};
    }
    c->recipe->groups = out;
    c->recipe->n_groups = n;
}

/* `features all` of a table whose only column besides the time is the target: with `ahead` its own past is a feature. */
static void report_nothing_taken(DataCheck *c, const Ast *clause)
{
    Diag *e = diag(c->diags, E0410, clause->items.at[0]->span, A("file", c->table->path));
    if (clause->items.at[0]->type != AST_ALL || !data_clause(c, AST_CLAUSE_ORDER)) return;
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *target = c->ast->items.at[i];
        if (target->type != AST_CLAUSE_TARGET || target->value || !target->items.n) continue;
        diag_edit(diag_fix(e, E0410_ahead), span_after(target->items.at[target->items.n - 1]->span), " ahead 1");
        return;
    }
}

void data_features(DataCheck *c)
{
    if (!data_clause(c, AST_CLAUSE_FEATURES)) {
        if (c->unread || c->waits) return;
        Diag *e = diag(c->diags, E0403, c->named->span, A("data", c->recipe->name));
        data_fix(c, e, E0403_all, "features all");
        return;
    }
    if (!c->table) return;
    VEC(Group) groups = {0};
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_FEATURES) continue;
        size_t g = 0;
        while (g < groups.n && !str_eq(groups.at[g].name, clause->name)) g++;
        if (g == groups.n) {
            Group group = {.name = clause->name, .clause = clause, .span = clause->name ? clause->name_span : clause->span,
                           .has = ARENA_ARRAY(c->arena, bool, c->table->n_columns + 1)};
            VEC_PUSH(c->arena, groups, group);
        } else if (clause->name || groups.at[g].as.rank || clause->args.n) {
            Diag *e = diag(c->diags, E0409, clause->name ? clause->name_span : clause->span, A("group", clause->name ? clause->name : "x"));
            diag_label(e, groups.at[g].span, E0409_first);
            diag_fix(e, E0409_help);
            continue;
        }
        if (clause->args.n && !read_as(c, clause, &groups.at[g].as)) groups.at[g].as.rank = 0;
        size_t before = diags_errors(c->diags);
        SelectedList list = data_select(c, &clause->items, false, "features");
        for (size_t k = 0; k < list.n; k++) add_feature(c, &groups.at[g], clause, &list.at[k]);
        if (list.n || diags_errors(c->diags) != before || c->unread || clause->items.n == 0) continue;
        report_nothing_taken(c, clause);
    }
    finish_groups(c, groups.at, groups.n);
}

/* ---- target ---------------------------------------------------------------------------------------------------------- */

/* `last`: the last column of the target, behind which `ahead` may stand. */
static void judge_among_features(DataCheck *c, const UsedColumn *used, const Ast *item, const Ast *last)
{
    if (!used->recipe.is_feature || !used->clause) return;
    Diag *e = diag(c->diags, E0406, used->item->span, A("column", used->recipe.name));
    diag_label(e, item->span, E0406_target);
    if (data_clause(c, AST_CLAUSE_ORDER)) diag_edit(diag_fix(e, E0406_ahead), span_after(last->span), " ahead 1");
    data_leave_out(c, e, E0406_leave_out, used);
}

/* `ahead 1`, `ahead 1..7`. */
static bool read_ahead(DataCheck *c, const Ast *clause, RecipeTarget *target)
{
    const Ast *value = clause->value;
    bool range = value->type == AST_RANGE;
    int64_t first, last;
    target->ahead_span = value->span;
    const Ast *from = range ? value->value : value, *to = range ? value->extra : value;
    if (!from || !to || from->type == AST_ERROR || to->type == AST_ERROR) return false;
    if (!scope_whole(c->scope, from, NULL, "ahead", INT64_MIN, &first)) return false;
    last = first;
    if (range && !scope_whole(c->scope, to, NULL, "ahead", INT64_MIN, &last)) return false;
    enum { AHEAD_MOST = 1000000 };
    if (first >= 1 && last >= first && last <= AHEAD_MOST) {
        target->ahead_first = (size_t)first;
        target->ahead_last = (size_t)last;
        return true;
    }
    const char *found = range ? arena_printf(c->arena, "%lld..%lld", (long long)first, (long long)last) : arena_printf(c->arena, "%lld", (long long)first);
    Diag *e = diag(c->diags, E0483, value->span, A("found", found));
    if (range && last >= 1 && first > last)
        diag_edit(diag_fix(e, E0483_swap), value->span, arena_printf(c->arena, "%lld..%lld", (long long)last, (long long)first));
    else if (first == 0 && last == 0) diag_fix(e, E0483_own);
    return false;
}

static bool same_target_name(DataCheck *c, const RecipeTarget *targets, size_t n, const RecipeTarget *target, Span span)
{
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(targets[i].name, target->name)) continue;
        Diag *e = diag(c->diags, E0425, span, A("name", target->name));
        diag_label(e, targets[i].span, E0425_first);
        diag_fix(e, E0425_help);
        return true;
    }
    return false;
}

static void read_target(DataCheck *c, const Ast *clause, RecipeTarget *targets, size_t *n)
{
    RecipeTarget target = {.span = clause->span, .named = clause->name != NULL, .classes = clause->flag};
    if (clause->value && !read_ahead(c, clause, &target)) return;
    SelectedList list = data_select(c, &clause->items, false, "target");
    size_t *columns = ARENA_ARRAY(c->arena, size_t, list.n + 1);
    bool *has = ARENA_ARRAY(c->arena, bool, c->table->n_columns + 1);
    for (size_t k = 0; k < list.n; k++) {
        const Ast *item = list.at[k].item;
        size_t at = use_column(c, list.at[k].column, item);
        UsedColumn *used = &c->used.at[at];
        if (has[list.at[k].column]) {
            Diag *e = diag(c->diags, E0405, item->span, A("column", used->recipe.name));
            if (clause->items.n > 1) diag_edit(diag_fix(e, E0405_remove), list_item_span(&clause->items, item), "");
            return;
        }
        has[list.at[k].column] = true;
        used->recipe.is_target = true;
        if (!used->recipe.is_feature) used->recipe.span = item->span;
        if (!clause->value) judge_among_features(c, used, item, clause->items.at[clause->items.n - 1]);
        else if (used->recipe.is_feature && !data_is_name(used->item)) data_fact(c, "the past of `%s` is a feature too", used->recipe.name);
        columns[target.n_columns++] = at;
    }
    target.columns = columns;
    if (target.n_columns == 0) return;
    target.name = clause->name ? clause->name : target.n_columns == 1 ? c->used.at[columns[0]].recipe.name : "y";
    if (same_target_name(c, targets, *n, &target, clause->name ? clause->name_span : clause->items.at[0]->span)) return;
    target.positive_given = clause->text != NULL;
    c->target_clauses[*n] = clause;
    targets[(*n)++] = target;
}

void data_targets(DataCheck *c)
{
    RecipeTarget *targets = ARENA_ARRAY(c->arena, RecipeTarget, c->ast->items.n + 1);
    c->target_clauses = ARENA_ARRAY(c->arena, const Ast *, c->ast->items.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_TARGET) continue;
        if (clause->value) data_needs_order(c, "`ahead`", clause->value->span);
        if (c->table) read_target(c, clause, targets, &n);
    }
    c->recipe->targets = targets;
    c->recipe->n_targets = n;
}
