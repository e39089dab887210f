/* A data block, clause by clause → Recipe and prepared samples; see data.h. The clauses are read in the order in which they act, whatever
 * the order of the lines: each stage has a file of its own. */
#include "src/check/data_inside.h"

#include "runtime/base/bug.h"
#include "src/syntax/parse.h"

void data_fact(DataCheck *c, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *fact = arena_vprintf(c->arena, format, list);
    va_end(list);
    VEC_PUSH(c->arena, c->facts, fact);
}

void data_waits(DataCheck *c, Span span, int place, const char *name, const char *what)
{
    ENSURE(word_waiting(place, name)); /* the list in waiting.def says what waits */
    Diag *e = diag(c->diags, E0900, span, A("what", what));
    diag_primary(e, E0900_found);
    c->waits = true;
}

const Ast *data_clause(const DataCheck *c, AstType type)
{
    for (size_t i = 0; i < c->ast->items.n; i++)
        if (c->ast->items.at[i]->type == type) return c->ast->items.at[i];
    return NULL;
}

void data_fix_line(DataCheck *c, Diag *e, DiagText text, const DiagArg *args, const char *line)
{
    Fix *fix = diag_fix_add(e, text, args);
    if (c->recipe->csv.clause.source) diag_edit(fix, c->recipe->csv.clause, arena_printf(c->arena, "    %s\n", line));
}

/* The beginning of the closing brace's line, where a line may be inserted; no place where something stands before the brace. */
static Span insertion_place(const DataCheck *c)
{
    Span close = c->ast->close;
    size_t n;
    const char *text = close.source ? sources_text(diags_sources(c->diags), close.source, &n) : NULL;
    if (!text) return NO_SPAN;
    size_t begin = close.begin;
    while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) begin--;
    return begin > 0 && text[begin - 1] == '\n' ? (Span){close.source, begin, begin} : NO_SPAN;
}

/* ---- Clauses as a whole ---------------------------------------------------------------------------------------------- */

static bool may_repeat(AstType type)
{
    switch ((int)type) {
    case AST_CLAUSE_DERIVE:
    case AST_CLAUSE_RENAME:
    case AST_CLAUSE_REPLACE:
    case AST_CLAUSE_WHERE:
    case AST_CLAUSE_JOIN:
    case AST_CLAUSE_ENCODE:
    case AST_CLAUSE_SCALE:
    case AST_CLAUSE_FILL:
    case AST_CLAUSE_FEATURES:
    case AST_CLAUSE_TARGET:
    case AST_CLAUSE_KNOWN:
    case AST_CLAUSE_WINDOW:
    case AST_CLAUSE_NUMBER:
    case AST_CLAUSE_DATE:
    case AST_CLAUSE_UNKNOWN:
    case AST_ERROR: return true;
    default: return false;
    }
}

/* `split` and `split by` are one clause; `validation from` and `test from` are two. */
static bool same_clause(const Ast *a, const Ast *b)
{
    bool split_a = a->type == AST_CLAUSE_SPLIT || a->type == AST_CLAUSE_SPLIT_BY;
    bool split_b = b->type == AST_CLAUSE_SPLIT || b->type == AST_CLAUSE_SPLIT_BY;
    if (split_a && split_b) return true;
    if (a->type != b->type || may_repeat(a->type)) return false;
    return a->type != AST_CLAUSE_PART_FROM || str_eq(a->word, b->word);
}

static const char *const clause_words[] = {
    [AST_CLAUSE_ORDER] = "order",       [AST_CLAUSE_GROUP] = "group",         [AST_CLAUSE_FEATURES] = "features",
    [AST_CLAUSE_KNOWN] = "known",       [AST_CLAUSE_TARGET] = "target",       [AST_CLAUSE_ENCODE] = "encode",
    [AST_CLAUSE_SCALE] = "scale",       [AST_CLAUSE_FILL] = "fill",           [AST_CLAUSE_DROP] = "drop missing",
    [AST_CLAUSE_WINDOW] = "window",     [AST_CLAUSE_SPLIT] = "split",         [AST_CLAUSE_SPLIT_BY] = "split",
    [AST_CLAUSE_WEIGHT] = "weight",     [AST_CLAUSE_HEADER] = "header",       [AST_CLAUSE_DELIMITER] = "delimiter",
    [AST_CLAUSE_COMMENT] = "comment",   [AST_CLAUSE_ENCODING] = "encoding",   [AST_CLAUSE_MISSING] = "missing",
    [AST_CLAUSE_NUMBER] = "number",     [AST_CLAUSE_DATE] = "date",           [AST_CLAUSE_RENAME] = "rename",
    [AST_CLAUSE_JOIN] = "join",         [AST_CLAUSE_DERIVE] = "derive",       [AST_CLAUSE_REPLACE] = "replace",
    [AST_CLAUSE_WHERE] = "where",       [AST_CLAUSE_TAKE] = "take",
};

