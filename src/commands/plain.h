/* Inside of predicting without a data recipe: what the inputs of a model are fed with. */
#ifndef NNL_COMMANDS_PLAIN_H
#define NNL_COMMANDS_PLAIN_H

#include "src/commands/command.h"

typedef struct {
    const char *name;
    Shape shape;
    size_t size;         /* numbers a sample */
    const Table *table;  /* its columns from `first` on; NULL: typed */
    size_t first;
    const float *typed;
} PlainInput;

/* A column of the output that was one of the input. */
typedef struct {
    const Table *table;
    size_t column;
} PlainOwn;

typedef struct {
    FileCommand *c;
    PlainInput *inputs;
    size_t n_inputs;
    size_t n_rows;
    const Table **tables; /* whose columns stand first in the output */
    size_t n_tables;
    VEC(PlainOwn) own;
    float **answers;      /* of each output, row by row */
    size_t *sizes;
} Plain;

/* Feeds the inputs from the command line: one table, a table for each, or typed numbers (plain_inputs.c). false: reported. */
bool plain_inputs(Plain *p);
/* Number i of an input in a row. */
float plain_number(const PlainInput *input, size_t row, size_t i);

#endif
