/* What the registry of kinds knows about a name: all that src/syntax asks it. Layers of Keras are shown as ours, and a word of the
 * language is no wire. */
#ifndef NNL_SYNTAX_KIND_NAME_H
#define NNL_SYNTAX_KIND_NAME_H

#include <stdbool.h>

/* `dense` of Keras's class `Dense`, NULL where a script has no such layer. */
const char *kind_name_of_keras(const char *class);
/* Whether the name is an activation, so that the layer of that name is written with parentheses. */
bool kind_name_is_activation(const char *name);
/* An activation, a loss, an optimizer, …, but no layer. */
bool kind_name_is_word(const char *name);

#endif
