/* A new event from an old one: everything but people, scans, phones, mails and tokens. */
#ifndef EINLASS_FEATURES_PUBLISHING_COPY_H
#define EINLASS_FEATURES_PUBLISHING_COPY_H

#include <jansson.h>
#include <stdbool.h>

struct request;

void copy_ask(struct request *request);
void copy_make(struct request *request);

/*
 * Moves all local times and days of a definition by a number of days; the clocks show the same as
 * before. Times that the clocks skip on their new day become the first one after the gap, and are
 * told in the list: {"member": "starts_at", "wanted", "becomes"}. Of times that they show twice,
 * the earlier one counts.
 */
void copy_move(json_t *document, int days, json_t *skipped);

#endif
