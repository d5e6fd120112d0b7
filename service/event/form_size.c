#include "event/form_size.h"

#include <string.h>

#include "event/event.h"
#include "http/router.h"
#include "http/urlencoded.h"

enum {
    CHARACTER_BYTES = 12, /* "%F0%9F%8E%89" in a form, "\ud83c\udf89" in JSON */
    PLAIN_BYTES = 254,    /* numbers, days, phones, addresses, slugs */
    NAME_BYTES = sizeof "attendees.99.answers.%5B%5D=&" + EVENT_SLUG_MOST,
    FRAME_FIELDS = 100, /* of the form itself, with the consents */
    PERSON_FIELDS = 4,  /* id, name, address, ticket type */
    DATE_PARTS = 3,
};

static void add(struct form_size *size, size_t count, size_t value_bytes)
{
    size->fields += (int)count;
    size->bytes += count * (NAME_BYTES + value_bytes);
}

static void add_answer(struct form_size *size, const struct question *question)
{
    const struct kind *kind = &kinds[question->kind];
    if (question->kind == KIND_SEVERAL)
        add(size, question->choice_count + question->former_choice_count, EVENT_SLUG_MOST);
    else if (question->kind == KIND_DATE)
        add(size, DATE_PARTS, PLAIN_BYTES);
    else
        add(size, 1, kind->most > 0 ? (size_t)kind->most * CHARACTER_BYTES : PLAIN_BYTES);
}

struct form_size form_size_of(const struct event *event)
{
    struct form_size person = {0}, size = {0};
    add(&person, PERSON_FIELDS, KIND_NAME_MOST * CHARACTER_BYTES);
    for (size_t i = 0; i < event->question_count; i++)
        add_answer(&person, &event->questions[i]);
    add(&size, FRAME_FIELDS, PLAIN_BYTES);
    size.bytes += (size_t)event->most_attendees * person.bytes;
    size.fields += event->most_attendees * person.fields;
    if (size.bytes < ROUTE_FORM_LEAST_BYTES)
        size.bytes = ROUTE_FORM_LEAST_BYTES;
    if (size.fields < URLENCODED_FIELDS_MOST)
        size.fields = URLENCODED_FIELDS_MOST;
    return size;
}
