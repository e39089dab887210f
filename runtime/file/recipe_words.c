/* See recipe_words.h. The order of the words is that of the enums. */
#include "runtime/file/recipe_words.h"

static const char *const expr_words[] = {
    [EXPR_ERROR] = "error", [EXPR_NUMBER] = "number", [EXPR_TEXT] = "text",   [EXPR_COLUMN] = "column", [EXPR_NEGATE] = "negate",
    [EXPR_NOT] = "not",     [EXPR_ADD] = "+",         [EXPR_SUBTRACT] = "-",  [EXPR_MULTIPLY] = "*",    [EXPR_DIVIDE] = "/",
    [EXPR_EQ] = "=",        [EXPR_NE] = "!=",         [EXPR_LT] = "<",        [EXPR_LE] = "<=",         [EXPR_GT] = ">",
    [EXPR_GE] = ">=",       [EXPR_AND] = "and",       [EXPR_OR] = "or",       [EXPR_IN] = "in",         [EXPR_IF] = "if",
    [EXPR_CALL] = "call",
};
static const char *const fill_words[] = {[FILL_NONE] = "none", [FILL_LEARNED] = "learned", [FILL_NUMBER] = "number", [FILL_TEXT] = "text",
                                         [FILL_PREVIOUS] = "previous", [FILL_LINEAR] = "linear"};
static const char *const split_form_words[] = {[SPLIT_ALL_TRAIN] = "all_train", [SPLIT_SHARES] = "shares", [SPLIT_BY] = "by"};
static const char *const split_order_words[] = {[SPLIT_SHUFFLED] = "shuffled", [SPLIT_IN_ORDER] = "in_order", [SPLIT_STRATIFIED] = "stratified"};
static const char *const share_words[] = {[SHARE_NONE] = "none", [SHARE_PERCENT] = "percent", [SHARE_COUNT] = "count", [SHARE_REST] = "rest",
                                          [SHARE_UNTIL] = "until"};
static const char *const order_words[] = {[ORDER_NONE] = "none", [ORDER_GIVEN] = "given", [ORDER_BY] = "by"};
static const char *const merge_words[] = {[STEP_ONE] = "one", [STEP_MEAN] = "mean", [STEP_SUM] = "sum", [STEP_FIRST] = "first", [STEP_LAST] = "last"};
static const char *const role_words[] = {[TIME_NUMBER] = "number", [TIME_DATE] = "date", [TIME_YEAR] = "year", [TIME_QUARTER] = "quarter",
                                         [TIME_MONTH] = "month", [TIME_WEEK] = "week", [TIME_DAY] = "day", [TIME_HOUR] = "hour",
                                         [TIME_MINUTE] = "minute", [TIME_SECOND] = "second"};
static const char *const date_words[] = {[DATE_NONE] = "none", [DATE_MONTH] = "month", [DATE_DAY] = "day", [DATE_TIME] = "time",
                                         [DATE_COMPACT] = "compact", [DATE_KOREAN] = "korean", [DATE_YMD] = "ymd", [DATE_DMY] = "dmy", [DATE_MDY] = "mdy"};

#define N(list) (sizeof(list) / sizeof *(list))

static int find(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; word && i < n; i++)
        if (words[i] && str_eq(words[i], word)) return (int)i;
    return -1;
}

const char *expr_word(ExprOp op) { return expr_words[op]; }
const char *fill_word(FillForm form) { return fill_words[form]; }
const char *split_form_word(SplitForm form) { return split_form_words[form]; }
const char *split_order_word(SplitOrder order) { return split_order_words[order]; }
const char *share_word(ShareForm form) { return share_words[form]; }
const char *order_word(OrderForm form) { return order_words[form]; }
const char *merge_word(StepMerge merge) { return merge_words[merge]; }
const char *role_word(TimeRole role) { return role_words[role]; }
const char *date_word(DateForm form) { return date_words[form]; }

int expr_of_word(const char *word)
{
    int op = find(expr_words, N(expr_words), word);
    return op == (int)EXPR_ERROR ? -1 : op;
}
int fill_of_word(const char *word) { return find(fill_words, N(fill_words), word); }
int split_form_of_word(const char *word) { return find(split_form_words, N(split_form_words), word); }
int split_order_of_word(const char *word) { return find(split_order_words, N(split_order_words), word); }
int share_of_word(const char *word) { return find(share_words, N(share_words), word); }
int order_of_word(const char *word) { return find(order_words, N(order_words), word); }
int merge_of_word(const char *word) { return find(merge_words, N(merge_words), word); }
int role_of_word(const char *word) { return find(role_words, N(role_words), word); }
int date_of_word(const char *word) { return find(date_words, N(date_words), word); }

int column_type_of_word(const char *word)
{
    static const ColumnType types[] = {COLUMN_NUMBER, COLUMN_TEXT, COLUMN_DATE};
    for (size_t i = 0; word && i < N(types); i++)
        if (str_eq(column_type_name(types[i]), word)) return (int)types[i];
    return -1;
}
