/* Callbacks against Keras 3.15.1 (tests/fixtures/keras/units/callbacks.json): made-up figures fed through the real records, with a
 * training of this file's own behind them whose only weight is the number of the epoch. */
#include "runtime/base/template.h"
#include "runtime/kinds/callback.h"
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <unistd.h>

enum { MOST = 8 };

struct Training {
    const char *names[MOST];
    double values[MOST];
    size_t n, n_added;
    bool validates, stopped;
    const char *reason;
    float rate;
    double running;
    int64_t weight, kept; /* the epoch whose weights the model holds; those kept; 0: none */
    int64_t best_epoch;
    double best;
    Buf said;
    struct Saved {
        const char *shown;
        bool weights_only;
        int64_t weight;
    } saved[MOST];
    size_t n_saved;
    int backups;
};

static bool figure(const Training *t, const char *name, double *value)
{
    for (size_t i = 0; i < t->n + t->n_added; i++) {
        if (!str_eq(t->names[i], name)) continue;
        *value = t->values[i];
        return true;
    }
    return false;
}

static int direction(const Training *t, const char *name)
{
    (void)t;
    return strstr(name, "accuracy") ? 1 : -1;
}

static size_t figures(const Training *t, const char *const **names, const double **values)
{
    *names = t->names;
    *values = t->values;
    return t->n + t->n_added;
}

static void add_figure(Training *t, const char *name, double value)
{
    t->names[t->n + t->n_added] = name;
    t->values[t->n + t->n_added++] = value;
}

static bool validates(const Training *t) { return t->validates; }
static double rate(const Training *t) { return (double)t->rate; }
static void set_rate(Training *t, double value) { t->rate = (float)value; }
static double running_loss(const Training *t) { return t->running; }
static void keep_weights(Training *t) { t->kept = t->weight; }
static void restore_weights(Training *t) { t->weight = t->kept; }
static void say(Training *t, const char *text) { buf_put(&t->said, text); }

static const char *said(const Buf *buf)
{
    return buf->n ? arena_text(buf->arena, buf->at, buf->n) : "";
}

static void stop(Training *t, const char *reason)
{
    t->stopped = true;
    t->reason = reason;
}

static void best(Training *t, int64_t epoch, const char *monitor, double value)
{
    (void)monitor;
    t->best_epoch = epoch;
    t->best = value;
}

/* A file that is written again takes the place of the earlier one. */
static bool save(Training *t, const char *path, const char *shown, bool weights_only)
{
    STR(path, shown);
    size_t at = 0;
    while (at < t->n_saved && !str_eq(t->saved[at].shown, shown)) at++;
    ENSURE(at < MOST);
    t->saved[at] = (struct Saved){shown, weights_only, t->weight};
    if (at == t->n_saved) t->n_saved++;
    return true;
}

static void keep_backup(Training *t) { t->backups++; }

static const TrainingServices services = {
    .figure = figure, .direction = direction, .figures = figures, .add_figure = add_figure, .validates = validates, .rate = rate,
    .set_rate = set_rate, .running_loss = running_loss, .stop = stop, .keep_weights = keep_weights, .restore_weights = restore_weights,
    .best = best, .note_best = best, .say = say, .save = save, .keep_backup = keep_backup};

/* The callbacks of one training; Keras gives its arguments, ours gives no weights back by default. */
typedef struct {
    const CallbackKind *kind;
    CallbackRun run;
} Used;

static Used use(Arena *arena, Training *t, const char *keras, const Json *args, Diags *diags)
{
    const CallbackKind *kind = (const CallbackKind *)kind_find_keras(FAMILY_CALLBACK, keras);
    ENSURE(kind != NULL);
    void *own = fixture_args(arena, &kind->kind, args);
    if (str_eq(keras, "EarlyStopping") && !json_get(args, "restore_best_weights")) {
        Value no = {.type = VALUE_BOOL};
        ENSURE(kind_set(arena, &kind->kind, own, &kind->kind.args[kind_arg_index(&kind->kind, "restore_best_weights")], &no, diags));
    }
    Used used = {.kind = kind, .run = {.args = own, .state = arena_alloc(arena, kind->state_size + 1), .training = t, .ask = &services,
                                       .arena = arena, .diags = diags}};
    return used;
}

