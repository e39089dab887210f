/* bench/measure.c: runs one command and writes its wall time, processor time and peak memory to a file.
 *
 *     measure OUT COMMAND [ARGUMENT…]
 *
 * OUT gets one line: exit status, wall seconds, processor seconds (user and system), peak resident KiB.
 * A program of its own, because the kernel's figure for a process that was forked from a large one includes the large
 * one's memory up to exec: Python, which runs the benchmark, would hide whatever is smaller than itself. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure OUT COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child < 0) {
        perror("measure: fork");
        return 71;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage use;
    if (wait4(child, &status, 0, &use) < 0) {
        perror("measure: wait");
        return 71;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    double wall = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;

    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 73;
    }
    fprintf(out, "%d %.9f %.6f %ld\n", code, wall, seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss);
    return fclose(out) == 0 ? code : 73;
}
