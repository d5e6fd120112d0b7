/*
 * One attendee as list.sql, export.sql and (in part) guests.sql give it: the columns below, in this
 * order, as text that lives as long as the rows do.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_ROW_H
#define EINLASS_FEATURES_ATTENDEE_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"

struct locale;

enum row_column {
    ROW_ATTENDEE_ID,
    ROW_NAME,
    ROW_ATTENDEE_EMAIL, /* null: the registration's */
    ROW_TICKET_TYPE,
    ROW_STATUS,
    ROW_ANSWERS,           /* JSON object */
    ROW_FIRST_ADMITTED_AT, /* "2026-05-13 10:00:05.25" in the time zone that was asked for */
    ROW_INSIDE,            /* "t" or "f"; guests.sql ends here */
    ROW_REGISTRATION_ID,
    ROW_NUMBER,
    ROW_EMAIL,
    ROW_LANGUAGE,
    ROW_REGISTRATION_STATUS,
    ROW_CONSENTS, /* [{"slug", "version"}] */
    ROW_CREATED_AT,
    ROW_COLUMNS,
};

/* Their names, for the test that the statements have them in this order. */
extern const char *const row_column_names[ROW_COLUMNS];

struct cell {
    const char *text; /* NULL: null */
    size_t length;
};

struct row {
    struct cell cells[ROW_COLUMNS];
};

void row_read(const struct rows *rows, int at, struct row *ret_row);

/* The same from guests.sql: up to ROW_INSIDE, the others are null. */
void row_read_guest(const struct rows *rows, int at, struct row *ret_row);

struct row_json_options {
    const char *ticket,
        *ticket_url; /* NULL: the attendee has none, or the caller may not have it */
};

/*
 * Appends the attendee as a JSON object. The times must have been asked for in UTC. Personal texts
 * are escaped; answers and consents are the database's own JSON.
 */
void row_json(const struct row *row, const struct row_json_options *options, struct buffer *out);

/* The attendee as those see them who let people in: without addresses, and of the answers what the
 * event marks for the door, in words of the locale. The answers are `answers` (borrowed). */
void row_json_at_door(const struct row *row, const struct event *event, const struct locale *locale,
                      const json_t *answers, struct buffer *out);

#endif
