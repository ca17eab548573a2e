// SPDX-License-Identifier: BSD-3-Clause
//
// Wall time and memory of short-lived programs, run in turn so that a busy machine slows all of
// them alike.
//
//     alternate RUNS NAME COMMAND ARG... [::: NAME COMMAND ARG...]...
//
// Prints, for every run, NAME<TAB>wall<TAB>milliseconds and NAME<TAB>memory<TAB>mebibytes. The
// commands' own output goes to /dev/null. It ends when a command fails.
//
// In C, because Linux counts the parent's resident memory as the child's until the child calls
// exec: no program could measure less than its own size.

#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { most_commands = 8, warm_ups = 3 };

extern char **environ;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void run(char **command, const posix_spawn_file_actions_t *quiet, int counts) {
    pid_t child;
    int status;
    struct rusage usage;
    double began = now();
    int failure = posix_spawnp(&child, command[1], quiet, NULL, command + 1, environ);
    if (failure != 0) {
        fprintf(stderr, "alternate: cannot start %s: %s\n", command[1], strerror(failure));
        exit(1);
    }
    if (wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "alternate: %s failed\n", command[1]);
        exit(1);
    }
    double ended = now();
    if (counts) {
        printf("%s\twall\t%.4f\n", command[0], ended - began);
        printf("%s\tmemory\t%.3f\n", command[0], (double)usage.ru_maxrss / 1024);
    }
}

int main(int argc, char **argv) {
    char **commands[most_commands];
    int count = 0;
    int runs = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], ":::") == 0) {
            argv[i] = NULL;
        } else if ((i == 2 || argv[i - 1] == NULL) && count < most_commands) {
            commands[count++] = argv + i;
        }
    }
    if (runs < 1 || count < 1) {
        fprintf(stderr, "usage: alternate RUNS NAME COMMAND ARG... [::: NAME COMMAND ARG...]...\n");
        return 2;
    }

    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (int round = -warm_ups; round < runs; round++) {
        for (int i = 0; i < count; i++) {
            run(commands[i], &quiet, round >= 0);
        }
    }
    return 0;
}
