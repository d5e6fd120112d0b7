/* The lists of an event file and what they share. Known to the event_file*.c only. */
#ifndef EINLASS_EVENT_EVENT_FILE_PARTS_H
#define EINLASS_EVENT_EVENT_FILE_PARTS_H

#include "event/event_file.h"
#include "form/strict.h"

/* A text of the event: a string for all its languages, or an object by language. */
struct event_text event_file_text(const struct event *event, const struct place *place, size_t most,
                                  bool lines_allowed);

/* How the event reaches people beyond its own pages: reply_to, embed_on, reminder_hours. */
void event_file_read_reach(struct event *event, const struct place *document);

/* Read `place` of the document and set the event's list. In this order: questions refer to
 * earlier ones, doors to ticket types. */
void event_file_read_ticket_types(struct event *event, const struct place *place);
void event_file_read_questions(struct event *event, const struct place *place);
void event_file_read_consents(struct event *event, const struct place *place);
void event_file_read_doors(struct event *event, const struct place *place);

#endif
