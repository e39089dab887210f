/* The data recipe of `nnl export`, repeated with pandas: `read` gives the table as it stands, `prepare` what the model sees of it. Learned
 * numbers stand in the script as they are. See export.h. */
#include "src/report/export.h"

#include <string.h>

typedef struct {
    Arena *arena;
    const Recipe *recipe;
    const Fit *fit;
    const SavedModel *saved;
    Buf *out;
    bool *file;     /* columns of the file that the inputs need */
    bool *derived;  /* derived ones */
} Script;

/* ---- What the inputs need ------------------------------------------------------------------------------------------------------------ */

static void need(void *context, const Expr *column)
{
    Script *s = context;
    for (size_t i = 0; i < s->recipe->n_derives; i++)
        if (str_eq(s->recipe->derives[i].name, column->name)) s->derived[i] = true;
}

static void find_needed(Script *s)
{
    const Recipe *r = s->recipe;
    const bool *needed = recipe_needed(r, s->arena, ROWS_PREDICT);
    s->file = ARENA_ARRAY(s->arena, bool, r->n_file_columns + 1);
    s->derived = ARENA_ARRAY(s->arena, bool, r->n_derives + 1);
    for (size_t i = 0; i < r->n_file_columns; i++) s->file[i] = needed[i];
    for (size_t d = 0; d < r->n_derives; d++) {
        size_t column = recipe_column(r, r->derives[d].name);
        if (column != NO_COLUMN && r->columns[column].is_feature) s->derived[d] = true;
    }
    for (size_t d = r->n_derives; d-- > 0;)
        if (s->derived[d]) expr_columns(r->derives[d].expr, need, s);
}

/* ---- Reading ------------------------------------------------------------------------------------------------------------------------- */

static void put_file_columns(Script *s, const char *name, ColumnType type)
{
    const char **names = ARENA_ARRAY(s->arena, const char *, s->recipe->n_file_columns + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->recipe->n_file_columns; i++)
        if (s->recipe->file_columns[i].type == type) names[n++] = s->recipe->file_columns[i].name;
    buf_printf(s->out, "%s = ", name);
    export_texts(s->out, names, n);
    buf_char(s->out, '\n');
}

static void put_constants(Script *s)
{
    const Recipe *r = s->recipe;
    const char **names = ARENA_ARRAY(s->arena, const char *, r->n_file_columns + 1);
    size_t n = 0;
    buf_put(s->out, "# The columns of the table by what they hold; those that the model cannot do without; the cells that count as empty.\n");
    put_file_columns(s, "NUMBERS", COLUMN_NUMBER);
    put_file_columns(s, "TEXTS", COLUMN_TEXT);
    put_file_columns(s, "DATES", COLUMN_DATE);
    for (size_t i = 0; i < r->n_file_columns; i++)
        if (s->file[i]) names[n++] = r->file_columns[i].name;
    buf_put(s->out, "NEEDED = ");
    export_texts(s->out, names, n);
    VEC(const char *) empty = {0};
    VEC_PUSH(s->arena, empty, "");
    for (const char *const *word = csv_missing_words; *word; word++) VEC_PUSH(s->arena, empty, *word);
    double *numbers = ARENA_ARRAY(s->arena, double, r->csv.n_missing + 1);
    size_t n_numbers = 0;
    for (size_t i = 0; i < r->csv.n_missing; i++) {
        const char *text = r->csv.missing[i].text;
        VEC_PUSH(s->arena, empty, text);
        if (csv_number(text, strlen(text), &numbers[n_numbers])) n_numbers++;
    }
    buf_put(s->out, "\nEMPTY = ");
    export_texts(s->out, empty.at, empty.n);
    buf_put(s->out, "\nEMPTY_NUMBERS = ");
    export_numbers(s->out, numbers, n_numbers);
    buf_put(s->out, "\n\n\n");
}

