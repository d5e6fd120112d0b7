/* An attendee from list.sql or guests.sql: the columns below, in this order, as text
 * that lives as long as the rows. */
#ifndef EINLASS_FEATURES_ATTENDEE_ROW_H
#define EINLASS_FEATURES_ATTENDEE_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/json_writer.h"
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
    ROW_FIRST_ADMITTED_AT, /* "2026-05-13 10:00:05.25" in the statement's time zone */
    ROW_ADMITTED_AT,       /* when they came today; null: not today, or in an export */
    ROW_DAYS,              /* JSON array of the dates on which they came */
    ROW_INSIDE,            /* now: "t" or "f"; the last column of guests.sql */
    ROW_REGISTRATION_ID,
    ROW_NUMBER,
    ROW_EMAIL,
    ROW_LANGUAGE,
    ROW_REGISTRATION_STATUS,
    ROW_CONSENTS, /* [{"slug", "version"}] */
    ROW_CREATED_AT,
    ROW_DECLINED_BEFORE, /* "t": an earlier registration of the address was declined */
    ROW_REPEATED,        /* "t": the address has several registrations */
    ROW_HANDED_ON_BY,    /* names; null: nobody */
    ROW_HANDED_ON_TO,
    ROW_SEEN_DOOR, /* of the last scan that let them in or out */
    ROW_NOTES,     /* one below the other; null: none, or not asked for */
    ROW_COLUMNS,
};

/* The names of the columns. A test compares them with the statements. */
extern const char *const row_column_names[ROW_COLUMNS];

struct cell {
    const char *text; /* NULL: null */
    size_t length;
};

struct row {
    struct cell cells[ROW_COLUMNS];
};

void row_read(const struct rows *rows, int at, struct row *ret_row);

/* Reads a row of guests.sql. Columns behind ROW_INSIDE are null. */
void row_read_guest(const struct rows *rows, int at, struct row *ret_row);

struct row_json_options {
    const char *ticket, *ticket_url; /* NULL: there is none, or the caller may not have it */
    bool event_cancelled;
};

/* Writes the attendee as a JSON object. The times of the row must be in UTC. */
void row_json(const struct row *row, const struct row_json_options *options,
              struct json_writer *json);

/* Writes a JSON object with these columns of the list (sheet.h), at least one, in this order.
 * Answers are as in the whole object, a consent is its newest entry; null: there is none. The times
 * of the row must be in UTC. */
void row_json_columns(const struct row *row, const char *const *keys, size_t count,
                      struct json_writer *json);

/* What tells namesakes apart. */
struct row_at_door {
    const char *masked_email; /* NULL: not needed */
    bool needs_number;        /* the ticket number, too */
};

/* Writes the attendee for the door: without addresses, with the answers that the event marks for
 * the door, in words of the locale. `answers` is borrowed. */
void row_json_at_door(const struct row *row, const struct event *event, const struct locale *locale,
                      const json_t *answers, const struct row_at_door *more,
                      struct json_writer *json);

#endif
