/*
 * Converts bodies of page forms (application/x-www-form-urlencoded, WHATWG URL, section 5) to the
 * JSON of the API, so that a page and the API share a handler. Names are paths:
 *
 *     email=ada%40example.org & attendees.0.name=Ada & attendees.0.answers.topics=ai
 *     & attendees.0.answers.topics=health & consents=privacy
 *
 * gives {"email": "ada@…", "attendees": [{"name": "Ada", "answers": {"topics": ["ai", "health"]}}],
 * "consents": "privacy"}. Every leaf is a string. A repeated name makes a list. A name that ends in
 * "[]" always makes a list.
 */
#ifndef EINLASS_HTTP_URLENCODED_H
#define EINLASS_HTTP_URLENCODED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    URLENCODED_FIELDS_MOST = 1000, /* limit: fields of a form */
    URLENCODED_DEPTH_MOST = 6,
    URLENCODED_INDEX_MOST = 99
};

/* Sets *ret_json to a new reference. False: not a form, not UTF-8, contradictory names, or above a
 * limit. */
MUST_CHECK bool urlencoded_parse(const char *body, size_t length, int fields_most,
                                 json_t **ret_json);

/* For fields that come in another encoding: adds one to the object; may change its name and value.
 * After the last one, settle gives lists their form. */
MUST_CHECK bool urlencoded_put(json_t *object, char *name, char *value);
void urlencoded_settle(json_t *object);

#endif
