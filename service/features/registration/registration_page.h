/* The page of a registration: its status, its tickets and links to its actions. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H

#include "features/registration/errand.h"

/* For this time after the sign-up the page shows its greeting. */
enum { REGISTRATION_PAGE_FRESH_S = 15 * 60 };

/* Answers with the page. Callers who may only read get no keys and no links to changes. */
void registration_page_reply(struct errand *errand, const struct registration *registration);

#endif
