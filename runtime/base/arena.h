/* Memory of a phase: allocate many times, free once.
 *
 * Every block is zeroed and aligned to 64 bytes where it is at least that large, else to 16. Allocation never returns NULL:
 * running out ends the program with exit code 71 and a message that names the current activity (see activity_begin). */
#ifndef NNL_BASE_ARENA_H
#define NNL_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

Arena *arena_new(const char *name);
void arena_free(Arena *arena);

void *arena_alloc(Arena *arena, size_t size);
/* n * size bytes; an overflow of the product counts as running out. */
void *arena_array(Arena *arena, size_t n, size_t size);
/* The same for what will be written from end to end: the system is asked for large pages, which it hands out several times as fast. */
void *arena_dense(Arena *arena, size_t n, size_t size);
/* A copy of n bytes with a NUL behind them. */
char *arena_text(Arena *arena, const char *text, size_t n);
char *arena_copy(Arena *arena, const char *text);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *arena, const char *format, va_list list) __attribute__((format(printf, 2, 0)));

#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, n) ((Type *)arena_array((arena), (size_t)(n), sizeof(Type)))

/* How many blocks the process has taken from the system or an arena so far. The step loop asserts in debug builds that it
 * does not change. */
uint64_t memory_allocations(void);

/* malloc and realloc that do not return NULL, for the few things with a lifetime of their own. */
void *memory_alloc(size_t size);
void *memory_resize(void *block, size_t size);
/* a * b, or the end of the program as for lack of memory. */
size_t memory_product(size_t a, size_t b);

/* What is being done, for the message of lack of memory: "saving `m.keras`". Nested; the text must outlive the activity. */
void activity_begin(const char *text);
void activity_end(void);
/* A file to unlink should the program end for lack of memory or by a second Ctrl-C; NULL clears it. */
void activity_temporary_file(const char *path);
/* Unlinks that file, if there is one; safe in a signal handler. */
void activity_discard_file(void);
/* The only place that ends the process for lack of memory: message, unlink, _exit(71). */
_Noreturn void memory_exhausted(size_t size);

/* Makes the n-th allocation from now on fail (0: none); for tests of running out. */
void memory_fail_at(uint64_t n);

#endif
