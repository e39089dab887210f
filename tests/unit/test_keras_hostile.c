/* Model files of strangers: each is refused with a code and a reason, and nothing half-read comes back. */
#include "tests/unit/test.h"
#include "tests/unit/joined.h"

#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/bug.h"
#include "runtime/base/rng.h"
#include "runtime/file/h5.h"
#include "runtime/file/output.h"
#include "runtime/file/saved.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    const char *path;
} File;

static File file_new(void)
{
    Arena *arena = arena_new("hostile");
    return (File){arena, diags_new(arena, sources_new(arena)), arena_printf(arena, "/tmp/nnl-hostile-%d.keras", (int)getpid())};
}

static void put_bytes(const File *f, const void *bytes, size_t n)
{
    FILE *file = fopen(f->path, "wb");
    ENSURE(file && fwrite(bytes, 1, n, file) == n);
    fclose(file);
}

/* The weights of one dense layer of one unit on two inputs. */
static Buf dense_weights(Arena *arena)
{
    static const float kernel[2] = {0.5f, 0.25f}, bias[1] = {1.0f};
    static const int64_t two[2] = {2, 1}, one[1] = {1};
    H5Out *out = h5_out_new(arena);
    h5_out_group(out, "vars");
    h5_out_floats(out, "layers/dense/vars/0", 2, two, kernel);
    h5_out_floats(out, "layers/dense/vars/1", 1, one, bias);
    Pieces pieces = h5_out_pieces(out);
    return joined(arena, &pieces);
}

static void put_model(const File *f, const char *config, size_t n)
{
    Buf weights = dense_weights(f->arena);
    ZipMember members[2] = {{"config.json", (const uint8_t *)config, n}, {"model.weights.h5", (const uint8_t *)weights.at, weights.n}};
    Buf zip = joined_zip(f->arena, members, 2);
    put_bytes(f, zip.at, zip.n);
}

/* Reads the file; "" where it is good, else what was said. */
static const char *said(const File *f)
{
    SavedModel saved;
    bool read = saved_read(f->arena, f->path, "f.keras", NO_SPAN, 1, f->diags, &saved);
    if (read) return "";
    OK(diags_errors(f->diags) == 1);
    EQ(diags_exit_code(f->diags), 3);
    const Diag *e = diags_at(f->diags, 0);
    return arena_printf(f->arena, "%s %s", diag_code_name(diag_code(e)), diag_message(e));
}

static void refused(const char *config, const char *code, const char *reason)
{
    File f = file_new();
    put_model(&f, config, strlen(config));
    const char *words = said(&f);
    bool good = str_starts(words, code) && strstr(words, reason);
    OK(good);
    if (!good) printf("  wanted %s … %s\n  got    %s\n  for    %.200s\n", code, reason, words, config);
    unlink(f.path);
    arena_free(f.arena);
}

#define INPUT "{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,2],\"dtype\":\"float32\"}}"
#define STEPS "{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,3,2],\"dtype\":\"float32\"}}"
#define LAYER(class_name, name, args) "{\"module\":\"keras.layers\",\"class_name\":\"" class_name "\",\"config\":{\"name\":\"" name "\"" args "}}"
#define SEQ(layers) "{\"module\":\"keras\",\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[" layers "]}}"
#define DENSE LAYER("Dense", "out", ",\"units\":1")

TEST(good_file)
{
    File f = file_new();
    static const char config[] = SEQ(INPUT "," DENSE);
    put_model(&f, config, sizeof config - 1);
    STR(said(&f), "");
    unlink(f.path);
    arena_free(f.arena);
}

