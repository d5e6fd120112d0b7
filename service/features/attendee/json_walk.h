/*
 * Reads JSON objects and lists of attendees (answers, consents) as PostgreSQL writes jsonb, in
 * place and without a tree: an export does it for every row. Made for the database's own output,
 * where keys come ordered by length and then by bytes; what is no such text is read as far as it
 * is one, never past its end.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_JSON_WALK_H
#define EINLASS_FEATURES_ATTENDEE_JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum json_kind {
    JSON_KIND_TEXT, /* what stands between the quotes, escapes and all: see json_piece_decode */
    JSON_KIND_LIST, /* what stands between the brackets */
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

/* Over the members or items of an object or list, given with its brackets or as a piece. */
struct json_walk json_walk_text(const char *text, size_t length);
struct json_walk json_walk_piece(const struct json_piece *piece);

/* False: there is no further one. */
bool json_walk_member(struct json_walk *walk, struct json_piece *ret_key,
                      struct json_piece *ret_value);
bool json_walk_item(struct json_walk *walk, struct json_piece *ret_item);

/* Appends a text (escapes resolved) or a bare value. */
void json_piece_decode(const struct json_piece *piece, struct buffer *out);

bool json_piece_is(const struct json_piece *piece, const char *text);

#endif
