/* encode, scale, fill, drop missing, weight: what becomes of the columns in use. */
#include "src/check/data_inside.h"

#include <math.h>

static const char *const use_words[] = {[TRANSFORM_FILL] = "fill", [TRANSFORM_ENCODE] = "encode", [TRANSFORM_SCALE] = "scale"};

/* The method of a clause; kind NULL: reported. */
static KindRef read_method(DataCheck *c, const Ast *clause, TransformUse use)
{
    KindRef ref = {NULL, NULL};
    if (!clause->value || clause->value->type == AST_ERROR) return ref;
    if (clause->value->type == AST_NONE) { /* `none` is a word of the language before it is a method */
        ref.kind = kind_find(FAMILY_TRANSFORM, "none");
        ref.args = kind_defaults(c->arena, ref.kind);
    } else {
        ref = args_kind(&c->args, clause->value, FAMILY_TRANSFORM);
    }
    if (!ref.kind) return ref;
    TransformUse is = transform_of(ref)->use;
    if (is == use) return ref;
    Diag *e = diag(c->diags, E0414, clause->value->span, A("method", ref.kind->name), A("is", use_words[is]), A("word", use_words[use]));
    size_t n, k = 0;
    const Kind *const *kinds = kind_list(FAMILY_TRANSFORM, &n);
    const char **names = ARENA_ARRAY(c->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (((const TransformKind *)kinds[i])->use == use) names[k++] = kinds[i]->name;
    diag_note(e, E0414_known, A("names", str_join(c->arena, names, k, true)));
    Span word = clause->word_span;
    if (word.source) diag_edit(diag_fix(e, E0414_other), word, use_words[is]);
    return (KindRef){NULL, NULL};
}

static Claim claim_of(const Ast *clause, const Ast *item)
{
    if (clause->items.n == 0) return CLAIM_BARE;
    return data_is_name(item) ? CLAIM_NAME : CLAIM_SELECTION;
}

/* The columns a clause reaches: all features where it names none. */
static SelectedList reach(DataCheck *c, const Ast *clause, const char *word)
{
    if (clause->items.n) return data_select(c, &clause->items, true, word);
    SelectedList list = {0};
    for (size_t i = 0; i < c->used.n; i++) {
        Selected selected = {c->used.at[i].table_column, clause};
        if (c->used.at[i].recipe.is_feature) VEC_PUSH(c->arena, list, selected);
    }
    return list;
}

/* Whether this clause decides, since it names the column more closely than an earlier one; two that do so alike are a mistake. */
static bool wins(DataCheck *c, Claim claim, Claim *earlier, Span place, Span first, const char *word, const char *column)
{
    if (claim > *earlier) {
        *earlier = claim;
        return true;
    }
    if (claim < *earlier) return false;
    Diag *e = diag(c->diags, E0413, place, A("word", word), A("column", arena_printf(c->arena, "`%s`", column)));
    if (first.source) diag_label(e, first, E0413_first);
    diag_fix(e, E0413_help);
    return false;
}

/* ---- encode ---------------------------------------------------------------------------------------------------------- */

static void read_encode(DataCheck *c, const Ast *clause)
{
    KindRef method = read_method(c, clause, TRANSFORM_ENCODE);
    SelectedList list = reach(c, clause, "encode");
    for (size_t i = 0; i < list.n; i++) {
        UsedColumn *used = data_used(c, list.at[i].column);
        const Ast *item = list.at[i].item;
        if (used->recipe.type == COLUMN_DATE) continue; /* told with the features */
        if (!used->recipe.is_feature) {
            if (!data_is_name(item)) continue;
            Diag *e = diag(c->diags, E0419, item->span, A("column", used->recipe.name));
            if (clause->items.n == 1) diag_edit(diag_fix(e, E0419_remove), clause->span, "");
            else diag_fix(e, E0419_remove);
            if (used->recipe.type == COLUMN_NUMBER) diag_note(e, E0419_numbers);
            continue;
        }
        if (!wins(c, claim_of(clause, item), &used->encode, item->span, used->recipe.encode_span, "encode", used->recipe.name)) continue;
        used->recipe.encode = method;
        used->recipe.encode_span = item->span;
    }
}

/* ---- scale ----------------------------------------------------------------------------------------------------------- */

static void refuse_scale(DataCheck *c, const Ast *clause, const UsedColumn *used, const Ast *item)
{
    if (used->encode != CLAIM_NONE) {
        Diag *e = diag(c->diags, E0416, item->span, A("column", used->recipe.name));
        diag_label(e, used->recipe.encode_span, E0416_encode);
        if (clause->items.n == 1) diag_edit(diag_fix(e, E0416_remove), clause->span, "");
        else diag_fix(e, E0416_remove);
        return;
    }
    Diag *e = diag(c->diags, E0415, item->span, A("column", used->recipe.name), A("type", column_type_name(used->recipe.type)));
    table_explain_text(e, c->table, used->table_column, c->recipe->csv.clause);
    if (used->recipe.type != COLUMN_TEXT || !used->recipe.is_feature) return;
    Fix *fix = diag_fix(e, E0415_encode);
    if (clause->items.n == 1) diag_edit(fix, clause->span, arena_printf(c->arena, "encode %s: one_hot", data_written(c, used->recipe.name)));
}

static void read_scale(DataCheck *c, const Ast *clause)
{
    if (clause->flag && !data_clause(c, AST_CLAUSE_GROUP)) {
        Diag *e = diag(c->diags, E0495, clause->span);
        diag_fix(e, E0495_help);
    }
    KindRef method = read_method(c, clause, TRANSFORM_SCALE);
    SelectedList list = reach(c, clause, "scale");
    if (clause->items.n == 0) {
        for (size_t i = 0; i < c->ast->items.n && c->ast->items.at[i] != clause; i++) {
            const Ast *other = c->ast->items.at[i];
            if (other->type != AST_CLAUSE_SCALE || other->items.n) continue;
            Diag *e = diag(c->diags, E0413, clause->span, A("word", "scale"), A("column", "every feature"));
            diag_label(e, other->span, E0413_first);
            diag_fix(e, E0413_help);
            return;
        }
    }
    for (size_t i = 0; i < list.n; i++) {
        UsedColumn *used = data_used(c, list.at[i].column);
        const Ast *item = list.at[i].item;
        Claim claim = claim_of(clause, item);
        if (!method.kind) continue; /* told; what it would have meant is not known */
        if (used->encode != CLAIM_NONE || used->recipe.type != COLUMN_NUMBER) {
            if (claim == CLAIM_NAME) refuse_scale(c, clause, used, item);
            continue;
        }
        if (!wins(c, claim, &used->scale, item->span, used->recipe.scale_span, "scale", used->recipe.name)) continue;
        used->recipe.scale = method;
        used->recipe.per_group = clause->flag;
        used->recipe.scale_span = item->span;
    }
}

/* ---- fill ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    FillForm form;
    KindRef kind;
    double number;
    const char *text, *written;
} FillMethod;

static bool read_fill_value(DataCheck *c, const Ast *value, FillMethod *method)
{
    Value v;
    const Env *env = NULL;
    if (!scope_value(c->scope, value, &env, true, &v, NULL)) return false;
    method->written = v.written;
    if (v.type == VALUE_INT || v.type == VALUE_FLOAT) {
        method->form = FILL_NUMBER;
        method->number = v.number;
        return true;
    }
    if (v.type == VALUE_TEXT) {
        method->form = FILL_TEXT;
        method->text = v.text;
        return true;
    }
    diag(c->diags, E0216, value->span, A("what", "fill"), A("wanted", "a method, a number or a text"), A("found", v.written));
    return false;
}

static bool read_fill_method(DataCheck *c, const Ast *clause, FillMethod *method)
{
    const Ast *value = clause->value;
    *method = (FillMethod){.written = ""};
    if (!value || value->type == AST_ERROR) return false;
    if (value->type == AST_NAME || value->type == AST_CALL) {
        bool kind = kind_find(FAMILY_TRANSFORM, value->name) != NULL, previous = str_eq(value->name, "previous");
        if (previous || str_eq(value->name, "linear")) {
            data_needs_order(c, arena_printf(c->arena, "`fill %s`", value->name), value->span);
            method->form = previous ? FILL_PREVIOUS : FILL_LINEAR;
            method->written = value->name;
            return true;
        }
        const Named *named = scope_find(c->scope, value->name);
        if (kind || !named || named->type != NAMED_PARAM) {
            method->kind = read_method(c, clause, TRANSFORM_FILL);
            method->form = FILL_LEARNED;
            method->written = value->name;
            return method->kind.kind != NULL;
        }
    }
    return read_fill_value(c, value, method);
}

static bool fill_fits(const FillMethod *method, ColumnType type)
{
    switch (method->form) {
    case FILL_NONE: return false;
    case FILL_PREVIOUS: return type != COLUMN_DATE;
    case FILL_LINEAR:
    case FILL_NUMBER: return type == COLUMN_NUMBER;
    case FILL_TEXT: return type == COLUMN_TEXT;
    case FILL_LEARNED: return type == COLUMN_TEXT ? transform_of(method->kind)->of_texts : type == COLUMN_NUMBER;
    }
    return false;
}

static void refuse_fill(DataCheck *c, const Ast *clause, const UsedColumn *used, const Ast *item, const FillMethod *method)
{
    bool texts = used->recipe.type == COLUMN_TEXT;
    Diag *e = diag(c->diags, E0417, clause->value->span, A("column", used->recipe.name), A("method", method->written),
                   A("type", column_type_name(used->recipe.type)));
    diag_label(e, item->span, E0417_column);
    if (clause->items.n != 1) {
        diag_fix(e, E0417_split);
        return;
    }
    const char *instead = texts ? "most_common" : "median";
    diag_edit(diag_fix(e, E0417_other, A("other", instead)), clause->value->span, instead);
}

static void read_fill(DataCheck *c, const Ast *clause)
{
    FillMethod method;
    bool good = read_fill_method(c, clause, &method);
    SelectedList list = reach(c, clause, "fill");
    for (size_t i = 0; i < list.n; i++) {
        UsedColumn *used = data_used(c, list.at[i].column);
        const Ast *item = list.at[i].item;
        Claim claim = claim_of(clause, item);
        if (good && !fill_fits(&method, used->recipe.type)) {
            if (claim == CLAIM_NAME) refuse_fill(c, clause, used, item, &method);
            continue;
        }
        /* `fill median` and `fill most_common` side by side: each takes the columns it fits, the first one first. */
        if (claim == CLAIM_BARE && used->fill == CLAIM_BARE) continue;
        if (!wins(c, claim, &used->fill, item->span, used->recipe.fill_span, "fill", used->recipe.name)) continue;
        used->recipe.fill = good ? method.form : FILL_NUMBER;
        used->recipe.fill_kind = method.kind;
        used->recipe.fill_number = method.number;
        used->recipe.fill_text = method.text;
        used->recipe.fill_span = item->span;
        /* Nothing is learned for it: in a series it stands before anything looks back, like every constant. */
        if (used->recipe.fill == FILL_LEARNED && c->recipe->order.form != ORDER_NONE && str_eq(method.kind.kind->name, "zero"))
            used->recipe.fill = FILL_NUMBER;
    }
}

