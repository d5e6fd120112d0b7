/*
 * Settings: one table of name, default, unit and help (config.c). A setting is read from its flag
 * --name, the environment EINLASS_NAME, the file given with --config (key = value lines, "#"
 * comments), in that order of strength, or has its default.
 */
#ifndef EINLASS_CONFIG_H
#define EINLASS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/log.h"

struct config {
    const char *database;   /* libpq conninfo or URI */
    const char *listen;     /* address:port or unix:path */
    const char *public_url; /* without a slash at the end */
    const char *keys;       /* directory of the signing keys */
    int workers;
    const char *smtp; /* URL; "" keeps messages for the desk */
    const char *mail_from;
    const char *trusted_proxies; /* addresses and networks, separated by commas */
    enum log_level log_level;

    struct config_text *texts; /* what the texts above live in */
};

/*
 * Reads the settings. Flags it knows are removed from argv (what stays is the command and its
 * arguments, *argc is adapted). False: an unknown or malformed setting; ret_error says which, where
 * it stands and what is allowed.
 */
MUST_CHECK bool config_read(int *argc, char **argv, struct config *ret_config,
                            struct buffer *ret_error);
void config_finish(struct config *config);

/* The table as text for --help, one setting a line. */
void config_help(struct buffer *out);

/* For the test that the man page names every setting: NULL past the last. */
const char *config_name(size_t index);

#endif
