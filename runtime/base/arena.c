/* Arenas, the two plain allocations, and the end of the program for lack of memory.
 *
 * An arena is a list of blocks taken with calloc, each twice as large as the last up to a limit; a request that is large
 * beside the limit gets a block of its own, so that huge zeroed buffers cost no page before they are used. In sanitizer
 * builds every allocation is a block of its own, which lets the sanitizer see a step past its end.
 *
 * The few variables below belong to the process, not to a run: a counter, the activities, the injected failure. */
#include "runtime/base/arena.h"

#include "runtime/base/bug.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIRST_BLOCK = 8 << 10, LARGEST_BLOCK = 1 << 20, WIDE_ALIGNMENT = 64, ALIGNMENT = 16, ACTIVITY_DEPTH = 32 };

#ifdef NNL_SANITIZED
enum { ALWAYS_OWN_BLOCK = 1 };
#else
enum { ALWAYS_OWN_BLOCK = 0 };
#endif

#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_BLOCK ((size_t)16 << 20) /* from here on a page more or less is nothing */

typedef struct Block Block;
struct Block {
    Block *next;
    void *start;       /* what free() takes */
    size_t size, used; /* of the bytes behind the header */
};

/* Where the bytes of a block begin, from its header: aligned like the block itself. */
enum { BLOCK_HEADER = 64 };

struct Arena {
    const char *name;
    Block *blocks;
    size_t next_size;
};

static atomic_uint_fast64_t allocations;
static atomic_uint_fast64_t fail_at;
static const char *activities[ACTIVITY_DEPTH];
static int activity_depth;
static const char *_Atomic temporary_file;

uint64_t memory_allocations(void)
{
    return atomic_load_explicit(&allocations, memory_order_relaxed);
}

void memory_fail_at(uint64_t n)
{
    atomic_store(&fail_at, n == 0 ? 0 : memory_allocations() + n);
}

static void count_allocation(size_t size)
{
    uint64_t now = atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed) + 1;
    if (now == atomic_load_explicit(&fail_at, memory_order_relaxed)) {
        memory_exhausted(size);
    }
}

void activity_begin(const char *text)
{
    if (activity_depth < ACTIVITY_DEPTH) {
        activities[activity_depth] = text;
    }
    activity_depth++;
}

void activity_end(void)
{
    ENSURE(activity_depth > 0);
    activity_depth--;
}

void activity_temporary_file(const char *path)
{
    temporary_file = path;
}

void activity_discard_file(void)
{
    const char *path = temporary_file;
    if (path) {
        unlink(path);
    }
}

/* Nothing may be allocated here, hence the text on the stack and the plain write. */
_Noreturn void memory_exhausted(size_t size)
{
    activity_discard_file();
    int depth = activity_depth < ACTIVITY_DEPTH ? activity_depth : ACTIVITY_DEPTH;
    const char *what = depth > 0 ? activities[depth - 1] : NULL;
    char text[512];
    int n = snprintf(text, sizeof text, "nnl: out of memory%s%.300s (%zu bytes more were needed)\n", what ? " while " : "",
                     what ? what : "", size);
    size_t left = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    for (const char *at = text; left > 0;) {
        ssize_t written = write(STDERR_FILENO, at, left);
        if (written <= 0) {
            break;
        }
        at += written;
        left -= (size_t)written;
    }
    _exit(71);
}

size_t memory_product(size_t a, size_t b)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        memory_exhausted(SIZE_MAX);
    }
    return product;
}

void *memory_alloc(size_t size)
{
    count_allocation(size);
    void *block = calloc(1, size > 0 ? size : 1);
    if (!block) {
        memory_exhausted(size);
    }
    return block;
}

void *memory_resize(void *block, size_t size)
{
    count_allocation(size);
    void *moved = realloc(block, size > 0 ? size : 1);
    if (!moved) {
        memory_exhausted(size);
    }
    return moved;
}

