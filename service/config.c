#include "config.h"

#include <ctype.h>

#include "base/memory.h"
#include "base/text.h"

enum { LINE_MOST = 4096, NAME_MOST = 64 };

enum setting_id {
    SETTING_DATABASE,
    SETTING_SERVICE_ROLE,
    SETTING_LISTEN,
    SETTING_PUBLIC_URL,
    SETTING_KEYS,
    SETTING_ERASURES,
    SETTING_WORKERS,
    SETTING_SMTP,
    SETTING_MAIL_FROM,
    SETTING_DKIM_SELECTOR,
    SETTING_RESOLVER,
    SETTING_TRUSTED_PROXIES,
    SETTING_STOP_DELAY,
    SETTING_LOG_LEVEL,
    SETTING_COUNT,
};

struct setting {
    const char *name, *initial, *unit, *help;
};

static const struct setting settings[SETTING_COUNT] = {
    [SETTING_DATABASE] = {"database", "dbname=einlass", "conninfo or URI",
                          "the PostgreSQL database; several hosts are allowed"},
    [SETTING_SERVICE_ROLE] = {"service_role", "", "PostgreSQL role",
                              "gets its rights from migrate; serve connects as it"},
    [SETTING_LISTEN] = {"listen", "127.0.0.1:8080", "address:port or unix:path",
                        "where requests are accepted"},
    [SETTING_PUBLIC_URL] = {"public_url", "http://127.0.0.1:8080", "URL",
                            "how people reach the service; stands in links and tickets' pages"},
    [SETTING_KEYS] = {"keys", "keys", "directory", "the keys that sign tickets"},
    [SETTING_ERASURES] = {"erasures", "", "file",
                          "lists who was erased, to erase them again after a restore"},
    [SETTING_WORKERS] = {"workers", "2", "threads, 1 to 64", "event loops; one a core is enough"},
    [SETTING_SMTP] = {"smtp", "", "URL", "the mail server; without one messages are kept"},
    [SETTING_MAIL_FROM] = {"mail_from", "einlass@localhost", "address", "the sender of mail"},
    [SETTING_DKIM_SELECTOR] = {"dkim_selector", "", "name",
                               "names the key of the mail server's signatures in the DNS"},
    [SETTING_RESOLVER] = {"resolver", "", "addresses",
                          "DNS servers that tell of the sender's domain; else the system's"},
    [SETTING_TRUSTED_PROXIES] = {"trusted_proxies", "", "addresses and networks",
                                 "proxies whose X-Forwarded-For is believed"},
    [SETTING_STOP_DELAY] = {"stop_delay", "5", "seconds, 0 to 60",
                            "how long it serves on after TERM, until load balancers leave"},
    [SETTING_LOG_LEVEL] = {"log_level", "info", "debug, info, warning or error",
                           "the least important lines that are logged"},
};

enum strength { STRENGTH_DEFAULT, STRENGTH_FILE, STRENGTH_ENVIRONMENT, STRENGTH_FLAG };

/* The values of all settings and where each came from. */
struct config_text {
    char *values[SETTING_COUNT];
    char *places[SETTING_COUNT]; /* "einlass.conf:3", "EINLASS_WORKERS", "--workers" */
    enum strength strength[SETTING_COUNT];
};

static void keep(struct config_text *texts, int at, const char *value, enum strength strength,
                 const char *place)
{
    if (strength < texts->strength[at])
        return;
    free(texts->values[at]);
    free(texts->places[at]);
    texts->values[at] = memory_copy(value);
    texts->places[at] = memory_copy(place);
    texts->strength[at] = strength;
}

/* "public-url" and "public_url" name the same setting; -1: none. */
static int find_setting(const char *name, size_t length)
{
    for (int at = 0; at < SETTING_COUNT; at++) {
        const char *known = settings[at].name;
        size_t i = 0;
        while (i < length && known[i] &&
               (name[i] == known[i] || (name[i] == '-' && known[i] == '_')))
            i++;
        if (i == length && known[i] == '\0')
            return at;
    }
    return -1;
}

