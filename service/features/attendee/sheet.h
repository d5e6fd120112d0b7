/*
 * The attendee list as a spreadsheet has it: a heading, then a row an attendee with a column for
 * each question and each consent. All wording, labels of choices and names of ticket types are in
 * one language, looked up once and not for each row.
 */
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
    const struct event *event;           /* held by the caller as long as the sheet lives */
    const struct locale *locale;         /* for our words */
    const char *language;                /* for the organiser's */
    const char *const *former_questions; /* asked once and answered; shown last, by their slugs */
    size_t former_question_count;
};

/* Lives in the arena; sheet_finish gives back what is outside of it. */
struct sheet *sheet_create(struct arena *arena, const struct sheet_options *options);
void sheet_finish(struct sheet *sheet);

void sheet_heading(struct sheet *sheet, struct csv *csv);

/* The times of the row are local to the event. */
void sheet_row(struct sheet *sheet, const struct row *row, struct csv *csv);

#endif