TEST(classes)
{
    refused(SEQ(INPUT "," LAYER("Lambda", "l", "")), "E0814", "Python code");
    refused(SEQ(INPUT ",{\"module\":null,\"class_name\":\"Dense\",\"config\":{\"name\":\"l\",\"units\":1}}"), "E0814", "author's own");
    refused(SEQ(INPUT ",{\"module\":\"keras.layers\",\"registered_name\":\"evil\",\"class_name\":\"Dense\",\"config\":{\"name\":\"l\",\"units\":1}}"), "E0814", "registered as");
    refused(SEQ(INPUT ",{\"module\":\"keras.layers\",\"registered_name\":\"a>Dense\",\"class_name\":\"Dense\",\"config\":{\"name\":\"l\",\"units\":1}}"), "E0814", "registered as");
    refused(SEQ(INPUT ",{\"module\":\"keras.src.ops.numpy\",\"class_name\":\"Multiply\",\"config\":{\"name\":\"l\"}}"), "E0814", "arithmetic on wires");
    refused(SEQ(INPUT ",{\"module\":\"keras.src.layers.core.dense\",\"class_name\":\"Dense\",\"config\":{\"name\":\"l\",\"units\":1}}"), "E0814", "inner class");
    refused(SEQ(INPUT ",{\"module\":\"os\",\"class_name\":\"system\",\"config\":{\"name\":\"l\"}}"), "E0814", "another package");
    refused(SEQ(INPUT ",{\"module\":\"keras_hub.layers\",\"class_name\":\"Dense\",\"config\":{\"name\":\"l\",\"units\":1}}"), "E0814", "another package");
    refused(SEQ(INPUT "," LAYER("TextVectorization", "l", "")), "E0814", "there is no layer `TextVectorization`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"activation\":{\"module\":\"builtins\",\"class_name\":\"function\",\"config\":\"os.system\",\"registered_name\":\"function\"}")), "E0814", "no activation");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"kernel_initializer\":{\"class_name\":\"__lambda__\",\"config\":{\"code\":\"x\"}}")), "E0814", "Python code");
    refused("{\"module\":\"keras\",\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[" INPUT "," DENSE "]},\"compile_config\":{\"loss\":{\"class_name\":\"__lambda__\"}}}",
            "E0815", "Python code");
    refused("{\"module\":\"keras\",\"class_name\":\"Mine\",\"config\":{}}", "E0815", "no Sequential");
}

TEST(arguments)
{
    refused(SEQ(INPUT "," LAYER("Dense", "l", "")), "E0814", "`units` is missing");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":-1")), "E0814", "`units`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1e300")), "E0814", "`units`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":NaN")), "E0814", "`units`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":\"many\"")), "E0814", "`units`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":9223372036854775807")), "E0814", "");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":2147483647")), "E081", "");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"surprise\":3")), "E0814", "`surprise` is 3");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"dtype\":\"int8\"")), "E0814", "dtype");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"dtype\":{\"module\":\"keras\",\"class_name\":\"QuantizedDTypePolicy\",\"config\":{}}")), "E0814", "Quantized");
    refused(SEQ(INPUT "," LAYER("Dropout", "l", ",\"rate\":7")), "E0814", "`rate`");
    refused(SEQ(INPUT "," LAYER("Reshape", "l", ",\"target_shape\":[1000000000000,1000000000000]")), "E0814", "");
    refused(SEQ(INPUT "," LAYER("RepeatVector", "l", ",\"n\":9000000000000000000")), "E0814", "");
}

TEST(inputs)
{
    static const char *const shapes[] = {"[null,2000000000,2000000000]", "[null,0]", "[null,-3]", "[null,1e30]", "[null,1,1,1,1,1,1,1,1]", "[]", "7", "[null,\"a\"]",
                                         "[null,9223372036854775807]", "[null,2.5]"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char config[500];
        snprintf(config, sizeof config, SEQ("{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":%s}}," DENSE), shapes[i]);
        refused(config, "E081", "");
    }
    refused(SEQ(DENSE), "E0815", "before it was built");
    refused(SEQ(""), "E0815", "before it was built");
    refused(SEQ(INPUT "," DENSE "," DENSE), "E0815", "two layers");
    refused(SEQ(INPUT ",{\"module\":\"keras.layers\",\"class_name\":\"Dense\",\"config\":{\"units\":1}}"), "E0815", "no usable name");
    /* A model's class as a plain layer, alone and as the layer of a wrapper and an activation. */
    refused(SEQ(INPUT "," LAYER("Functional", "l", "")), "E0814", "there is no layer `Functional`");
    refused(SEQ(INPUT "," LAYER("Sequential", "l", "")), "E0814", "there is no layer `Sequential`");
    refused(SEQ(STEPS "," LAYER("TimeDistributed", "l", ",\"layer\":" LAYER("Functional", "i", ""))), "E0814", "there is no layer `Functional`");
    refused(SEQ(INPUT "," LAYER("Dense", "l", ",\"units\":1,\"activation\":" LAYER("Functional", "a", ""))), "E0814", "`Functional`");
    refused(SEQ(INPUT "," LAYER("Add", "l", "")), "E0814", "");
    refused(SEQ("{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,2],\"ragged\":true}}," DENSE), "E0814", "ragged");
}

