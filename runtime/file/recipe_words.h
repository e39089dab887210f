/* Words that nnl.json uses for the choices of a recipe: one table each, for writer and reader. */
#ifndef NNL_FILE_RECIPE_WORDS_H
#define NNL_FILE_RECIPE_WORDS_H

#include "runtime/base/json.h"
#include "runtime/data/recipe.h"

const char *expr_word(ExprOp op);
const char *fill_word(FillForm form);
const char *split_form_word(SplitForm form);
const char *split_order_word(SplitOrder order);
const char *share_word(ShareForm form);
const char *order_word(OrderForm form);
const char *merge_word(StepMerge merge);
const char *role_word(TimeRole role);
const char *date_word(DateForm form);

/* The choice that a word means; -1: none. */
int expr_of_word(const char *word);
int fill_of_word(const char *word);
int split_form_of_word(const char *word);
int split_order_of_word(const char *word);
int share_of_word(const char *word);
int order_of_word(const char *word);
int merge_of_word(const char *word);
int role_of_word(const char *word);
int date_of_word(const char *word);
int column_type_of_word(const char *word);

#endif
