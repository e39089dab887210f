/* Models that a file gives; see from_file.h. */
#include "src/check/from_file.h"

#include <string.h>
#include <sys/stat.h>

#include "runtime/file/keras.h"
#include "runtime/file/output.h"
#include "src/check/train.h"

/* ---- Files that the script itself writes --------------------------------------------------------------------------------------- */

/* Whether a path may be what a template such as "runs/{epoch:03d}.keras" becomes. */
static bool matches(const char *template, const char *path)
{
    if (!*template) return !*path;
    if (*template != '{') return *template == *path && matches(template + 1, path + 1);
    const char *end = strchr(template, '}');
    if (!end) return str_eq(template, path);
    for (size_t n = 1; path[n - 1] && path[n - 1] != '/'; n++)
        if (matches(end + 1, path + n)) return true;
    return false;
}

static const Ast *checkpoint_path(const Ast *clause)
{
    const Ast *call = clause->type == AST_CLAUSE_CALLBACK ? clause->value : NULL;
    if (!call || call->type != AST_CALL || !str_eq(call->name, "model_checkpoint")) return NULL;
    for (size_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.at[i];
        if ((!arg->name && i == 0) || (arg->name && (str_eq(arg->name, "filepath") || str_eq(arg->name, "path")))) return arg->value;
    }
    return NULL;
}

/* Whether a statement writes the file; *place is where it names it. */
static bool writes(const FromFile *f, const Ast *ast, const char *file, Span *place)
{
    const Ast *path = ast->type == AST_SAVE ? ast->path : NULL;
    for (size_t i = 0; i <= ast->items.n; i++) {
        if (path && path->type == AST_TEXT) {
            const char *written = scope_path(f->scope, path, f->program->folder);
            *place = path->span;
            if (written && matches(output_real_path(f->arena, written), output_real_path(f->arena, file))) return true;
        }
        if (ast->type != AST_TRAIN || i == ast->items.n) break;
        path = checkpoint_path(ast->items.at[i]);
    }
    return false;
}

/* The statement that writes the file, before the place or (later) behind it; NULL: none. */
static const Ast *writer_of(const FromFile *f, const char *file, size_t place, bool later, Span *where)
{
    const Ast *found = NULL;
    for (size_t i = 0; i < f->script->items.n; i++) {
        const Ast *ast = f->script->items.at[i];
        if ((ast->type != AST_SAVE && ast->type != AST_TRAIN) || (ast->span.begin > place) != later) continue;
        Span span;
        if (!writes(f, ast, file, &span)) continue;
        found = ast;
        *where = span;
        if (later) break;
    }
    return found;
}

static const ProgramModel *model_named(const FromFile *f, const char *name)
{
    for (size_t i = 0; i < f->program->models.n; i++)
        if (str_eq(f->program->models.at[i]->name, name)) return f->program->models.at[i];
    return NULL;
}

static bool exists(const char *file)
{
    struct stat info;
    return stat(file, &info) == 0;
}

/* The source of a model, with the line of the script that writes the file where one does. false: reported. */
static bool find_source(const FromFile *f, const Ast *path, const char *folder, ProgramSource *source, const ProgramModel **writer)
{
    source->written = scope_text(f->scope, path, "a file");
    source->file = source->written ? scope_path(f->scope, path, folder) : NULL;
    source->span = path->span;
    *writer = NULL;
    if (!source->file) return false;
    Span where = NO_SPAN;
    const Ast *line = writer_of(f, source->file, path->span.begin, false, &where);
    if (line) {
        *writer = model_named(f, line->name);
        return *writer && (*writer)->graph && !(*writer)->faulty; /* else its own mistakes are reported */
    }
    if (exists(source->file)) return true;
    line = writer_of(f, source->file, path->span.begin, true, &where);
    if (!line) return true; /* reading it says so */
    Diag *e = diag(f->diags, E0803, path->span, A("path", source->written));
    diag_label(e, where, E0803_later);
    diag_fix(e, E0803_help);
    return false;
}

/* ---- freeze, unfreeze ------------------------------------------------------------------------------------------------------------ */

static void set_trainable(Layer *layer, bool trainable)
{
    layer->trainable = trainable;
    for (size_t i = 0; i < layer->n_inner; i++) {
        /* The layer that the script gave to a wrapper, of which that holds copies. */
        if (layer->inner[i]->outer) layer->inner[i]->outer->trainable = trainable;
        set_trainable(layer->inner[i], trainable);
    }
}

static void freeze_line(const FromFile *f, const ProgramModel *model, const Ast *line)
{
    size_t n;
    Layer *const *layers = graph_all_layers(model->graph, f->arena, &n);
    for (size_t i = 0; i < line->args.n; i++) {
        const Ast *name = line->args.at[i];
        bool found = false;
        const char *word = name->type == AST_TEXT ? name->text : name->name;
        for (size_t k = 0; k < n; k++) {
            if (!word || !layers[k]->name || !str_eq(layers[k]->name, word)) continue;
            set_trainable(layers[k], line->type == AST_UNFREEZE);
            /* What lies in a frozen model stays frozen unless that one is trained too. */
            for (Layer *outer = layers[k]->outer; outer && line->type == AST_UNFREEZE; outer = outer->outer) outer->trainable = true;
            found = true;
        }
        if (found || !word) continue;
        const char **names = ARENA_ARRAY(f->arena, const char *, n + 1);
        size_t n_names = 0;
        for (size_t k = 0; k < n; k++)
            if (layers[k]->name) names[n_names++] = layers[k]->name;
        Diag *e = diag(f->diags, E0802, name->span, A("model", model->name), A("name", word));
        const char *nearest = str_nearest(word, names, n_names);
        if (nearest) diag_did_you_mean(e, name->span, nearest);
        else diag_note(e, E0802_layers, A("names", str_join(f->arena, names, n_names < 30 ? n_names : 30, true)));
    }
}

