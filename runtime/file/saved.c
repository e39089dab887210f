/* Saved models: the parts of a `.keras` file together; see saved.h. */
#include "runtime/file/saved.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/file/h5.h"
#include "runtime/file/keras_inside.h"
#include "runtime/file/keras_numbers.h"
#include "runtime/file/other.h"
#include "runtime/file/output.h"
#include "runtime/file/recipe_json.h"

enum { METADATA, CONFIG, WEIGHTS, NNL, NPZ, MEMBERS };

/* ---- Reading ---------------------------------------------------------------------------------------------------------------- */

/* JSON of a member; what is wrong with it is said in one line: such texts have no lines to show. */
static const Json *member_json(SavedFile *file, const ZipMember *member, DiagCode code, Diags *diags)
{
    Sources *sources = diags_sources(diags);
    uint32_t source = sources_add(sources, member->name, (const char *)member->bytes, member->n);
    Diags *judged = diags_new(file->arena, sources);
    const Json *json = json_read(file->arena, source, JSON_PYTHON, judged);
    if (json) return json;
    const char *reason = diags_count(judged) ? diag_message(diags_at(judged, 0)) : "it is no JSON";
    diag_file_fault(diag_add(diags, code, file->span, (const DiagArg[]){A("file", file->shown), A("what", reason), {0}}));
    return NULL;
}

static bool old_dialect(SavedFile *file, Diags *diags)
{
    if (!file->keras_version || !str_starts(file->keras_version, "2.")) return true;
    Diag *e = diag(diags, E0813, file->span, A("file", file->shown),
                   A("reason", arena_printf(file->arena, "it was written by Keras %s, in the form of Keras 2", file->keras_version)));
    diag_fix(e, E0813_help, A("remedy", "open it in Keras 3 and save it again: `model.save(\"m.keras\")`"));
    diag_file_fault(e);
    return false;
}

static bool read_config(SavedFile *file, const ZipMember *members, Diags *diags)
{
    if (members[METADATA].bytes) {
        Diags *quiet = diags_new(file->arena, diags_sources(diags));
        const Json *metadata = member_json(file, &members[METADATA], E0815, quiet);
        const char *version = metadata ? keras_text(metadata, "keras_version") : NULL;
        file->keras_version = version && strlen(version) < 40 ? version : NULL;
    }
    if (!old_dialect(file, diags)) return false;
    const Json *config = member_json(file, &members[CONFIG], E0815, diags);
    if (!config) return false;
    KerasReader reader = {.arena = file->arena, .diags = diags, .span = file->span, .shown = file->shown};
    file->graph = reader.graph = graph_new(file->arena, "model", file->span);
    if (!keras_graph(&reader, config)) return false;
    Diags *judged = diags_new(file->arena, diags_sources(diags));
    if (!model_fits(file->graph, 1, false, judged))
        return keras_broken(&reader, "%s", diags_count(judged) ? diag_message(diags_at(judged, 0)) : "it is too large");
    return keras_compile(&reader, json_get(config, "compile_config"), &file->compile);
}

static bool read_extras(SavedFile *file, const ZipMember *member, Diags *diags)
{
    if (!member->bytes) return true;
    file->ours = true;
    const Json *json = member_json(file, member, E0819, diags);
    if (!json) return false;
    RecipeJsonReader reader = {file->arena, diags, file->span, file->shown, file->graph};
    return recipe_json_read(&reader, json, &file->extras);
}

static void note_frozen(SavedFile *file)
{
    KerasArrays arrays = keras_arrays(file->arena, file->graph);
    bool *frozen = ARENA_ARRAY(file->arena, bool, arrays.n + 1);
    for (size_t i = 0; i < arrays.n; i++) frozen[i] = layer_frozen(arrays.arrays[i].weight->layer);
    file->frozen = frozen;
    file->n_arrays = arrays.n;
}

SavedFile *saved_open(Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    if (!other_is_zip(arena, path, shown, span, diags)) return NULL;
    SavedFile *file = ARENA_NEW(arena, SavedFile);
    *file = (SavedFile){.arena = arena, .path = path, .shown = shown, .span = span};
    struct stat info;
    if (stat(path, &info) == 0) file->size = (size_t)info.st_size;
    ZipMember members[MEMBERS] = {[METADATA] = {.name = "metadata.json"}, [CONFIG] = {.name = "config.json"}, [WEIGHTS] = {.name = "model.weights.h5"},
                                  [NNL] = {.name = "nnl.json"}, [NPZ] = {.name = "model.weights.npz"}};
    const char *others = "";
    if (!zip_read(arena, path, shown, span, members, MEMBERS, &others, diags)) return NULL;
    if (!members[CONFIG].bytes) {
        other_zip(arena, shown, span, others, diags);
        return NULL;
    }
    if (!members[WEIGHTS].bytes) {
        const char *reason = members[NPZ].bytes ? "its weights are stored as a Python pickle (`model.weights.npz`)" : "it holds no weights (`model.weights.h5`)";
        Diag *e = diag(diags, E0813, span, A("file", shown), A("reason", reason));
        diag_fix(e, E0813_help, A("remedy", "save it again in Keras's usual form: `model.save(\"m.keras\")`"));
        diag_file_fault(e);
        return NULL;
    }
    file->weights = members[WEIGHTS].bytes;
    file->n_weights = members[WEIGHTS].n;
    if (!read_config(file, members, diags) || !read_extras(file, &members[NNL], diags)) return NULL;
    note_frozen(file);
    return file;
}