#define NODE(name, call, port) \
    "[{\"args\":[{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"" name "\"," call "," port "]}}],\"kwargs\":{}}]"
#define FUN(layers, in, out)                                                                                                                   \
    "{\"module\":\"keras.src.models.functional\",\"class_name\":\"Functional\",\"registered_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[" layers \
    "],\"input_layers\":" in ",\"output_layers\":" out "}}"
#define FINPUT "{\"module\":\"keras.layers\",\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,2]},\"name\":\"x\",\"inbound_nodes\":[]}"
#define FDENSE(name, nodes) "{\"module\":\"keras.layers\",\"class_name\":\"Dense\",\"config\":{\"name\":\"" name "\",\"units\":2},\"name\":\"" name "\",\"inbound_nodes\":" nodes "}"
#define X "[\"x\",0,0]"

TEST(wires)
{
    refused(FUN(FINPUT "," FDENSE("a", NODE("b", "0", "0")) "," FDENSE("b", NODE("a", "0", "0")), X, "[\"a\",0,0]"), "E0814", "circle");
    refused(FUN(FINPUT "," FDENSE("a", NODE("nobody", "0", "0")), X, "[\"a\",0,0]"), "E0814", "`nobody`, which is no layer");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "5")), X, "[\"a\",0,0]"), "E0814", "no input of the model");
    refused(FUN(FINPUT "," FDENSE("a", NODE("a", "0", "0")), X, "[\"a\",0,0]"), "E0814", "circle");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), X, "[\"a\",7,0]"), "E0814", "call 7");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), X, "[\"a\",0,1]"), "E0814", "result 1");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), X, "[\"a\",-1,0]"), "E0814", "");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), "[\"a\",0,0]", "[\"a\",0,0]"), "E0815", "no input layer");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), X, "[]"), "E0815", "no inputs or no outputs");
    refused(FUN(FINPUT "," FDENSE("a", NODE("x", "0", "0")), X, "{\"a\":3}"), "E0815", "unknown way");
    refused(FUN(FINPUT "," FDENSE("a", "[[[\"x\",0,0,{}]]]"), X, "[\"a\",0,0]"), "E0814", "Keras 2");
    refused(FUN(FINPUT "," FDENSE("a", "[{\"args\":[4],\"kwargs\":{}}]"), X, "[\"a\",0,0]"), "E0814", "among its wires");
    refused(FUN(FINPUT "," FDENSE("a", "[{\"args\":[{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"x\",0,0]}}],\"kwargs\":{\"training\":true}}]"), X, "[\"a\",0,0]"),
            "E0814", "training mode");
}

/* Lists in lists, models in models, far deeper than any model. */
TEST(depth)
{
    enum { DEEP = 100000 };
    File f = file_new();
    Buf text = buf_in(f.arena);
    buf_put(&text, "{\"a\":");
    for (int i = 0; i < DEEP; i++) buf_char(&text, '[');
    put_model(&f, text.at, text.n);
    OK(str_starts(said(&f), "E0815"));
    arena_free(f.arena);
    f = file_new();
    text = buf_in(f.arena);
    for (int i = 0; i < 60; i++) buf_put(&text, "{\"module\":\"keras\",\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[" INPUT ",");
    buf_put(&text, DENSE);
    for (int i = 0; i < 60; i++) buf_put(&text, "]}}");
    put_model(&f, text.at, text.n);
    const char *words = said(&f);
    OK(strstr(words, "deep") != NULL);
    unlink(f.path);
    arena_free(f.arena);
}

