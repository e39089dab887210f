/* Command line to exit code; the only caller of exit(). */
#include "src/cli.h"
#include "src/commands/command.h"
#include "src/driver.h"
#include "src/report/explain.h"

#include "runtime/base/bug.h"
#include "runtime/base/par.h"
#include "runtime/file/output.h"
#include "runtime/tensor/blas.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int print_version(Buf *out)
{
    BlasInfo info = {0};
    buf_put(out, "nnl " NNL_VERSION "\n");
    if (blas_open(&info)) {
        buf_printf(out, "products of large matrices: %s (%s)\n", info.version, info.path);
    } else {
        buf_printf(out, "products of large matrices: our own (%s)\n", info.why_not);
    }
    return 0;
}

static void print_diags(Arena *arena, Diags *diags, const Options *options)
{
    Buf out = buf_in(arena);
    diags_print(diags, options->style, &out);
    fwrite(out.at, 1, out.n, stderr);
}

static int explain(Arena *arena, const Options *options, Buf *out)
{
    if (options->n_files == 0) {
        explain_list(out);
        return 0;
    }
    Diags *diags = diags_new(arena, sources_new(arena));
    if (explain_code(options->files[0], out, diags)) {
        return 0;
    }
    print_diags(arena, diags, options);
    return 2;
}

/* `-o` and `--log` must not destroy what the command reads, nor each other. */
static bool spares_sources(Arena *arena, const Options *options)
{
    const char *written[] = {options->output, options->log};
    Diags *diags = diags_new(arena, sources_new(arena));
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        for (size_t k = 0; written[i] && k < options->n_files; k++)
            if (output_same_file(written[i], options->files[k])) diag_fix(diag(diags, E0606, NO_SPAN, A("file", written[i])), E0606_help);
        for (size_t k = 0; written[i] && k < options->n_inputs; k++)
            if (output_same_file(written[i], options->inputs[k].value)) diag_fix(diag(diags, E0606, NO_SPAN, A("file", written[i])), E0606_help);
    }
    if (options->output && options->log && str_eq(output_real_path(arena, options->output), output_real_path(arena, options->log)))
        diag_fix(diag(diags, E0620, NO_SPAN, A("file", options->log), A("other", "`-o`")), E0620_help);
    if (!diags_errors(diags)) return true;
    print_diags(arena, diags, options);
    return false;
}

static int carry_out(Arena *arena, const Options *options, Buf *out)
{
    if (!spares_sources(arena, options)) return 2;
    switch (options->command) {
    case COMMAND_HELP:
        cli_help(options->name, out);
        return 0;
    case COMMAND_VERSION:
        return print_version(out);
    case COMMAND_EXPLAIN:
        return explain(arena, options, out);
    case COMMAND_RUN:
        return driver_run(options);
    case COMMAND_CHECK:
        return driver_check(options);
    case COMMAND_FMT:
        return driver_fmt(options);
    case COMMAND_SUMMARY:
        return command_is_model(options->files[0]) ? command_summary(options) : driver_summary(options);
    case COMMAND_DATA:
        return driver_data(options);
    case COMMAND_DOC:
        return driver_doc(options);
    case COMMAND_PREDICT:
        return command_predict(options);
    case COMMAND_EVALUATE:
        return command_evaluate(options);
    case COMMAND_INSPECT:
        return command_inspect(options);
    case COMMAND_EXPORT:
        return command_export(options);
    case COMMAND_NONE:
    case COMMAND_PLOT:
    case COMMAND_SWEEP:
    case COMMAND_NEW:
        break;
    }
    BUG("a command without its function");
}

/* Whether what reads the results has stopped, though an earlier write met it and its errno is gone. */
static bool reader_left(void)
{
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/* A standard stream that was closed would be the next file that is opened: results would go into a model file. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
}

/* Beyond `ulimit -f` writing fails with a reason that is told, as on a full disk; by default the process dies without a word. */
static void report_file_limit(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &action, NULL);
}

/* Results that never arrived, because the disk is full, must not end in success. A reader that has seen enough (`| head`)
 * is no mistake. */
static int finish_output(Arena *arena, const Options *options, int code)
{
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE && code == 0) {
        int reason = errno;
        if (reader_left()) return code;
        if (reason == 0 && write(STDOUT_FILENO, "", 0) < 0) reason = errno;
        Diags *diags = diags_new(arena, sources_new(arena));
        diag(diags, E0917, NO_SPAN, A("reason", reason == EBADF ? "it is closed" : reason ? strerror(reason) : "the disk may be full"));
        print_diags(arena, diags, options);
        return 3;
    }
    return code;
}

#ifdef NNL_DEBUG
/* For the tests of failure: NNL_FAIL_ALLOCATION=N makes the N-th allocation fail, NNL_FAIL_WRITE=N the N-th step of writing files whole. */
static void prepare_failure(void)
{
    const char *allocation = getenv("NNL_FAIL_ALLOCATION"), *write = getenv("NNL_FAIL_WRITE");
    if (allocation) {
        memory_fail_at(strtoull(allocation, NULL, 10));
    }
    if (write) {
        output_fail_at(strtoull(write, NULL, 10), EIO);
    }
}
#endif

int main(int argc, char **argv)
{
    hold_streams();
    report_file_limit();
#ifdef NNL_DEBUG
    prepare_failure();
#endif
    Arena *arena = arena_new("command line");
    Options options;
    int code = 2;
    if (cli_parse(arena, argc, argv, &options, &code)) {
        Buf out = buf_in(arena);
        par_set_default(options.threads);
        code = carry_out(arena, &options, &out);
        fwrite(out.at, 1, out.n, stdout);
    }
    code = finish_output(arena, &options, code);
    arena_free(arena);
    exit(code);
}
