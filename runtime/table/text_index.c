/* A hash table of texts with open addressing, at most half full. */
#include "runtime/table/text_index.h"

#include "runtime/base/vec.h"

typedef struct {
    const char *text; /* NULL: free */
    uint32_t n, code;
    uint64_t hash;
} Slot;

struct TextIndex {
    Arena *arena;
    Slot *slots;
    size_t mask, used;
    VEC(const char *) texts;
    bool (*is_missing)(const char *, size_t, void *);
    void *context;
};

/* Eight bytes a step, multiplied and folded; the table is never fed by the network, so a fixed seed will do. */
static uint64_t hash_of(const char *text, size_t n)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ n;
    while (n >= 8) {
        uint64_t v;
        memcpy(&v, text, 8);
        h = (h ^ v) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        text += 8;
        n -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, text, n);
    h = (h ^ rest) * 0xD6E8FEB86659FD93u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    return h ^ h >> 32;
}

TextIndex *text_index_new(Arena *arena, bool (*is_missing)(const char *, size_t, void *), void *context)
{
    TextIndex *index = ARENA_NEW(arena, TextIndex);
    index->arena = arena;
    index->mask = 31;
    index->slots = ARENA_ARRAY(arena, Slot, index->mask + 1);
    index->is_missing = is_missing;
    index->context = context;
    return index;
}

static Slot *slot_of(const TextIndex *index, const char *text, size_t n, uint64_t hash)
{
    size_t i = (size_t)hash & index->mask;
    for (;;) {
        Slot *slot = &index->slots[i];
        if (!slot->text || (slot->hash == hash && slot->n == n && memcmp(slot->text, text, n) == 0)) return slot;
        i = (i + 1) & index->mask;
    }
}

static void grow(TextIndex *index)
{
    Slot *old = index->slots;
    size_t n = index->mask + 1;
    index->mask = n * 4 - 1;
    index->slots = ARENA_ARRAY(index->arena, Slot, index->mask + 1);
    for (size_t i = 0; i < n; i++) {
        if (!old[i].text) continue;
        size_t k = (size_t)old[i].hash & index->mask;
        while (index->slots[k].text) k = (k + 1) & index->mask;
        index->slots[k] = old[i];
    }
}

static bool is_ascii(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x80) return false;
    return true;
}

uint32_t text_index_add(TextIndex *index, const char *text, size_t n)
{
    uint64_t hash = hash_of(text, n);
    Slot *slot = slot_of(index, text, n, hash);
    if (slot->text) return slot->code;
    uint32_t code = UINT32_MAX;
    const char *copy = arena_text(index->arena, text, n);
    const char *nfc = is_ascii(text, n) ? copy : str_nfc(index->arena, copy, n);
    size_t nfc_n = nfc == copy ? n : strlen(nfc);
    if (!index->is_missing || !index->is_missing(nfc, nfc_n, index->context)) {
        if (nfc_n != n || memcmp(nfc, copy, n) != 0) {
            code = text_index_add(index, nfc, nfc_n);
            slot = slot_of(index, text, n, hash);
        } else {
            code = (uint32_t)index->texts.n;
            VEC_PUSH(index->arena, index->texts, copy);
        }
    }
    *slot = (Slot){copy, (uint32_t)n, code, hash};
    if (++index->used * 2 > index->mask) grow(index);
    return code;
}

uint32_t text_index_find(const TextIndex *index, const char *text, size_t n)
{
    const Slot *slot = slot_of(index, text, n, hash_of(text, n));
    return slot->text ? slot->code : UINT32_MAX;
}

const char *const *text_index_texts(const TextIndex *index, size_t *n)
{
    *n = index->texts.n;
    return index->texts.at;
}
