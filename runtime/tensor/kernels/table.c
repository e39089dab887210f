/* runtime/tensor/kernels/table.c: the table of one instruction set. */
#include "runtime/tensor/kernels/internal.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern const Kernels K(kernels);
const Kernels K(kernels) = {
    .name = TEXT(KERNELS),
#define X(field) .field = K(field),
    KERNEL_LIST(X)
#undef X
};
