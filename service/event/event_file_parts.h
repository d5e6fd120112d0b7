/* Shared by event_file.c and event_file_lists.c, and private to them. */
#ifndef EINLASS_EVENT_EVENT_FILE_PARTS_H
#define EINLASS_EVENT_EVENT_FILE_PARTS_H

#include "event/event_file.h"
#include "form/form.h"

enum { EVENT_FILE_LANGUAGE_MOST = 11 }; /* characters of "zh-Hant-TW" and the like */

/* A field with a text: a string for all languages of the event, or an object by language. The
 * context of reading and writing is the event. */
#define TEXT_AT(type, member, characters)                                                          \
    FORM_AT(type, member), .most = (characters), .read = event_file_read_text,                     \
                           .write = event_file_write_text
void event_file_read_text(const struct form_place *place, const struct form_field *field,
                          void *values);
json_t *event_file_write_text(const struct form_field *field, const void *values,
                              const void *context);

#define SLUG_AT(type) "slug", KIND_SLUG, FORM_AT(type, slug), .need = FORM_NEEDED
#define LIST_AT(type, member, counter, items, largest)                                             \
    FORM_AT(type, member), FORM_COUNT_AT(type, counter), .shape = FORM_LIST, .of = &(items),       \
                                                         .items_most = (largest)

/* Elements of the event's lists. Questions refer to earlier questions, and doors to ticket types,
 * so the lists are read in this order. */
extern const struct form event_file_ticket_type, event_file_question, event_file_consent,
    event_file_door;

/* Reads the list of ticket types. Makes one ticket type "guest" if there is no list. */
void event_file_read_ticket_types(const struct form_place *place, const struct form_field *field,
                                  void *values);

/* Returns {"name": name} as the data of a finding, a new reference. */
json_t *event_file_name(const char *name);

#endif