static const char *clause_word(const Ast *clause)
{
    if (clause->type == AST_CLAUSE_PART_FROM) return clause->word;
    if ((size_t)clause->type < sizeof clause_words / sizeof *clause_words && clause_words[clause->type]) return clause_words[clause->type];
    return clause->word ? clause->word : "this clause";
}

/* The word of a clause, or all of it where the tree does not tell. */
static Span word_span(const Ast *clause)
{
    if (clause->word_span.source) return clause->word_span;
    Span span = clause->span;
    size_t word = strlen(clause_word(clause));
    if (span.end - span.begin > word) span.end = span.begin + word;
    return span;
}

static void judge_repeated(DataCheck *c)
{
    const AstList *items = &c->ast->items;
    for (size_t i = 1; i < items->n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!same_clause(items->at[k], items->at[i])) continue;
            Diag *e = diag(c->diags, E0400, word_span(items->at[i]), A("word", clause_word(items->at[i])), A("data", c->recipe->name));
            diag_label(e, word_span(items->at[k]), E0400_first);
            diag_edit(diag_fix(e, E0400_remove), items->at[i]->span, "");
            break;
        }
    }
}

static void judge_unknown(DataCheck *c, const Ast *clause)
{
    if (word_waiting(WORD_DATA_CLAUSE, clause->word)) {
        data_waits(c, clause->word_span, WORD_DATA_CLAUSE, clause->word, arena_printf(c->arena, "`%s`", clause->word));
        return;
    }
    Diag *e = diag(c->diags, E0401, clause->word_span, A("word", clause->word));
    size_t n = 0;
    while (parse_data_clauses[n]) n++;
    const char *nearest = word_foreign(WORD_DATA_CLAUSE, clause->word);
    if (!nearest) nearest = str_nearest(clause->word, parse_data_clauses, n);
    bool ahead = strcmp(nearest ? nearest : clause->word, "ahead") == 0;
    if (ahead) diag_fix(e, E0401_ahead);
    else if (nearest) diag_did_you_mean(e, clause->word_span, nearest);
    else diag_note(e, E0401_known, A("words", str_join(c->arena, parse_data_clauses, n, true)));
    c->unread = true;
}

static void judge_clauses(DataCheck *c)
{
    judge_repeated(c);
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        switch ((int)clause->type) {
        case AST_ERROR: c->unread = true; break;
        case AST_CLAUSE_UNKNOWN: judge_unknown(c, clause); break;
        case AST_CLAUSE_COMMENT:
        case AST_CLAUSE_NUMBER:
        case AST_CLAUSE_JOIN:
        case AST_CLAUSE_REPLACE:
            data_waits(c, word_span(clause), WORD_DATA_CLAUSE, clause_word(clause), arena_printf(c->arena, "`%s`", clause_word(clause)));
            break;
        default: break;
        }
    }
}

/* Columns that `all` leaves out. Collected first, since `features` may stand above them. */
static void collect_excluded(DataCheck *c)
{
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        bool listed = clause->type == AST_CLAUSE_ORDER || clause->type == AST_CLAUSE_GROUP;
        /* What a date is read from has been used up by it. */
        for (size_t k = 0; clause->type == AST_CLAUSE_DATE && clause->name && k < clause->items.n; k++) {
            const Ast *item = clause->items.at[k]->type == AST_DATE_PART ? clause->items.at[k]->value : clause->items.at[k];
            const char *name = data_name(c, item);
            if (name) name_index_add(c->excluded, name);
        }
        if (clause->type == AST_CLAUSE_TARGET) {
            listed = clause->value == NULL;
        }
        for (size_t k = 0; listed && k < clause->items.n; k++) {
            const char *name = data_name(c, clause->items.at[k]);
            if (name) name_index_add(c->excluded, name);
        }
        if (clause->type == AST_CLAUSE_SPLIT_BY || clause->type == AST_CLAUSE_WEIGHT)
            if (clause->name) name_index_add(c->excluded, clause->name);
    }
}

/* ---- From another block -------------------------------------------------------------------------------------------------- */

