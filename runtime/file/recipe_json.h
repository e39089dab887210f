/* nnl.json: the data recipe, what it learned, and what is known of the training, as JSON; see SavedExtras. Versioned by SAVED_FORMAT. */
#ifndef NNL_FILE_RECIPE_JSON_H
#define NNL_FILE_RECIPE_JSON_H

#include "runtime/base/json.h"
#include "runtime/file/saved.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    Span span;
    const char *shown;
    Graph *graph; /* inputs and outputs are matched by place; outputs get the names they had */
} RecipeJsonReader;

void recipe_json_write(Arena *arena, const Graph *graph, const SavedExtras *extras, Buf *out);
/* false: reported (E0818, E0819). */
bool recipe_json_read(const RecipeJsonReader *reader, const Json *json, SavedExtras *out);

#endif
