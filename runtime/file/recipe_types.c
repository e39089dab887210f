/* Whether a recipe's columns hold what its expressions and methods need: the checks of a script, on a table of its columns without rows. */
#include "runtime/file/recipe_inside.h"

static const Table *with_derived(Arena *arena, const Table *table, const RecipeDerive *derive)
{
    static const double none[1];
    static const char *const no_text[1];
    if (derive->expr->type == EXPR_IS_TEXT) return table_add_texts(arena, table, derive->name, no_text);
    ColumnType type = derive->expr->type == EXPR_IS_DATE ? COLUMN_DATE : COLUMN_NUMBER;
    return table_add_numbers(arena, table, derive->name, type, none);
}

void check_types(In *in, const Recipe *recipe)
{
    if (in->failed) return;
    Diags *unsaid = diags_new(in->arena, sources_new(in->arena));
    const Table *table = recipe_dates(recipe, in->arena, recipe_file_table(recipe, in->arena), ROWS_LEARN, unsaid);
    for (size_t i = 0; i < recipe->n_derives && table; i++) {
        const RecipeDerive *derive = &recipe->derives[i];
        if (!expr_check(in->arena, derive->expr, table, false, unsaid)) {
            read_fail(in, "the derived column `%s` does not fit the columns it is made of", derive->name);
            return;
        }
        table = with_derived(in->arena, table, derive);
    }
    for (size_t i = 0; i < recipe->n_wheres && table; i++)
        if (!expr_check(in->arena, recipe->wheres[i].expr, table, true, unsaid)) read_fail(in, "rows are chosen by what does not fit its columns");
    if (!table) read_fail(in, "its dates do not fit the columns they are made of");
    for (size_t i = 0; i < recipe->n_columns && !in->failed; i++) {
        size_t at = table_find(table, recipe->columns[i].name);
        if (at == NO_COLUMN || table->columns[at].type != recipe->columns[i].type)
            read_fail(in, "the column `%s` is used as something else than it holds", recipe->columns[i].name);
    }
    for (size_t i = 0; i < recipe->order.n_columns && !in->failed; i++) {
        size_t at = table_find(table, recipe->order.columns[i].name);
        if (at == NO_COLUMN || table->columns[at].type == COLUMN_TEXT) read_fail(in, "rows are ordered by `%s`, which is no time", recipe->order.columns[i].name);
    }
}
