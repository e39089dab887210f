/* Does the network fit? The inequalities stand in docs/fit-verdict.md. */
#ifndef NNL_REPORT_VERDICT_H
#define NNL_REPORT_VERDICT_H

#include "runtime/train/fit.h"

typedef enum { FIT_UNDER, FIT_GOOD, FIT_OVER, FIT_UNCLEAR } FitJudgement;

typedef struct {
    FitJudgement fit;
    int rule;          /* of the page */
    int64_t since;     /* overfitting: since this epoch; else 0 */
    int64_t best;      /* epoch with the smallest val_loss, from 1; 0: none */
    int64_t kept;      /* the earlier epoch whose weights early stopping put back; 0: the last one's are kept */
    FitFigures figures;
    const char *why;   /* unclear: the reason */
} Verdict;

/* "underfitting", "good", "overfitting", "unclear". */
const char *verdict_name(const Verdict *verdict);
/* figures NULL: they could not be measured (no validation part). */
Verdict verdict_of(const TrainResult *result, const FitFigures *figures, size_t n_validation);
/* A sentence or two with the figures and what to try. */
void verdict_print(const Verdict *verdict, Buf *out);

#endif
