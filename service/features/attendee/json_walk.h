/*
 * Reads JSON of attendees (answers, consents) in place, because an export does so for every row.
 * The text must be jsonb as PostgreSQL writes it: keys sorted by length, then by bytes. In any
 * other text the walk ends early. It never reads past the end.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_JSON_WALK_H
#define EINLASS_FEATURES_ATTENDEE_JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum json_kind {
    JSON_KIND_TEXT, /* the bytes between the quotes: see json_piece_decode */
    JSON_KIND_LIST, /* the bytes between the brackets */
    JSON_KIND_OBJECT,
    JSON_KIND_BARE, /* a number, true, false or null */
};

struct json_piece {
    enum json_kind kind;
    const char *at;
    size_t length;
    bool has_escapes; /* of a text */
};

struct json_walk {
    const char *at, *end;
};

/* Walks over an object or list: a text with its brackets, or a piece. */
struct json_walk json_walk_text(const char *text, size_t length);
struct json_walk json_walk_piece(const struct json_piece *piece);

/* False: there are no more. */
bool json_walk_member(struct json_walk *walk, struct json_piece *ret_key,
                      struct json_piece *ret_value);
bool json_walk_item(struct json_walk *walk, struct json_piece *ret_item);

/* Appends a decoded text or a bare value. */
void json_piece_decode(const struct json_piece *piece, struct buffer *out);

bool json_piece_is(const struct json_piece *piece, const char *text);

#endif
