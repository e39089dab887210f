/* Texts with places for figures, `run-{epoch:03d}-{val_loss:.2f}.keras`, filled as Python's str.format does it.
 *
 * A place is {NAME} or {NAME:FORMAT}, with Python's format of numbers: [[fill]align][sign][#][0][width][, or _][.precision][type].
 * {{ and }} are braces. Conversions ({x!r}), attributes ({x.y}), items and formats inside formats are refused. */
#ifndef NNL_BASE_TEMPLATE_H
#define NNL_BASE_TEMPLATE_H

#include "runtime/base/str.h"

typedef struct {
    bool whole; /* integer counts, else number */
    int64_t integer;
    double number;
} TemplateFigure;

/* The figure of a name; false: there is none. */
typedef bool TemplateLookup(void *owner, const char *name, TemplateFigure *figure);

typedef struct {
    const char *unknown; /* a name that the lookup does not have; NULL: */
    const char *what;    /* the text is none of this form: why, for a person */
    size_t begin, end;   /* the bytes of the place */
} TemplateFault;

/* NULL: *fault says why. */
const char *template_fill(Arena *arena, const char *text, TemplateLookup *lookup, void *owner, TemplateFault *fault);
/* A number as Python's str() prints it: "1.0", "1e-05", "nan". */
const char *template_number(Arena *arena, double value);

#endif