/* --- The file -------------------------------------------------------------------------------- */

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

static bool read_line(struct config_text *texts, char *line, const char *path, int number,
                      struct buffer *ret_error)
{
    char place[LINE_MOST];
    char *text = trimmed(line), *equals = strchr(text, '=');
    snprintf(place, sizeof place, "%s:%d", path, number);
    if (*text == '\0' || *text == '#')
        return true;
    int at = -1;
    if (equals) {
        *equals = '\0';
        text = trimmed(text);
        at = find_setting(text, strlen(text));
    }
    if (at < 0) {
        buffer_printf(ret_error, "%s: \"%s\" is no setting (key = value)", place, text);
        return false;
    }
    keep(texts, at, trimmed(equals + 1), STRENGTH_FILE, place);
    return true;
}

static bool read_file(struct config_text *texts, const char *path, struct buffer *ret_error)
{
    char line[LINE_MOST];
    int number = 0;
    bool good = true;
    FILE *file = fopen(path, "re");
    while (file && good && fgets(line, sizeof line, file)) {
        number++;
        good = strlen(line) < sizeof line - 1;
        if (good)
            good = read_line(texts, line, path, number, ret_error);
        else
            buffer_printf(ret_error, "%s:%d: a line has at most %d bytes", path, number,
                          LINE_MOST - 2);
    }
    if (!file || ferror(file)) {
        buffer_printf(ret_error, "cannot read the settings file %s: %m", path);
        good = false;
    }
    if (file)
        fclose(file);
    return good;
}

/* --- The environment ------------------------------------------------------------------------- */

static void read_environment(struct config_text *texts)
{
    for (int at = 0; at < SETTING_COUNT; at++) {
        char name[NAME_MOST] = "EINLASS_";
        size_t length = strlen(name);
        for (const char *c = settings[at].name; *c && length < sizeof name - 1; c++)
            name[length++] = (char)toupper((unsigned char)*c);
        name[length] = '\0';
        const char *value = getenv(name);
        if (value)
            keep(texts, at, value, STRENGTH_ENVIRONMENT, name);
    }
}

/* --- Flags ----------------------------------------------------------------------------------- */

/* Removes `count` arguments from argv, from number i. */
static void take_out(int *argc, char **argv, int i, int count)
{
    for (int at = i; at + count <= *argc; at++)
        argv[at] = argv[at + count];
    *argc -= count;
}

static void write_flag(int at, char ret_flag[NAME_MOST])
{
    snprintf(ret_flag, NAME_MOST, "--%s", settings[at].name);
    for (char *c = ret_flag; *c; c++)
        *c = *c == '_' ? '-' : *c;
}

static void keep_flag(struct config_text *texts, int at, const char *value)
{
    char flag[NAME_MOST];
    write_flag(at, flag);
    keep(texts, at, value, STRENGTH_FLAG, flag);
}

/*
 * Reads a setting's flag at argv[i]. 1: read and removed; 0: not a setting, so it belongs to the
 * command; -1: its value is missing.
 */
static int read_flag(struct config_text *texts, int *argc, char **argv, int i,
                     const char **ret_file, struct buffer *ret_error)
{
    const char *flag = argv[i];
    if (strncmp(flag, "--", 2) != 0 || flag[2] == '\0')
        return 0;
    const char *name = flag + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    bool is_file = length == 6 && strncmp(name, "config", 6) == 0;
    int at = find_setting(name, length);
    if (at < 0 && !is_file)
        return 0;
    if (!equals && i + 1 >= *argc) {
        buffer_printf(ret_error, "%s needs a value", flag);
        return -1;
    }
    const char *value = equals ? equals + 1 : argv[i + 1];
    if (is_file)
        *ret_file = value;
    else
        keep_flag(texts, at, value);
    take_out(argc, argv, i, equals ? 1 : 2);
    return 1;
}