/* Whether a clause of the new block stands in place of one of the old. Derived columns and windows of other names stay. */
static bool replaces(const Ast *mine, const Ast *old)
{
    bool split = old->type == AST_CLAUSE_SPLIT || old->type == AST_CLAUSE_SPLIT_BY;
    if (split && (mine->type == AST_CLAUSE_SPLIT || mine->type == AST_CLAUSE_SPLIT_BY)) return true;
    if (mine->type != old->type) return false;
    if (old->type == AST_CLAUSE_PART_FROM || old->type == AST_CLAUSE_UNKNOWN) return mine->word && old->word && str_eq(mine->word, old->word);
    if (old->type == AST_CLAUSE_DERIVE) return mine->name && old->name && str_eq(mine->name, old->name);
    if (old->type == AST_CLAUSE_WINDOW) return !mine->name || (old->name && str_eq(mine->name, old->name));
    return old->type != AST_ERROR;
}

/* `data NEW from OLD { … }`: OLD's source and clauses, NEW's in place of those. Itself where the source is none of a data block; NULL: OLD has
 * mistakes, which are told there, or the blocks come from each other. */
static const Ast *with_source(DataCheck *c, const Ast *ast, size_t depth)
{
    Named *old = ast->value && ast->value->type == AST_NAME ? scope_find(c->scope, ast->value->name) : NULL;
    if (!old || old->type != NAMED_DATA) return ast;
    old->uses++;
    if (depth > scope_count(c->scope)) {
        diag(c->diags, E0473, ast->value->span, A("name", c->named->name));
        return NULL;
    }
    bool above = false;
    for (size_t i = 0; i < scope_count(c->scope) && scope_at(c->scope, i) != c->named; i++) above = above || scope_at(c->scope, i) == old;
    if (above && !old->checked) return NULL;
    const Ast *from = with_source(c, old->ast, depth + 1);
    if (!from) return NULL;
    Ast *whole = ARENA_NEW(c->arena, Ast);
    *whole = *ast;
    whole->value = from->value;
    whole->path = from->path;
    whole->items = (AstList){0};
    for (size_t i = 0; i < from->items.n; i++) {
        bool replaced = false;
        for (size_t k = 0; k < ast->items.n; k++) replaced = replaced || replaces(ast->items.at[k], from->items.at[i]);
        if (!replaced) VEC_PUSH(c->arena, whole->items, from->items.at[i]);
    }
    for (size_t k = 0; k < ast->items.n; k++) VEC_PUSH(c->arena, whole->items, ast->items.at[k]);
    return whole;
}

/* ---- The stages ------------------------------------------------------------------------------------------------------ */

static void finish_recipe(DataCheck *c)
{
    RecipeColumn *columns = ARENA_ARRAY(c->arena, RecipeColumn, c->used.n + 1);
    for (size_t i = 0; i < c->used.n; i++) columns[i] = c->used.at[i].recipe;
    c->recipe->columns = columns;
    c->recipe->n_columns = c->used.n;
}

static bool no_errors(const DataCheck *c)
{
    return diags_errors(c->diags) == c->errors && !c->waits && !c->unread;
}

static bool select_rows(DataCheck *c)
{
    size_t n_own = c->own->n_rows;
    c->rows = recipe_rows(c->recipe, c->arena, c->raw, n_own, ROWS_LEARN, &c->counts, &c->series, c->diags);
    if (!c->rows) return false;
    c->ordered = c->rows;
    size_t kept = c->rows->n_rows;
    if (c->counts.where) {
        data_fact(c, "%zu of %zu rows are left by `where`", c->counts.read - c->counts.where, c->counts.read);
        if (c->counts.unknown) data_fact(c, "%zu rows have missing cells where `where` looks, and are left out", c->counts.unknown);
    }
    if (c->counts.dropped) data_fact(c, "%zu rows with missing cells are left out", c->counts.dropped);
    data_tell_order(c);
    if (kept) return true;
    const Ast *where = data_clause(c, AST_CLAUSE_WHERE), *drop = data_clause(c, AST_CLAUSE_DROP);
    bool by_where = c->counts.where == c->counts.read;
    const Ast *culprit = by_where || !drop ? where : drop;
    Diag *e = diag(c->diags, E0454, culprit ? culprit->span : c->named->span, AI("rows", c->counts.read));
    if (by_where) diag_fix(e, E0454_where);
    else diag_fix(e, E0454_drop);
    return false;
}