static bool call(bool (*hook)(CallbackRun *), Used *used, int64_t epoch)
{
    used->run.epoch = epoch;
    return !hook || hook(&used->run);
}

static const Json *cases_of(Arena *arena, const char *key)
{
    return json_get(fixture_read(arena, "tests/fixtures/keras/units/callbacks.json"), key);
}

TEST(early_stopping)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    const Json *cases = cases_of(arena, "early_stopping");
    for (size_t i = 0; i < cases->n; i++) {
        int before = test_failures;
        const Json *c = &cases->items[i], *args = json_get(c, "args"), *values = json_get(c, "values");
        Training t = {.n = 1, .validates = true, .said = buf_in(arena)};
        t.names[0] = json_get(args, "monitor")->text;
        Used used = use(arena, &t, "EarlyStopping", args, diags);
        int64_t epochs = 0;
        for (; epochs < (int64_t)values->n && !t.stopped; epochs++) {
            t.weight = epochs + 1;
            t.values[0] = fixture_number(&values->items[epochs]);
            OK(call(used.kind->epoch_end, &used, epochs));
        }
        OK(call(used.kind->end, &used, epochs - 1));
        EQ(epochs, json_get(c, "epochs_run")->number);
        EQ(t.stopped ? epochs : 0, json_get(c, "stopped_epoch")->number);
        EQ(t.weight, json_get(c, "weights_of_epoch")->number);
        STR(said(&t.said), json_get(c, "output")->text);
        if (t.best_epoch) { /* Keras says 1 where no epoch counted yet */
            EQ(t.best_epoch, json_get(c, "best_epoch")->number);
            NEAR(t.best, fixture_number(json_get(c, "best")), 0);
        }
        if (t.stopped) STR(t.reason, "early_stopping");
        if (test_failures != before) printf("  ^ case %zu\n", i);
    }
    EQ(cases->n, 28);
    arena_free(arena);
}

TEST(reduce_lr_on_plateau)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    const Json *cases = cases_of(arena, "reduce_lr_on_plateau");
    for (size_t i = 0; i < cases->n; i++) {
        int before = test_failures;
        const Json *c = &cases->items[i], *values = json_get(c, "values");
        const Json *after = json_get(c, "learning_rate_after_epoch"), *logged = json_get(c, "learning_rate_in_logs");
        Training t = {.n = 1, .names = {"val_loss"}, .validates = true, .said = buf_in(arena)};
        t.rate = (float)json_get(c, "initial_learning_rate")->number;
        Used used = use(arena, &t, "ReduceLROnPlateau", json_get(c, "args"), diags);
        for (size_t e = 0; e < values->n; e++) {
            t.n_added = 0;
            t.values[0] = fixture_number(&values->items[e]);
            OK(call(used.kind->epoch_end, &used, (int64_t)e));
            EQ(t.n_added, 1);
            STR(t.names[1], "learning_rate");
            NEAR((float)t.values[1], (float)logged->items[e].number, 0);
            NEAR(t.rate, (float)after->items[e].number, 0);
        }
        STR(said(&t.said), json_get(c, "output")->text);
        OK(!t.stopped);
        if (test_failures != before) printf("  ^ case %zu\n", i);
    }
    EQ(cases->n, 12);
    arena_free(arena);
}

/* Splits "a;b" into its cells. */
static size_t cells_of(Arena *arena, const char *line, const char *separator, const char *cells[MOST])
{
    size_t n = 0;
    for (;;) {
        const char *end = strstr(line, separator);
        cells[n++] = end ? arena_text(arena, line, (size_t)(end - line)) : line;
        if (!end) return n;
        line = end + strlen(separator);
    }
}

static const char *text_of(Arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    ENSURE(file != NULL);
    char text[4096];
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return arena_text(arena, text, n);
}

