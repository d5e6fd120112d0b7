/*
 * The event file: an event's definition as JSON. Organisers write it, and the database stores the
 * same shape. docs/event-file.md explains every key. deploy/events/bionection.json is an example.
 */
#ifndef EINLASS_EVENT_EVENT_FILE_H
#define EINLASS_EVENT_EVENT_FILE_H

#include <jansson.h>

#include "event/event.h"
#include "form/form.h"

enum {
    EVENT_FILE_MOST_BYTES = 1024 * 1024, /* limit: an event file */
    EVENT_FILE_NAME_MOST = 200,   /* characters of names, titles and labels of tickets and doors */
    EVENT_FILE_LABEL_MOST = 1000, /* of questions, hints and choices */
    EVENT_FILE_SUMMARY_MOST = 500,
    EVENT_FILE_WORDING_MOST = 5000, /* of consents */
    EVENT_FILE_DESCRIPTION_MOST = 20000,
    EVENT_FILE_MAIL_TEXT_MOST = 3000,
    EVENT_FILE_CODE_MOST = 64,
    EVENT_FILE_CAPACITY_MOST = 10 * 1000 * 1000,
    EVENT_FILE_ATTENDEES_MOST = 100, /* limit: attendees of a registration */
    EVENT_FILE_RETENTION_MOST = 3650,
    EVENT_FILE_VERSION_MOST = 1000 * 1000,
    EVENT_FILE_HOURS_MOST = 720, /* a month, for reminders and for addresses to be verified */
    EVENT_FILE_REMINDER_HOURS = 24,
    EVENT_FILE_VERIFY_HOURS = 24,
    EVENT_FILE_ORIGIN_MOST = 200,
};

/*
 * Reads a file and refuses unknown members. Optional members have defaults: no capacity, no waiting
 * list, any number of registrations for an address, no approval, one attendee for a registration,
 * one ticket type "guest", a reminder and a held place for a day each. Ids and points in time stay
 * zero. Returns NULL with all findings, or the only reference to the event (events_release).
 */
struct event *event_file_read(const json_t *file, struct findings *findings);

/* Reads a stored definition in the same way, but ignores unknown members, which a newer version of
 * the service wrote (event_unknown.h). */
struct event *event_file_read_stored(const json_t *definition, struct findings *findings);

/* Returns the event as a file, in the order of the example and with texts as objects by language, a
 * new reference. Leaves out the same defaults as the example. */
json_t *event_file_write(const struct event *event);

#endif
