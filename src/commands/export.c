/* `nnl export`; see command.h. */
#include "src/report/export.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/file/output.h"
#include "src/commands/command.h"

/* The folder of a path, whole; "" where it cannot be told. */
static const char *folder_of(Arena *arena, const char *path)
{
    char *copy = arena_copy(arena, path), *whole = realpath(dirname(copy), NULL);
    const char *folder = whole ? arena_copy(arena, whole) : "";
    free(whole);
    return folder;
}

/* Where the script finds the model file: beside itself where both lie in one folder, else by the whole path. */
static const char *weights_path(FileCommand *c)
{
    Buf text = buf_in(c->arena);
    const char *to = c->options->output, *name = basename(arena_copy(c->arena, c->path));
    const char *folder = folder_of(c->arena, c->path);
    if (to && str_eq(folder_of(c->arena, to), folder)) {
        buf_put(&text, "Path(__file__).with_name(");
        export_text(&text, name);
    } else {
        buf_put(&text, "Path(");
        export_text(&text, arena_printf(c->arena, "%s/%s", folder, name));
    }
    buf_char(&text, ')');
    return text.at;
}

static void write_script(FileCommand *c, const Buf *script)
{
    Output output;
    const char *path = c->options->output;
    if (!output_open(&output, c->arena, path, path, NO_SPAN, c->diags)) return;
    fwrite(script->at, 1, script->n, output.file);
    if (!output_close(&output, c->diags) || c->options->quiet) return;
    Buf out = buf_in(c->arena);
    buf_printf(&out, "Wrote %s\n", path);
    command_put(&out);
}

int command_export(const Options *options)
{
    FileCommand c;
    command_begin(&c, options);
    if (command_read(&c)) {
        Buf script = buf_in(c.arena);
        export_script(c.arena, &c.saved, weights_path(&c), &script);
        if (options->output) write_script(&c, &script);
        else command_put(&script);
    }
    return command_end(&c);
}
