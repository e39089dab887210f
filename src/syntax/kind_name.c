/* Names of kinds, see kind_name.h. Apart from the other files of src/syntax, whose word classes have names that kind.h uses too. */
#include "src/syntax/kind_name.h"

#include "runtime/kinds/kind.h"

const char *kind_name_of_keras(const char *class)
{
    const Kind *kind = kind_find_keras(FAMILY_LAYER, class);
    return kind && !((const LayerKind *)kind)->hidden ? kind->name : NULL;
}

bool kind_name_is_activation(const char *name)
{
    return kind_find(FAMILY_ACTIVATION, name) != NULL;
}

bool kind_name_is_word(const char *name)
{
    for (int family = 0; family < FAMILY_COUNT; family++)
        if (family != FAMILY_LAYER && kind_find((Family)family, name)) return true;
    return false;
}
