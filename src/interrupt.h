/* Signals: Ctrl-C ends a training after its batch, a second one (or one outside a training) ends the program with 130; SIGTERM ends a
 * training after its batch and the program with 143. A broken pipe is an error of writing, not a death. */
#ifndef NNL_INTERRUPT_H
#define NNL_INTERRUPT_H

void interrupt_install(void);
/* A training begins and ends: only then the first Ctrl-C waits for the batch. */
void interrupt_training(int runs);
/* 0 no; 1 Ctrl-C came; 2 SIGTERM came. */
int interrupt_asked(void);

#endif
