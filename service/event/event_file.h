/*
 * The event file: an event's definition as JSON, written by organisers and kept by the database
 * in the same shape. docs/event-file.md explains every key; deploy/events/bionection.json is an
 * example.
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
 * Reads one strictly. What is missing and may be has its default: no limit of places, no waiting
 * list, addresses as often as they like, no approval, one attendee a registration, one ticket
 * type "guest", a reminder and a held place for a day each. Ids and points in time stay zero.
 *
 * NULL: something was found wanting, and all of it is in the findings. Otherwise the caller holds
 * the event's only reference and gives it back with events_release().
 */
struct event *event_file_read(const json_t *file, struct findings *findings);

/* Reads a definition that the database keeps: the same, but members that this program does not know
 * are passed over, because a newer program wrote them (event_unknown.h). */
struct event *event_file_read_stored(const json_t *definition, struct findings *findings);

/* The same event as a file, in the order of the example, texts as objects by language. What has
 * its default is left out where the example leaves it out. A new reference. */
json_t *event_file_write(const struct event *event);

#endif
