/* runtime/tensor/kernels.c: which table this processor gets. The processor's features are read by the compiler's start-up code, so
 * asking is a few loads. */
#include "runtime/tensor/kernels.h"

#include <string.h>

#if defined(__x86_64__)
extern const Kernels kernels_v2, kernels_v3, kernels_v4;

static bool has_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

const Kernels *kernels(void)
{
    return has_v4() ? &kernels_v4 : has_v3() ? &kernels_v3 : &kernels_v2;
}

const Kernels *kernels_named(const char *name)
{
    if (strcmp(name, "v4") == 0) return has_v4() ? &kernels_v4 : NULL;
    if (strcmp(name, "v3") == 0) return has_v3() ? &kernels_v3 : NULL;
    return strcmp(name, "v2") == 0 ? &kernels_v2 : NULL;
}

#else
extern const Kernels kernels_generic;

const Kernels *kernels(void) { return &kernels_generic; }

const Kernels *kernels_named(const char *name) { return strcmp(name, "generic") == 0 ? &kernels_generic : NULL; }
#endif
