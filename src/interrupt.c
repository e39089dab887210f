/* Signal handlers; see interrupt.h. They set flags and, at the end, call only what is safe in a handler. */
#include "src/interrupt.h"

#include "runtime/base/arena.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked, training;

static void leave(int code)
{
    activity_discard_file();
    _exit(code);
}

static void on_signal(int number)
{
    int wanted = number == SIGINT ? 1 : 2;
    if (!training || (asked && wanted == 1)) leave(number == SIGINT ? 130 : 143);
    if (wanted > asked) asked = wanted;
}

void interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A terminal that closes; nohup has it ignored, and that stays. */
    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void interrupt_training(int runs)
{
    training = runs;
    if (runs) asked = 0;
}

int interrupt_asked(void)
{
    return asked;
}
