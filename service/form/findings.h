/*
 * A finding is one thing that is wrong with a document: its pointer, its code, and a sentence that
 * helps people to correct it. The findings become the "errors" of a problem document (RFC 9457).
 */
#ifndef EINLASS_FORM_FINDINGS_H
#define EINLASS_FORM_FINDINGS_H

#include <jansson.h>
#include <stdbool.h>

struct locale;

enum {
    FINDINGS_MOST = 100, /* limit: errors in one answer */
};

struct findings {
    const struct locale *locale;
    json_t *list;
};

/* Sentences are in the locale's language. With NULL, findings have no sentences. */
void findings_init(struct findings *findings, const struct locale *locale);
void findings_finish(struct findings *findings);

/*
 * Adds a finding at an RFC 6901 pointer ("/attendees/0/name"; "" is the whole document). Its
 * sentence is the wording finding.CODE, filled with `data`, which is taken and may be NULL.
 * Findings beyond FINDINGS_MOST are dropped.
 */
void findings_add(struct findings *findings, const char *pointer, const char *code, json_t *data);

bool findings_any(const struct findings *findings);

/* The pointer of the first finding; NULL: there is none. */
const char *findings_first(const struct findings *findings);

/* [{"pointer", "code", "detail"}], a new reference. No finding may be added afterwards, and
 * findings_finish is not needed. */
json_t *findings_take(struct findings *findings);

#endif
