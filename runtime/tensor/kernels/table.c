/* runtime/tensor/kernels/table.c: the table of one instruction set. */
#include "runtime/tensor/kernels/internal.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern const Kernels K(kernels);
const Kernels K(kernels) = {
    .name = TEXT(KERNELS),
#if defined(VEC_PLAIN)
    .gemm_is_fast_to = 64 * 64 * 64, /* further would be faster elsewhere here too, but not the same bits as on newer machines */
#else
    .gemm_is_fast_to = 400 * 400 * 400,
#endif
#define X(field) .field = K(field),
    KERNEL_LIST(X)
#undef X
};
