/*
 * Settings: one table of name, default, unit and help (config.c). A setting comes from its flag
 * --name, else from the environment EINLASS_NAME, else from the file given with --config (key =
 * value lines, "#" comments), else from its default.
 */
#ifndef EINLASS_CONFIG_H
#define EINLASS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/memory.h"

struct config {
    const char *database;     /* libpq conninfo or URI */
    const char *service_role; /* migrate gives it its rights; "": one role does all */
    const char *listen;       /* address:port or unix:path */
    const char *public_url;   /* without a slash at the end */
    const char *keys;         /* directory of the signing keys */
    const char *erasures;     /* the file of the list of erasures; "": none is kept */
    int workers;
    const char *smtp; /* URL; "" keeps messages for the desk */
    const char *mail_from;
    const char *dkim_selector;   /* "": not known */
    const char *resolver;        /* addresses of DNS servers; "": the system's */
    const char *trusted_proxies; /* addresses and networks, separated by commas */
    int stop_delay_s;            /* from TERM until new connections are kept out */
    enum log_level log_level;

    struct config_text *texts; /* owns the texts above */
};

/*
 * Reads the settings. Removes its flags from argv and *argc; the command and its arguments remain.
 * False: an unknown or malformed setting. ret_error says which, where, and what is allowed.
 */
MUST_CHECK bool config_read(int *argc, char **argv, struct config *ret_config,
                            struct buffer *ret_error);
void config_finish(struct config *config);

/* Writes the table for --help, one setting per line. */
void config_help(struct buffer *out);

/* For tests: the name of a setting; NULL after the last one. */
const char *config_name(size_t index);

#endif