/* Copies of one layer in a wrapper (bidirectional's two ways) have one trainable flag in a file. false: reported at `line`. */
static bool copies_agree(const FromFile *f, const ProgramModel *model, const Ast *line)
{
    size_t n;
    Layer *const *layers = graph_all_layers(model->graph, f->arena, &n);
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 1; i < layers[k]->n_inner; i++) {
            const Layer *first = layers[k]->inner[0], *second = layers[k]->inner[i];
            if (first->outer != second->outer || first->outer == layers[k] || first->trainable == second->trainable) continue;
            Diag *e = diag(f->diags, E0806, line->span, A("first", first->name), A("second", second->name));
            diag_fix(e, E0806_help, A("outer", layers[k]->name));
            return false;
        }
    }
    return true;
}

/* ---- model … from ------------------------------------------------------------------------------------------------------------------ */

void check_model_from(const FromFile *f, ProgramModel *model, const Named *named)
{
    const Ast *ast = named->ast;
    ProgramSource *source = ARENA_NEW(f->arena, ProgramSource);
    source->whole = true;
    model->source = source;
    const ProgramModel *writer;
    if (!find_source(f, ast->value ? ast->value : ast->path, named->folder, source, &writer)) return;
    if (writer) {
        model->graph = saved_copy(f->arena, writer->graph, model->name, source->span, f->diags);
        source->of = writer;
    } else {
        source->saved = saved_open(f->arena, source->file, source->written, source->span, f->diags);
        if (!source->saved) return;
        model->graph = source->saved->graph;
        model->graph->name = model->name;
    }
    if (!model->graph) return;
    const Ast *last = NULL;
    for (size_t i = 0; i < ast->items.n; i++) {
        const Ast *line = ast->items.at[i];
        if (line->type != AST_FREEZE && line->type != AST_UNFREEZE) continue;
        freeze_line(f, model, line);
        last = line;
    }
    if (last && !copies_agree(f, model, last)) return;
    if (source->saved) saved_fits(source->saved, model->graph, f->diags);
}

/* ---- weights from ------------------------------------------------------------------------------------------------------------------ */

/* The first array of which two graphs differ, as a reason; NULL: none. */
static const char *difference(Arena *arena, const Graph *graph, const Graph *other)
{
    KerasArrays a = keras_arrays(arena, graph), b = keras_arrays(arena, other);
    for (size_t i = 0; i < a.n; i++) {
        const WeightSpec *spec = &a.arrays[i].weight->spec;
        const char *owner = a.arrays[i].weight->layer->name;
        if (i >= b.n || !str_eq(a.arrays[i].path, b.arrays[i].path))
            return arena_printf(arena, "it will have no `%s`, the %s of the layer `%s`", a.arrays[i].path, spec->name, owner);
        const Shape *found = &b.arrays[i].weight->spec.shape;
        if (!shape_eq(&spec->shape, found))
            return arena_printf(arena, "the %s of the layer `%s` will have the shape %s in the file, but %s in the model", spec->name, owner,
                                shape_text(arena, found), shape_text(arena, &spec->shape));
    }
    return a.n < b.n ? arena_printf(arena, "it will have `%s`, which the model lacks", b.arrays[a.n].path) : NULL;
}

void check_weights_from(const FromFile *f, ProgramModel *model, const Named *named)
{
    const AstList *items = &named->ast->items;
    for (size_t i = 0; i < items->n; i++) {
        const Ast *line = items->at[i];
        if (line->type != AST_WEIGHTS_FROM) continue;
        if (i + 1 < items->n) {
            diag_fix(diag(f->diags, E0804, line->span), E0804_help);
            return;
        }
        ProgramSource *source = ARENA_NEW(f->arena, ProgramSource);
        const ProgramModel *writer;
        if (!line->path || !find_source(f, line->path, named->folder, source, &writer)) return;
        if (writer) {
            const char *what = difference(f->arena, model->graph, writer->graph);
            source->of = writer;
            if (what) diag(f->diags, E0816, source->span, A("file", source->written), A("model", model->name), A("what", what));
        } else {
            saved_read_weights(f->arena, source->file, source->written, source->span, model->graph, NULL, f->diags);
        }
        model->source = source;
    }
}

/* ---- Without a training ------------------------------------------------------------------------------------------------------------- */

const TrainConfig *check_source_config(const FromFile *f, const ProgramModel *model, const ProgramData *data)
{
    if (!data->checked || !model->graph) return NULL;
    Ast *nothing = ARENA_NEW(f->arena, Ast);
    *nothing = (Ast){.type = AST_TRAIN, .span = model->source->span, .name = model->name};
    TrainContext context = {.arena = f->arena, .scope = f->scope, .diags = f->diags, .graph = model->graph, .data = data->checked,
                            .model_name = model->name, .data_name = data->name, .folder = f->program->folder, .only_scored = true};
    context.compile = model->source->saved ? &model->source->saved->compile : NULL;
    size_t before = diags_errors(f->diags);
    TrainConfig *config = check_train(&context, nothing);
    if (model->source->of && model->source->of->last_train)
        for (size_t k = 0; k < config->n_outputs; k++)
            if (!config->outputs[k].loss.kind) config->outputs[k].loss = model->source->of->last_train->outputs[k].loss;
    return diags_errors(f->diags) == before ? config : NULL;
}
