/* take, split, split by, validation from, test from: which rows train and which judge. */
#include "src/check/data_inside.h"

#include <math.h>

void data_take(DataCheck *c)
{
    const Ast *clause = data_clause(c, AST_CLAUSE_TAKE);
    if (!clause || !clause->value) return;
    int64_t rows;
    if (!scope_whole(c->scope, clause->value, NULL, "take", 1, &rows)) return;
    c->recipe->take_shuffled = clause->flag;
    if (!c->own || rows <= (int64_t)c->own->n_rows) {
        c->recipe->take = rows;
        return;
    }
    Diag *e = diag(c->diags, E0453, clause->value->span, A("file", c->recipe->path), AI("rows", c->own->n_rows), AI("asked", rows));
    diag_edit(diag_fix(e, E0453_all), clause->span, "");
}

/* ---- Shares ---------------------------------------------------------------------------------------------------------- */

static bool refuse_share(DataCheck *c, const Ast *ast, const Value *value)
{
    Diag *e = diag(c->diags, E0440, ast->span, A("found", value->written));
    if (value->number > 0.0 && value->number < 1.0 && ast->type == AST_NUMBER) {
        const char *percent = arena_printf(c->arena, "%s%%", str_figure(c->arena, value->number * 100.0, 6));
        diag_edit(diag_fix(e, E0440_percent, A("percent", percent)), ast->span, percent);
    } else {
        diag_fix(e, E0440_help);
    }
    return false;
}

static bool read_share(DataCheck *c, const Ast *ast, SplitShare *share)
{
    const Ast *value_ast = ast->value;
    share->span = ast->span;
    if (!value_ast || value_ast->type == AST_ERROR) return false;
    if (value_ast->type == AST_NAME && str_eq(value_ast->name, "rest")) {
        share->form = SHARE_REST;
        return true;
    }
    Value value;
    const Env *env = NULL;
    if (!scope_value(c->scope, value_ast, &env, false, &value, NULL)) return false;
    share->span = value_ast->span;
    if (value.type == VALUE_INT || value.type == VALUE_FLOAT) {
        if (value.percent && value.number > 0.0 && value.number <= 1.0 + 1e-9) {
            share->form = SHARE_PERCENT;
            share->share = value.number;
            return true;
        }
        if (!value.percent && value.type == VALUE_INT && value.integer > 0) {
            share->form = SHARE_COUNT;
            share->count = value.integer;
            return true;
        }
    }
    return refuse_share(c, value_ast, &value);
}

/* A text without its quotes is told by the parser. */
static bool as_bare_word(const DataCheck *c, const Ast *item)
{
    size_t n;
    const char *text = sources_text(diags_sources(c->diags), item->span.source, &n);
    return text && item->span.begin < n && text[item->span.begin] != '"';
}

static bool read_values(DataCheck *c, const Ast *ast, SplitShare *share)
{
    const char **texts = ARENA_ARRAY(c->arena, const char *, ast->items.n + 1);
    double *numbers = ARENA_ARRAY(c->arena, double, ast->items.n + 1);
    Span *spans = ARENA_ARRAY(c->arena, Span, ast->items.n + 1);
    share->span = ast->span;
    share->form = SHARE_COUNT;
    for (size_t i = 0; i < ast->items.n; i++) {
        const Ast *item = ast->items.at[i];
        Value value;
        const Env *env = NULL;
        if (item->type == AST_TEXT && as_bare_word(c, item)) return false;
        if (item->type == AST_ERROR || !scope_value(c->scope, item, &env, true, &value, NULL)) return false;
        const char *text = value.type == VALUE_TEXT || value.type == VALUE_NAME ? value.text : value.written;
        texts[i] = str_nfc(c->arena, text, strlen(text));
        if (value.type == VALUE_INT || value.type == VALUE_FLOAT) numbers[i] = value.number;
        else if (!csv_number(text, strlen(text), &numbers[i])) numbers[i] = (double)NAN;
        spans[i] = item->span;
    }
    share->values = texts;
    share->numbers = numbers;
    share->value_spans = spans;
    share->n_values = ast->items.n;
    return true;
}

