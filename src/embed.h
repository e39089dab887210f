/* Texts that are part of the binary: the standard blocks and the pages of `nnl explain`. Built from stdlib/ and docs/errors/. */
#ifndef NNL_EMBED_H
#define NNL_EMBED_H

typedef struct {
    const char *name; /* file name without its ending; NULL ends a list */
    const char *text;
} EmbeddedFile;

extern const EmbeddedFile embedded_stdlib[];
extern const EmbeddedFile embedded_errors[];

#endif
