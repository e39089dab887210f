/* What the fuzzer once broke, run again: tests/fuzz/regressions/ENTRY/ holds inputs of that entry. And the model files of the fixtures,
 * cut short and with bits turned over: each is read or refused, and nothing else happens. */
#define LLVMFuzzerTestOneInput fuzz_model
#include "tests/fuzz/fuzz_model.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_script
#include "tests/fuzz/fuzz_script.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_csv
#include "tests/fuzz/fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_json
#include "tests/fuzz/fuzz_json.c"

#include "runtime/base/bug.h"
#include "tests/unit/test.h"

#include <dirent.h>

typedef int Entry(const uint8_t *bytes, size_t n);

enum { LARGEST = 4 << 20 };

static uint8_t *contents(Arena *arena, const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    uint8_t *bytes = arena_alloc(arena, LARGEST);
    *n = fread(bytes, 1, LARGEST, file);
    fclose(file);
    return bytes;
}

static int run_folder(const char *name, Entry *entry)
{
    Arena *arena = arena_new("test");
    const char *folder = arena_printf(arena, "tests/fuzz/regressions/%s", name);
    DIR *dir = opendir(folder);
    int files = 0;
    for (struct dirent *found; dir && (found = readdir(dir));) {
        if (found->d_name[0] == '.') continue;
        Arena *inner = arena_new("test");
        size_t n = 0;
        const uint8_t *bytes = contents(inner, arena_printf(inner, "%s/%s", folder, found->d_name), &n);
        OK(bytes != NULL);
        if (bytes) EQ(entry(bytes, n), 0);
        arena_free(inner);
        files++;
    }
    if (dir) closedir(dir);
    arena_free(arena);
    return files;
}

TEST(regressions)
{
    run_folder("csv", fuzz_csv);
    run_folder("json", fuzz_json);
    run_folder("script", fuzz_script);
    run_folder("model", fuzz_model);
}

/* A generator of its own: the same changes each time. */
static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void damage(const char *path)
{
    Arena *arena = arena_new("test");
    size_t n = 0;
    uint8_t *bytes = contents(arena, path, &n);
    ENSURE(bytes != NULL);
    uint8_t *changed = arena_alloc(arena, n + 1);
    uint32_t state = (uint32_t)n;
    changed[0] = 'Z';
    for (int i = 0; i < 40; i++) {
        memcpy(changed + 1, bytes, n);
        size_t length = n;
        if (i % 4 == 0) length = next(&state) % n;
        else changed[1 + next(&state) % n] ^= (uint8_t)(1 << i % 8);
        EQ(fuzz_model(changed, length + 1), 0);
    }
    arena_free(arena);
}

TEST(damaged_models)
{
    Arena *arena = arena_new("test");
    int files = 0;
    DIR *dir = opendir("tests/fixtures/keras/predict");
    ENSURE(dir != NULL);
    for (struct dirent *found; (found = readdir(dir));) {
        if (found->d_name[0] == '.') continue;
        damage(arena_printf(arena, "tests/fixtures/keras/predict/%s/model.keras", found->d_name));
        files++;
    }
    closedir(dir);
    OK(files > 15);
    arena_free(arena);
}
