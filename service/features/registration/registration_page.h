/* The page of one registration: its outcome, its tickets, what can be done with it. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H

#include <jansson.h>

struct request;

/* Answers with the page of a registration_view(), which is taken. */
void registration_page_reply(struct request *request, json_t *view);

/* The page's own path with the key it was asked with, to come back to. Lives in the arena. */
const char *registration_page_link(struct request *request);

#endif