static bool part_twice(DataCheck *c, const Ast *clause, size_t at)
{
    const Ast *share = clause->items.at[at];
    for (size_t i = 0; i < at; i++) {
        if (!str_eq(clause->items.at[i]->word, share->word)) continue;
        Diag *e = diag(c->diags, E0443, share->span, A("part", share->word));
        diag_label(e, clause->items.at[i]->span, E0443_first);
        Span both = {share->span.source, clause->items.at[at - 1]->span.end, share->span.end};
        diag_edit(diag_fix(e, E0443_remove), both, "");
        return true;
    }
    return false;
}

static void judge_shares(DataCheck *c, const Split *split, const Ast *clause)
{
    double sum = 0.0;
    const SplitShare *rest = NULL;
    for (size_t i = 0; i < split->n_parts; i++) {
        const SplitShare *share = &split->part[split->sequence[i]];
        if (share->form == SHARE_PERCENT) sum += share->share;
        if (share->form != SHARE_REST) continue;
        if (rest) {
            Diag *e = diag(c->diags, E0446, share->span);
            diag_label(e, rest->span, E0446_first);
            return;
        }
        rest = share;
    }
    if (sum > 1.0 + 1e-9) {
        Diag *e = diag(c->diags, E0441, clause->span, A("sum", arena_printf(c->arena, "%s%%", str_figure(c->arena, sum * 100.0, 6))));
        const SplitShare *last = &split->part[split->sequence[split->n_parts - 1]];
        double left = 1.0 - (sum - last->share);
        if (last->form == SHARE_PERCENT && !rest && split->n_parts > 1 && left > 1e-9) diag_edit(diag_fix(e, E0441_rest), last->span, "rest");
        else diag_fix(e, E0441_help);
    }
}

static void read_order(DataCheck *c, const Ast *clause, Split *split)
{
    if (!clause->word2) return;
    split->order_given = true;
    if (str_eq(clause->word2, "in order")) split->order = SPLIT_IN_ORDER;
    else if (str_eq(clause->word2, "stratified")) split->order = SPLIT_STRATIFIED;
    else split->order = SPLIT_SHUFFLED;
    for (size_t i = 0; i < clause->args.n; i++) {
        const Ast *arg = clause->args.at[i];
        if (arg->type == AST_ERROR) continue;
        int64_t seed;
        if (arg->name && !str_eq(arg->name, "seed")) {
            Diag *e = diag(c->diags, E0203, arg->name_span, A("kind", clause->word2), A("name", arg->name));
            diag_note(e, E0203_takes, A("names", "`seed`"));
            continue;
        }
        if (scope_whole(c->scope, arg->type == AST_ARG ? arg->value : arg, NULL, "seed", 0, &seed)) split->seed = (uint64_t)seed;
    }
}

static void read_split(DataCheck *c, const Ast *clause)
{
    Split *split = &c->recipe->split;
    bool by = clause->type == AST_CLAUSE_SPLIT_BY, good = true;
    split->form = by ? SPLIT_BY : SPLIT_SHARES;
    split->span = clause->span;
    for (size_t i = 0; i < clause->items.n; i++) {
        const Ast *share = clause->items.at[i];
        if (share->type != AST_SHARE) {
            good = false;
            continue;
        }
        Part part = part_find(share->word);
        if (part == PART_NONE || part_twice(c, clause, i)) {
            good = false;
            continue;
        }
        if (share->flag) {
            data_until(c, share, part);
            split->sequence[split->n_parts++] = part;
            continue;
        }
        if (!(by ? read_values(c, share, &split->part[part]) : read_share(c, share, &split->part[part]))) good = false;
        split->sequence[split->n_parts++] = part;
    }
    read_order(c, clause, split);
    if (!good) return;
    if (!by) judge_shares(c, split, clause);
    if (split->n_parts && split->part[PART_TRAIN].form == SHARE_NONE) {
        Diag *e = diag(c->diags, E0444, clause->span);
        diag_edit(diag_fix(e, E0444_train), span_before(clause->items.at[0]->span), by ? "" : "train rest, ");
    }
}

