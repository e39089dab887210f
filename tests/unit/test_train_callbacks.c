/* Callbacks against Keras 3.15.1 (tests/fixtures/keras/units/callbacks.json): made-up figures fed through the real records, with a
 * training of this file's own behind them whose only weight is the number of the epoch. */
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

static const TrainingServices services = {
    .figure = figure, .direction = direction, .figures = figures, .add_figure = add_figure, .validates = validates, .rate = rate,
    .set_rate = set_rate, .running_loss = running_loss, .stop = stop, .keep_weights = keep_weights, .restore_weights = restore_weights,
    .best = best, .say = say};

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