static void put_read(Script *s)
{
    const CsvOptions *csv = &s->recipe->csv;
    const char *encoding = csv->encoding ? csv->encoding : "utf-8-sig";
    buf_put(s->out, "def read(path):\n    \"\"\"The table, every cell a text as it stands.\"\"\"\n");
    if (csv->delimiter) {
        buf_put(s->out, "    delimiter = ");
        export_text(s->out, (const char[]){csv->delimiter, 0});
        buf_char(s->out, '\n');
    } else {
        buf_put(s->out, "    with open(path, encoding=");
        export_text(s->out, encoding);
        buf_put(s->out, ") as file:\n        first = file.readline()\n    delimiter = max(\",;\\t|\", key=first.count)\n");
    }
    buf_put(s->out, "    table = pd.read_csv(path, sep=delimiter, encoding=");
    export_text(s->out, encoding);
    buf_put(s->out, ", dtype=str, keep_default_na=False, skipinitialspace=True");
    if (csv->header_none || csv->n_header) buf_put(s->out, ", header=None");
    buf_put(s->out, ")\n");
    if (csv->n_header) {
        buf_put(s->out, "    table.columns = ");
        export_texts(s->out, csv->header, csv->n_header);
        buf_char(s->out, '\n');
    } else if (csv->header_none) {
        buf_put(s->out, "    table.columns = [f\"c{i + 1}\" for i in range(len(table.columns))]\n");
    } else {
        buf_put(s->out, "    table.columns = [unicodedata.normalize(\"NFC\", name.strip()) for name in table.columns]\n");
    }
    for (size_t i = 0; i < csv->n_renames; i++) {
        buf_put(s->out, "    table = table.rename(columns={");
        export_text(s->out, csv->renames[i].from);
        buf_put(s->out, ": ");
        export_text(s->out, csv->renames[i].to);
        buf_put(s->out, "})\n");
    }
    buf_put(s->out, "    return table\n\n\n");
}

/* ---- Columns -------------------------------------------------------------------------------------------------------------------------- */

static void put_column(Buf *out, const char *name)
{
    buf_put(out, "data[");
    export_text(out, name);
    buf_char(out, ']');
}

static void put_dates(Script *s)
{
    const Recipe *r = s->recipe;
    for (size_t d = 0; d < r->n_dates; d++) {
        const RecipeDate *date = &r->dates[d];
        buf_put(s->out, "    data[");
        export_text(s->out, date->name);
        buf_put(s->out, "] = pd.to_datetime(");
        for (size_t i = 0; i < date->n_from; i++) {
            buf_put(s->out, i ? " + \" \" + table[" : "table[");
            export_text(s->out, date->from[i]);
            buf_put(s->out, "].str.strip()");
        }
        buf_put(s->out, ", utc=True");
        if (date->format) {
            buf_put(s->out, ", format=");
            export_text(s->out, date->format);
        } else {
            static const char *const forms[] = {[DATE_MONTH] = ", format=\"%Y-%m\"", [DATE_COMPACT] = ", format=\"%Y%m%d\"", [DATE_DMY] = ", dayfirst=True"};
            if ((size_t)date->form < sizeof forms / sizeof *forms && forms[date->form]) buf_put(s->out, forms[date->form]);
        }
        buf_put(s->out, ")\n");
    }
}

static void put_derives(Script *s, bool back)
{
    for (size_t d = 0; d < s->recipe->n_derives; d++) {
        const RecipeDerive *derive = &s->recipe->derives[d];
        if (derive->looks_back != back || !s->derived[d]) continue;
        buf_put(s->out, "    ");
        put_column(s->out, derive->name);
        buf_put(s->out, " = ");
        size_t column = recipe_column(s->recipe, derive->name);
        bool number = (column == NO_COLUMN || s->recipe->columns[column].type == COLUMN_NUMBER) && derive->expr->op != EXPR_DIVIDE;
        if (number) buf_put(s->out, "known(");
        export_expr(s->arena, derive->expr, s->recipe, s->out);
        buf_put(s->out, number ? ")\n" : "\n");
    }
}