static void read_split_by(DataCheck *c, const Ast *clause)
{
    Split *split = &c->recipe->split;
    if (!clause->name || !c->table) return;
    split->by_span = clause->name_span.source ? clause->name_span : clause->span;
    size_t at = data_column(c, clause->name, split->by_span);
    if (at == NO_COLUMN || data_refuse_back(c, "split by", clause->name, split->by_span)) return;
    const Column *column = &c->table->columns[at];
    split->by = column->name;
    for (size_t i = 0; i < split->n_parts && column->type == COLUMN_DATE; i++) {
        SplitShare *share = &split->part[split->sequence[i]];
        double *numbers = ARENA_ARRAY(c->arena, double, share->n_values + 1);
        for (size_t k = 0; k < share->n_values; k++) {
            DateForm form;
            if (!date_parse_iso(share->values[k], strlen(share->values[k]), &form, &numbers[k])) numbers[k] = (double)NAN;
        }
        share->numbers = numbers;
    }
}

void data_split(DataCheck *c)
{
    const Ast *split = NULL;
    for (size_t i = 0; i < c->ast->items.n && !split; i++)
        if (c->ast->items.at[i]->type == AST_CLAUSE_SPLIT || c->ast->items.at[i]->type == AST_CLAUSE_SPLIT_BY) split = c->ast->items.at[i];
    if (split) read_split(c, split);
    if (split && split->type == AST_CLAUSE_SPLIT_BY) read_split_by(c, split);
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_PART_FROM) continue;
        Part part = part_find(clause->word);
        if (part == PART_NONE || c->recipe->split.part[part].form == SHARE_NONE) continue;
        Diag *e = diag(c->diags, E0450, clause->span, A("part", clause->word));
        diag_label(e, c->recipe->split.part[part].span, E0450_split);
        diag_fix(e, E0450_help);
    }
}

/* ---- Against the rows ------------------------------------------------------------------------------------------------ */

/* The class of each row, over all targets of classes together; NULL: there is none. */
static uint32_t *strata_of(DataCheck *c, const uint32_t *own, size_t n, size_t *n_strata, const char **by)
{
    uint32_t *strata = NULL;
    VEC(const char *) names = {0};
    *n_strata = 1;
    for (size_t t = 0; t < c->recipe->n_targets; t++) {
        const RecipeTarget *target = &c->recipe->targets[t];
        if (!target->classes && !(target->zero_one && target->n_columns == 1)) continue;
        size_t labels = target->classes ? target->n_labels : 2;
        if (strata && *n_strata * labels > n / 4) continue; /* combinations too fine to divide */
        const Column *column = &c->rows->columns[table_find(c->rows, c->recipe->columns[target->columns[0]].name)];
        if (!strata) strata = ARENA_ARRAY(c->arena, uint32_t, n + 1);
        for (size_t i = 0; i < n; i++) {
            size_t label = 0;
            if (!target->classes) label = column->numbers[own[i]] == 1.0;
            else if (target->label_numbers) while (label + 1 < labels && target->label_numbers[label] != column->numbers[own[i]]) label++;
            else while (label + 1 < labels && !str_eq(target->labels[label], column_text(column, own[i]))) label++;
            strata[i] = strata[i] * (uint32_t)labels + (uint32_t)label;
        }
        *n_strata *= labels;
        VEC_PUSH(c->arena, names, column->name);
    }
    *by = names.n ? str_join(c->arena, names.at, names.n, true) : NULL;
    return strata;
}