/* Whether the graph trains what the file's model trained, so that the optimizer's state is about the same weights. */
static bool trains_alike(const SavedFile *file, const Graph *graph)
{
    KerasArrays arrays = keras_arrays(file->arena, graph);
    bool same = arrays.n == file->n_arrays;
    for (size_t i = 0; same && i < arrays.n; i++) same = layer_frozen(arrays.arrays[i].weight->layer) == file->frozen[i];
    return same;
}

static bool judge_numbers(const SavedFile *file, const Graph *graph, H5File *h5, Diags *diags)
{
    return h5_read(file->arena, file->weights, file->n_weights, file->shown, file->span, diags, h5) &&
           keras_fill(file->arena, h5, graph, NULL, file->span, diags);
}

bool saved_fits(const SavedFile *file, const Graph *graph, Diags *diags)
{
    H5File h5 = {0};
    return judge_numbers(file, graph, &h5, diags);
}

Model *saved_model(const SavedFile *file, Graph *graph, uint64_t seed, Diags *diags)
{
    H5File h5 = {0};
    if (!judge_numbers(file, graph, &h5, diags)) return NULL;
    Model *model = model_blank(file->arena, graph, seed);
    if (!keras_fill(file->arena, &h5, graph, model, file->span, diags)) return NULL;
    if (file->compile.optimizer.kind && trains_alike(file, graph))
        keras_fill_optimizer(file->arena, &h5, model, file->compile.optimizer, file->span, diags);
    return model;
}

bool saved_read(Arena *arena, const char *path, const char *shown, Span span, uint64_t seed, Diags *diags, SavedModel *out)
{
    SavedFile *file = saved_open(arena, path, shown, span, diags);
    Model *model = file ? saved_model(file, file->graph, seed, diags) : NULL;
    if (!model) return false;
    *out = (SavedModel){file, file->graph, model, file->compile, file->extras};
    return true;
}

bool saved_read_weights(Arena *arena, const char *path, const char *shown, Span span, const Graph *graph, Model *model, Diags *diags)
{
    const uint8_t *bytes = NULL;
    size_t n = 0;
    if (other_begins_zip(path)) {
        ZipMember weights = {.name = "model.weights.h5"};
        const char *others;
        if (!zip_read(arena, path, shown, span, &weights, 1, &others, diags)) return false;
        if (!weights.bytes) {
            other_zip(arena, shown, span, "", diags);
            return false;
        }
        bytes = weights.bytes;
        n = weights.n;
    } else if (!other_read(arena, path, shown, span, &bytes, &n, diags)) {
        return false;
    }
    H5File h5 = {0};
    return h5_read(arena, bytes, n, shown, span, diags, &h5) && keras_fill(arena, &h5, graph, model, span, diags);
}

Graph *saved_copy(Arena *arena, const Graph *graph, const char *name, Span span, Diags *diags)
{
    Buf text = buf_in(arena);
    keras_config(arena, graph, NULL, NULL, &text);
    uint32_t source = sources_add(diags_sources(diags), name, text.at, text.n);
    const Json *json = json_read(arena, source, JSON_PYTHON, diags);
    KerasReader reader = {.arena = arena, .diags = diags, .span = span, .shown = name};
    reader.graph = graph_new(arena, name, span);
    if (!json || !keras_graph(&reader, json)) return NULL;
    reader.graph->name = name;
    for (size_t i = 0; i < graph->outputs.n && i < reader.graph->outputs.n; i++) reader.graph->outputs.at[i].name = graph->outputs.at[i].name;
    return reader.graph;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------------------- */

static bool write_pieces(Arena *arena, const Pieces *pieces, const char *path, const char *shown, Span span, Diags *diags)
{
    Output output;
    if (!output_open(&output, arena, path, shown, span, diags)) return false;
    /* What fails is told by output_close. */
    for (size_t i = 0; i < pieces->n && fwrite(pieces->at[i].bytes, 1, pieces->at[i].n, output.file) == pieces->at[i].n; i++) continue;
    return output_close(&output, diags);
}

bool saved_write(Arena *arena, const Model *model, const KerasCompile *compile, const SavedExtras *extras, const char *path, const char *shown,
                 Span span, Diags *diags)
{
    if (!keras_can_save(model->graph, span, diags)) return false;
    activity_begin(arena_printf(arena, "saving `%s`", shown));
    Buf recipe = buf_in(arena);
    if (extras) recipe_json_write(arena, model->graph, extras, &recipe);
    Pieces pieces = keras_pieces(arena, model, compile, extras ? &recipe : NULL);
    bool ok = write_pieces(arena, &pieces, path, shown, span, diags);
    activity_end();
    return ok;
}

bool saved_write_weights(Arena *arena, const Model *model, const char *path, const char *shown, Span span, Diags *diags)
{
    activity_begin(arena_printf(arena, "saving `%s`", shown));
    Pieces pieces = keras_weights_pieces(arena, model);
    bool ok = write_pieces(arena, &pieces, path, shown, span, diags);
    activity_end();
    return ok;
}