/* What would grow far beyond the file: a long name above many arrays, whose paths all hold it; many values in few letters. */
TEST(growth)
{
    static const float number[1] = {1.0f};
    File f = file_new();
    H5Out *out = h5_out_new(f.arena);
    Buf name = buf_in(f.arena);
    for (int i = 0; i < 4000; i++) buf_char(&name, 'a');
    const char *deep = arena_printf(f.arena, "%s/%s/%s/%s/%s/%s/%s/%s", name.at, name.at, name.at, name.at, name.at, name.at, name.at, name.at);
    for (int i = 0; i < 300; i++) h5_out_floats(out, arena_printf(f.arena, "%s/%d", deep, i), 0, NULL, number);
    Pieces pieces = h5_out_pieces(out);
    Buf weights = joined(f.arena, &pieces);
    H5File file;
    OK(!h5_read(f.arena, (const uint8_t *)weights.at, weights.n, "f.h5", NO_SPAN, f.diags, &file));
    OK(diags_errors(f.diags) == 1 && strstr(diag_message(diags_at(f.diags, 0)), "names are too long"));
    arena_free(f.arena);
    f = file_new();
    Buf text = buf_in(f.arena);
    buf_char(&text, '[');
    for (int i = 0; i < 4000000; i++) buf_put(&text, "0,");
    buf_put(&text, "0]");
    put_model(&f, text.at, text.n);
    OK(strstr(said(&f), "more than 4 million values") != NULL);
    unlink(f.path);
    arena_free(f.arena);
}

/* Any byte of a good file changed, any part cut off: it loads or is refused, and never does anything else. */
TEST(flipped_and_cut)
{
    static const char *const files[] = {"tests/fixtures/keras/predict/nested/model.keras", "tests/fixtures/keras/predict/shared_layer/model.keras",
                                        "tests/errors/data/models/moments.keras"};
    RngKey key = {.seed = 11, .stream = rng_stream("hostile")};
    int loaded = 0, refusals = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *file = fopen(files[i], "rb");
        ENSURE(file != NULL);
        static uint8_t good[200000], bytes[200000];
        size_t n = fread(good, 1, sizeof good, file);
        fclose(file);
        for (uint32_t round = 0; round < 400; round++) {
            memcpy(bytes, good, n);
            size_t length = n;
            if (round % 8 == 7) length = (size_t)rng_below(&key, round, 0, n);
            else
                for (int64_t k = 0; k <= round % 3; k++) bytes[rng_below(&key, round, 2 * k, n)] ^= (uint8_t)(1u << rng_below(&key, round, 2 * k + 1, 8));
            File f = file_new();
            put_bytes(&f, bytes, length);
            SavedModel saved;
            bool read = saved_read(f.arena, f.path, "f.keras", NO_SPAN, 1, f.diags, &saved);
            OK(read || diags_errors(f.diags) == 1);
            OK(read || diags_exit_code(f.diags) == 3);
            if (read) loaded++;
            else refusals++;
            unlink(f.path);
            arena_free(f.arena);
        }
    }
    printf("  %d changed files refused, %d loaded all the same\n", refusals, loaded);
    OK(refusals > 100);
}

/* The same inside the members, where the zip's checksums do not help. */
TEST(flipped_members)
{
    const char *path = "tests/fixtures/keras/predict/two_outputs/model.keras";
    RngKey key = {.seed = 12, .stream = rng_stream("hostile")};
    int loaded = 0, refusals = 0;
    for (uint32_t round = 0; round < 1500; round++) {
        File f = file_new();
        ZipMember members[3] = {{.name = "metadata.json"}, {.name = "config.json"}, {.name = "model.weights.h5"}};
        const char *others;
        ENSURE(zip_read(f.arena, path, path, NO_SPAN, members, 3, &others, f.diags));
        ZipMember *member = &members[1 + round % 2];
        uint8_t *bytes = (uint8_t *)(uintptr_t)member->bytes;
        for (int64_t k = 0; k <= round % 4; k++) {
            uint64_t at = rng_below(&key, round, 3 * k, member->n);
            if (rng_below(&key, round, 3 * k + 1, 2)) bytes[at] = (uint8_t)rng_below(&key, round, 3 * k + 2, 256);
            else bytes[at] ^= (uint8_t)(1u << rng_below(&key, round, 3 * k + 2, 8));
        }
        if (round % 16 == 5) member->n = (size_t)rng_below(&key, round, 99, member->n);
        Buf zip = joined_zip(f.arena, members, 3);
        put_bytes(&f, zip.at, zip.n);
        SavedModel saved;
        bool read = saved_read(f.arena, f.path, "f.keras", NO_SPAN, 1, f.diags, &saved);
        OK(read || diags_errors(f.diags) == 1);
        if (!read && diags_errors(f.diags) != 1) printf("  round %u: %zu reports\n", round, diags_errors(f.diags));
        if (read) loaded++;
        else refusals++;
        unlink(f.path);
        arena_free(f.arena);
    }
    printf("  %d changed files refused, %d loaded all the same\n", refusals, loaded);
    OK(refusals > 100);
}
