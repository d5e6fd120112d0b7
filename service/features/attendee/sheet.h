/*
 * The attendee list as a table (view/table.h): a heading, then a row for each attendee. All labels
 * are in one language, and looked up once.
 *
 * A column has a key, like "name" or "came_at" (docs/openapi.yaml lists them). The key of an answer
 * is the question's slug, or "answers.SLUG", also for questions that are no longer asked. The key
 * of a consent is "consents.SLUG"; it has three columns, in a brief sheet one. "days" has one for
 * each day. Without a choice there are all columns but "last_door" and "desk_notes".
 *
 * Several choices in a cell are separated by "; ". A choice whose label contains a semicolon or a
 * quote has quotes around it, and its quotes are doubled.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_SHEET_H
#define EINLASS_FEATURES_ATTENDEE_SHEET_H

#include <stddef.h>

#include "base/memory.h"
#include "event/event.h"
#include "features/attendee/row.h"
#include "view/locale.h"
#include "view/table.h"

#define SHEET_NOTES "desk_notes" /* the rows need their notes */

enum { SHEET_COLUMNS_MOST = 300 }; /* limit: columns that an export chooses */

struct sheet;

struct sheet_choice {
    const char *const *keys; /* each once */
    size_t count;            /* 0: all columns */
};

bool sheet_choice_has(const struct sheet_choice *choice, const char *key);

struct sheet_options {
    const struct event *event;   /* the caller holds it while the sheet lives */
    const struct locale *locale; /* of our words */
    const char *language;        /* of the organiser's texts */
    struct sheet_choice choice;
    const char *const *former_questions; /* slugs; their columns come last */
    size_t former_question_count;
    const char *const *former_consents; /* slugs */
    size_t former_consent_count;
    bool is_brief;
};

/* Reads "name,email,came_at" into the arena. False: the event has no such column. */
MUST_CHECK bool sheet_choose(const struct event *event, const char *text, struct arena *arena,
                             struct sheet_choice *ret_choice);

/* The columns that the keys of a choice stand for. */
size_t sheet_choice_width(const struct event *event, const struct sheet_choice *choice);

/* Lives in the arena; sheet_finish frees its buffers. */
struct sheet *sheet_create(struct arena *arena, const struct sheet_options *options);
void sheet_finish(struct sheet *sheet);

void sheet_heading(struct sheet *sheet, struct table *table);

/* The times of the row are local to the event. */
void sheet_row(struct sheet *sheet, const struct row *row, struct table *table);

#endif
