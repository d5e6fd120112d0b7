/*
 * One mailing: GET /events/{event}/mailings/{mailing} answers mailing_view.h.
 *
 * A draft has "audience", too: {"people", "recipients", "held", "no_address", "languages":
 * [{"language", "count"}]}, as it would be now. The desk shows letters of some real recipients, and
 * how to send it. Later it shows how far it is; with ?state= also the recipients in this state:
 * "people" and the "next" page.
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_PAGE_H
#define EINLASS_FEATURES_MAILING_MAILING_PAGE_H

#include <jansson.h>

#include "base/id.h"

struct request;

enum {
    MAILING_NAMED_MOST = 3,    /* recipients whose letters are shown */
    MAILING_PEOPLE_PAGE = 100, /* limit: recipients of a group mail on a page */
};

void mailing_page_show(struct request *request);

/* Shows the page again with what was wrong with a form of it. Takes the errors. */
void mailing_page_show_problem(struct request *request, const struct id *mailing_id,
                               json_t *errors);

#endif
