/* Inside of the reader of nnl.json: values of it. One that is not there or of another type fails; the caller goes on with something harmless
 * and asks at the end. */
#ifndef NNL_FILE_RECIPE_INSIDE_H
#define NNL_FILE_RECIPE_INSIDE_H

#include "runtime/file/recipe_json.h"
#include "runtime/file/recipe_words.h"

typedef struct {
    const RecipeJsonReader *r;
    Arena *arena;
    bool failed; /* reported */
} In;

bool read_fail(In *in, const char *format, ...) __attribute__((format(printf, 2, 3)));
const Json *read_list(In *in, const Json *object, const char *key);
const char *read_text(In *in, const Json *object, const char *key, bool may_lack);
bool read_bool(const Json *object, const char *key);
int64_t read_int(In *in, const Json *object, const char *key, int64_t least, int64_t most);
double read_number(In *in, const Json *value, const char *key);
double *read_numbers(In *in, const Json *object, const char *key, size_t *n);
const char **read_texts(In *in, const Json *object, const char *key, size_t *n);
size_t *read_places(In *in, const Json *object, const char *key, size_t below, size_t *n);
int read_word(In *in, const Json *object, const char *key, int (*find)(const char *word));
uint64_t read_seed(In *in, const Json *object, const char *key);

/* Dates, order, series and what looks back (recipe_time.c); after the columns of the file and the expressions were read. */
void read_time(In *in, const Json *json, Recipe *recipe);
/* Fails where a column does not hold what its use needs (recipe_types.c); after everything else of the recipe was read. */
void check_types(In *in, const Recipe *recipe);
/* What was learned (recipe_fit.c); json: nnl.json itself. */
Fit *read_fit(In *in, const Json *json, const Recipe *recipe);
/* Whether groups and targets have the widths of the graph's inputs and outputs. */
bool read_fits_graph(In *in, const SavedExtras *x);
/* Of the columns that are in the file, made as dates, or derived. */
NameIndex *read_known_names(In *in, const Recipe *recipe);

#endif
