/* model_checkpoint: the model as a file after each epoch (or after so many batches), or where a figure improves.
 *
 * Rules of Keras 3 (callbacks/model_checkpoint.py): the name is Python's format with the epoch from 1 and the figures, an improvement
 * is strict and has no min_delta, a NaN that comes first stays the best for ever. Texts are those of Keras 3.15. */
#include "runtime/kinds/callback.h"

#include "runtime/base/template.h"

#include <math.h>

typedef struct {
    const char *filepath;
    const char *monitor;
    int64_t verbose;
    bool save_best_only;
    bool save_weights_only;
    int mode;
    int64_t save_freq; /* ARG_NO_INT: epoch */
    double initial_value_threshold;
} Args;

typedef struct {
    MonitorState monitor;
    int64_t batches; /* since the last file */
} State;

static const ArgSpec args[] = {
    ARG_TEXT(Args, filepath, .required = true, .help = "the file to write; `{epoch:03d}` and `{val_loss:.2f}` in it become figures"),
    ARG_NAME(Args, monitor, .fallback = "val_loss", .help = "the figure to watch"),
    ARG_INT(Args, verbose, .fallback = "0", .min = 0, .max = 1, .help = "1: say so at each file"),
    ARG_BOOL(Args, save_best_only, false, .help = "write only where the figure improves"),
    ARG_BOOL(Args, save_weights_only, false, .help = "write the weights alone, to a file that ends in `.weights.h5`"),
    ARG_WORD(Args, mode, "auto|min|max", "auto", .help = "whether less or more is better; `auto` knows it from the figure"),
    ARG_INT(Args, save_freq, .fallback = "epoch", .words = "epoch", .min = 1, .max = 1e9, .help = "`epoch`, or the batches between two files"),
    ARG_FLOAT(Args, initial_value_threshold, .fallback = "none", .none = true, .help = "a value that must be beaten first"),
    ARG_END};

/* Names of figures and their values in a file's name. */
static bool figure_of(void *owner, const char *name, TemplateFigure *figure)
{
    const CallbackRun *run = owner;
    *figure = (TemplateFigure){.whole = true, .integer = run->epoch + 1};
    if (str_eq(name, "epoch")) return true;
    const Args *a = run->args;
    figure->integer = run->batch + 1;
    if (a->save_freq != ARG_NO_INT && str_eq(name, "batch")) return true;
    figure->whole = false;
    if (!run->ask->figure(run->training, name, &figure->number)) return false;
    figure->number = (double)(float)figure->number; /* Keras's figures are float32 */
    return true;
}

static const char *five_digits(Arena *arena, double value)
{
    if (isnan(value)) return "nan";
    return arena_printf(arena, "%.5f", value);
}

static void say(CallbackRun *run, const char *text)
{
    const Args *a = run->args;
    if (a->verbose) run->ask->say(run->training, arena_printf(run->arena, "\nEpoch %lld: %s\n", (long long)run->epoch + 1, text));
}

/* Whether the figure is worth a file. before, after: the best so far, for the text. */
static bool improves(CallbackRun *run, const char **before, const char **after)
{
    const Args *a = run->args;
    State *s = run->state;
    double value;
    if (!run->ask->figure(run->training, a->monitor, &value)) return false;
    *before = s->monitor.seen ? five_digits(run->arena, s->monitor.best) : "None";
    *after = five_digits(run->arena, value);
    if (!monitor_improves(run, a->monitor, a->mode, 0.0, &s->monitor, value)) return false;
    s->monitor = (MonitorState){.best = value, .best_epoch = run->epoch, .seen = true};
    run->ask->note_best(run->training, run->epoch + 1, a->monitor, value);
    return true;
}

static bool save(CallbackRun *run)
{
    const Args *a = run->args;
    TemplateFault fault;
    const char *shown = template_fill(run->arena, a->filepath, figure_of, run, &fault);
    if (!shown) return false; /* refused before training */
    const char *how = "";
    if (a->save_best_only) {
        const char *before = "None", *after = "";
        if (!improves(run, &before, &after)) {
            say(run, arena_printf(run->arena, "%s did not improve from %s", a->monitor, before));
            return true;
        }
        how = arena_printf(run->arena, "%s improved from %s to %s, ", a->monitor, before, after);
    }
    say(run, arena_printf(run->arena, "%ssaving model to %s", how, shown));
    bool relative = shown[0] != '/' && run->folder && run->folder[0];
    const char *path = relative ? arena_printf(run->arena, "%s/%s", run->folder, shown) : shown;
    if (!run->ask->save(run->training, path, shown, a->save_weights_only)) return false;
    say(run, arena_printf(run->arena, "finished saving model to %s", shown));
    return true;
}

static bool begin(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    if (!isnan(a->initial_value_threshold) && !s->monitor.seen)
        s->monitor = (MonitorState){.best = a->initial_value_threshold, .best_epoch = -1, .seen = true};
    return true;
}

static bool batch_end(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    if (a->save_freq == ARG_NO_INT || ++s->batches < a->save_freq) return true;
    s->batches = 0;
    return save(run);
}

static bool epoch_end(CallbackRun *run)
{
    const Args *a = run->args;
    return a->save_freq == ARG_NO_INT ? save(run) : true;
}

static bool watches(const void *a)
{
    return ((const Args *)a)->save_best_only;
}

static const char *writes(const void *a)
{
    return ((const Args *)a)->filepath;
}

static int64_t every(const void *a)
{
    int64_t n = ((const Args *)a)->save_freq;
    return n == ARG_NO_INT ? 0 : n;
}

/* The path with another ending. */
static const char *ending_in(Arena *arena, const char *path, const char *ending)
{
    static const char *const endings[] = {".weights.h5", ".keras", ".h5", ".hdf5", ".ckpt", ".tf"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(path, endings[i])) {
            n -= strlen(endings[i]);
            break;
        }
    return arena_printf(arena, "%s%s", arena_text(arena, path, n), ending);
}

static bool check(const void *given, const Span *spans, Span span, Diags *diags)
{
    const Args *a = given;
    const char *wanted = a->save_weights_only ? ".weights.h5" : ".keras";
    if (str_ends(a->filepath, wanted)) return true;
    Arena *arena = arena_new("checking a path");
    const char *better = ending_in(arena, a->filepath, wanted);
    Span place = spans[0].source ? spans[0] : span;
    Diag *e = diag_add(diags, a->save_weights_only ? E0832 : E0801, place, (const DiagArg[]){A("path", a->filepath), {0}});
    Fix *fix = a->save_weights_only ? diag_fix(e, E0832_help, A("better", better)) : diag_fix(e, E0801_help, A("better", better));
    if (spans[0].source && !strpbrk(better, "\"\\")) diag_edit(fix, spans[0], arena_printf(arena, "\"%s\"", better));
    arena_free(arena);
    return false;
}

const CallbackKind callback_model_checkpoint = {
    .kind = {.name = "model_checkpoint", .keras = "ModelCheckpoint", .family = FAMILY_CALLBACK,
             .help = "writes the model to a file after each epoch, or where a figure improves",
             .example = "callback model_checkpoint(\"runs/{epoch:03d}.keras\", save_best_only=true)", .args = args, .args_size = sizeof(Args),
             .check = check},
    .state_size = sizeof(State),
    .monitor = "monitor",
    .watches = watches,
    .writes = writes,
    .writes_by_figures = true,
    .every = every,
    .begin = begin,
    .batch_end = batch_end,
    .epoch_end = epoch_end,
};
