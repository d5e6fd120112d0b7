/* How large the sign-up form of an event can become, so that whatever the event allows to be typed
 * can also be sent. */
#ifndef EINLASS_EVENT_FORM_SIZE_H
#define EINLASS_EVENT_FORM_SIZE_H

#include <stddef.h>

struct event;

struct form_size {
    size_t bytes; /* of the body, as a page's form or as JSON */
    int fields;   /* of a page's form */
};

/* The largest form: all people, each with the longest answer to every question. May be larger than
 * ROUTE_FORM_MOST_BYTES: then the event file is refused. */
struct form_size form_size_of(const struct event *event);

#endif