/* In time order the parts come first: nothing is filled across their borders. Classes to stratify by are known only after. */
static bool divide_ordered(DataCheck *c)
{
    if (!data_judge_shuffled(c)) return false;
    bool by_class = c->recipe->split.order_given && c->recipe->split.order == SPLIT_STRATIFIED;
    if (by_class && !data_judge_columns(c)) return false;
    if (!data_divide(c) || !data_judge_sequence(c)) return false;
    c->rows = recipe_past(c->recipe, c->arena, c->ordered, c->series, c->parts, ROWS_LEARN, c->diags);
    return c->rows && (by_class || data_judge_columns(c));
}

static void check_whole(DataCheck *c)
{
    c->recipe->csv.clause = insertion_place(c);
    judge_clauses(c);
    collect_excluded(c);
    data_read(c);
    data_dates(c);
    c->in_expression = true;
    data_derive(c);
    data_where(c);
    c->in_expression = false;
    data_order(c);
    data_features(c);
    data_targets(c);
    data_windows(c);
    data_known(c);
    data_methods(c);
    data_weight(c);
    data_take(c);
    data_split(c);
    finish_recipe(c);
    if (!no_errors(c) || !c->own) return;
    if (!data_read_parts(c) || !select_rows(c)) return;
    if (!(c->series ? divide_ordered(c) : data_judge_columns(c) && data_divide(c))) return;
    c->dataset = dataset_new(c->recipe, c->arena, c->raw, c->ordered, c->series, c->parts, c->diags);
    if (c->dataset && data_judge_groups(c) && data_judge_samples(c)) data_lint(c);
}

CheckedData *check_data(Arena *arena, Scope *scope, const Named *named, Diags *diags)
{
    DataCheck *c = ARENA_NEW(arena, DataCheck);
    *c = (DataCheck){.arena = arena, .scope = scope, .diags = diags, .named = named, .ast = named->ast};
    c->args = (ArgContext){.arena = arena, .diags = diags, .scope = scope};
    c->unknown_names = name_index_new(arena);
    c->excluded = name_index_new(arena);
    c->recipe = ARENA_NEW(arena, Recipe);
    c->recipe->name = named->name;
    c->recipe->span = named->span;
    c->recipe->split.form = SPLIT_ALL_TRAIN;
    c->errors = diags_errors(diags);
    c->ast = with_source(c, named->ast, 0);
    if (!c->ast) return NULL;
    check_whole(c);
    if (!c->dataset || !no_errors(c)) return NULL;
    CheckedData *checked = ARENA_NEW(arena, CheckedData);
    *checked = (CheckedData){.name = named->name, .span = named->span, .recipe = c->recipe, .dataset = c->dataset, .raw = c->raw,
                             .n_own = c->own->n_rows, .counts = c->counts, .facts = c->facts.at, .n_facts = c->facts.n};
    Named *own = scope_find(scope, named->name);
    if (own == named) own->checked = checked;
    return checked;
}

const ModelData *check_data_model(Arena *arena, const CheckedData *data)
{
    ModelData *model = ARENA_NEW(arena, ModelData);
    ModelGroup *groups = ARENA_ARRAY(arena, ModelGroup, data->dataset->n_groups + 1);
    for (size_t i = 0; i < data->dataset->n_groups; i++) {
        const DataGroup *group = &data->dataset->groups[i];
        groups[i] = (ModelGroup){.name = group->name, .shape = group->shape, .categories = group->categories};
    }
    *model = (ModelData){.name = data->name, .groups = groups, .n_groups = data->dataset->n_groups};
    return model;
}

void check_data_event(const CheckedData *data, JsonOut *out)
{
    const Dataset *set = data->dataset;
    json_key(out, "rows");
    json_int(out, (int64_t)data->n_own);
    json_key(out, "columns");
    json_int(out, (int64_t)data->raw->n_columns);
    json_key(out, "samples");
    json_object(out);
    for (int part = 0; part < PART_COUNT; part++) {
        json_key(out, part_name((Part)part));
        json_int(out, (int64_t)set->parts[part].n);
    }
    json_object_end(out);
    json_key(out, "inputs");
    json_object(out);
    for (size_t i = 0; i < set->n_groups; i++) {
        json_key(out, set->groups[i].name);
        json_list(out);
        for (int d = 0; d < set->groups[i].shape.rank; d++) json_int(out, set->groups[i].shape.dim[d]);
        json_list_end(out);
    }
    json_object_end(out);
    json_key(out, "targets");
    json_list(out);
    for (size_t t = 0; t < data->recipe->n_targets; t++)
        for (size_t i = 0; i < data->recipe->targets[t].n_columns; i++)
            json_text(out, data->recipe->columns[data->recipe->targets[t].columns[i]].name);
    json_list_end(out);
}
