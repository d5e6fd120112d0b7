/* The desk's pages of doors and phones: pairing codes, and what each phone does. */
#ifndef EINLASS_FEATURES_DOOR_PHONES_H
#define EINLASS_FEATURES_DOOR_PHONES_H

#include <jansson.h>
#include <stdint.h>

#include "base/id.h"

struct request;

/* GET /desk/events/{event}/doors: the doors with their phones, and the form for a new phone. */
void phones_list(struct request *request);

/* GET /desk/events/{event}/doors/{device}: a pairing code to scan, or a paired phone. */
void phones_show(struct request *request);

/* POST /desk/events/{event}/doors/{device}/code: replaces an unused code by a new one. */
void phones_renew(struct request *request);

/* The same pages with the errors of a form, which they take: 422. */
void phones_list_errors(struct request *request, json_t *errors);
void phones_show_errors(struct request *request, json_t *errors);

/* Leads to the list, which says what has been done: the word door.done.DONE. */
void phones_done(struct request *request, const char *done);

/* Returns {"now"}, {"minutes"}, {"hours"} or {"days"} since a time, for words; null for 0. */
json_t *phones_ago(int64_t at_us);

/* Leads to the page of a device. */
void phones_go_on(struct request *request, const struct id *device_id);

#endif
