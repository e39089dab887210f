/* What the parts of the statement checker share. */
#ifndef NNL_CHECK_STATEMENTS_PARTS_H
#define NNL_CHECK_STATEMENTS_PARTS_H

#include "src/check/statements.h"

/* statements.c */
/* The model or data of that name; NULL: reported. */
ProgramModel *statement_model(Statements *s, const char *name, Span span);
ProgramData *statement_data(Statements *s, const char *name, Span span);
/* An output file: where it will be, checked now. NULL: none, or reported. */
const char *statement_output(Statements *s, const Ast *path, const char *folder, OutputHolds holds, const char **as_written);
/* false: no line above trains it, reported. */
bool statement_trained(Statements *s, const ProgramModel *model, Span span);
/* The same for what asks for answers alone: a model that came whole from a file has some. */
bool statement_usable(Statements *s, const ProgramModel *model, Span span);
/* A model sees data other than that which shaped it: the shapes must agree. */
bool statement_fits(Statements *s, const ProgramModel *model, const ProgramData *data, Span span);
void statement_add(Statements *s, Action action);

/* statements_alike.c */
/* Warns where data scales or encodes a column otherwise than that of the model's training. */
void statement_prepared_alike(Statements *s, const ProgramModel *model, const ProgramData *data, Span span);

/* statements_file.c */
/* For models of an action that no line trains: what they are compared with; and whether a file can be prepared for them. false: reported. */
bool statement_sources(Statements *s, Action *action);
void check_save(Statements *s, const Ast *ast, const char *folder);

/* statements_time.c */
/* The targets of data that a trained model is compared with must be like those it learned. */
bool statement_targets_fit(Statements *s, const ProgramModel *model, const ProgramData *data, Span span);
/* `season N` of evaluate. */
bool check_season(Statements *s, Action *action, const Ast *ast);
void check_forecast(Statements *s, const Ast *ast, const char *folder);
void check_cross_validate(Statements *s, const Ast *ast);

#endif
