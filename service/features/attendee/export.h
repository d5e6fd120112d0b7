/*
 * Writes the attendee list as a file, in constant memory. Downloads and the command use it. It
 * comes in portions of list.sql, which are not one snapshot: a change during an export may be in
 * it. Each attendee is in it once.
 *
 * CSV (view/csv.h), XLSX (view/workbook.h) and PDF (view/roster.h) have the columns that were
 * chosen, and times local to the event. JSON Lines has an object in each line, and times in UTC: of
 * list.h without tickets, or of the chosen columns.
 *
 * CSV and JSON Lines grow in a buffer, portion by portion. XLSX and PDF are files that are complete
 * at the end. Writing them takes long, so downloads do it on a thread.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_EXPORT_H
#define EINLASS_FEATURES_ATTENDEE_EXPORT_H

#include <stdbool.h>

#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/attendee/filter.h"
#include "features/attendee/sheet.h"
#include "form/form.h"
#include "view/csv.h"
#include "view/locale.h"

enum { EXPORT_PORTION_ROWS = 1000 };

enum export_format { EXPORT_CSV, EXPORT_JSONL, EXPORT_XLSX, EXPORT_PDF };

/* The parameters dialect, layout and columns, and the language. */
struct export_choice {
    enum csv_dialect dialect;
    bool is_sign_in; /* a PDF to sign in; else names only */
    struct sheet_choice columns;
    const char *language; /* NULL: the event's first language */
};

/* Reads a zeroed struct export_choice. The context is a struct export_options without choice. The
 * wording attendee.parameter.NAME says which values are right. */
extern const struct form export_form;

struct export_options {
    const struct event *event; /* the caller holds it while the export lives */
    enum export_format format;
    const struct locale_set *locales;
    const struct filter *filter; /* lives until export_next() returned NULL */
    struct export_choice choice; /* copied */
};

struct export;

struct export *export_create(const struct export_options *options);
void export_destroy(struct export *an_export);

/* "csv", "jsonl", "xlsx", "pdf". */
MUST_CHECK bool export_format_named(const char *name, enum export_format *ret_format);
const char *export_format_name(const struct export *an_export);
const char *export_content_type(const struct export *an_export);

/* "BIO CITY Leipzig 2026-05-13.csv": the event and today's date there. Lives as long as the export.
 */
const char *export_file_name(const struct export *an_export);

/* Whether the caller must first run former_questions.sql and add its rows. */
bool export_wants_former_questions(const struct export *an_export);
struct params *export_former_questions_params(const struct export *an_export);
void export_add_former_questions(struct export *an_export, const struct rows *rows);

/* Returns the statement of the portion behind these rows. NULL: they were the last ones. `before`
 * NULL: returns the first portion. */
struct params *export_next(struct export *an_export, const struct rows *before);

/* Begins; adds a portion and returns the number of its attendees. CSV and JSON Lines append to
 * `out`. */
void export_begin(struct export *an_export, struct buffer *out);
int64_t export_rows(struct export *an_export, const struct rows *rows, struct buffer *out);

/* Whether the format is a file that export_finish makes. Begin, rows and finish may then run on any
 * thread, one at a time; they use nothing but the export and the rows. */
bool export_is_file(const struct export *an_export);

/* Whether it has more people than a PDF list may have. */
bool export_is_too_long(const struct export *an_export);

/* Returns a descriptor of the file, which the caller closes, or -1: the temporary directory is full
 * or missing, or the export was stopped. */
MUST_CHECK int export_finish(struct export *an_export);

/* Ends export_finish() on another thread soon, except while it puts a workbook together. */
void export_stop(struct export *an_export);

#endif
