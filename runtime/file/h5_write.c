/* Writing the HDF5 subset; see h5.h. First every structure gets its place, then all is put out in order of places: structures, then
 * the arrays. Groups hold their entries sorted by name: in leaves, and over these a tree of as many levels as it takes. */
#include "runtime/base/bug.h"
#include "runtime/base/name_index.h"
#include "runtime/file/h5.h"

#include <stdlib.h>
#include <string.h>

#define UNDEFINED UINT64_MAX
enum { LEAF_K = 4, PER_LEAF = 2 * LEAF_K, TREE_K = 16, PER_NODE = 2 * TREE_K }; /* entries of a leaf, and what lies below a node */

typedef struct Node Node;
struct Node {
    const char *name;
    bool is_set;
    VEC(Node *) children; /* of a group */
    NameIndex *names;     /* of the children, until they are sorted */
    H5Type type;
    int rank;
    int64_t dim[H5_MAX_RANK];
    size_t bytes;
    const void *data;
    int32_t integer;
    uint64_t header, heap, heap_data, heap_size, tree, leaves, place; /* where its parts lie */
};

struct H5Out {
    Arena *arena;
    Node *root;
    uint64_t size;
};

H5Out *h5_out_new(Arena *arena)
{
    H5Out *out = ARENA_NEW(arena, H5Out);
    out->arena = arena;
    out->root = ARENA_NEW(arena, Node);
    out->root->name = "";
    return out;
}

static Node *child(H5Out *out, Node *group, const char *name, size_t n)
{
    const char *text = arena_text(out->arena, name, n);
    if (!group->names) group->names = name_index_new(out->arena);
    size_t at = name_index_find(group->names, text);
    if (at != NO_NAME) return group->children.at[at];
    Node *node = ARENA_NEW(out->arena, Node);
    node->name = text;
    name_index_add(group->names, text);
    VEC_PUSH(out->arena, group->children, node);
    return node;
}

static Node *walk(H5Out *out, const char *path)
{
    Node *node = out->root;
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n) node = child(out, node, path, n);
        path += n + (path[n] == '/');
    }
    return node;
}

void h5_out_group(H5Out *out, const char *path)
{
    ENSURE(!walk(out, path)->is_set);
}

void h5_out_floats(H5Out *out, const char *path, int rank, const int64_t *dim, const float *data)
{
    Node *node = walk(out, path);
    ENSURE(!node->is_set && !node->children.n && rank <= H5_MAX_RANK);
    node->is_set = true;
    node->type = H5_FLOAT32;
    node->rank = rank;
    node->bytes = sizeof(float);
    for (int i = 0; i < rank; i++) {
        node->dim[i] = dim[i];
        node->bytes = memory_product(node->bytes, (size_t)dim[i]);
    }
    node->data = data;
}

void h5_out_int(H5Out *out, const char *path, int32_t value)
{
    Node *node = walk(out, path);
    ENSURE(!node->is_set && !node->children.n);
    node->is_set = true;
    node->type = H5_INT;
    node->bytes = sizeof value;
    node->integer = value;
    node->data = &node->integer;
}

/* ---- Places --------------------------------------------------------------------------------------------------------------------- */

static uint64_t align8(uint64_t n)
{
    return (n + 7) & ~(uint64_t)7;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(Node *const *)a)->name, (*(Node *const *)b)->name);
}

enum { GROUP_HEADER = 16 + 8 + 16, HEAP_HEADER = 32, TREE_SIZE = 24 + (PER_NODE + 1) * 8 + PER_NODE * 8, LEAF_SIZE = 8 + PER_LEAF * 40 };
enum { MESSAGE_FILL = 8, MESSAGE_LAYOUT = 24 };

static uint64_t space_size(const Node *node) { return 8 + 8 * (uint64_t)node->rank; }
static uint64_t type_size(const Node *node) { return node->type == H5_INT ? 16 : 24; }
static uint64_t set_header_size(const Node *node) { return 4 * 8 + space_size(node) + type_size(node) + MESSAGE_FILL + MESSAGE_LAYOUT; }

static uint64_t n_leaves(const Node *node)
{
    return ((uint64_t)node->children.n + PER_LEAF - 1) / PER_LEAF;
}

/* Nodes of a group's tree at a level: 0 is right above the leaves, the root stands alone. */
static uint64_t n_nodes(const Node *node, int level)
{
    uint64_t n = n_leaves(node);
    for (; level >= 0; level--) n = (n + PER_NODE - 1) / PER_NODE;
    return n ? n : 1;
}

static int root_level(const Node *node)
{
    int level = 0;
    while (n_nodes(node, level) > 1) level++;
    return level;
}

