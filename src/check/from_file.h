/* Models that a file gives: `model NAME from "f.keras"` with `freeze` and `unfreeze`, and `weights from` at the end of a wired one. The
 * file is read while checking; one that an earlier line writes is held to what that line will put there. */
#ifndef NNL_CHECK_FROM_FILE_H
#define NNL_CHECK_FROM_FILE_H

#include "src/check/program.h"

typedef struct {
    Arena *arena;
    Scope *scope;
    const Ast *script;
    Program *program;
    Diags *diags;
} FromFile;

/* Sets graph and source of a model whose statement names a file. */
void check_model_from(const FromFile *f, ProgramModel *model, const Named *named);
/* The line `weights from` of a wired model, once its graph is whole. */
void check_weights_from(const FromFile *f, ProgramModel *model, const Named *named);

/* What a model from a file is compared with where no line of the script trains it: as the file says, or as follows from the data. */
const TrainConfig *check_source_config(const FromFile *f, const ProgramModel *model, const ProgramData *data);

#endif
