/* `nnl inspect` and `nnl summary` of a model file; see command.h. */
#include "src/commands/command.h"
#include "src/report/inspect.h"
#include "src/report/summary.h"

int command_inspect(const Options *options)
{
    FileCommand c;
    command_begin(&c, options);
    if (command_read(&c)) {
        Buf out = buf_in(c.arena);
        inspect_print(c.arena, &c.saved, &out);
        command_put(&out);
    }
    return command_end(&c);
}

int command_summary(const Options *options)
{
    FileCommand c;
    command_begin(&c, options);
    if (options->n_params) {
        c.usage = true;
        const char *param = arena_printf(c.arena, "%s=%s", options->params[0].name, options->params[0].value);
        diag_fix(diag(c.diags, E0915, NO_SPAN, A("command", "nnl summary"), A("name", param)), E0915_usage, A("usage", "nnl summary MODEL.keras"));
    } else if (command_read(&c)) {
        Buf out = buf_in(c.arena);
        summary_print(c.saved.graph, &c.saved.model->optimizer, &out);
        command_put(&out);
    }
    return command_end(&c);
}