bool data_judge_counts(DataCheck *c, size_t n)
{
    const Split *split = &c->recipe->split;
    double wanted = 0.0;
    bool counts = false;
    for (size_t i = 0; i < split->n_parts; i++) {
        const SplitShare *share = &split->part[split->sequence[i]];
        if (share->form == SHARE_PERCENT) wanted += share->share * (double)n;
        if (share->form == SHARE_COUNT) wanted += (double)share->count;
        counts = counts || share->form == SHARE_COUNT;
    }
    if (!counts || wanted <= (double)n + 0.5) return true;
    Diag *e = diag(c->diags, E0442, split->span, AI("rows", n), A("wanted", str_double(c->arena, ceil(wanted - 1e-6))));
    diag_fix(e, E0442_help);
    return false;
}

static bool judge_sizes(DataCheck *c, const size_t *sizes, size_t n)
{
    const Split *split = &c->recipe->split;
    bool ok = true;
    for (size_t i = 0; i < split->n_parts; i++) {
        Part part = split->sequence[i];
        if (sizes[part] > 0) continue;
        Diag *e = diag(c->diags, E0445, split->part[part].span, A("part", part_name(part)), AI("rows", n));
        diag_fix(e, E0445_help);
        ok = false;
    }
    return ok;
}

static bool judge_values(DataCheck *c)
{
    const Split *split = &c->recipe->split;
    size_t at = table_find(c->rows, split->by);
    const Column *column = &c->rows->columns[at];
    bool ok = true;
    for (size_t i = 0; i < split->n_parts; i++) {
        const SplitShare *share = &split->part[split->sequence[i]];
        for (size_t k = 0; k < share->n_values; k++) {
            bool found = false;
            for (size_t row = 0; row < c->rows->n_rows && !found; row++) {
                if (column->type == COLUMN_TEXT) found = str_eq(column_text(column, row), share->values[k]);
                else found = column->numbers[row] == share->numbers[k];
            }
            if (!found) {
                Diag *e = diag(c->diags, E0448, share->value_spans[k], A("column", column->name), A("value", share->values[k]),
                               A("file", c->rows->path));
                Column texts = column->type == COLUMN_TEXT ? *column : table_as_text(c->arena, c->rows, at);
                const Table *as_text = table_with_column(c->arena, c->rows, at, &texts);
                size_t n;
                const char *const *labels = column_labels(c->arena, as_text, at, &n);
                const char *nearest = str_nearest(share->values[k], labels, n);
                diag_note(e, n > 12 ? E0448_more : E0448_values, A("values", str_join(c->arena, labels, n > 12 ? 12 : n, true)));
                if (nearest && column->type == COLUMN_TEXT)
                    diag_did_you_mean(e, share->value_spans[k], arena_printf(c->arena, "\"%s\"", nearest));
                ok = false;
            }
            for (size_t j = 0; j <= i; j++) {
                const SplitShare *other = &split->part[split->sequence[j]];
                for (size_t l = 0; l < other->n_values && (j < i || l < k); l++) {
                    if (!str_eq(other->values[l], share->values[k])) continue;
                    Diag *e = diag(c->diags, E0449, share->value_spans[k], A("value", share->values[k]));
                    diag_label(e, other->value_spans[l], E0449_first);
                    ok = false;
                }
            }
        }
    }
    return ok;
}

static void tell_parts(DataCheck *c, const char *strata)
{
    const Split *split = &c->recipe->split;
    size_t sizes[PART_COUNT + 1] = {0};
    for (size_t row = 0; row < c->rows->n_rows; row++) sizes[c->parts[row]]++;
    if (split->form == SPLIT_ALL_TRAIN && sizes[PART_TRAIN] == c->rows->n_rows) {
        data_fact(c, "there is no `split`: all %zu rows train", c->rows->n_rows);
        return;
    }
    Buf text = buf_in(c->arena);
    buf_printf(&text, "%zu rows train%s", sizes[PART_TRAIN], data_times(c, PART_TRAIN));
    if (sizes[PART_VALIDATION]) buf_printf(&text, ", %zu validate%s", sizes[PART_VALIDATION], data_times(c, PART_VALIDATION));
    if (sizes[PART_TEST]) buf_printf(&text, ", %zu test%s", sizes[PART_TEST], data_times(c, PART_TEST));
    if (split->form == SPLIT_SHARES) {
        const char *seed = split->seed ? arena_printf(c->arena, " with seed %llu", (unsigned long long)split->seed) : "";
        if (split->order == SPLIT_IN_ORDER) buf_put(&text, c->series ? "; in time order" : "; in the order of the file");
        else if (split->order == SPLIT_STRATIFIED) buf_printf(&text, "; drawn by lot%s, each class of %s in the same share", seed, strata);
        else buf_printf(&text, "; drawn by lot%s", seed);
    } else if (split->form == SPLIT_BY) {
        buf_printf(&text, "; by `%s`", split->by);
    }
    data_fact(c, "%s", text.at);
    if (sizes[PART_NONE]) data_fact(c, "%zu rows belong to no part", sizes[PART_NONE]);
}

