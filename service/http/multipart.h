/*
 * Reads page forms with a file (multipart/form-data, RFC 7578). The text fields become JSON as in
 * urlencoded.h. A file stays where it is in the body.
 */
#ifndef EINLASS_HTTP_MULTIPART_H
#define EINLASS_HTTP_MULTIPART_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum {
    MULTIPART_PARTS_MOST = 1000,     /* limit: fields of a form with a file */
    MULTIPART_HEAD_MOST_BYTES = 2048 /* limit: headers of a field of a form with a file */
};

struct multipart_file {
    const char *field; /* NULL: the form has no file */
    const char *name;  /* as the browser gives it, without folders */
    const char *bytes; /* in the body */
    size_t length;
};

/* `content_type` is the header with its boundary. Keeps the first file that is not empty; its texts
 * live in the arena. Sets *ret_json to a new reference. False: not such a form, a text that is not
 * UTF-8, contradictory names, or above a limit. */
MUST_CHECK bool multipart_parse(struct arena *arena, const char *content_type, const char *body,
                                size_t length, json_t **ret_json, struct multipart_file *ret_file);

#endif
