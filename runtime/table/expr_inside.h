/* What the files of expressions share; not for others. */
#ifndef NNL_TABLE_EXPR_INSIDE_H
#define NNL_TABLE_EXPR_INSIDE_H

#include "runtime/table/expr.h"

enum {
    FN_ABS, FN_COS, FN_EXP, FN_LOG, FN_LOG1P, FN_MAX, FN_MIN, FN_ROUND, FN_SIN, FN_SQRT,
    FN_DAY, FN_DAYOFYEAR, FN_HOUR, FN_MINUTE, FN_MONTH, FN_QUARTER, FN_SECOND, FN_TIMESTAMP, FN_WEEKDAY, FN_WEEKOFYEAR, FN_YEAR,
    FN_DIFF, FN_EWM_MEAN, FN_ROLLING_MAX, FN_ROLLING_MEAN, FN_ROLLING_MIN, FN_ROLLING_STD, FN_ROLLING_SUM, FN_SHIFT
};

/* The operator or function as the language writes it. */
const char *expr_operator(const Expr *expr);

#endif
