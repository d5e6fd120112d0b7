/*
 * Bodies of page forms (application/x-www-form-urlencoded, WHATWG URL section 5) as JSON of the
 * shape the API takes, so that a page and the API share one handler. Names are paths:
 *
 *     email=ada%40example.org & attendees.0.name=Ada & attendees.0.answers.topics=ai
 *     & attendees.0.answers.topics=health & consents=privacy
 *
 * gives {"email": "ada@…", "attendees": [{"name": "Ada", "answers": {"topics": ["ai", "health"]}}],
 * "consents": "privacy"}. Every leaf is a string; a name that comes twice makes a list; a name
 * that ends in "[]" is a list even when it comes once.
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

/* New reference in *ret_json. False: not a form, not UTF-8, contradictory names, or past a limit.
 */
MUST_CHECK bool urlencoded_parse(const char *body, size_t length, json_t **ret_json);

#endif