/* The recorded lines give the figures; the file must come out the same, byte for byte. */
TEST(csv_logger)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    const Json *cases = cases_of(arena, "csv_logger");
    char folder[] = "/tmp/nnl-callbacks-XXXXXX";
    ENSURE(mkdtemp(folder) != NULL);
    const char *path = arena_printf(arena, "%s/deep/log.csv", folder);
    for (size_t i = 0; i < cases->n; i++) {
        int before = test_failures;
        const Json *c = &cases->items[i], *lines = json_get(c, "lines");
        const char *separator = json_get(c, "separator")->text, *names[MOST], *cells[MOST];
        size_t n = cells_of(arena, lines->items[0].text, separator, names);
        Buf expected = buf_in(arena);
        Training t;
        Used used;
        bool open = false;
        for (size_t l = 0; l < lines->n; l++) {
            buf_printf(&expected, "%s%s", lines->items[l].text, json_get(c, "line_end")->text);
            if (l == 0) continue;
            cells_of(arena, lines->items[l].text, separator, cells);
            if (str_eq(cells[0], "0")) {
                if (open) OK(call(used.kind->end, &used, 2));
                t = (Training){.validates = true, .said = buf_in(arena)};
                used = use(arena, &t, "CSVLogger", NULL, diags);
                const ArgSpec *specs = used.kind->kind.args;
                Value file = {.type = VALUE_TEXT, .text = path}, apart = {.type = VALUE_TEXT, .text = separator};
                Value append = {.type = VALUE_BOOL, .boolean = json_get(c, "append")->boolean};
                OK(kind_set(arena, &used.kind->kind, (void *)(uintptr_t)used.run.args, &specs[0], &file, diags));
                OK(kind_set(arena, &used.kind->kind, (void *)(uintptr_t)used.run.args, &specs[1], &apart, diags));
                OK(kind_set(arena, &used.kind->kind, (void *)(uintptr_t)used.run.args, &specs[2], &append, diags));
                OK(call(used.kind->begin, &used, 0));
                open = true;
            }
            t.n = t.n_added = 0;
            const char *rate_cell = NULL;
            for (size_t k = 1; k < n; k++) {
                if (str_eq(cells[k], "NA")) {
                    t.validates = false;
                } else if (str_eq(names[k], "learning_rate")) {
                    rate_cell = cells[k];
                } else {
                    t.names[t.n] = names[k];
                    t.values[t.n++] = strtod(cells[k], NULL);
                }
            }
            if (rate_cell) add_figure(&t, "learning_rate", strtod(rate_cell, NULL));
            OK(call(used.kind->epoch_end, &used, strtol(cells[0], NULL, 10)));
        }
        OK(call(used.kind->end, &used, 2));
        STR(text_of(arena, path), said(&expected));
        if (test_failures != before) printf("  ^ %s\n", json_get(c, "case")->text);
        unlink(path);
    }
    rmdir(arena_printf(arena, "%s/deep", folder));
    rmdir(folder);
    EQ(cases->n, 5);
    arena_free(arena);
}

static void set_text(Arena *arena, Used *used, const char *name, const char *text, Diags *diags)
{
    const Kind *kind = &used->kind->kind;
    Value value = {.type = VALUE_TEXT, .text = text};
    ENSURE(kind_set(arena, kind, (void *)(uintptr_t)used->run.args, &kind->args[kind_arg_index(kind, name)], &value, diags));
}

static void set_int(Arena *arena, Used *used, const char *name, int64_t number, Diags *diags)
{
    const Kind *kind = &used->kind->kind;
    Value value = {.type = VALUE_INT, .integer = number, .number = (double)number};
    ENSURE(kind_set(arena, kind, (void *)(uintptr_t)used->run.args, &kind->args[kind_arg_index(kind, name)], &value, diags));
}

