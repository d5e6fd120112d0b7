/*
 * Reading JSON strictly: every value is asked for at its place, and what is wrong with it becomes
 * a finding with that place as its JSON pointer (RFC 6901). Reading goes on after a finding, so
 * that all of them are told at once; what was refused reads as "", 0 or its fallback.
 */
#ifndef EINLASS_FORM_STRICT_H
#define EINLASS_FORM_STRICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "form/findings.h"

enum { STRICT_SLUG_MOST = 64 };

struct strict {
    struct arena *arena; /* what the texts live in */
    struct findings *findings;
    bool passes_unknown; /* keys that are not known are passed over instead of refused */
};

/* A value and the way to it. Lives on the stack, as long as the places below it. */
struct place {
    const struct strict *strict;
    const struct place *above; /* NULL: the whole document */
    const char *key;           /* in the object above; NULL: element `index` of the list above */
    size_t index;
    const json_t *value; /* NULL: not there */
};

struct place strict_document(const struct strict *strict, const json_t *value);
struct place strict_member(const struct place *object, const char *key);
struct place strict_element(const struct place *list, size_t index);

/* Adds a finding "event.CODE" here. Takes data, which may be NULL. */
void strict_refuse(const struct place *place, const char *code, json_t *data);

/* Whether something is said here: null counts as nothing. */
bool strict_is_given(const struct place *place);

/* Whether it is an object; keys other than the known ones (NULL ends them) are refused. */
bool strict_object(const struct place *place, const char *const *known);

/* How many elements the list has; nothing given is an empty list, as is one refused for having
 * more than `most`. */
size_t strict_list(const struct place *place, size_t most);

/* Cleaned (NFC, no white space around), not empty, at most `most` characters. */
const char *strict_text(const struct place *place, size_t most, bool lines_allowed);

/* text_is_slug() of at most STRICT_SLUG_MOST. */
const char *strict_slug(const struct place *place);

/* "2022-05-13T10:00", seconds only where they are not 0. NULL: not given or refused. */
const char *strict_local_time(const struct place *place);

bool strict_boolean(const struct place *place, bool fallback);
int64_t strict_integer(const struct place *place, int64_t least, int64_t most, int64_t fallback);

/* A number that must be given. */
int64_t strict_needed_integer(const struct place *place, int64_t least, int64_t most);

#endif
