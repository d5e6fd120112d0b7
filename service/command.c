#include "command.h"

#include <stdarg.h>

#include "db/migrate.h"
#include "db/session.h"

int command_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("einlass: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return COMMAND_FAILED;
}

const char *command_option(int *argc, char **argv, const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < *argc; i++) {
        const char *value = NULL;
        int count = 1;
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            value = argv[i] + length + 1;
        } else if (strcmp(argv[i], name) == 0 && i + 1 < *argc) {
            value = argv[i + 1];
            count = 2;
        }
        if (!value)
            continue;
        for (int at = i; at + count <= *argc; at++)
            argv[at] = argv[at + count]; /* the NULL behind the last comes along */
        *argc -= count;
        return value;
    }
    return NULL;
}

bool command_flag(int *argc, char **argv, const char *name)
{
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], name) != 0)
            continue;
        for (int at = i; at < *argc; at++)
            argv[at] = argv[at + 1];
        --*argc;
        return true;
    }
    return false;
}

struct db_session *command_session(const struct config *config)
{
    struct db_session *session = NULL;
    struct primary *primary =
        primary_create(&(struct primary_options){.directory = config->keys, .reads_only = true});
    struct buffer error;
    buffer_init(&error);
    if (!db_session_open(config->database, migrate_schema(all_migrations, all_functions), primary,
                         &session, &error))
        command_fail("%s", buffer_text(&error));
    buffer_finish(&error);
    primary_destroy(primary);
    return session;
}