TEST(model_checkpoint)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    const Json *cases = cases_of(arena, "model_checkpoint");
    for (size_t i = 0; i < cases->n; i++) {
        int before = test_failures;
        const Json *c = &cases->items[i], *args = json_get(c, "args"), *values = json_get(c, "values"), *files = json_get(c, "files");
        Training t = {.n = 1, .validates = true, .said = buf_in(arena)};
        t.names[0] = json_get(args, "monitor")->text;
        Used used = use(arena, &t, "ModelCheckpoint", args, diags);
        set_text(arena, &used, "filepath", json_get(c, "filepath")->text, diags);
        OK(used.kind->kind.check(used.run.args, (Span[16]){{0}}, NO_SPAN, diags));
        OK(call(used.kind->begin, &used, 0));
        for (size_t e = 0; e < values->n; e++) {
            t.weight = (int64_t)e + 1;
            t.values[0] = fixture_number(&values->items[e]);
            OK(call(used.kind->batch_end, &used, (int64_t)e));
            OK(call(used.kind->epoch_end, &used, (int64_t)e));
        }
        STR(said(&t.said), json_get(c, "output")->text);
        EQ(t.n_saved, files->n);
        for (size_t f = 0; f < files->n && f < t.n_saved; f++) {
            const Json *weight = json_get(&files->items[f], "weights_of_epoch");
            STR(t.saved[f].shown, json_get(&files->items[f], "file")->text);
            if (weight->type == JSON_NUMBER) EQ(t.saved[f].weight, weight->number);
            OK(t.saved[f].weights_only == str_ends(t.saved[f].shown, ".weights.h5"));
        }
        if (test_failures != before) printf("  ^ case %zu\n", i);
    }
    EQ(cases->n, 7);
    arena_free(arena);
}

/* Keras's _should_save_on_batch: every 3rd batch, counted across epochs of 4. */
TEST(model_checkpoint_by_batches)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    Training t = {.n = 1, .names = {"loss"}, .said = buf_in(arena)};
    Used used = use(arena, &t, "ModelCheckpoint", NULL, diags);
    set_text(arena, &used, "filepath", "{epoch}-{batch}-{loss:.1f}.keras", diags);
    set_int(arena, &used, "save_freq", 3, diags);
    for (int64_t e = 0; e < 3; e++) {
        for (int64_t b = 0; b < 4; b++) {
            t.values[0] = (double)(10 * e + b);
            used.run.batch = b;
            OK(call(used.kind->batch_end, &used, e));
        }
        OK(call(used.kind->epoch_end, &used, e));
    }
    EQ(t.n_saved, 4);
    STR(t.saved[0].shown, "1-3-2.0.keras");
    STR(t.saved[1].shown, "2-2-11.0.keras");
    STR(t.saved[2].shown, "3-1-20.0.keras");
    STR(t.saved[3].shown, "3-4-23.0.keras");
    arena_free(arena);
}

TEST(backup_and_restore)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    Training t = {.said = buf_in(arena)};
    for (int64_t freq = 0; freq <= 3; freq += 3) {
        Used used = use(arena, &t, "BackupAndRestore", NULL, diags);
        set_text(arena, &used, "backup_dir", "kept", diags);
        if (freq) set_int(arena, &used, "save_freq", freq, diags);
        t.backups = 0;
        for (int64_t e = 0; e < 3; e++) {
            for (int64_t b = 0; b < 4; b++) OK(call(used.kind->batch_end, &used, e));
            OK(call(used.kind->epoch_end, &used, e));
        }
        EQ(t.backups, freq ? 4 : 3);
        OK(call(used.kind->interrupted, &used, 2));
        EQ(t.backups, freq ? 5 : 4);
        STR(used.kind->backup(used.run.args).folder, "kept");
        OK(!used.kind->backup(used.run.args).keep_at_end && !used.kind->backup(used.run.args).keep_two);
    }
    arena_free(arena);
}

static bool some_figures(void *owner, const char *name, TemplateFigure *figure)
{
    (void)owner;
    if (str_eq(name, "epoch")) *figure = (TemplateFigure){.whole = true, .integer = 1234567};
    else if (str_eq(name, "less")) *figure = (TemplateFigure){.whole = true, .integer = -5};
    else if (str_eq(name, "loss")) *figure = (TemplateFigure){.number = 1234.5678};
    else if (str_eq(name, "half")) *figure = (TemplateFigure){.number = 0.5};
    else if (str_eq(name, "tiny")) *figure = (TemplateFigure){.number = -1e-7};
    else if (str_eq(name, "big")) *figure = (TemplateFigure){.number = 1e16};
    else if (str_eq(name, "nan")) *figure = (TemplateFigure){.number = (double)NAN};
    else return false;
    return true;
}

