/* Two buffers may share bytes when the last reader of one comes before the first writer of the other. A plan has no branches, so one
 * walk over its steps does: at each step the buffers that begin there take a place, then those that end there give theirs back.
 *
 *     step    0    1    2    3          h1 [0, 1]  h2 [1, 2]  h3 [2, 3]
 *     offset  h1   h1h2 h2h3 h3         h3 takes the place of h1
 *
 * Training keeps more alive: whatever a backward step reads lives until that step, so sharing pays mostly in prediction.
 * Among the free stretches the tightest that is large enough is taken, which keeps large stretches whole. */
#include "runtime/plan/parts.h"

#include "runtime/base/bug.h"

#include <string.h>

enum { ALIGNMENT = 64 };

typedef struct {
    size_t offset, size;
} Hole;

typedef struct {
    Arena *arena;
    VEC(Hole) holes; /* by offset, never touching each other */
    size_t end;      /* of what was ever used */
} Space;

static size_t take(Space *space, size_t size)
{
    size_t best = space->holes.n;
    for (size_t i = 0; i < space->holes.n; i++)
        if (space->holes.at[i].size >= size && (best == space->holes.n || space->holes.at[i].size < space->holes.at[best].size)) best = i;
    if (best < space->holes.n) {
        Hole *hole = &space->holes.at[best];
        size_t offset = hole->offset;
        hole->offset += size;
        hole->size -= size;
        if (hole->size == 0) {
            memmove(hole, hole + 1, (space->holes.n - best - 1) * sizeof *hole);
            space->holes.n--;
        }
        return offset;
    }
    /* A last hole that reaches the end grows instead of staying behind. */
    if (space->holes.n) {
        Hole *last = &space->holes.at[space->holes.n - 1];
        if (last->offset + last->size == space->end) {
            size_t offset = last->offset;
            space->holes.n--;
            space->end = offset + size;
            return offset;
        }
    }
    size_t offset = space->end;
    space->end += size;
    return offset;
}

static void give_back(Space *space, size_t offset, size_t size)
{
    size_t i = 0;
    for (size_t high = space->holes.n; i < high;) {
        size_t middle = i + (high - i) / 2;
        if (space->holes.at[middle].offset < offset) i = middle + 1;
        else high = middle;
    }
    bool joins_left = i > 0 && space->holes.at[i - 1].offset + space->holes.at[i - 1].size == offset;
    bool joins_right = i < space->holes.n && offset + size == space->holes.at[i].offset;
    if (joins_left && joins_right) {
        space->holes.at[i - 1].size += size + space->holes.at[i].size;
        memmove(&space->holes.at[i], &space->holes.at[i + 1], (space->holes.n - i - 1) * sizeof(Hole));
        space->holes.n--;
    } else if (joins_left) {
        space->holes.at[i - 1].size += size;
    } else if (joins_right) {
        space->holes.at[i].offset = offset;
        space->holes.at[i].size += size;
    } else {
        VEC_PUSH(space->arena, space->holes, ((Hole){0}));
        memmove(&space->holes.at[i + 1], &space->holes.at[i], (space->holes.n - 1 - i) * sizeof(Hole));
        space->holes.at[i] = (Hole){offset, size};
    }
}

/* Buffers by the step at which they begin (or end): heads[step] → index, then next[index]. */
static int *chain(Arena *arena, const Plan *plan, size_t n_steps, bool by_end, int *next)
{
    int *heads = ARENA_ARRAY(arena, int, n_steps);
    for (size_t i = 0; i < n_steps; i++) heads[i] = -1;
    for (size_t i = plan->buffers.n; i-- > 0;) {
        const Buffer *b = &plan->buffers.at[i];
        if (b->last < b->first) continue;
        int at = by_end ? b->last : b->first;
        next[i] = heads[at];
        heads[at] = (int)i;
    }
    return heads;
}

void plan_place(Plan *plan)
{
    Arena *arena = arena_new("lifetimes");
    size_t n_steps = plan->steps.n + 1;
    int *next_begin = ARENA_ARRAY(arena, int, plan->buffers.n), *next_end = ARENA_ARRAY(arena, int, plan->buffers.n);
    int *begins = chain(arena, plan, n_steps, false, next_begin), *ends = chain(arena, plan, n_steps, true, next_end);
    Space space = {.arena = arena};
    for (size_t step = 0; step < n_steps; step++) {
        for (int i = begins[step]; i >= 0; i = next_begin[i]) {
            Buffer *b = &plan->buffers.at[i];
            b->bytes = (b->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            if (b->bytes) b->offset = take(&space, b->bytes);
        }
        for (int i = ends[step]; i >= 0; i = next_end[i])
            if (plan->buffers.at[i].bytes) give_back(&space, plan->buffers.at[i].offset, plan->buffers.at[i].bytes);
    }
    plan->bytes = space.end;
    arena_free(arena);
}
