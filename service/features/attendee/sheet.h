/* The attendee list as a spreadsheet: a heading, then a row for each attendee, with columns for all
 * questions and consents. All labels are in one language, and looked up once. */
#ifndef EINLASS_FEATURES_ATTENDEE_SHEET_H
#define EINLASS_FEATURES_ATTENDEE_SHEET_H

#include <stddef.h>

#include "base/memory.h"
#include "event/event.h"
#include "features/attendee/row.h"
#include "view/csv.h"
#include "view/locale.h"

struct sheet;

struct sheet_options {
    const struct event *event;           /* the caller holds it while the sheet lives */
    const struct locale *locale;         /* of our words */
    const char *language;                /* of the organiser's texts */
    const char *const *former_questions; /* slugs; their columns come last */
    size_t former_question_count;
    const char *const *former_consents; /* slugs */
    size_t former_consent_count;
};

/* Lives in the arena; sheet_finish frees its buffers. */
struct sheet *sheet_create(struct arena *arena, const struct sheet_options *options);
void sheet_finish(struct sheet *sheet);

void sheet_heading(struct sheet *sheet, struct csv *csv);

/* The times of the row are local to the event. */
void sheet_row(struct sheet *sheet, const struct row *row, struct csv *csv);

#endif
