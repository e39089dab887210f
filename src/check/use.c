/* Files that a script uses; see use.h. */
#include "src/check/use.h"

#include <errno.h>
#include <stdlib.h>

#include "src/embed.h"
#include "src/syntax/parse.h"

/* The files on the way from the script to here, for circles. */
typedef struct Chain {
    const char *path; /* resolved */
    const struct Chain *up;
} Chain;

typedef struct {
    Arena *arena;
    Scope *scope;
    Outputs *outputs;
    Diags *diags;
    VEC(const char *) seen; /* read already */
} Uses;

static void use_all(Uses *uses, const Ast *script, const char *folder, const Chain *chain);

static const char *resolved(Arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real) return arena_copy(arena, path);
    const char *copy = arena_copy(arena, real);
    free(real);
    return copy;
}

static const char *read_file(Arena *arena, const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    Buf text = buf_in(arena);
    char block[65536];
    size_t got;
    /* A little more than a script may have (E0103): /dev/zero never ends. */
    while (text.n <= 16u << 20 && (got = fread(block, 1, sizeof block, file)) > 0) buf_put_n(&text, block, got);
    bool ok = !ferror(file);
    fclose(file);
    *n = text.n;
    return ok ? (text.at ? text.at : "") : NULL;
}

/* The names of a file that was read; statements that have no place there are reported. */
static void take_names(Uses *uses, const Ast *file, const Ast *use, const char *folder, const Chain *chain)
{
    use_all(uses, file, folder, chain);
    for (size_t i = 0; i < file->items.n; i++) {
        const Ast *ast = file->items.at[i];
        switch ((int)ast->type) {
        case AST_PARAM: scope_add(uses->scope, NAMED_PARAM, ast, folder); break;
        case AST_BLOCK: scope_add(uses->scope, NAMED_BLOCK, ast, folder); break;
        case AST_USE:
        case AST_ERROR: break;
        default: {
            Diag *e = diag(uses->diags, E0215, ast->span, A("what", ast_type_name(ast->type)));
            diag_label(e, use->span, E0215_used);
            break;
        }
        }
    }
}

static void use_standard(Uses *uses, const Ast *use, const Chain *chain)
{
    const char *names[64];
    size_t n = 0;
    for (const EmbeddedFile *file = embedded_stdlib; file->name && n < 64; file++) {
        if (!str_eq(file->name, use->name)) {
            names[n++] = file->name;
            continue;
        }
        for (size_t i = 0; i < uses->seen.n; i++)
            if (str_eq(uses->seen.at[i], file->name)) return;
        VEC_PUSH(uses->arena, uses->seen, file->name);
        uint32_t source = sources_add(diags_sources(uses->diags), arena_printf(uses->arena, "%s.nnl", file->name), file->text, strlen(file->text));
        take_names(uses, parse_script(uses->arena, source, uses->diags), use, "", chain);
        return;
    }
    Diag *e = diag(uses->diags, E0213, use->name_span, A("name", use->name));
    const char *nearest = str_nearest(use->name, names, n);
    if (nearest) diag_did_you_mean(e, use->name_span, nearest);
    else diag_note(e, E0213_there_are, A("names", str_join(uses->arena, names, n, true)));
}

static void use_file(Uses *uses, const Ast *use, const char *folder, const Chain *chain)
{
    const char *path = use->text[0] == '/' || !folder[0] ? use->text : arena_printf(uses->arena, "%s/%s", folder, use->text);
    const char *real = resolved(uses->arena, path);
    Span span = use->text_span.source ? use->text_span : use->span;
    for (const Chain *c = chain; c; c = c->up) {
        if (!str_eq(c->path, real)) continue;
        diag_fix(diag(uses->diags, E0214, span, A("path", use->text)), E0214_help);
        return;
    }
    for (size_t i = 0; i < uses->seen.n; i++)
        if (str_eq(uses->seen.at[i], real)) return;
    VEC_PUSH(uses->arena, uses->seen, real);
    size_t n;
    const char *text = read_file(uses->arena, path, &n);
    if (!text) {
        diag_file_fault(diag(uses->diags, E0277, span, A("path", use->text), A("reason", strerror(errno))));
        return;
    }
    VEC_PUSH(uses->arena, uses->outputs->read, path);
    uint32_t source = sources_add(diags_sources(uses->diags), path, text, n);
    const char *slash = strrchr(path, '/');
    const char *inner = slash ? arena_text(uses->arena, path, (size_t)(slash - path)) : "";
    Chain link = {real, chain};
    take_names(uses, parse_script(uses->arena, source, uses->diags), use, inner, &link);
}

static void use_all(Uses *uses, const Ast *script, const char *folder, const Chain *chain)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *use = script->items.at[i];
        if (use->type != AST_USE) continue;
        if (use->text) use_file(uses, use, folder, chain);
        else if (use->name) use_standard(uses, use, chain);
    }
}

void check_uses(Arena *arena, Scope *scope, const Ast *script, const char *path, const char *folder, Outputs *outputs, Diags *diags)
{
    Uses uses = {.arena = arena, .scope = scope, .outputs = outputs, .diags = diags};
    VEC_PUSH(arena, outputs->read, path);
    Chain chain = {resolved(arena, path), NULL};
    use_all(&uses, script, folder, &chain);
}
