/* Events of a run as JSON lines; see log.h. */
#include "src/report/log.h"

#include <errno.h>
#include <sys/stat.h>

#include "runtime/tensor/blas.h"
#include "src/cli.h"

/* Missing folders are made; that they cannot be shows when the file is opened. */
static void make_folders(const char *path)
{
    char folder[4096];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t n = (size_t)(slash - path);
        if (n >= sizeof folder) return;
        memcpy(folder, path, n);
        folder[n] = '\0';
        (void)mkdir(folder, 0777);
    }
}

bool log_open(Log *log, const char *path, Diags *diags)
{
    *log = (Log){.path = path, .diags = diags};
    if (!path) return true;
    if (*path) make_folders(path);
    log->file = fopen(path, "wb");
    if (log->file) return true;
    diag_file_fault(diag(diags, E0701, NO_SPAN, A("path", path), A("reason", strerror(errno))));
    return false;
}

static void failed(Log *log)
{
    if (!log->failed) diag_file_fault(diag(log->diags, E0701, NO_SPAN, A("path", log->path), A("reason", strerror(errno))));
    log->failed = true;
}

void log_close(Log *log)
{
    if (!log->file) return;
    if (fclose(log->file) != 0) failed(log);
    log->file = NULL;
}

JsonOut *log_begin(Log *log, const char *event)
{
    if (!log->file) return NULL;
    log->arena = arena_new("log line");
    log->line = buf_in(log->arena);
    log->out = json_out(&log->line);
    json_object(&log->out);
    json_key(&log->out, "event");
    json_text(&log->out, event);
    return &log->out;
}

void log_end(Log *log)
{
    json_object_end(&log->out);
    buf_char(&log->line, '\n');
    if (fwrite(log->line.at, 1, log->line.n, log->file) != log->line.n || fflush(log->file) != 0) failed(log);
    arena_free(log->arena);
    log->arena = NULL;
}

static void shape(JsonOut *o, const Shape *s)
{
    json_list(o);
    for (int i = 0; i < s->rank; i++) {
        if (s->dim[i] == DIM_UNKNOWN) json_null(o);
        else json_int(o, s->dim[i]);
    }
    json_list_end(o);
}

static void text_key(JsonOut *o, const char *key, const char *text)
{
    json_key(o, key);
    json_text(o, text);
}

static void int_key(JsonOut *o, const char *key, int64_t value)
{
    json_key(o, key);
    json_int(o, value);
}

void log_run(Log *log, const Program *program, int threads)
{
    JsonOut *o = log_begin(log, "run");
    if (!o) return;
    text_key(o, "file", program->path);
    text_key(o, "version", NNL_VERSION);
    int_key(o, "seed", (int64_t)program->seed);
    int_key(o, "threads", threads);
    json_key(o, "params");
    json_object(o);
    for (size_t i = 0; i < program->params.n; i++) text_key(o, program->params.at[i].name, program->params.at[i].value);
    json_object_end(o);
    BlasInfo blas;
    blas_open(&blas);
    json_key(o, "blas");
    json_object(o);
    text_key(o, "version", blas.available ? blas.version : "none");
    text_key(o, "core", blas.available ? blas.core : "none");
    json_object_end(o);
    log_end(log);
}

void log_data(Log *log, const ProgramData *data)
{
    if (!data->checked) return;
    JsonOut *o = log_begin(log, "data");
    if (!o) return;
    text_key(o, "name", data->name);
    check_data_event(data->checked, o);
    log_end(log);
}

static void outputs(JsonOut *o, const Graph *graph)
{
    json_key(o, "outputs");
    json_object(o);
    for (size_t i = 0; i < graph->outputs.n; i++) {
        json_key(o, graph->outputs.at[i].name);
        shape(o, &graph->outputs.at[i].wire->shape);
    }
    json_object_end(o);
}

void log_model(Log *log, const ProgramModel *model)
{
    const Graph *graph = model->graph;
    JsonOut *o = graph ? log_begin(log, "model") : NULL;
    if (!o) return;
    text_key(o, "name", model->name);
    int_key(o, "parameters", graph_parameters(graph));
    int_key(o, "trainable", graph_trainable(graph));
    json_key(o, "layers");
    json_list(o);
    for (size_t i = 0; i < graph->shown.n; i++) {
        const Call *call = graph->shown.at[i];
        if (call->nth > 0) continue; /* a shared layer stands once */
        json_object(o);
        text_key(o, "name", call->layer->name);
        text_key(o, "kind", call->layer->shown_kind ? call->layer->shown_kind : call->layer->kind->kind.name);
        json_key(o, "output_shape");
        shape(o, &call->out[0]->shape);
        int_key(o, "parameters", layer_parameters(call->layer));
        json_object_end(o);
    }
    json_list_end(o);
    json_key(o, "inputs");
    json_object(o);
    for (size_t i = 0; i < graph->inputs.n; i++) {
        json_key(o, graph->inputs.at[i].name);
        shape(o, &graph->inputs.at[i].wire->shape);
    }
    json_object_end(o);
    outputs(o, graph);
    log_end(log);
}