static bool read_flags(struct config_text *texts, int *argc, char **argv, const char **ret_file,
                       struct buffer *ret_error)
{
    for (int i = 1; i < *argc;) {
        if (strcmp(argv[i], "--") == 0)
            break;
        int taken = read_flag(texts, argc, argv, i, ret_file, ret_error);
        if (taken < 0)
            return false;
        i += taken == 0;
    }
    return true;
}

/* --- The values ------------------------------------------------------------------------------ */

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static bool refuse(const struct config_text *texts, int at, const char *needed,
                   struct buffer *ret_error)
{
    buffer_printf(ret_error, "%s: %s = %s: %s is needed", texts->places[at], settings[at].name,
                  texts->values[at], needed);
    return false;
}

static bool check(const struct config_text *texts, struct config *config, struct buffer *ret_error)
{
    long workers, stop_delay_s;
    if (!text_parse_number(texts->values[SETTING_WORKERS], 1, 64, &workers))
        return refuse(texts, SETTING_WORKERS, "a number from 1 to 64", ret_error);
    config->workers = (int)workers;
    if (!text_parse_number(texts->values[SETTING_STOP_DELAY], 0, 60, &stop_delay_s))
        return refuse(texts, SETTING_STOP_DELAY, "a number from 0 to 60", ret_error);
    config->stop_delay_s = (int)stop_delay_s;
    if (!log_parse_level(texts->values[SETTING_LOG_LEVEL], &config->log_level))
        return refuse(texts, SETTING_LOG_LEVEL, "debug, info, warning or error", ret_error);
    if (!is_url(texts->values[SETTING_PUBLIC_URL]))
        return refuse(texts, SETTING_PUBLIC_URL, "a URL with http:// or https://", ret_error);
    return true;
}

static void point_to(const struct config_text *texts, struct config *config)
{
    config->database = texts->values[SETTING_DATABASE];
    config->service_role = texts->values[SETTING_SERVICE_ROLE];
    config->listen = texts->values[SETTING_LISTEN];
    config->public_url = texts->values[SETTING_PUBLIC_URL];
    config->keys = texts->values[SETTING_KEYS];
    config->erasures = texts->values[SETTING_ERASURES];
    config->smtp = texts->values[SETTING_SMTP];
    config->mail_from = texts->values[SETTING_MAIL_FROM];
    config->dkim_selector = texts->values[SETTING_DKIM_SELECTOR];
    config->resolver = texts->values[SETTING_RESOLVER];
    config->trusted_proxies = texts->values[SETTING_TRUSTED_PROXIES];
    char *url = texts->values[SETTING_PUBLIC_URL];
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
}

bool config_read(int *argc, char **argv, struct config *ret_config, struct buffer *ret_error)
{
    struct config_text *texts = memory_alloc(sizeof *texts);
    const char *file = getenv("EINLASS_CONFIG");
    *ret_config = (struct config){.texts = texts};
    for (int at = 0; at < SETTING_COUNT; at++)
        keep(texts, at, settings[at].initial, STRENGTH_DEFAULT, "the default");
    if (!read_flags(texts, argc, argv, &file, ret_error) ||
        (file && !read_file(texts, file, ret_error)))
        return false;
    read_environment(texts);
    point_to(texts, ret_config);
    return check(texts, ret_config, ret_error);
}

void config_finish(struct config *config)
{
    for (int at = 0; config->texts && at < SETTING_COUNT; at++) {
        free(config->texts->values[at]);
        free(config->texts->places[at]);
    }
    free(config->texts);
    config->texts = NULL;
}

void config_help(struct buffer *out)
{
    for (int at = 0; at < SETTING_COUNT; at++) {
        char flag[NAME_MOST];
        write_flag(at, flag);
        buffer_printf(out, "  %-20s %s (%s)%s%s%s\n", flag, settings[at].help, settings[at].unit,
                      *settings[at].initial ? "; default " : "", settings[at].initial, "");
    }
    buffer_printf(out, "  %-20s %s\n", "--config", "a file of settings: key = value, # comments");
}

const char *config_name(size_t index)
{
    return index < SETTING_COUNT ? settings[index].name : NULL;
}