Arena *arena_new(const char *name)
{
    Arena *arena = memory_alloc(sizeof *arena);
    arena->name = name;
    arena->next_size = FIRST_BLOCK;
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena) {
        return;
    }
    for (Block *block = arena->blocks; block;) {
        Block *next = block->next;
        free(block->start);
        block = next;
    }
    free(arena);
}

/* A zeroed block whose bytes begin at a multiple of 64. */
static Block *block_new(size_t size)
{
    size_t total;
    if (__builtin_add_overflow(size, (size_t)BLOCK_HEADER, &total)) {
        memory_exhausted(size);
    }
#ifdef NNL_SANITIZED
    Block *block = NULL;
    if (posix_memalign((void **)&block, WIDE_ALIGNMENT, total) != 0) {
        memory_exhausted(size);
    }
    memset(block, 0, total);
    block->start = block;
#else
    /* calloc, because the system hands out large blocks as zero pages that cost nothing until they are touched. */
    if (total > SIZE_MAX - WIDE_ALIGNMENT) {
        memory_exhausted(size);
    }
    char *start = calloc(1, total + WIDE_ALIGNMENT);
    if (!start) {
        memory_exhausted(size);
    }
    /* In pages of 2 MB a block costs a five-hundredth of the faults. Linux gives them where it is asked, still one by one as they are touched. */
    if (total >= HUGE_BLOCK) {
        char *page = start + (-(uintptr_t)start & (HUGE_PAGE - 1));
        madvise(page, (size_t)(start + total - page) & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
    }
    Block *block = (Block *)(start + (-(uintptr_t)start & (WIDE_ALIGNMENT - 1)));
    block->start = start;
#endif
    block->size = size;
    return block;
}

static char *block_bytes(Block *block)
{
    return (char *)block + BLOCK_HEADER;
}

void *arena_alloc(Arena *arena, size_t size)
{
    count_allocation(size);
    size_t wanted = size > 0 ? size : 1;
    size_t alignment = size >= WIDE_ALIGNMENT ? WIDE_ALIGNMENT : ALIGNMENT;
    Block *block = arena->blocks;
    size_t offset = block ? (block->used + alignment - 1) & ~(alignment - 1) : 0;
    if (block && offset <= block->size && block->size - offset >= wanted) {
        block->used = offset + wanted;
        return block_bytes(block) + offset;
    }
    if (ALWAYS_OWN_BLOCK || wanted > arena->next_size / 4) {
        block = block_new(wanted);
        block->used = wanted;
        /* Behind the current block, which may still have room. */
        if (arena->blocks) {
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            arena->blocks = block;
        }
        return block_bytes(block);
    }
    block = block_new(arena->next_size);
    block->next = arena->blocks;
    block->used = wanted;
    arena->blocks = block;
    if (arena->next_size < LARGEST_BLOCK) {
        arena->next_size *= 2;
    }
    return block_bytes(block);
}

void *arena_array(Arena *arena, size_t n, size_t size)
{
    return arena_alloc(arena, memory_product(n, size));
}

void *arena_dense(Arena *arena, size_t n, size_t size)
{
    enum { LARGE_PAGE = 2 << 20 };
    char *block = arena_array(arena, n, size);
    uintptr_t begin = ((uintptr_t)block + LARGE_PAGE - 1) & -(uintptr_t)LARGE_PAGE;
    uintptr_t end = ((uintptr_t)block + n * size) & -(uintptr_t)LARGE_PAGE;
    if (begin < end) {
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* a wish: what the system makes of it changes nothing but the time */
    }
    return block;
}

char *arena_text(Arena *arena, const char *text, size_t n)
{
    char *copy = arena_alloc(arena, n + 1);
    if (n > 0) {
        memcpy(copy, text, n);
    }
    return copy;
}

char *arena_copy(Arena *arena, const char *text)
{
    return arena_text(arena, text, strlen(text));
}

char *arena_vprintf(Arena *arena, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ENSURE(n >= 0);
    char *text = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, list);
    return text;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = arena_vprintf(arena, format, list);
    va_end(list);
    return text;
}
