/*
 * Writes the attendee list as a file, in constant memory. Downloads and the command use it. It
 * comes in portions of list.sql, which are not one snapshot: a change during an export may be in
 * it. Each attendee is in it once.
 *
 * CSV (view/csv.h) has times local to the event, as its headings say. JSON Lines has an object of
 * list.h without tickets in each line, and times in UTC.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_EXPORT_H
#define EINLASS_FEATURES_ATTENDEE_EXPORT_H

#include <stdbool.h>

#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/attendee/filter.h"
#include "view/locale.h"

enum { EXPORT_PORTION_ROWS = 1000 };

enum export_format { EXPORT_CSV, EXPORT_JSONL };

struct export_options {
    const struct event *event; /* the caller holds it while the export lives */
    enum export_format format;
    const struct locale_set *locales;
    const char *language; /* NULL: the event's first language */
};

struct export;

struct export *export_create(const struct export_options *options);
void export_destroy(struct export *an_export);

/* "csv", "jsonl". */
MUST_CHECK bool export_format_named(const char *name, enum export_format *ret_format);
const char *export_format_name(const struct export *an_export);
const char *export_content_type(const struct export *an_export);

/* "bionection-ai-2026-05-13.csv", with today's date in UTC. Lives as long as the export. */
const char *export_file_name(const struct export *an_export);

/* Whether the event or the service has the language. */
bool export_speaks(const struct export_options *options, const char *language);

/* Whether the caller must first run former_questions.sql and add its rows. */
bool export_wants_former_questions(const struct export *an_export);
struct params *export_former_questions_params(const struct export *an_export);
void export_add_former_questions(struct export *an_export, const struct rows *rows);

/* Returns the statement of the portion behind these rows. NULL: they were the last ones. `before`
 * NULL: returns the first portion. */
struct params *export_next(struct export *an_export, const struct filter *filter,
                           const struct rows *before);

/* Appends the beginning; appends a portion and returns the number of its attendees. */
void export_begin(struct export *an_export, struct buffer *out);
int64_t export_rows(struct export *an_export, const struct rows *rows, struct buffer *out);

#endif
