/*
 * Calendar files: one event as iCalendar (RFC 5545) with a method of iTIP (RFC 5546), for a mail or
 * a download. Times are local to the event's IANA zone, with its VTIMEZONE. They are in UTC if the
 * machine does not know the zone, or if a local time occurs twice. A file with the same UID and a
 * higher SEQUENCE changes the event in a calendar that already has it.
 */
#ifndef EINLASS_VIEW_CALENDAR_H
#define EINLASS_VIEW_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

enum calendar_method {
    CALENDAR_PUBLISH, /* adds or changes the event */
    CALENDAR_CANCEL,  /* removes it: the event or the guest's registration was cancelled */
};

/* Texts are any UTF-8; NULL or "" leaves a text out. */
struct calendar_event {
    enum calendar_method method;
    const char *uid;      /* the same for the event's whole life, "ID@host" */
    int sequence;         /* grows with every change */
    const char *language; /* of the texts, BCP 47 */
    const char *summary, *description, *location, *url;
    const char *organiser;     /* name */
    const char *organiser_uri; /* "mailto:…", or the address of a page */
    const char *timezone;      /* "Europe/Berlin" */
    int64_t starts_at_us, ends_at_us;
    int64_t stamp_us;   /* when the file was made */
    int64_t changed_us; /* when the event was last changed; 0: unknown */
    int remind_minutes; /* before it starts; 0: no reminder */
};

extern const char calendar_content_type[]; /* without the method, which only mails need */

/* "PUBLISH": for the content type of a mail's part (RFC 6047 section 2.4). */
const char *calendar_method_name(enum calendar_method method);

void calendar_write(const struct calendar_event *event, struct buffer *out);

#endif
