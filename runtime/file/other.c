/* Recognising what is no `.keras` file; see other.h. */
#include "runtime/file/other.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/file/h5.h"

#define OPEN_AND_SAVE "open it in Keras 3 and save it again: `model.save(\"m.keras\")`"

static bool no_model(const char *shown, Span span, const char *reason, const char *remedy, Diags *diags)
{
    Diag *e = diag(diags, E0813, span, A("file", shown), A("reason", reason));
    if (remedy) diag_fix(e, E0813_help, A("remedy", remedy));
    diag_file_fault(e);
    return false;
}

static bool cannot_read(const char *shown, Span span, const char *reason, Diags *diags)
{
    diag_file_fault(diag(diags, E0817, span, A("file", shown), A("reason", reason)));
    return false;
}

bool other_read(Arena *arena, const char *path, const char *shown, Span span, const uint8_t **bytes, size_t *n, Diags *diags)
{
    struct stat info;
    if (stat(path, &info) != 0) return cannot_read(shown, span, errno == ENOENT ? "there is no such file" : strerror(errno), diags);
    if (!S_ISREG(info.st_mode)) return cannot_read(shown, span, "it is no ordinary file", diags);
    FILE *file = fopen(path, "rb");
    if (!file) return cannot_read(shown, span, strerror(errno), diags);
    uint8_t *at = arena_alloc(arena, (size_t)info.st_size + 1);
    size_t got = fread(at, 1, (size_t)info.st_size, file);
    int reason = errno;
    bool ok = !ferror(file);
    fclose(file);
    if (!ok) return cannot_read(shown, span, strerror(reason), diags);
    *bytes = at;
    *n = got;
    return true;
}

bool other_begins_zip(const char *path)
{
    struct stat info;
    char head[2] = {0};
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "rb") : NULL;
    if (!file) return false;
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    return n == sizeof head && memcmp(head, "PK", sizeof head) == 0;
}

static bool exists(Arena *arena, const char *folder, const char *name)
{
    struct stat info;
    return stat(arena_printf(arena, "%s/%s", folder, name), &info) == 0;
}

static bool folder(Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    if (exists(arena, path, "saved_model.pb"))
        return no_model(shown, span, "it is a TensorFlow SavedModel, a folder", "open it in TensorFlow with Keras 3 and save it as one file: `model.save(\"m.keras\")`", diags);
    if (exists(arena, path, "config.json") && exists(arena, path, "model.weights.h5"))
        return no_model(shown, span, "it is an unpacked `.keras` file", "pack its three members again: `zip -0 m.keras metadata.json config.json model.weights.h5`", diags);
    return no_model(shown, span, "it is a folder", NULL, diags);
}

static bool has_attribute(const H5File *file, const char *name)
{
    for (size_t i = 0; i < file->attributes.n; i++)
        if (str_eq(file->attributes.at[i], name)) return true;
    return false;
}

static bool hdf5(Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    const uint8_t *bytes;
    size_t n;
    if (!other_read(arena, path, shown, span, &bytes, &n, diags)) return false;
    H5File file = {0};
    if (!h5_read(arena, bytes, n, shown, span, diags, &file)) return false;
    if (h5_has_group(&file, "layers") || h5_has_group(&file, "vars"))
        return no_model(shown, span, "it holds weights alone (`.weights.h5`), not the model they belong to",
                        "wire the model in the script and end it with `weights from \"FILE\"`", diags);
    if (has_attribute(&file, "layer_names") && !has_attribute(&file, "model_config"))
        return no_model(shown, span, "it holds weights alone, in the form of Keras 2", "load them into their model in Keras 3 and save that: `model.save(\"m.keras\")`", diags);
    return no_model(shown, span, "it is a model in the old form of Keras 2 (`.h5`)", OPEN_AND_SAVE, diags);
}

bool other_is_zip(Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    struct stat info;
    if (stat(path, &info) != 0) return cannot_read(shown, span, errno == ENOENT ? "there is no such file" : strerror(errno), diags);
    if (S_ISDIR(info.st_mode)) return folder(arena, path, shown, span, diags);
    if (!S_ISREG(info.st_mode)) return cannot_read(shown, span, "it is no ordinary file", diags);
    FILE *file = fopen(path, "rb");
    if (!file) return cannot_read(shown, span, strerror(errno), diags);
    uint8_t head[16] = {0};
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    if (n == 0) return no_model(shown, span, "it is empty", NULL, diags);
    if (h5_is(head, n)) return hdf5(arena, path, shown, span, diags);
    if (n >= 8 && memcmp(head + 4, "TFL3", 4) == 0) return no_model(shown, span, "it is a TensorFlow Lite model", "save the model it was made from with Keras 3", diags);
    if (n >= 2 && head[0] == 0x80 && head[1] <= 5) return no_model(shown, span, "it is a Python pickle", "save the model with Keras 3: `model.save(\"m.keras\")`", diags);
    if (head[0] == 0x08 && str_ends(path, ".onnx")) return no_model(shown, span, "it is an ONNX model", "save the model it was made from with Keras 3", diags);
    if (n >= 4 && head[0] == 'P' && head[1] == 'K') return true;
    return no_model(shown, span, "it does not begin like one", NULL, diags);
}

void other_zip(Arena *arena, const char *shown, Span span, const char *others, Diags *diags)
{
    const char *reason = others[0] ? arena_printf(arena, "the zip holds no `config.json`, but %s", others) : "the zip holds no `config.json`";
    const char *remedy = NULL;
    if (strstr(others, "data.pkl")) {
        reason = "it is a model of PyTorch";
        remedy = "build the same model in Keras 3, or wire it in a script";
    } else if (strstr(others, "saved_model.pb")) {
        reason = "it is a packed TensorFlow SavedModel";
        remedy = OPEN_AND_SAVE;
    }
    no_model(shown, span, reason, remedy, diags);
}
