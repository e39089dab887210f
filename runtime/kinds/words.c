/* words.c: words that are not ours: those of other libraries (foreign.def), those that wait (waiting.def), and nearest names. */
#include "runtime/kinds/kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    int place;
    const char *name, *ours;
} Foreign;

static const Foreign foreign[] = {
#define FOREIGN(place, name, ours) {(place), (name), (ours)},
#include "runtime/kinds/foreign.def"
#undef FOREIGN
};

typedef struct {
    int place;
    const char *name, *keras;
} Waiting;

static const Waiting waiting[] = {
#define WAITING(place, name, keras) {(place), (name), (keras)},
#include "runtime/kinds/waiting.def"
#undef WAITING
};

enum { N_FOREIGN = sizeof foreign / sizeof *foreign, N_WAITING = sizeof waiting / sizeof *waiting };

/* Equal but for case and underscores: `BatchNorm1d` and `batch_norm1d`. */
static bool same_word(const char *a, const char *b)
{
    for (;;) {
        while (*a == '_') a++;
        while (*b == '_') b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) return false;
        if (*a == 0) return true;
        a++, b++;
    }
}

bool word_waiting(int place, const char *name)
{
    for (size_t i = 0; name && i < N_WAITING; i++)
        if (waiting[i].place == place && str_eq(waiting[i].name, name)) return true;
    return false;
}

bool kind_waiting(Family family, const char *name) { return word_waiting((int)family, name); }

const char *word_foreign(int place, const char *name)
{
    if (!name) return NULL;
    for (size_t i = 0; i < N_FOREIGN; i++)
        if (foreign[i].place == place && !str_eq(foreign[i].ours, name) && same_word(foreign[i].name, name)) return foreign[i].ours;
    for (size_t i = 0; i < N_WAITING; i++) {
        if (waiting[i].place != place || str_eq(waiting[i].name, name)) continue;
        if (same_word(waiting[i].name, name) || (waiting[i].keras && same_word(waiting[i].keras, name))) return waiting[i].name;
    }
    if (place < 0 || place >= FAMILY_COUNT) return NULL;
    size_t n;
    const Kind *const *kinds = kind_list((Family)place, &n);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(kinds[i]->name, name)) continue;
        if (same_word(kinds[i]->name, name) || (kinds[i]->keras && same_word(kinds[i]->keras, name))) return kinds[i]->name;
    }
    return NULL;
}

const char *kind_nearest(Family family, const char *name)
{
    const char *ours = word_foreign((int)family, name);
    if (ours || !name) return ours;
    const char *names[N_WAITING + 256];
    size_t n, count = 0;
    const Kind *const *kinds = kind_list(family, &n);
    for (size_t i = 0; i < n && count < 256; i++) {
        bool hidden = family == FAMILY_LAYER && ((const LayerKind *)kinds[i])->hidden;
        if (!hidden) names[count++] = kinds[i]->name;
    }
    for (size_t i = 0; i < N_WAITING; i++)
        if (waiting[i].place == (int)family) names[count++] = waiting[i].name;
    return str_nearest(name, names, count);
}

const char *kind_arg_nearest(const Kind *kind, const char *name)
{
    for (size_t i = 0; i < N_FOREIGN; i++)
        if (foreign[i].place == WORD_ARGUMENT && same_word(foreign[i].name, name) && kind_arg_index(kind, foreign[i].ours) >= 0)
            return foreign[i].ours;
    const char *names[64];
    size_t n = 0;
    for (const ArgSpec *spec = kind->args; spec && spec->name && n < 64; spec++) names[n++] = spec->name;
    return str_nearest(name, names, n);
}

void kind_unknown(Diags *diags, Family family, const char *name, Span span)
{
    if (kind_waiting(family, name)) {
        char what[160];
        snprintf(what, sizeof what, "the %s `%.100s`", kind_family_name(family), name);
        diag_primary(diag(diags, E0900, span, A("what", what)), E0900_found);
        return;
    }
    const char *word = kind_family_name(family);
    Diag *e = diag(diags, E0220, span, A("name", name), A("family", word));
    diag_did_you_mean(e, span, kind_nearest(family, name));
}
