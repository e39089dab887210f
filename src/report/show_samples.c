/* The prepared samples as a table: `nnl data`. */
#include "src/report/show.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The table ------------------------------------------------------------------------------------------------------- */

static void put_name(Buf *out, const char *group, const char *column, const char *step)
{
    Buf name = buf_in(out->arena);
    buf_printf(&name, "%s:%s%s", group, column, step);
    buf_char(out, ',');
    table_put_cell(out, name.at, ',');
}

static void put_header(Arena *arena, const Dataset *data, Buf *out)
{
    buf_put(out, "row");
    for (size_t g = 0; g < data->n_groups; g++) {
        const DataGroup *group = &data->groups[g];
        for (size_t step = 0; step < group->steps; step++) {
            const char *suffix = group->steps > 1 ? arena_printf(arena, "[%lld]", (long long)step - (long long)(group->steps - 1)) : "";
            for (size_t k = 0; k < group->width; k++) put_name(out, group->name, group->columns[k], suffix);
        }
    }
    for (size_t t = 0; t < data->n_targets; t++) {
        for (size_t i = 0; i < data->targets[t].width; i++) put_name(out, "y", dataset_target_name(data, arena, t, i), "");
    }
    buf_char(out, '\n');
}

static TargetForm form_of(const Dataset *data, size_t target)
{
    return dataset_target_size(data, target, TARGET_NUMBERS) ? TARGET_NUMBERS : TARGET_INDEX;
}

bool show_samples_csv(Arena *arena, const Dataset *data, Part part, FILE *out)
{
    Buf header = buf_in(arena);
    put_header(arena, data, &header);
    if (fwrite(header.at, 1, header.n, out) != header.n) return false;
    DataPart samples = dataset_part(data, part);
    size_t most = 1;
    for (size_t g = 0; g < data->n_groups; g++)
        if (dataset_group_size(data, g) > most) most = dataset_group_size(data, g);
    for (size_t t = 0; t < data->n_targets; t++)
        if (data->targets[t].width > most) most = data->targets[t].width;
    float *numbers = ARENA_ARRAY(arena, float, most);
    for (size_t i = 0; i < samples.n; i++) {
        uint32_t sample = samples.samples[i];
        if (part == PART_NONE && dataset_sample_part(data, sample) == PART_NONE) continue;
        fprintf(out, "%zu", dataset_line(data, sample));
        for (size_t g = 0; g < data->n_groups; g++) {
            dataset_gather(data, g, &sample, 1, numbers);
            for (size_t k = 0; k < dataset_group_size(data, g); k++) fprintf(out, ",%.9g", (double)numbers[k]);
        }
        for (size_t t = 0; t < data->n_targets; t++) {
            TargetForm form = form_of(data, t);
            dataset_target(data, t, form, &sample, 1, numbers);
            for (size_t k = 0; k < dataset_target_size(data, t, form); k++) fprintf(out, ",%.9g", (double)numbers[k]);
        }
        if (putc('\n', out) == EOF) return false;
    }
    return fflush(out) == 0 && !ferror(out);
}

/* ---- The command ----------------------------------------------------------------------------------------------------- */

static void make_folders(Arena *arena, const char *path)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        (void)mkdir(arena_text(arena, path, (size_t)(slash - path)), 0777);
}

/* To a device or a pipe, which a renamed file must not replace. */
static bool write_directly(Arena *arena, const Dataset *data, Part part, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) return false;
    bool ok = show_samples_csv(arena, data, part, file);
    int reason = errno;
    if (fclose(file) != 0 && ok) return false;
    errno = reason;
    return ok;
}

/* Under another name first, so that an interruption leaves what was there. */
static bool write_file(Arena *arena, const Dataset *data, Part part, const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) return write_directly(arena, data, part, path);
    make_folders(arena, path);
    const char *temporary = arena_printf(arena, "%s.tmp", path);
    FILE *file = fopen(temporary, "wb");
    if (!file) return false;
    activity_temporary_file(temporary);
    bool ok = show_samples_csv(arena, data, part, file);
    int reason = errno;
    if (fclose(file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && rename(temporary, path) != 0) {
        ok = false;
        reason = errno;
    }
    if (!ok) unlink(temporary);
    activity_temporary_file(NULL);
    errno = reason;
    return ok;
}

static const ProgramData *find_data(Arena *arena, const Program *program, const char *name, Diags *diags)
{
    const char **names = ARENA_ARRAY(arena, const char *, program->data.n + 1);
    for (size_t i = 0; i < program->data.n; i++) {
        names[i] = program->data.at[i]->name;
        if (name ? str_eq(names[i], name) : program->data.n == 1) return program->data.at[i];
    }
    if (program->data.n == 0 || name) {
        Diag *e = diag(diags, E0210, NO_SPAN, A("name", name ? name : program->path), A("what", "data block"));
        if (program->data.n) diag_note(e, E0210_there_are, A("names", str_join(arena, names, program->data.n, true)));
        else diag_note(e, E0210_none);
        return NULL;
    }
    Diag *e = diag(diags, E0476, NO_SPAN, A("file", program->path), A("names", str_join(arena, names, program->data.n, true)));
    diag_fix(e, E0476_help, A("first", names[0]));
    return NULL;
}

void show_samples(Arena *arena, const Program *program, const Options *options, Diags *diags)
{
    const char *name = options->n_files > 1 ? str_nfc(arena, options->files[1], strlen(options->files[1])) : NULL;
    const ProgramData *data = find_data(arena, program, name, diags);
    if (!data || !data->checked) return;
    const Dataset *set = data->checked->dataset;
    Part part = options->part ? part_find(options->part) : PART_NONE;
    if (part != PART_NONE && set->parts[part].n == 0) {
        Diag *e = diag(diags, E0602, NO_SPAN, A("data", data->name), A("part", options->part));
        diag_note(e, E0602_none);
        return;
    }
    bool ok = options->output ? write_file(arena, set, part, options->output) : show_samples_csv(arena, set, part, stdout);
    if (!ok) diag_file_fault(diag(diags, E0701, NO_SPAN, A("path", options->output ? options->output : "standard output"), A("reason", strerror(errno))));
}
