/* `nnl evaluate`; see command.h. */
#include <math.h>

#include "src/commands/recipe.h"
#include "src/report/scores.h"

/* Whether the file says what is to be compared with what. */
static bool can_evaluate(FileCommand *c)
{
    if (!c->saved.extras.recipe) {
        diag_fix(diag(c->diags, E0879, NO_SPAN, A("model", c->path)), E0879_help, A("model", c->path));
        return false;
    }
    for (size_t k = 0; k < c->saved.graph->outputs.n; k++)
        if (c->saved.compile.optimizer.kind && c->saved.compile.losses[k].kind) return true;
    diag_fix(diag(c->diags, E0880, NO_SPAN, A("model", c->path)), E0880_help, A("model", c->path), A("file", c->options->files[1]));
    return false;
}

int command_evaluate(const Options *options)
{
    FileCommand c;
    command_begin(&c, options);
    const char *shown;
    const Dataset *data = command_read(&c) && can_evaluate(&c) ? recipe_samples(&c, ROWS_PART, &shown) : NULL;
    if (data) {
        ScoredModel scored = {.model = command_model(&c)};
        EvaluateRun run = {.arena = c.arena, .model = c.saved.model, .config = command_config(&c), .data = data, .samples = data->all,
                           .known = c.saved.extras.scores,
                           .n_known = c.saved.extras.n_scores, .threshold = (double)NAN, .par = command_pool(&c), .diags = c.diags};
        if (evaluate_model(&run, &scored.evaluation)) {
            Buf out = buf_in(c.arena);
            scores_print(c.arena, &scored, 1, shown, &out);
            command_put(&out);
            scores_log(&c.log, &scored, shown);
        }
    }
    return command_end(&c);
}
