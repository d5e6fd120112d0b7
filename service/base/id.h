/*
 * Identifiers: UUIDs of version 7 (RFC 9562 section 5.7). The service makes them before the insert.
 * They sort by creation time.
 */
#ifndef EINLASS_BASE_ID_H
#define EINLASS_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_BYTES = 16, ID_TEXT_BYTES = 37 };

struct id {
    unsigned char bytes[ID_BYTES];
};

/* Makes an id from the clock and the kernel's random numbers. */
void id_make(struct id *ret_id);

/*
 * Makes an id of something that belongs to an event. The last four bytes are the event's number, so
 * a link with only this id leads to the event. 42 random bits per millisecond and event remain.
 */
void id_make_in(uint32_t event_number, struct id *ret_id);
uint32_t id_event_number(const struct id *id);

/* Makes a version 8 id (RFC 9562 section 5.8) from a hash: the same hash gives the same id. */
void id_from_hash(const unsigned char hash[ID_BYTES], struct id *ret_id);
void id_from_hash_in(uint32_t event_number, const unsigned char hash[ID_BYTES], struct id *ret_id);

/* Lower-case hexadecimal with four hyphens, RFC 9562 section 4. */
void id_format(const struct id *id, char ret_text[ID_TEXT_BYTES]);

/* Reads this form in upper or lower case; refuses any other. */
MUST_CHECK bool id_parse(const char *text, struct id *ret_id);

/* A short number of something in an event, "7K4M-2Q9X", for people to read out and to search by. It
 * opens nothing. It is made of the random bits; two of 10,000 ids of an event share one with a
 * chance of 1 to 7,500. It has no vowels, so it is no word, and no digit that looks like a letter.
 */
enum { ID_NUMBER_BYTES = 10 };
void id_number(const struct id *id, char ret_number[ID_NUMBER_BYTES]);

bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);

#endif