/* The k-th node of a level; they stand level by level from the root down. */
static uint64_t node_place(const Node *node, int level, uint64_t k)
{
    for (int above = root_level(node); above > level; above--) k += n_nodes(node, above);
    return node->tree + k * TREE_SIZE;
}

static void place_structures(Node *node, uint64_t *at)
{
    node->header = *at;
    if (node->is_set) {
        *at += 16 + set_header_size(node);
        return;
    }
    if (node->children.n) qsort(node->children.at, node->children.n, sizeof *node->children.at, by_name);
    *at += GROUP_HEADER;
    node->heap = *at;
    node->heap_data = node->heap + HEAP_HEADER;
    node->heap_size = 8;
    for (size_t i = 0; i < node->children.n; i++) node->heap_size += align8(strlen(node->children.at[i]->name) + 1);
    node->tree = node->heap_data + node->heap_size;
    node->leaves = node_place(node, 0, n_nodes(node, 0));
    *at = node->leaves + n_leaves(node) * LEAF_SIZE;
    for (size_t i = 0; i < node->children.n; i++) place_structures(node->children.at[i], at);
}

static void place_data(Node *node, uint64_t *at)
{
    if (node->is_set) {
        node->place = *at;
        *at = align8(*at + node->bytes);
    }
    for (size_t i = 0; i < node->children.n; i++) place_data(node->children.at[i], at);
}

/* Places for everything; where the structures end. */
static uint64_t lay_out(H5Out *out)
{
    uint64_t at = 96;
    place_structures(out->root, &at);
    uint64_t end = at;
    place_data(out->root, &at);
    out->size = at;
    return end;
}

/* ---- Putting out ---------------------------------------------------------------------------------------------------------------- */

static void zeros(Buf *b, uint64_t n)
{
    for (; n > 0; n--) buf_char(b, 0);
}

static void superblock(Buf *b, const H5Out *out)
{
    buf_put_n(b, "\x89HDF\r\n\x1a\n", 8);
    buf_little_endian(b, 0, 4); /* versions */
    buf_little_endian(b, 0, 1);
    buf_little_endian(b, 8, 1); /* offsets and lengths */
    buf_little_endian(b, 8, 1);
    buf_little_endian(b, 0, 1);
    buf_little_endian(b, LEAF_K, 2);
    buf_little_endian(b, TREE_K, 2);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, 0, 8);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, out->size, 8);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, 0, 8); /* the root: no name, its header, its tree and heap */
    buf_little_endian(b, out->root->header, 8);
    buf_little_endian(b, 1, 4);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, out->root->tree, 8);
    buf_little_endian(b, out->root->heap, 8);
}

static void header(Buf *b, int n_messages, uint64_t size)
{
    buf_little_endian(b, 1, 2);
    buf_little_endian(b, (uint64_t)n_messages, 2);
    buf_little_endian(b, 1, 4);
    buf_little_endian(b, size, 4);
    buf_little_endian(b, 0, 4);
}

static void message(Buf *b, int type, uint64_t size, int flags)
{
    buf_little_endian(b, (uint64_t)type, 2);
    buf_little_endian(b, size, 2);
    buf_little_endian(b, (uint64_t)flags, 1);
    buf_little_endian(b, 0, 3);
}

static void set(Buf *b, const Node *node)
{
    header(b, 4, set_header_size(node));
    message(b, 0x01, space_size(node), 0);
    buf_little_endian(b, 1, 1);
    buf_little_endian(b, (uint64_t)node->rank, 1);
    buf_little_endian(b, 0, 6);
    for (int i = 0; i < node->rank; i++) buf_little_endian(b, (uint64_t)node->dim[i], 8);
    message(b, 0x03, type_size(node), 1);
    if (node->type == H5_INT) {
        static const uint8_t int32[16] = {0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0};
        buf_put_n(b, (const char *)int32, sizeof int32);
    } else {
        static const uint8_t float32[24] = {0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0};
        buf_put_n(b, (const char *)float32, sizeof float32);
    }
    message(b, 0x05, MESSAGE_FILL, 1);
    static const uint8_t fill[MESSAGE_FILL] = {2, 2, 2, 1};
    buf_put_n(b, (const char *)fill, sizeof fill);
    message(b, 0x08, MESSAGE_LAYOUT, 0);
    buf_little_endian(b, 3, 1);
    buf_little_endian(b, 1, 1);
    buf_little_endian(b, node->bytes ? node->place : UNDEFINED, 8);
    buf_little_endian(b, node->bytes, 8);
    zeros(b, 6);
}

/* The place of the name that stands last among the first n entries; 0, the empty name, before them all. */
static uint64_t name_before(const Node *node, const uint64_t *names, uint64_t n)
{
    return n == 0 ? 0 : names[(n < node->children.n ? n : node->children.n) - 1];
}

