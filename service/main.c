#include <locale.h>
#include <malloc.h>
#include <signal.h>

#include "base/memory.h"
#include "check.h"
#include "config.h"
#include "db/migrate.h"
#include "features/feature.h"
#include "command.h"
#include "security/security.h"
#include "view/picture.h"
#include "serve.h"

/* The original command line, to read the settings again. */
struct arguments {
    int count;
    char **values;
};

static struct arguments given;

/* Exports free and allocate memory with each portion; keep it instead of returning it each time. */
enum { KEEP_FREE_BYTES = 8 * 1024 * 1024 };

enum { FLAG_MOST = 64 };

static bool read_settings(struct arguments arguments, struct config *config, int *ret_count,
                          char ***ret_values, struct buffer *ret_error)
{
    char **copy = memory_alloc((size_t)(arguments.count + 1) * sizeof *copy);
    memcpy(copy, arguments.values, (size_t)arguments.count * sizeof *copy);
    int count = arguments.count;
    bool good = config_read(&count, copy, config, ret_error);
    *ret_count = count;
    *ret_values = copy;
    return good;
}

static bool reload(enum log_level *ret_level, struct buffer *ret_error)
{
    struct config config;
    int count;
    char **values;
    bool good = read_settings(given, &config, &count, &values, ret_error);
    *ret_level = config.log_level;
    config_finish(&config);
    free(values);
    return good;
}

static int run_serve(const struct config *config, int argc, char **argv)
{
    struct buffer error;
    (void)argv;
    if (argc > 0)
        return COMMAND_USAGE;
    buffer_init(&error);
    bool good = check_mail_settings(config, &error) && serve(config, reload, &error);
    if (!good)
        command_fail("%s", buffer_text(&error));
    buffer_finish(&error);
    return good ? COMMAND_DONE : COMMAND_FAILED;
}

static void on_step(void *context, const char *name)
{
    (void)context;
    printf("applied %s\n", name);
}

static int migrate(const struct config *config, int argc, char **argv)
{
    struct buffer error;
    (void)argv;
    if (argc > 0)
        return COMMAND_USAGE;
    buffer_init(&error);
    bool good = migrate_run(config->database, config->service_role, all_migrations, all_functions,
                            on_step, NULL, &error);
    if (good)
        printf("the database is at version %d\n",
               migrate_schema(all_migrations, all_functions).version);
    else
        command_fail("%s", buffer_text(&error));
    buffer_finish(&error);
    return good ? COMMAND_DONE : COMMAND_FAILED;
}

static const struct command own_commands[] = {
    {.words = "serve", .arguments = "", .help = "serve requests until TERM", .run = run_serve},
    {.words = "migrate", .arguments = "", .help = "bring the database up to date", .run = migrate},
    {.words = "check", .arguments = "", .help = "see whether serve would start", .run = check_run},
};

static void help(FILE *out)
{
    struct buffer settings;
    fputs("einlass " EINLASS_VERSION ", event registration and attendance\n\n"
          "usage: einlass [SETTING...] COMMAND [ARGUMENT...]\n\ncommands:\n",
          out);
    for (size_t i = 0; i < sizeof own_commands / sizeof *own_commands; i++)
        fprintf(out, "  %-20s %s\n", own_commands[i].words, own_commands[i].help);
    for (const struct feature *const *feature = all_features; *feature; feature++) {
        for (const struct command *const *at = (*feature)->commands; at && *at; at++)
            fprintf(out, "  %s %s\n  %-20s %s\n", (*at)->words, (*at)->arguments, "", (*at)->help);
    }
    fputs("\nsettings (flag --name, environment EINLASS_NAME, or a line in the --config file):\n",
          out);
    buffer_init(&settings);
    config_help(&settings);
    fputs(buffer_text(&settings), out);
    buffer_finish(&settings);
}

/* The number of arguments that are the command's words; 0: another command. */
static int matches(const char *words, int argc, char **argv)
{
    int count = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (count >= argc || strlen(argv[count]) != length ||
            strncmp(words, argv[count], length) != 0)
            return 0;
        words += length;
        words += strspn(words, " ");
        count++;
    }
    return count;
}

static const struct command *find_command(int argc, char **argv, int *ret_words)
{
    for (size_t i = 0; i < sizeof own_commands / sizeof *own_commands; i++) {
        if ((*ret_words = matches(own_commands[i].words, argc, argv)) > 0)
            return &own_commands[i];
    }
    for (const struct feature *const *feature = all_features; *feature; feature++) {
        for (const struct command *const *at = (*feature)->commands; at && *at; at++) {
            if ((*ret_words = matches((*at)->words, argc, argv)) > 0)
                return *at;
        }
    }
    return NULL;
}

/* The usage names a flag with its value, or as "[--flag]". */
static bool has_flag(const struct command *command, const char *flag)
{
    size_t length = strlen(flag);
    for (const char *at = command->arguments; (at = strstr(at, flag)); at += length) {
        if (at[length] == ' ' || at[length] == ']')
            return true;
    }
    return false;
}

/* A command has only the flags that its usage names. Reports any other flag. */
static bool has_unknown_flag(const struct command *command, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        int length = (int)strcspn(argv[i], "=");
        char flag[FLAG_MOST];
        if (strncmp(argv[i], "--", 2) != 0)
            continue;
        snprintf(flag, sizeof flag, "%.*s", length, argv[i]);
        if (!has_flag(command, flag)) {
            fprintf(stderr, "einlass: %s has no flag %.*s\n", command->words, length, argv[i]);
            return true;
        }
    }
    return false;
}

static int run_found(const struct command *command, const struct config *config, int argc,
                     char **argv)
{
    int status =
        has_unknown_flag(command, argc, argv) ? COMMAND_USAGE : command->run(config, argc, argv);
    if (status == COMMAND_USAGE)
        fprintf(stderr, "usage: einlass %s%s%s\n", command->words, *command->arguments ? " " : "",
                command->arguments);
    return status;
}

static int run_command(const struct config *config, int argc, char **argv)
{
    int words;
    if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)) {
        help(stdout);
        return COMMAND_DONE;
    }
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        puts("einlass " EINLASS_VERSION);
        return COMMAND_DONE;
    }
    const struct command *command = find_command(argc, argv, &words);
    if (command)
        return run_found(command, config, argc - words, argv + words);
    if (argc > 0)
        fprintf(stderr, "einlass: there is no command \"%s\"\n", argv[0]);
    help(stderr);
    return COMMAND_USAGE;
}

int main(int argc, char **argv)
{
    struct config config;
    struct buffer error;
    int count, status;
    char **values;
    if (picture_process(argc, argv, &status))
        return status;
    mallopt(M_TRIM_THRESHOLD, KEEP_FREE_BYTES);
    setlocale(LC_CTYPE, "C.UTF-8");
    given = (struct arguments){argc, argv};
    buffer_init(&error);
    if (!security_init()) {
        status = command_fail("libsodium cannot start: no random numbers");
        values = NULL;
        config = (struct config){0};
    } else if (!read_settings(given, &config, &count, &values, &error)) {
        command_fail("%s", buffer_text(&error));
        status = COMMAND_USAGE;
    } else {
        log_set_level(config.log_level);
        status = run_command(&config, count - 1, values + 1);
    }
    buffer_finish(&error);
    config_finish(&config);
    free(values);
    return status;
}
