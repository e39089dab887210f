/* shape.c: shapes as plain values, and as texts for people. */
#include "runtime/tensor/shape.h"

#include "runtime/base/bug.h"

Shape shape_of(int rank, const int64_t *dim)
{
    ENSURE(rank >= 0 && rank <= SHAPE_MAX_RANK);
    Shape shape = {.rank = rank, .rows = 1};
    for (int i = 0; i < rank; i++) shape.dim[i] = dim[i];
    return shape;
}

Shape shape_vector(int64_t features) { return shape_of(1, &features); }

Shape shape_unknown(void) { return (Shape){.rank = SHAPE_UNKNOWN, .rows = 1}; }

bool shape_known(const Shape *shape)
{
    if (shape->rank == SHAPE_UNKNOWN) return false;
    for (int i = 0; i < shape->rank; i++)
        if (shape->dim[i] == DIM_UNKNOWN) return false;
    return true;
}

bool shape_eq(const Shape *a, const Shape *b)
{
    if (a->rank != b->rank || a->rows != b->rows) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i]) return false;
    return true;
}

static int64_t product(const Shape *shape, int from, int to)
{
    size_t size = 1;
    for (int i = from; i < to; i++) {
        ENSURE(shape->dim[i] >= 0);
        size = memory_product(size, (size_t)shape->dim[i]);
    }
    return (int64_t)memory_product(size, 1);
}

int64_t shape_size(const Shape *shape)
{
    ENSURE(shape->rank != SHAPE_UNKNOWN);
    return product(shape, 0, shape->rank);
}

int64_t shape_last(const Shape *shape) { return shape->rank > 0 ? shape->dim[shape->rank - 1] : 1; }

int64_t shape_steps(const Shape *shape) { return shape->rank > 0 ? product(shape, 0, shape->rank - 1) : 1; }

static void put_dim(Buf *text, int64_t dim, const char *unknown)
{
    if (dim == DIM_UNKNOWN) buf_put(text, unknown);
    else buf_printf(text, "%lld", (long long)dim);
}

const char *shape_text(Arena *arena, const Shape *shape)
{
    if (shape->rank == SHAPE_UNKNOWN) return "[unknown]";
    Buf text = buf_in(arena);
    buf_char(&text, '[');
    for (int i = 0; i < shape->rank; i++) {
        if (i) buf_put(&text, ", ");
        put_dim(&text, shape->dim[i], "?");
    }
    buf_char(&text, ']');
    return text.at;
}

const char *shape_keras(Arena *arena, const Shape *shape)
{
    Buf text = buf_in(arena);
    buf_put(&text, "(None");
    for (int i = 0; i < shape->rank; i++) {
        buf_put(&text, ", ");
        put_dim(&text, shape->dim[i], "None");
    }
    buf_put(&text, shape->rank <= 0 ? ",)" : ")");
    return text.at;
}

const char *shape_words(Arena *arena, const Shape *shape)
{
    const int64_t *dim = shape->dim;
    switch (shape->rank) {
    case SHAPE_UNKNOWN: return "something whose shape is not known";
    case 0: return "one number per sample";
    case 1:
        if (dim[0] == 1) return "one number per sample";
        if (dim[0] == DIM_UNKNOWN) return "one vector per sample";
        return arena_printf(arena, "one vector of %lld numbers per sample", (long long)dim[0]);
    case 2:
        if (dim[0] == DIM_UNKNOWN) return "a sequence of vectors per sample";
        return arena_printf(arena, "a sequence of %lld steps per sample", (long long)dim[0]);
    case 3: return "a table of vectors per sample";
    default: return arena_printf(arena, "an array of %d axes per sample", shape->rank);
    }
}