typedef struct {
    Buf *out;
    bool any;
    const Recipe *recipe;
} Names;

static void put_name(void *context, const Expr *column)
{
    Names *names = context;
    buf_put(names->out, names->any ? ", " : "");
    export_text(names->out, column->name);
    names->any = true;
}

/* A test is left out where the table lacks a column it names, as `nnl predict` does. */
static void put_wheres(Script *s)
{
    for (size_t i = 0; i < s->recipe->n_wheres; i++) {
        const Expr *test = s->recipe->wheres[i].expr;
        buf_put(s->out, "    if {");
        Names names = {s->out, false, s->recipe};
        expr_columns(test, put_name, &names);
        buf_put(s->out, "} <= set(data.columns):\n        data = data[");
        export_expr(s->arena, test, s->recipe, s->out);
        buf_put(s->out, ".fillna(False)]\n");
    }
}

static bool needs_runs(const Recipe *r)
{
    return r->order.form != ORDER_NONE;
}

/* Columns whose rows go where a cell is missing. */
static void put_drop(Script *s)
{
    const Recipe *r = s->recipe;
    const char **names = ARENA_ARRAY(s->arena, const char *, r->n_columns + 1);
    size_t n = 0;
    for (size_t i = 0; i < r->n_columns && r->drop_missing; i++)
        if (r->columns[i].is_feature && r->columns[i].fill == FILL_NONE && r->columns[i].depth == 0) names[n++] = r->columns[i].name;
    buf_put(s->out, "    kept = data[");
    export_texts(s->out, names, n);
    buf_put(s->out, "].notna().all(axis=1)\n");
}

static void put_order(Script *s)
{
    const RecipeOrder *order = &s->recipe->order;
    if (!needs_runs(s->recipe)) {
        if (!s->recipe->drop_missing) return;
        put_drop(s);
        buf_put(s->out, "    data = data[kept]\n");
        return;
    }
    if (order->n_group) {
        buf_put(s->out, "    series = data.groupby(");
        export_texts(s->out, order->group, order->n_group);
        buf_put(s->out, ", sort=False, dropna=False).ngroup()\n");
    } else {
        buf_put(s->out, "    series = pd.Series(0, index=data.index)\n");
    }
    const char **names = ARENA_ARRAY(s->arena, const char *, order->n_columns + 1);
    for (size_t i = 0; i < order->n_columns; i++) names[i + 1] = order->columns[i].name;
    names[0] = "(series)";
    buf_put(s->out, "    data = data.assign(**{\"(series)\": series}).sort_values(");
    export_texts(s->out, names, order->n_columns + 1);
    buf_put(s->out, ", kind=\"stable\")\n    series = data.pop(\"(series)\")\n");
    if (!s->recipe->drop_missing) {
        buf_put(s->out, "    runs = series\n");
        return;
    }
    put_drop(s);
    buf_put(s->out, "    runs = ((series != series.shift()) | ~kept.shift(fill_value=True)).cumsum()  # stretches of neighbouring rows\n");
    buf_put(s->out, "    data, series, runs = data[kept], series[kept], runs[kept]\n");
}

/* when: 0 before the columns that look back, 1 behind them. */
static void put_fill(Script *s, size_t c, int when)
{
    const RecipeColumn *column = &s->recipe->columns[c];
    const TransformState *learned = &s->fit->columns[c].fill;
    bool late = column->fill == FILL_LEARNED || column->fill == FILL_TEXT;
    if (column->fill == FILL_NONE || !column->is_feature || (when == 1) != (late || column->depth > 0)) return;
    buf_put(s->out, "    ");
    put_column(s->out, column->name);
    buf_put(s->out, " = ");
    put_column(s->out, column->name);
    switch (column->fill) {
    case FILL_NONE: break;
    case FILL_LEARNED:
        buf_put(s->out, ".fillna(");
        if (learned->n_texts) export_text(s->out, learned->texts[0]);
        else export_number(s->out, learned->n_numbers ? learned->numbers[0] : 0.0);
        buf_put(s->out, ")\n");
        break;
    case FILL_NUMBER:
        buf_put(s->out, ".fillna(");
        export_number(s->out, column->fill_number);
        buf_put(s->out, ")\n");
        break;
    case FILL_TEXT:
        buf_put(s->out, ".fillna(");
        export_text(s->out, column->fill_text);
        buf_put(s->out, ")\n");
        break;
    case FILL_PREVIOUS: buf_put(s->out, ".groupby(series).ffill()\n"); break;
    case FILL_LINEAR: buf_put(s->out, ".astype(\"float64\").groupby(series).transform(lambda x: x.interpolate()).astype(\"Float64\")\n"); break;
    }
}

