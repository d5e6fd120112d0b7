/*
 * Access codes open ticket types that nobody else sees. People choose them and hand them to many,
 * so they could be guessed: however a code is given (typed, in a link, to the API), each worker
 * looks at so many wrong ones a second and no more. By the worker and not by whom it came from: a
 * crowd behind one address is no attack, and an attacker has many addresses.
 */
#ifndef EINLASS_EVENT_ACCESS_CODE_H
#define EINLASS_EVENT_ACCESS_CODE_H

#include "event/event.h"

struct worker;

enum {
    ACCESS_CODE_WRONG_MOST = 100, /* tried at once, a worker */
    ACCESS_CODE_WRONG_A_SECOND = 10,
};

enum access_code {
    ACCESS_CODE_NONE,     /* none was given, or nothing but white space */
    ACCESS_CODE_OPENS,    /* at least one ticket type */
    ACCESS_CODE_WRONG,    /* opens nothing; counted */
    ACCESS_CODE_TOO_MANY, /* not looked at: answer 429 too_many_access_codes */
};

/* Tries a code, cleaned; NULL: none. */
enum access_code access_code_try(struct worker *worker, const struct event *event,
                                 const char *code);

/* Whether a code (NULL: none) opens this ticket type; takes the same time wherever texts differ. */
bool access_code_opens(const struct ticket_type *type, const char *code);

#endif
