/* Any bytes as a model file: unpacked, read, wired, filled with numbers, and run once.
 *
 * The first byte chooses the form of the rest: 'Z' a zip as it is; 'P' its parts, from which a whole zip is made (else a checksum would
 * hide nearly everything from the fuzzer); 'W' a file of weights alone for the model of the parts. Parts are config.json, model.weights.h5
 * and nnl.json, each with its length before it in 4 bytes. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/joined.h"

#include "runtime/file/saved.h"
#include "runtime/plan/plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PARTS = 3, MOST_FLOATS = 1 << 20 };

/* A file that never touches a disk, by its name. */
static const char *put_file(Arena *arena, const uint8_t *bytes, size_t n)
{
    static int fd = -1;
    if (fd < 0) fd = memfd_create("fuzz", 0);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n) return NULL;
    return arena_printf(arena, "/proc/self/fd/%d", fd);
}

static void split(const uint8_t *bytes, size_t n, ZipMember parts[PARTS])
{
    static const char *const names[PARTS] = {"config.json", "model.weights.h5", "nnl.json"};
    for (size_t i = 0; i < PARTS; i++) {
        uint32_t length = 0;
        if (n >= 4) {
            memcpy(&length, bytes, 4);
            bytes += 4;
            n -= 4;
        }
        if (length > n) length = (uint32_t)n;
        parts[i] = (ZipMember){.name = names[i], .bytes = bytes, .n = length};
        bytes += length;
        n -= length;
    }
}

/* Small enough to run; what is not was read and judged all the same. */
static bool is_small(const Graph *graph)
{
    int64_t floats = 0;
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const Shape *shape = &graph->inputs.at[i].wire->shape;
        if (!shape_known(shape)) return false;
        floats += shape_size(shape);
    }
    for (size_t i = 0; i < graph->calls.n && floats <= MOST_FLOATS; i++) {
        const Call *call = graph->calls.at[i];
        for (int k = 0; k < call->n_out; k++) {
            if (!shape_known(&call->out[k]->shape)) return false;
            floats += shape_size(&call->out[k]->shape);
        }
    }
    return floats <= MOST_FLOATS;
}

static void predict(FuzzWorld *w, Model *model)
{
    if (!is_small(model->graph) || !model_fits(model->graph, 2, false, w->diags)) return;
    Plan *plan = plan_new(w->arena, model, &(PlanConfig){.batch = 2}, w->diags);
    if (!plan) return;
    for (size_t i = 0; i < model->graph->inputs.n; i++) {
        float *input = plan_input(plan, (int)i);
        for (int64_t k = 0; k < 2 * plan_input_size(plan, (int)i); k++) input[k] = (float)(k % 3);
    }
    plan_forward(plan, &(PlanBatch){.samples = 2});
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2) return 0;
    uint8_t form = *bytes++;
    n--;
    FuzzWorld w = fuzz_begin();
    ZipMember parts[PARTS];
    split(bytes, n, parts);
    Buf zip = joined_zip(w.arena, parts, parts[2].n ? 3 : 2);
    const char *path = form == 'Z' ? put_file(w.arena, bytes, n) : put_file(w.arena, (const uint8_t *)zip.at, zip.n);
    SavedModel saved = {0};
    if (path && saved_read(w.arena, path, "m.keras", NO_SPAN, 1, w.diags, &saved)) {
        if (form == 'W') {
            path = put_file(w.arena, parts[2].bytes, parts[2].n);
            saved_read_weights(w.arena, path, "m.weights.h5", NO_SPAN, saved.graph, saved.model, w.diags);
        } else {
            predict(&w, saved.model);
        }
    }
    fuzz_end(&w, (unsigned)(n % 3));
    return 0;
}