void data_methods(DataCheck *c)
{
    c->recipe->drop_missing = data_clause(c, AST_CLAUSE_DROP) != NULL;
    /* encode first: a bare `scale` leaves out what is encoded. */
    static const AstType order[] = {AST_CLAUSE_ENCODE, AST_CLAUSE_SCALE, AST_CLAUSE_FILL};
    for (size_t turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < c->ast->items.n; i++) {
            const Ast *clause = c->ast->items.at[i];
            if (clause->type != order[turn]) continue;
            if (!c->table) {
                FillMethod ignored;
                if (turn == 2) read_fill_method(c, clause, &ignored);
                else read_method(c, clause, turn == 0 ? TRANSFORM_ENCODE : TRANSFORM_SCALE);
            } else if (turn == 0) {
                read_encode(c, clause);
            } else if (turn == 1) {
                read_scale(c, clause);
            } else {
                read_fill(c, clause);
            }
        }
    }
}

/* ---- weight ---------------------------------------------------------------------------------------------------------- */

void data_weight(DataCheck *c)
{
    const Ast *clause = data_clause(c, AST_CLAUSE_WEIGHT);
    if (!clause || !clause->name || !c->table) return;
    Span place = clause->name_span.source ? clause->name_span : clause->span;
    size_t at = data_column(c, clause->name, place);
    if (at == NO_COLUMN) return;
    const Column *column = &c->table->columns[at];
    if (column->type != COLUMN_NUMBER) {
        Diag *e = diag(c->diags, E0456, place, A("column", column->name), A("found", column_type_name(column->type)));
        table_explain_text(e, c->table, at, c->recipe->csv.clause);
        return;
    }
    bool drops = c->recipe->drop_missing;
    for (size_t row = 0; row < c->table->n_rows; row++) {
        double value = column->numbers[row];
        if (value >= 0.0 || (drops && isnan(value))) continue;
        Diag *e = diag(c->diags, E0456, place, A("column", column->name),
                       A("found", isnan(value) ? "a missing cell" : str_double(c->arena, value)));
        Span cell = table_cell_span(c->table, row, at);
        if (cell.source) diag_label(e, cell, E0456_cell);
        return;
    }
    c->recipe->weight = column->name;
}
