/* The end of the program for a mistake of ours. */
#include "runtime/base/bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void bug(const char *file, int line, const char *what)
{
    fflush(stdout);
    fprintf(stderr,
            "nnl: this is a mistake in nnl itself, not in your script: %s (%s:%d)\n"
            "nnl: please report it, with the script that shows it\n",
            what, file, line);
#ifdef NNL_SANITIZED
    abort();
#else
    _exit(70);
#endif
}
