/*
 * Writes JSON (RFC 8259) into a buffer, compact and in one pass. Texts are escaped, and commas,
 * names and brackets are set by the writer, so no caller can write broken JSON. A caller that
 * names a value outside of an object, or does not name one in it, ends the process.
 *
 * Every value has a name: that of the member in an object, NULL elsewhere. Names are escaped too.
 */
#ifndef EINLASS_BASE_JSON_WRITER_H
#define EINLASS_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

enum { JSON_WRITER_DEPTH_MOST = 64 };

struct json_writer {
    struct buffer *out;
    uint64_t objects; /* the bit of each open level: it is an object */
    int depth;
    bool has_items; /* so the next one needs a comma */
};

/* Appends to the buffer, which the caller keeps. */
void json_writer_init(struct json_writer *writer, struct buffer *out);

/* Opens an object or a list. json_writer_end() closes the innermost one. */
void json_writer_object(struct json_writer *writer, const char *name);
void json_writer_list(struct json_writer *writer, const char *name);
void json_writer_end(struct json_writer *writer);

/* Bytes that are not UTF-8 become \u0080 to \u00FF. A text that is NULL becomes null. */
void json_writer_text(struct json_writer *writer, const char *name, const char *text);
void json_writer_text_of(struct json_writer *writer, const char *name, const char *text,
                         size_t length);

void json_writer_number(struct json_writer *writer, const char *name, int64_t number);
void json_writer_bool(struct json_writer *writer, const char *name, bool value);
void json_writer_null(struct json_writer *writer, const char *name);

/* An id or time that is 0 becomes null. Times are in microseconds, see base/clock.h. */
void json_writer_id(struct json_writer *writer, const char *name, const struct id *id);
void json_writer_time(struct json_writer *writer, const char *name, int64_t at_us);

/* A whole value that is JSON already. Nothing checks it. */
void json_writer_json(struct json_writer *writer, const char *name, const char *json,
                      size_t length);

/* The same for jsonb as PostgreSQL writes it, without the blanks between its parts. */
void json_writer_jsonb(struct json_writer *writer, const char *name, const char *jsonb);

#endif