/* ---- Inputs ---------------------------------------------------------------------------------------------------------------------------- */

/* Fills in a kind's template; x is what it is applied to. */
static void put_template(Script *s, const char *python, KindRef ref, const TransformState *state, const char *x)
{
    for (const char *at = python; *at;) {
        size_t n = *at == '{' ? strcspn(at, "}") : 0;
        const char *name = n ? arena_text(s->arena, at + 1, n - 1) : NULL;
        if (!name) {
            buf_char(s->out, *at++);
            continue;
        }
        at += n + 1;
        int argument = ref.kind->args ? kind_arg_index(ref.kind, name) : -1;
        if (str_eq(name, "x")) buf_put(s->out, x);
        else if (str_eq(name, "categories") && state->n_texts) export_texts(s->out, state->texts, state->n_texts);
        else if (str_eq(name, "categories")) export_numbers(s->out, state->numbers, state->n_numbers);
        else if (argument < 0) export_number(s->out, state->numbers[name[0] - '0']);
        else {
            Value value = kind_get(s->arena, ref.kind, ref.args, &ref.kind->args[argument]);
            if (value.type == VALUE_BOOL) buf_put(s->out, value.boolean ? "True" : "False");
            else export_number(s->out, value.number);
        }
    }
}

static void put_input_column(Script *s, size_t c)
{
    const RecipeColumn *column = &s->recipe->columns[c];
    const ColumnFit *fit = &s->fit->columns[c];
    Buf x = buf_in(s->arena);
    put_column(&x, column->name);
    buf_put(s->out, "        ");
    if (column->encode.kind) {
        buf_char(s->out, '*');
        put_template(s, transform_of(column->encode)->python, column->encode, &fit->encode, x.at);
    } else if (column->scale.kind && fit->scale.constant) {
        buf_printf(s->out, "%s * 0.0", x.at); /* one value throughout the training rows */
    } else if (column->scale.kind) {
        put_template(s, transform_of(column->scale)->python, column->scale, &fit->scale, x.at);
    } else {
        buf_put(s->out, x.at);
    }
    buf_put(s->out, ",\n");
}

/* Rows before a sample's last one that its inputs need. */
static size_t rows_before(const Recipe *r)
{
    size_t most = 0;
    for (size_t g = 0; g < r->n_groups; g++) {
        size_t depth = 0, span = r->groups[g].window ? r->groups[g].window - 1 : 0;
        for (size_t i = 0; i < r->groups[g].n_columns; i++)
            if (r->columns[r->groups[g].columns[i]].depth > depth) depth = r->columns[r->groups[g].columns[i]].depth;
        if (span + depth > most) most = span + depth;
    }
    return most;
}

static void put_samples(Script *s)
{
    const Recipe *r = s->recipe;
    if (!needs_runs(r)) {
        buf_put(s->out, "    last = np.arange(len(data))\n");
        return;
    }
    size_t before = rows_before(r), stride = r->stride ? r->stride : 1;
    buf_put(s->out, "    place = runs.groupby(runs).cumcount().to_numpy()  # rows of its stretch before each row\n");
    buf_printf(s->out, "    last = np.flatnonzero((place >= %zu)", before);
    if (stride > 1) buf_printf(s->out, " & ((place - %zu) %% %zu == 0)", before, stride);
    buf_put(s->out, ")  # the last row of each sample\n");
}