/* Rows of the block's own file, and the others' part. */
static uint32_t *own_rows(DataCheck *c, size_t *n)
{
    uint32_t *own = ARENA_ARRAY(c->arena, uint32_t, c->rows->n_rows + 1);
    *n = 0;
    for (size_t row = 0; row < c->rows->n_rows; row++) {
        size_t raw = c->rows->origin ? c->rows->origin[row] : row;
        /* A row that was added for a step belongs with the row before it. */
        if (raw == NO_ROW && row > 0) {
            c->parts[row] = c->parts[row - 1];
            if (*n && own[*n - 1] == row - 1) own[(*n)++] = (uint32_t)row;
            continue;
        }
        if (raw < c->own->n_rows) own[(*n)++] = (uint32_t)row;
        for (int part = 0; part < PART_COUNT; part++)
            if (raw >= c->part_begin[part] && raw < c->part_begin[part] + c->part_rows[part]) c->parts[row] = (Part)part;
    }
    return own;
}

bool data_divide(DataCheck *c)
{
    Split *split = &c->recipe->split;
    size_t n, n_strata = 1;
    c->parts = ARENA_ARRAY(c->arena, Part, c->rows->n_rows + 1);
    uint32_t *own = own_rows(c, &n);
    if (split->form == SPLIT_BY) {
        if (!judge_values(c)) return false;
        Part *by = ARENA_ARRAY(c->arena, Part, c->rows->n_rows + 1);
        split_rows_by(split, c->rows, by);
        for (size_t i = 0; i < n; i++) c->parts[own[i]] = by[own[i]];
        tell_parts(c, NULL);
        return true;
    }
    if (c->series && (!split->order_given || split->order == SPLIT_IN_ORDER) && split->form == SPLIT_SHARES) {
        split->order = SPLIT_IN_ORDER;
        if (!data_divide_series(c, own, n)) return false;
        size_t counts[PART_COUNT + 1] = {0};
        for (size_t i = 0; i < n; i++) counts[c->parts[own[i]]]++;
        if (!judge_sizes(c, counts, n)) return false;
        tell_parts(c, NULL);
        return true;
    }
    const char *by = NULL;
    uint32_t *strata = split->form == SPLIT_SHARES ? strata_of(c, own, n, &n_strata, &by) : NULL;
    if (!split->order_given && strata) split->order = SPLIT_STRATIFIED;
    if (split->order == SPLIT_STRATIFIED && !strata) {
        Diag *e = diag(c->diags, E0451, split->span);
        const Ast *clause = data_clause(c, AST_CLAUSE_SPLIT);
        if (clause && clause->word2_span.source) diag_edit(diag_fix(e, E0451_shuffled), clause->word2_span, "shuffled");
        else diag_fix(e, E0451_shuffled);
        return false;
    }
    if (!data_judge_counts(c, n)) return false;
    Part *parts = ARENA_ARRAY(c->arena, Part, n + 1);
    split_rows(split, n, strata, n_strata, parts);
    size_t sizes[PART_COUNT + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        c->parts[own[i]] = parts[i];
        sizes[parts[i]]++;
    }
    if (split->form == SPLIT_SHARES && !judge_sizes(c, sizes, n)) return false;
    tell_parts(c, by);
    return true;
}
