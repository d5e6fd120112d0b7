/*
 * Identifiers: UUIDs of version 7 (RFC 9562 section 5.7), made by the service before the insert,
 * ordered by the time they were made.
 */
#ifndef EINLASS_BASE_ID_H
#define EINLASS_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_BYTES = 16, ID_TEXT_BYTES = 37 };

struct id {
    unsigned char bytes[ID_BYTES];
};

/* A new one from the clock and the kernel's random numbers. */
void id_make(struct id *ret_id);

/*
 * Ids of what belongs to an event carry the event's number in their last four bytes, so that a
 * link which holds nothing but such an id tells where to look. 42 random bits a millisecond and
 * event are left.
 */
void id_make_in(uint32_t event_number, struct id *ret_id);
uint32_t id_event_number(const struct id *id);

/* Version 8 (RFC 9562 section 5.8) from 16 bytes of a hash: the same bytes give the same id. */
void id_from_hash(const unsigned char hash[ID_BYTES], struct id *ret_id);
void id_from_hash_in(uint32_t event_number, const unsigned char hash[ID_BYTES], struct id *ret_id);

/* Lower-case hexadecimal with four hyphens, RFC 9562 section 4. */
void id_format(const struct id *id, char ret_text[ID_TEXT_BYTES]);

/* Reads that form in either case; refuses any other. */
MUST_CHECK bool id_parse(const char *text, struct id *ret_id);

bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);

#endif
