/* Reading nnl.json: when rows were and whose they are; what looks back. See recipe_inside.h. */
#include "runtime/file/recipe_inside.h"

static int unit_of_word(const char *word)
{
    TimeUnit unit = time_unit_find(word);
    return unit == UNIT_NONE && word[0] ? -1 : (int)unit;
}

static bool in_file(const Recipe *recipe, const char *name)
{
    for (size_t i = 0; i < recipe->n_file_columns; i++)
        if (str_eq(recipe->file_columns[i].name, name)) return true;
    return false;
}

static void read_dates(In *in, const Json *json, Recipe *recipe)
{
    const Json *list = read_list(in, json, "dates");
    RecipeDate *dates = ARENA_ARRAY(in->arena, RecipeDate, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        RecipeDate *date = &dates[i];
        *date = (RecipeDate){.name = read_text(in, &list->items[i], "name", false), .format = read_text(in, &list->items[i], "format", true)};
        date->from = read_texts(in, &list->items[i], "from", &date->n_from);
        date->form = (DateForm)read_word(in, &list->items[i], "form", date_of_word);
        size_t bad;
        if (date->format && !date_format_check(date->format, &bad)) read_fail(in, "the dates of `%s` have a format that is not known", date->name);
        if (!date->format && date->form == DATE_NONE) read_fail(in, "the dates of `%s` have no form", date->name);
        if (!date->n_from) read_fail(in, "the dates of `%s` stand in no column", date->name);
        for (size_t k = 0; k < date->n_from; k++)
            if (!in_file(recipe, date->from[k])) read_fail(in, "the dates of `%s` stand in a column that is not there", date->name);
    }
    recipe->dates = dates;
    recipe->n_dates = list->n;
}

static void read_order(In *in, const Json *json, Recipe *recipe)
{
    RecipeOrder *order = &recipe->order;
    order->form = (OrderForm)read_word(in, json, "form", order_of_word);
    const NameIndex *known = read_known_names(in, recipe);
    const Json *list = read_list(in, json, "columns");
    RecipeOrderColumn *columns = ARENA_ARRAY(in->arena, RecipeOrderColumn, list->n + 1);
    if (list->n > ORDER_COLUMNS_MAX || (list->n > 0) != (order->form == ORDER_BY)) read_fail(in, "rows are ordered by a wrong number of columns");
    for (size_t i = 0; i < list->n && !in->failed; i++) {
        columns[i] = (RecipeOrderColumn){.name = read_text(in, &list->items[i], "name", false),
                                         .role = (TimeRole)read_word(in, &list->items[i], "role", role_of_word)};
        if (name_index_find(known, columns[i].name) == NO_NAME) read_fail(in, "rows are ordered by `%s`, which is not there", columns[i].name);
    }
    order->columns = columns;
    order->n_columns = in->failed ? 0 : list->n;
    order->every = read_int(in, json, "every", 0, INT32_MAX);
    order->unit = (TimeUnit)read_word(in, json, "unit", unit_of_word);
    order->merge = (StepMerge)read_word(in, json, "merge", merge_of_word);
    if ((order->every > 0) != (order->unit != UNIT_NONE)) read_fail(in, "rows are apart by no known time");
    order->group = read_texts(in, json, "group", &order->n_group);
    order->group_spans = ARENA_ARRAY(in->arena, Span, order->n_group + 1);
    for (size_t i = 0; i < order->n_group; i++)
        if (name_index_find(known, order->group[i]) == NO_NAME) read_fail(in, "series are told by `%s`, which is not there", order->group[i]);
    if (order->form == ORDER_NONE && (order->n_group || order->every)) read_fail(in, "there are series, but rows are in no order");
}

/* What looks back is worked out anew: a file could say anything. */
static void find_depths(In *in, Recipe *recipe)
{
    RecipeDerive *derives = ARENA_ARRAY(in->arena, RecipeDerive, recipe->n_derives + 1);
    for (size_t i = 0; i < recipe->n_derives; i++) {
        derives[i] = recipe->derives[i];
        derives[i].depth = recipe_depth(derives[i].expr, derives, i, &derives[i].looks_back);
        if (derives[i].looks_back && recipe->order.form == ORDER_NONE) read_fail(in, "`%s` looks back, but rows are in no order", derives[i].name);
        if (derives[i].depth > INT32_MAX) read_fail(in, "`%s` looks back too far", derives[i].name);
    }
    for (size_t i = 0; i < recipe->n_wheres; i++) {
        bool back;
        (void)recipe_depth(recipe->wheres[i].expr, derives, recipe->n_derives, &back);
        if (back) read_fail(in, "rows are chosen by what looks back");
    }
    recipe->derives = derives;
}

void read_time(In *in, const Json *json, Recipe *recipe)
{
    read_dates(in, json, recipe);
    const Json *order = json_get(json, "order");
    if (order && order->type == JSON_OBJECT) read_order(in, order, recipe);
    else read_fail(in, "`order` is not there");
    recipe->stride = (size_t)read_int(in, json, "stride", 1, INT32_MAX);
    if (!in->failed) find_depths(in, recipe);
}
