/*
 * Calendar files: one event as iCalendar (RFC 5545) with a method of iTIP (RFC 5546), as bytes to
 * be attached to a mail or downloaded. Times are local to the event's zone, under its IANA name and
 * with the VTIMEZONE that defines it; where the machine does not know the zone, or the clocks show
 * a time twice, they are in UTC. A calendar that has the event already takes a file of the same UID
 * and a higher SEQUENCE as its change.
 */
#ifndef EINLASS_VIEW_CALENDAR_H
#define EINLASS_VIEW_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum calendar_method {
    CALENDAR_PUBLISH, /* it takes place like this */
    CALENDAR_CANCEL,  /* it does not; or they do not take part any more */
};

/* Texts are any UTF-8; NULL or "" where there is nothing to say. */
struct calendar_event {
    enum calendar_method method;
    const char *uid;      /* the same for the event's whole life, "ID@host" */
    int sequence;         /* grows with every change */
    const char *language; /* of the texts, BCP 47 */
    const char *summary, *description, *location, *url;
    const char *organiser;     /* their name */
    const char *organiser_uri; /* "mailto:…", or else a page of theirs */
    const char *timezone;      /* "Europe/Berlin" */
    int64_t starts_at_us, ends_at_us;
    int64_t stamp_us;   /* when the file is made */
    int64_t changed_us; /* when the event changed last; 0: not said */
    int remind_minutes; /* before it starts; 0: no reminder */
};

extern const char calendar_content_type[]; /* without the method, which belongs to mails */

/* "PUBLISH": for the content type of a mail's part (RFC 6047 section 2.4). */
const char *calendar_method_name(enum calendar_method method);

void calendar_write(const struct calendar_event *event, struct buffer *out);

#endif
