/* The page of one registration: its outcome, its tickets, what can be done with it. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_PAGE_H

#include "features/registration/errand.h"

/* How long after the sign-up the page greets rather than reminds. */
enum { REGISTRATION_PAGE_FRESH_S = 15 * 60 };

/* Answers with it. Who may only read sees no keys and no ways to change. */
void registration_page_reply(struct errand *errand, const struct registration *registration);

#endif
