/* The subset of HDF5 that Keras writes: groups that hold groups and arrays of numbers.
 *
 * Reader: superblock 0, 8-byte offsets, object headers of version 1, symbol-table groups, contiguous (or compact) arrays of
 * little-endian floats and integers. Bytes are hostile until checked: every offset lies in the file, nothing is visited twice, depth is at
 * most 32, counts are capped by the bytes that are left. What lies outside the subset is refused by its name.
 * Writer: the same structures, in one pass, the same bytes for the same content. Why not the library: docs/model-files.md.
 *
 * Format: "HDF5 File Format Specification Version 1.1", The HDF Group. */
#ifndef NNL_FILE_H5_H
#define NNL_FILE_H5_H

#include "runtime/base/diag.h"
#include "runtime/base/name_index.h"
#include "runtime/file/pieces.h"

#define H5_MAX_RANK 8

typedef enum { H5_FLOAT16, H5_FLOAT32, H5_FLOAT64, H5_INT } H5Type;

typedef struct {
    const char *path; /* "layers/dense/vars/0" */
    H5Type type;
    size_t size;      /* bytes of one number */
    bool is_signed;   /* H5_INT */
    int rank;         /* 0: a scalar */
    int64_t dim[H5_MAX_RANK];
    size_t n;         /* numbers */
    const uint8_t *data; /* in the file's bytes */
} H5Set;

typedef struct {
    const char *file; /* what messages call it */
    VEC(H5Set) sets;
    NameIndex *paths; /* of the sets */
    VEC(const char *) groups;     /* paths; "" is the root */
    VEC(const char *) attributes; /* names of the root group's: they tell older kinds of files apart */
} H5File;

/* Whether the bytes begin like an HDF5 file. */
bool h5_is(const uint8_t *bytes, size_t n);
/* Reads the structure; data stay where they are. false: reported (E0810, E0811). */
bool h5_read(Arena *arena, const uint8_t *bytes, size_t n, const char *file, Span span, Diags *diags, H5File *out);
const H5Set *h5_find(const H5File *file, const char *path); /* NULL: none */
bool h5_has_group(const H5File *file, const char *path);
/* Numbers as float32 (n of them), whatever their type. */
void h5_floats(const H5Set *set, float *out);
/* The first number as a whole number. */
int64_t h5_integer(const H5Set *set);

/* ---- Writing ------------------------------------------------------------------------------------------------------------ */

typedef struct H5Out H5Out;

H5Out *h5_out_new(Arena *arena);
/* Makes the groups of a path that are missing. */
void h5_out_group(H5Out *out, const char *path);
/* An array of float32; data must stay until the file is written. rank 0: a scalar. */
void h5_out_floats(H5Out *out, const char *path, int rank, const int64_t *dim, const float *data);
/* A scalar int32. */
void h5_out_int(H5Out *out, const char *path, int32_t value);
/* The whole file. */
Pieces h5_out_pieces(H5Out *out);

#endif
