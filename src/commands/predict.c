/* `nnl predict`: which way of predicting is meant. See command.h. */
#include "src/commands/command.h"

/* Reports two things that exclude each other. */
static bool not_both(FileCommand *c, const char *name, const char *other, DiagText remedy)
{
    c->usage = true;
    diag_fix_add(diag(c->diags, E0874, NO_SPAN, A("name", name), A("other", other)), remedy, (const DiagArg[]){{0}});
    return false;
}

static const char *input_word(FileCommand *c)
{
    return arena_printf(c->arena, "--input %s=%s", c->options->inputs[0].name, c->options->inputs[0].value);
}

static const char *typed_word(FileCommand *c, size_t i)
{
    return arena_printf(c->arena, "%s=%s", c->options->params[i].name, c->options->params[i].value);
}

static bool check_twice(FileCommand *c, const CliParam *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(list[i].name, list[k].name))
                return not_both(c, arena_printf(c->arena, "%s=%s", list[i].name, list[i].value),
                                arena_printf(c->arena, "%s=%s", list[k].name, list[k].value), E0874_twice);
    return true;
}

/* What can be judged before the model is read. */
static bool check_usage(FileCommand *c)
{
    const Options *o = c->options;
    bool table = o->n_files > 1;
    if (!table && !o->n_params && !o->n_inputs) {
        c->usage = true;
        Diag *e = diag(c->diags, E0914, NO_SPAN, A("command", "nnl predict"), A("wanted", "a table, or the values of one sample, behind the model"));
        diag_fix(e, E0914_usage, A("usage", "nnl predict MODEL.keras DATA.csv -o OUT.csv"));
        diag_fix(e, E0914_usage, A("usage", "nnl predict MODEL.keras NAME=VALUE NAME=VALUE"));
        return false;
    }
    if (table && o->n_params) return not_both(c, typed_word(c, 0), o->files[1], E0874_table);
    if (table && o->n_inputs) return not_both(c, input_word(c), o->files[1], E0874_input);
    if (o->n_params && o->n_inputs) return not_both(c, typed_word(c, 0), input_word(c), E0874_table);
    return check_twice(c, o->params, o->n_params) && check_twice(c, o->inputs, o->n_inputs);
}

int command_predict(const Options *options)
{
    FileCommand c;
    command_begin(&c, options);
    if (check_usage(&c) && command_read(&c)) {
        bool recipe = c.saved.extras.recipe != NULL;
        if (recipe && options->n_inputs) not_both(&c, input_word(&c), c.path, E0874_recipe);
        else if (recipe) predict_by_recipe(&c);
        else predict_plainly(&c);
    }
    return command_end(&c);
}
