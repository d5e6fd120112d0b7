/*
 * What is wrong with something that was sent in, all of it at once: where, which kind of mistake,
 * and a sentence that helps to mend it. Becomes the "errors" of a problem document (RFC 9457).
 */
#ifndef EINLASS_FORM_FINDINGS_H
#define EINLASS_FORM_FINDINGS_H

#include <jansson.h>
#include <stdbool.h>

struct locale;

enum {
    FINDINGS_MOST = 100, /* limit: errors in one answer */
};                       /* what comes after that many is dropped: nobody reads on */

/* On the caller's memory. */
struct findings {
    const struct locale *locale;
    json_t *list;
};

/* The sentences are in the locale's language; NULL: there are none. */
void findings_init(struct findings *findings, const struct locale *locale);
void findings_finish(struct findings *findings);

/*
 * Adds one: the pointer is RFC 6901's ("/attendees/0/name", "" for the whole); the code names it
 * for programs, and its sentence is the wording finding.CODE with `data` (taken, may be NULL) for
 * its names.
 */
void findings_add(struct findings *findings, const char *pointer, const char *code, json_t *data);

bool findings_any(const struct findings *findings);

/* The pointer of the first; NULL: there are none. */
const char *findings_first(const struct findings *findings);

/* [{"pointer", "code", "detail"}], a new reference. The last word: nothing is added afterwards, and
 * there is nothing left to finish. */
json_t *findings_take(struct findings *findings);

#endif
