/*
 * A command of the program: `einlass event apply FILE…`. Exit status 0 done, 1 refused or failed
 * (one line on standard error says why), 2 wrong usage.
 */
#ifndef EINLASS_COMMAND_H
#define EINLASS_COMMAND_H

#include "config.h"

struct db_session;

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

struct command {
    const char *words;     /* "event apply" */
    const char *arguments; /* "FILE..." */
    const char *help;      /* one line */
    /* argv holds the arguments behind the words. Gives the exit status; for COMMAND_USAGE the
     * program then says how the command is used. */
    int (*run)(const struct config *config, int argc, char **argv);
};

/* Writes "einlass: SENTENCE" to standard error and gives COMMAND_FAILED. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For command_fail(), where a statement gave a word that it does not declare. */
#define COMMAND_UNKNOWN_OUTCOME "the database gave an outcome that this program does not know"

/* Takes "--name VALUE" or "--name=VALUE" out of the arguments. NULL: it is not there. */
const char *command_option(int *argc, char **argv, const char *name);

/* Takes "--name" out of the arguments. False: it is not there. */
bool command_flag(int *argc, char **argv, const char *name);

/* A session with the database of the settings, refusing one that is not migrated to this
 * version. NULL: it has said why; the command ends with COMMAND_FAILED. */
struct db_session *command_session(const struct config *config);

#endif
