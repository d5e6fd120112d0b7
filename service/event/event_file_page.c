/* The parts of an event file that only the event's page shows: programme, contact, who comes. */
#include "event/event_file_parts.h"

#include "base/clock.h"
#include "event/event_slug.h"

/* --- Programme ------------------------------------------------------------------------------- */

static const struct form_field item_fields[] = {
    {"slug", KIND_SLUG, FORM_AT(struct programme_item, slug)},
    {"starts_at", KIND_LOCAL_TIME, FORM_AT(struct programme_item, starts_at), .need = FORM_NEEDED},
    {"ends_at", KIND_LOCAL_TIME, FORM_AT(struct programme_item, ends_at)},
    {"title", KIND_TEXT, TEXT_AT(struct programme_item, title, EVENT_FILE_NAME_MOST),
     .need = FORM_NEEDED},
    {"speakers", KIND_TEXT, FORM_AT(struct programme_item, speakers),
     .most = EVENT_FILE_SUMMARY_MOST},
    {"room", KIND_TEXT, FORM_AT(struct programme_item, room), .most = EVENT_FILE_NAME_MOST},
    {"text", KIND_LONG_TEXT, TEXT_AT(struct programme_item, text, EVENT_FILE_LABEL_MOST)},
};

static void check_item(const struct form_place *element, void *values)
{
    const struct programme_item *item = values;
    const struct event *event = element->reading->context;
    event_file_check_slug(element, values);
    CHECK_TIMES(element, item_fields, values);
    if (event_file_is_not_after(event, item->ends_at, item->starts_at))
        form_refuse_at(element, "ends_at", "ends_before_start",
                       json_pack("{s:s}", "starts", item->starts_at));
}

const struct form event_file_programme_item =
    FORM(struct programme_item, item_fields, .check = check_item,
         .initial = &(const struct programme_item){.slug = ""});

/* Items that have no slug get one from their title, so that changes can name them. */
static void add_slugs(struct event *event, struct programme_item *items)
{
    json_t *taken = json_pack("[s]", "new"); /* a page of the desk */
    for (size_t i = 0; i < event->programme_count; i++)
        json_array_append_new(taken, json_string(items[i].slug));
    for (size_t i = 0; i < event->programme_count; i++) {
        if (*items[i].slug != '\0')
            continue;
        const char *title = event_text(event, &items[i].title, event->languages[0]);
        items[i].slug = event_slug(&event->arena, title, taken, EVENT_SLUG_MOST);
        json_array_append_new(taken, json_string(items[i].slug));
    }
    json_decref(taken);
}

/* By what the clocks show. Where they go back, the greater offset comes first. */
static bool is_later(const struct programme_item *item, const struct programme_item *other)
{
    struct clock_local here, there;
    if (!item->starts_at || !clock_parse_local(item->starts_at, &here) || !other->starts_at ||
        !clock_parse_local(other->starts_at, &there))
        return false;
    return here.shown_us != there.shown_us ? here.shown_us > there.shown_us
                                           : here.offset_s < there.offset_s;
}

/* Items at the same time keep their order. */
static void sort(struct programme_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct programme_item item = items[i];
        size_t at = i;
        for (; at > 0 && is_later(&items[at - 1], &item); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

void event_file_read_programme(const struct form_place *place, const struct form_field *field,
                               void *values)
{
    struct event *event = values;
    form_read_list(place, field, values);
    struct programme_item *items = (struct programme_item *)event->programme;
    add_slugs(event, items);
    sort(items, event->programme_count);
}

/* --- Contact --------------------------------------------------------------------------------- */

static const struct form_field contact_fields[] = {
    {"name", KIND_TEXT, FORM_AT(struct event, contact.name), .most = EVENT_FILE_NAME_MOST},
    {"email", KIND_EMAIL, FORM_AT(struct event, contact.email), .wrong = "bad_address"},
    {"phone", KIND_PHONE, FORM_AT(struct event, contact.phone), .wrong = "bad_phone"},
    {"url", KIND_URL, FORM_AT(struct event, contact.url), .wrong = "bad_url"},
};
const struct form event_file_contact = FORM(struct event, contact_fields);

/* --- Who comes ------------------------------------------------------------------------------- */

static void read_company(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    struct event *event = values;
    const char *slug = json_string_value(place->value);
    (void)field;
    if (!form_is_given(place))
        return;
    const struct question *question = slug ? event_question(event, slug) : NULL;
    if (!slug)
        form_refuse_here(place, "text_expected", NULL);
    else if (!question)
        form_refuse_here(place, "unknown_question", event_file_name(slug));
    else if (question->kind != KIND_TEXT || question->by_organiser)
        form_refuse_here(place, "no_company", event_file_name(slug));
    else
        event->who_comes.company = question->slug;
}

static json_t *write_company(const struct form_field *field, const void *values,
                             const void *context)
{
    const struct event *event = values;
    (void)field;
    (void)context;
    return event->who_comes.company ? json_string(event->who_comes.company) : NULL;
}

static const struct form_field who_comes_fields[] = {
    {"shown", KIND_BOOLEAN, FORM_AT(struct event, who_comes.shown), .written = FORM_CHANGED},
    {"company", .read = read_company, .write = write_company},
};

static void check_who_comes(const struct form_place *object, void *values)
{
    const struct event *event = values;
    if (event->who_comes.shown && !event_consent_to_names(event))
        form_refuse_at(object, "shown", "no_consent_to_names", NULL);
}

const struct form event_file_who_comes =
    FORM(struct event, who_comes_fields, .check = check_who_comes);
