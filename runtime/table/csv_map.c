/* Large files in memory as they lie on the disk.
 *
 * Should such a file become shorter, the pages behind its new end are gone, and whoever looks at one gets SIGBUS: no mistake of ours,
 * so it is said like any other fault of a file, with the exit code for these. It may come long after reading, when a message shows
 * a row. */
#include "runtime/table/csv_inside.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_IS_WRONG = 3 };

typedef struct Mapped Mapped;
struct Mapped {
    const Mapped *next;
    const char *at, *path;
    size_t n;
};

/* Of the process: files stay mapped to its end, and a signal knows no run. */
static const Mapped *_Atomic all_mapped;

static void put(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

/* In a signal handler: nothing but plain system calls. */
static void on_lost_page(int number, siginfo_t *info, void *context)
{
    (void)context;
    const char *page = info->si_addr;
    for (const Mapped *mapped = atomic_load(&all_mapped); mapped; mapped = mapped->next) {
        if (page < mapped->at || page >= mapped->at + mapped->n) continue;
        put("nnl: `");
        put(mapped->path);
        put("` became shorter while it was used: another program writes it; run again when it is done\n");
        activity_discard_file();
        _exit(FILE_IS_WRONG);
    }
    signal(number, SIG_DFL); /* none of ours: it comes again */
}

const char *csv_map(const char *path, int fd, size_t size, int *error)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (size / page + 2) * page;
    char *at = mmap(NULL, whole, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        *error = errno;
        return NULL;
    }
    if (mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
        *error = errno;
        munmap(at, whole);
        return NULL;
    }
    madvise(at, size, MADV_SEQUENTIAL);
    size_t length = strlen(path) + 1;
    Mapped *mapped = memory_alloc(sizeof *mapped + length);
    *mapped = (Mapped){.next = atomic_load(&all_mapped), .at = at, .path = memcpy(mapped + 1, path, length), .n = size};
    while (!atomic_compare_exchange_weak(&all_mapped, &mapped->next, mapped)) continue;
    struct sigaction action = {.sa_sigaction = on_lost_page, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
    return at;
}
