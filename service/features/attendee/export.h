/*
 * The attendee list as a file, row by row in constant memory: the same bytes for a download and
 * for the command.
 *
 * CSV: view/csv.h; times local to the event, which the headings say. JSON Lines: the objects of
 * the API's list without their tickets, one a line, times in UTC.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_EXPORT_H
#define EINLASS_FEATURES_ATTENDEE_EXPORT_H

#include <stdbool.h>

#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/attendee/filter.h"
#include "view/locale.h"

enum { EXPORT_PORTION_ROWS = 500 };

enum export_format { EXPORT_CSV, EXPORT_JSONL };

struct export_options {
    const struct event *event; /* held by the caller as long as the export lives */
    enum export_format format;
    const struct locale_set *locales;
    const char *language; /* NULL: the event's first */
};

struct export;

struct export *export_create(const struct export_options *options);
void export_destroy(struct export *an_export);

/* "csv", "jsonl". */
MUST_CHECK bool export_format_named(const char *name, enum export_format *ret_format);
const char *export_format_name(const struct export *an_export);
const char *export_content_type(const struct export *an_export);

/* "bionection-ai-2026-05-13.csv", the date being today's in UTC; lives as long as the export. */
const char *export_file_name(const struct export *an_export);

/* Whether a language is one of ours or of the event. */
bool export_speaks(const struct export_options *options, const char *language);

/* Whether former_questions.sql should be asked first; its rows are given back here. */
bool export_wants_former_questions(const struct export *an_export);
struct params *export_former_questions_params(const struct export *an_export);
void export_add_former_questions(struct export *an_export, const struct rows *rows);

/* For export.sql. */
struct params *export_params(const struct export *an_export, const struct filter *filter);

/* Append the beginning, then all rows, a portion at a time. */
void export_begin(struct export *an_export, struct buffer *out);
void export_rows(struct export *an_export, const struct rows *rows, struct buffer *out);

#endif