/* Each thing below a node stands between the last name before it and its own last name. */
static void tree_node(Buf *b, const Node *node, const uint64_t *names, int level, uint64_t k)
{
    uint64_t below = level ? n_nodes(node, level - 1) : n_leaves(node), first = k * PER_NODE, begin = b->n, entries = PER_LEAF;
    uint64_t count = below - first < PER_NODE ? below - first : PER_NODE;
    for (int l = 0; l < level; l++) entries *= PER_NODE;
    buf_put_n(b, "TREE", 4);
    buf_little_endian(b, 0, 1);
    buf_little_endian(b, (uint64_t)level, 1);
    buf_little_endian(b, count, 2);
    buf_little_endian(b, k ? node_place(node, level, k - 1) : UNDEFINED, 8);
    buf_little_endian(b, k + 1 < n_nodes(node, level) ? node_place(node, level, k + 1) : UNDEFINED, 8);
    buf_little_endian(b, name_before(node, names, first * entries), 8);
    for (uint64_t i = first; i < first + count; i++) {
        buf_little_endian(b, level ? node_place(node, level - 1, i) : node->leaves + i * LEAF_SIZE, 8);
        buf_little_endian(b, name_before(node, names, (i + 1) * entries), 8);
    }
    zeros(b, TREE_SIZE - (b->n - begin));
}

static void leaf(Buf *b, const Node *node, const uint64_t *names, uint64_t l)
{
    uint64_t first = l * PER_LEAF, left = node->children.n - first, count = left < PER_LEAF ? left : PER_LEAF, begin = b->n;
    buf_put_n(b, "SNOD", 4);
    buf_little_endian(b, 1, 2);
    buf_little_endian(b, count, 2);
    for (uint64_t i = first; i < first + count; i++) {
        const Node *entry = node->children.at[i];
        buf_little_endian(b, names[i], 8);
        buf_little_endian(b, entry->header, 8);
        buf_little_endian(b, entry->is_set ? 0 : 1, 4);
        buf_little_endian(b, 0, 4);
        buf_little_endian(b, entry->is_set ? 0 : entry->tree, 8);
        buf_little_endian(b, entry->is_set ? 0 : entry->heap, 8);
    }
    zeros(b, LEAF_SIZE - (b->n - begin));
}

static void group(Buf *b, const H5Out *out, const Node *node)
{
    header(b, 1, 8 + 16);
    message(b, 0x11, 16, 0);
    buf_little_endian(b, node->tree, 8);
    buf_little_endian(b, node->heap, 8);

    buf_put_n(b, "HEAP", 4);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, node->heap_size, 8);
    buf_little_endian(b, 1, 8); /* no free block */
    buf_little_endian(b, node->heap_data, 8);
    zeros(b, 8);
    uint64_t *names = ARENA_ARRAY(out->arena, uint64_t, node->children.n); /* where they stand in the heap */
    for (size_t i = 0; i < node->children.n; i++) {
        size_t n = strlen(node->children.at[i]->name) + 1;
        names[i] = b->n - node->heap_data;
        buf_put_n(b, node->children.at[i]->name, n);
        zeros(b, align8(n) - n);
    }
    for (int level = root_level(node); level >= 0; level--)
        for (uint64_t k = 0; k < n_nodes(node, level); k++) tree_node(b, node, names, level, k);
    for (uint64_t l = 0; l < n_leaves(node); l++) leaf(b, node, names, l);
}

static void structures(Buf *b, const H5Out *out, const Node *node)
{
    ENSURE(b->n == node->header);
    if (node->is_set) set(b, node);
    else group(b, out, node);
    for (size_t i = 0; i < node->children.n; i++) structures(b, out, node->children.at[i]);
}

static void arrays(Pieces *pieces, const H5Out *out, const Node *node)
{
    static const uint8_t padding[8];
    if (node->is_set) {
        pieces_add(out->arena, pieces, node->data, node->bytes);
        pieces_add(out->arena, pieces, padding, align8(node->bytes) - node->bytes);
    }
    for (size_t i = 0; i < node->children.n; i++) arrays(pieces, out, node->children.at[i]);
}

Pieces h5_out_pieces(H5Out *out)
{
    uint64_t end = lay_out(out);
    Buf b = {.arena = out->arena, .at = arena_alloc(out->arena, (size_t)end + 1), .cap = (size_t)end + 1};
    superblock(&b, out);
    structures(&b, out, out->root);
    ENSURE(b.n == end);
    Pieces pieces = {0};
    pieces_add(out->arena, &pieces, b.at, b.n);
    arrays(&pieces, out, out->root);
    ENSURE(pieces_size(&pieces) == out->size);
    return pieces;
}