/* Expected texts are what Python 3 answers to the same formats. */
TEST(template_as_python)
{
    static const char *const pairs[][2] = {
        {"{epoch}", "1234567"}, {"{epoch:.2f}", "1234567.00"}, {"{epoch:10.3f}", "1234567.000"}, {"{epoch:<10}", "1234567   "},
        {"{epoch:^10}", " 1234567  "}, {"{epoch:>10}", "   1234567"}, {"{epoch:=+10}", "+  1234567"}, {"{epoch:010}", "0001234567"},
        {"{epoch:+}", "+1234567"}, {"{epoch:e}", "1.234567e+06"}, {"{epoch:.3e}", "1.235e+06"}, {"{epoch:g}", "1.23457e+06"},
        {"{epoch:.3g}", "1.23e+06"}, {"{epoch:.10g}", "1234567"}, {"{epoch:.0f}", "1234567"}, {"{epoch:.1%}", "123456700.0%"},
        {"{epoch:,.2f}", "1,234,567.00"}, {"{epoch:_}", "1_234_567"}, {"{epoch:*^12}", "**1234567***"}, {"{epoch:#g}", "1.23457e+06"},
        {"{epoch:G}", "1.23457E+06"}, {"{epoch:.2E}", "1.23E+06"}, {"{epoch: .1f}", " 1234567.0"}, {"{epoch:012.3f}", "01234567.000"},
        {"{epoch:+.1%}", "+123456700.0%"}, {"{epoch:F}", "1234567.000000"}, {"{epoch:03d}", "1234567"}, {"{epoch:x}", "12d687"},
        {"{epoch:#x}", "0x12d687"}, {"{epoch:#o}", "0o4553207"}, {"{epoch:b}", "100101101011010000111"}, {"{epoch:X}", "12D687"},
        {"{epoch:n}", "1234567"}, {"{epoch:8d}", " 1234567"}, {"{epoch:-8d}", " 1234567"}, {"{epoch:,}", "1,234,567"},
        {"{epoch:<8,}", "1,234,567"}, {"{less}", "-5"}, {"{less:.2f}", "-5.00"}, {"{less:10.3f}", "    -5.000"},
        {"{less:<10}", "-5        "}, {"{less:^10}", "    -5    "}, {"{less:>10}", "        -5"}, {"{less:=+10}", "-        5"},
        {"{less:010}", "-000000005"}, {"{less:+}", "-5"}, {"{less:e}", "-5.000000e+00"}, {"{less:.3e}", "-5.000e+00"}, {"{less:g}", "-5"},
        {"{less:.3g}", "-5"}, {"{less:.10g}", "-5"}, {"{less:.0f}", "-5"}, {"{less:.1%}", "-500.0%"}, {"{less:,.2f}", "-5.00"},
        {"{less:_}", "-5"}, {"{less:*^12}", "*****-5*****"}, {"{less:#g}", "-5.00000"}, {"{less:G}", "-5"}, {"{less:.2E}", "-5.00E+00"},
        {"{less: .1f}", "-5.0"}, {"{less:012.3f}", "-0000005.000"}, {"{less:+.1%}", "-500.0%"}, {"{less:F}", "-5.000000"},
        {"{less:03d}", "-05"}, {"{less:x}", "-5"}, {"{less:#x}", "-0x5"}, {"{less:#o}", "-0o5"}, {"{less:b}", "-101"}, {"{less:X}", "-5"},
        {"{less:n}", "-5"}, {"{less:8d}", "      -5"}, {"{less:-8d}", "      -5"}, {"{less:,}", "-5"}, {"{less:<8,}", "-5      "},
        {"{loss}", "1234.5678"}, {"{loss:.2f}", "1234.57"}, {"{loss:10.3f}", "  1234.568"}, {"{loss:<10}", "1234.5678 "},
        {"{loss:^10}", "1234.5678 "}, {"{loss:>10}", " 1234.5678"}, {"{loss:=+10}", "+1234.5678"}, {"{loss:010}", "01234.5678"},
        {"{loss:+}", "+1234.5678"}, {"{loss:e}", "1.234568e+03"}, {"{loss:.3e}", "1.235e+03"}, {"{loss:g}", "1234.57"},
        {"{loss:.3g}", "1.23e+03"}, {"{loss:.10g}", "1234.5678"}, {"{loss:.0f}", "1235"}, {"{loss:.1%}", "123456.8%"},
        {"{loss:,.2f}", "1,234.57"}, {"{loss:_}", "1_234.5678"}, {"{loss:*^12}", "*1234.5678**"}, {"{loss:.3}", "1.23e+03"},
        {"{loss:.8}", "1234.5678"}, {"{loss:#g}", "1234.57"}, {"{loss:G}", "1234.57"}, {"{loss:.2E}", "1.23E+03"},
        {"{loss: .1f}", " 1234.6"}, {"{loss:012.3f}", "00001234.568"}, {"{loss:+.1%}", "+123456.8%"}, {"{loss:F}", "1234.567800"},
        {"{half}", "0.5"}, {"{half:.2f}", "0.50"}, {"{half:10.3f}", "     0.500"}, {"{half:<10}", "0.5       "},
        {"{half:^10}", "   0.5    "}, {"{half:>10}", "       0.5"}, {"{half:=+10}", "+      0.5"}, {"{half:010}", "00000000.5"},
        {"{half:+}", "+0.5"}, {"{half:e}", "5.000000e-01"}, {"{half:.3e}", "5.000e-01"}, {"{half:g}", "0.5"}, {"{half:.3g}", "0.5"},
        {"{half:.10g}", "0.5"}, {"{half:.0f}", "0"}, {"{half:.1%}", "50.0%"}, {"{half:,.2f}", "0.50"}, {"{half:_}", "0.5"},
        {"{half:*^12}", "****0.5*****"}, {"{half:.3}", "0.5"}, {"{half:.8}", "0.5"}, {"{half:#g}", "0.500000"}, {"{half:G}", "0.5"},
        {"{half:.2E}", "5.00E-01"}, {"{half: .1f}", " 0.5"}, {"{half:012.3f}", "00000000.500"}, {"{half:+.1%}", "+50.0%"},
        {"{half:F}", "0.500000"}, {"{tiny}", "-1e-07"}, {"{tiny:.2f}", "-0.00"}, {"{tiny:10.3f}", "    -0.000"},
        {"{tiny:<10}", "-1e-07    "}, {"{tiny:^10}", "  -1e-07  "}, {"{tiny:>10}", "    -1e-07"}, {"{tiny:=+10}", "-    1e-07"},
        {"{tiny:010}", "-00001e-07"}, {"{tiny:+}", "-1e-07"}, {"{tiny:e}", "-1.000000e-07"}, {"{tiny:.3e}", "-1.000e-07"},
        {"{tiny:g}", "-1e-07"}, {"{tiny:.3g}", "-1e-07"}, {"{tiny:.10g}", "-1e-07"}, {"{tiny:.0f}", "-0"}, {"{tiny:.1%}", "-0.0%"},
        {"{tiny:,.2f}", "-0.00"}, {"{tiny:_}", "-1e-07"}, {"{tiny:*^12}", "***-1e-07***"}, {"{tiny:.3}", "-1e-07"}, {"{tiny:.8}", "-1e-07"},
        {"{tiny:#g}", "-1.00000e-07"}, {"{tiny:G}", "-1E-07"}, {"{tiny:.2E}", "-1.00E-07"}, {"{tiny: .1f}", "-0.0"},
        {"{tiny:012.3f}", "-0000000.000"}, {"{tiny:+.1%}", "-0.0%"}, {"{tiny:F}", "-0.000000"}, {"{big}", "1e+16"},
        {"{big:.2f}", "10000000000000000.00"}, {"{big:10.3f}", "10000000000000000.000"}, {"{big:<10}", "1e+16     "},
        {"{big:^10}", "  1e+16   "}, {"{big:>10}", "     1e+16"}, {"{big:=+10}", "+    1e+16"}, {"{big:010}", "000001e+16"},
        {"{big:+}", "+1e+16"}, {"{big:e}", "1.000000e+16"}, {"{big:.3e}", "1.000e+16"}, {"{big:g}", "1e+16"}, {"{big:.3g}", "1e+16"},
        {"{big:.10g}", "1e+16"}, {"{big:.0f}", "10000000000000000"}, {"{big:.1%}", "1000000000000000000.0%"},
        {"{big:,.2f}", "10,000,000,000,000,000.00"}, {"{big:_}", "1e+16"}, {"{big:*^12}", "***1e+16****"}, {"{big:.3}", "1e+16"},
        {"{big:.8}", "1e+16"}, {"{big:#g}", "1.00000e+16"}, {"{big:G}", "1E+16"}, {"{big:.2E}", "1.00E+16"},
        {"{big: .1f}", " 10000000000000000.0"}, {"{big:012.3f}", "10000000000000000.000"}, {"{big:+.1%}", "+1000000000000000000.0%"},
        {"{big:F}", "10000000000000000.000000"}, {"{nan}", "nan"}, {"{nan:.2f}", "nan"}, {"{nan:10.3f}", "       nan"},
        {"{nan:<10}", "nan       "}, {"{nan:^10}", "   nan    "}, {"{nan:>10}", "       nan"}, {"{nan:=+10}", "+      nan"},
        {"{nan:010}", "0000000nan"}, {"{nan:+}", "+nan"}, {"{nan:e}", "nan"}, {"{nan:.3e}", "nan"}, {"{nan:g}", "nan"},
        {"{nan:.3g}", "nan"}, {"{nan:.10g}", "nan"}, {"{nan:.0f}", "nan"}, {"{nan:.1%}", "nan%"}, {"{nan:,.2f}", "nan"}, {"{nan:_}", "nan"},
        {"{nan:*^12}", "****nan*****"}, {"{nan:.3}", "nan"}, {"{nan:.8}", "nan"}, {"{nan:#g}", "nan"}, {"{nan:G}", "NAN"},
        {"{nan:.2E}", "NAN"}, {"{nan: .1f}", " nan"}, {"{nan:012.3f}", "000000000nan"}, {"{nan:+.1%}", "+nan%"}, {"{nan:F}", "NAN"},
        {"{{epoch}}", "{epoch}"}, {"a{{{epoch}}}b", "a{1234567}b"}, {"runs/{epoch:03d}-{half:.2f}.keras", "runs/1234567-0.50.keras"},
        {"", ""},
    };
    Arena *arena = arena_new("test");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        TemplateFault fault;
        STR(template_fill(arena, pairs[i][0], some_figures, NULL, &fault), pairs[i][1]);
    }
    static const char *const wrong[] = {"{", "}", "{}", "{0}", "{epoch", "{epoch!r}", "{epoch:{less}}", "{epoch.real}", "{loss:d}", "{epoch:.2}",
                                        "{loss:q}", "{loss:.2fx}", "{loss:.}", "{loss:9999}", "{nobody}", "{ epoch}", "{loss[0]}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        TemplateFault fault;
        STR(template_fill(arena, wrong[i], some_figures, NULL, &fault), NULL);
        OK((fault.unknown != NULL) == str_eq(wrong[i], "{nobody}"));
        OK((fault.what != NULL) != (fault.unknown != NULL));
    }
    arena_free(arena);
}

TEST(terminate_on_nan)
{
    Arena *arena = arena_new("test");
    Diags *diags = diags_new(arena, sources_new(arena));
    Training t = {.running = 1e30, .said = buf_in(arena)};
    Used used = use(arena, &t, "TerminateOnNaN", NULL, diags);
    OK(call(used.kind->batch_end, &used, 0));
    OK(!t.stopped);
    t.running = (double)INFINITY;
    OK(call(used.kind->batch_end, &used, 0));
    OK(t.stopped);
    STR(t.reason, "nan");
    arena_free(arena);
}