static void put_inputs(Script *s)
{
    const Recipe *r = s->recipe;
    const Graph *graph = s->saved->graph;
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const RecipeGroup *group = &r->groups[s->saved->extras.input_groups[i]];
        const Shape *shape = &graph->inputs.at[i].wire->shape;
        buf_put(s->out, "    numbers = matrix([\n");
        for (size_t k = 0; k < group->n_columns; k++) put_input_column(s, group->columns[k]);
        buf_put(s->out, "    ])\n    inputs[");
        export_text(s->out, graph->inputs.at[i].name);
        size_t every = group->every ? group->every : 1, steps = group->window ? (group->window - 1) / every + 1 : 1;
        if (group->window) buf_printf(s->out, "] = numbers[last[:, None] + np.arange(%lld, 1, %zu)]", -(long long)((steps - 1) * every), every);
        else buf_put(s->out, "] = numbers[last]");
        buf_put(s->out, ".reshape(-1");
        for (int d = 0; d < shape->rank; d++) buf_printf(s->out, ", %lld", (long long)shape->dim[d]);
        buf_put(s->out, ")\n");
    }
}

/* What this script cannot repeat is said by it, never left out in silence. */
static void put_refusals(Script *s)
{
    const Recipe *r = s->recipe;
    bool filled = false, apart = false;
    for (size_t i = 0; i < r->n_columns; i++) {
        filled = filled || r->columns[i].fill != FILL_NONE;
        apart = apart || r->columns[i].per_group;
    }
    if (r->order.every && (r->order.merge != STEP_ONE || filled))
        buf_put(s->out, "    raise NotImplementedError(\"steps are merged or filled in: use `nnl predict`\")\n");
    else if (apart)
        buf_put(s->out, "    raise NotImplementedError(\"columns are scaled for each series by itself: use `nnl predict`\")\n");
}

static void put_prepare(Script *s)
{
    buf_put(s->out, "def prepare(table):\n    \"\"\"The rows that end a sample, and of each input the numbers as the model was trained to see them.\"\"\"\n");
    put_refusals(s);
    buf_put(s->out, "    lacking = [name for name in NEEDED if name not in table.columns]\n    if lacking:\n        sys.exit(f\"the table lacks {lacking}\")\n");
    buf_put(s->out, "    data = pd.DataFrame(index=table.index)\n    for name in table.columns:\n        if name in NUMBERS:\n");
    buf_put(s->out, "            data[name] = table[name].map(number).astype(\"Float64\")\n        elif name in TEXTS:\n");
    buf_put(s->out, "            data[name] = table[name].map(text).astype(\"string\")\n        elif name in DATES:\n");
    buf_put(s->out, "            data[name] = pd.to_datetime(table[name].map(text), utc=True)\n");
    put_dates(s);
    put_derives(s, false);
    put_wheres(s);
    put_order(s);
    for (size_t i = 0; i < s->recipe->n_columns; i++) put_fill(s, i, 0);
    put_derives(s, true);
    for (size_t i = 0; i < s->recipe->n_columns; i++) put_fill(s, i, 1);
    put_samples(s);
    buf_put(s->out, "    inputs = {}\n");
    put_inputs(s);
    buf_put(s->out, "    return data.index.to_numpy()[last], inputs\n\n\n");
}

void export_recipe(Arena *arena, const Recipe *recipe, const Fit *fit, const SavedModel *saved, Buf *out)
{
    Script s = {.arena = arena, .recipe = recipe, .fit = fit, .saved = saved, .out = out};
    find_needed(&s);
    put_constants(&s);
    put_read(&s);
    Buf lines = buf_in(arena);
    s.out = &lines;
    put_prepare(&s);
    export_helpers(lines.at, out);
    buf_put(out, lines.at);
}
