/* Shared by event_file.c, event_file_lists.c and event_file_page.c, and private to them. */
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

/* The parts that only the event's page shows. Reading sorts the programme by time. */
extern const struct form event_file_programme_item, event_file_contact, event_file_who_comes;
void event_file_read_programme(const struct form_place *place, const struct form_field *field,
                               void *values);

/* Refuses times among the fields that the zone's clocks never show, and times that they show twice,
 * unless an offset says which one is meant. Drops an offset that says nothing new. */
void event_file_check_times(const struct form_place *object, const struct form_field *fields,
                            size_t count, void *values);
#define CHECK_TIMES(object, table, values)                                                         \
    event_file_check_times(object, table, sizeof(table) / sizeof *(table), values)

/* Compares points in time. Returns false if one is not given, and for a stored definition. */
bool event_file_is_not_after(const struct event *event, const char *later, const char *earlier);

/* Refuses a slug that an earlier element of the list has. The struct begins with its slug. */
void event_file_check_slug(const struct form_place *element, void *values);

/* Returns {"name": name} as the data of a finding, a new reference. */
json_t *event_file_name(const char *name);

#endif
