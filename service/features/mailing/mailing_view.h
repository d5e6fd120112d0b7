/*
 * What the pages and the API show of a mailing:
 *
 *     {"id", "state", "version", "query", "chosen", "texts": [{"language", "subject", "text"}],
 * "created_at", "due_at", "total", "no_address", "counts": {"sent", "waiting", "held", "failed",
 *      "not_needed", "left_out", "not_sent"}}
 *
 * counts are of the recipients: `waiting` have a message in the outbox, and `not_sent` have none
 * yet.
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_VIEW_H
#define EINLASS_FEATURES_MAILING_MAILING_VIEW_H

#include <jansson.h>

#include "base/id.h"
#include "db/db.h"
#include "http/request.h"
#include "statements.h"

/* The states of a recipient, by which the page of a mailing lists them; NULL ends them. */
extern const char *const mailing_recipient_states[];

/* The wording mailing.KEY, a new reference. Takes the data, which may be NULL. */
json_t *mailing_say(struct request *request, const char *key, json_t *data);

/* The name of a language, such as "German"; in the arena. */
const char *mailing_language(struct request *request, const char *code);

/* "/desk/events/EVENT/mailings" and what follows, or the same of the API; in the arena. */
const char *mailing_path(struct request *request, const char *rest);
const char *mailing_path_of(struct request *request, const struct id *mailing_id, const char *rest);

/* Reads {mailing} of the path. False: it has refused the request. */
MUST_CHECK bool mailing_read_path(struct request *request, struct id *ret_mailing_id);

/* The parameters of mailing/list.sql for one mailing. */
struct params *mailing_one_params(struct request *request, const struct id *mailing_id);

/* A row of mailing/list.sql; a new reference. The desk's has words, too. */
json_t *mailing_view(struct request *request, const struct rows *rows, int row);

#endif
