#include "features/attendee/people_columns.h"

#include <string.h>

#include "event/event.h"
#include "features/attendee/people.h"
#include "features/attendee/people_view.h"
#include "view/locale.h"

/* --- Words ----------------------------------------------------------------------------------- */

json_t *people_say_with(const struct people *people, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(people->request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

json_t *people_say(const struct people *people, const char *key)
{
    return people_say_with(people, key, NULL);
}

json_t *people_say_below(const struct people *people, const char *above, const char *name)
{
    return people_say(people, arena_printf(request_arena(people->request), "%s.%s", above, name));
}

const char *people_language(const struct people *people)
{
    return locale_code(request_locale(people->request));
}

json_t *people_own_text(const struct people *people, const struct event_text *text)
{
    return json_string(event_text(request_event(people->request), text, people_language(people)));
}

/* --- Columns --------------------------------------------------------------------------------- */

/* Those of ours, before and after the answers. */
static const char *const first_columns[] = {"status", "ticket_type", "email", NULL};
static const char *const last_columns[] = {"registered_at", "came_at",  "inside", "last_door",
                                           SHEET_NOTES,     "language", "number", "handed_on_by",
                                           "handed_on_to",  NULL};

static bool is_in(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static const char *answer_key(const struct people *people, const struct question *question)
{
    return arena_printf(request_arena(people->request), "answers.%s", question->slug);
}

static const char *consent_key(const struct people *people, const char *slug)
{
    return arena_printf(request_arena(people->request), "consents.%s", slug);
}

/* The question for a company; NULL: there is none. */
static const struct question *find_company(const struct event *event)
{
    static const char *const slugs[] = {"company",  "organisation", "organization", "institution",
                                        "employer", "firma",        "einrichtung",  NULL};
    for (size_t i = 0; i < event->question_count; i++)
        if (event->questions[i].kind == KIND_TEXT && is_in(slugs, event->questions[i].slug))
            return &event->questions[i];
    return NULL;
}

static const char *default_columns(const struct people *people)
{
    const struct event *event = request_event(people->request);
    const struct question *company = find_company(event);
    const char *text = event->ticket_type_count > 1 ? "status,ticket_type,email" : "status,email";
    int answers = 0;
    for (size_t i = 0; i < event->question_count && answers < PEOPLE_DEFAULT_ANSWERS; i++) {
        if (!event->questions[i].at_door && &event->questions[i] != company)
            continue;
        text = arena_printf(request_arena(people->request), "%s,%s", text,
                            answer_key(people, &event->questions[i]));
        answers++;
    }
    return arena_printf(request_arena(people->request), "%s,registered_at", text);
}

/* What follows the head of a key, like the slug of a question; NULL: it has another head. */
static const char *behind(const char *key, const char *head)
{
    return strncmp(key, head, strlen(head)) == 0 ? key + strlen(head) : NULL;
}

/* The question of a column of answers; NULL: it is another column, or there was none. */
static const struct question *find_question(const struct people *people, const char *key)
{
    const char *slug = behind(key, "answers.");
    return slug ? event_question_ever(request_event(people->request), slug) : NULL;
}

/* The wording of the consent of a column, also of one that is no longer offered. NULL: it is
 * another column, or there was none. */
static const char *find_consent(const struct people *people, const char *key)
{
    const char *slug = behind(key, "consents.");
    const struct event *event = request_event(people->request);
    const struct consent *consent = slug ? event_consent(event, slug) : NULL;
    if (consent)
        return event_text(event, &consent->label, people_language(people));
    for (size_t i = 0; slug && i < people->former_consent_count; i++)
        if (strcmp(people->former_consents[i].slug, slug) == 0)
            return people->former_consents[i].label;
    return NULL;
}

void people_add_former_consents(struct people *people, const char *text)
{
    struct arena *arena = request_arena(people->request);
    json_t *list = json_loads(text, 0, NULL), *consent;
    size_t i;
    struct former_consent *former = arena_alloc(arena, json_array_size(list) * sizeof *former + 1);
    json_array_foreach (list, i, consent)
        former[i] = (struct former_consent){
            arena_copy(arena, json_string_value(json_object_get(consent, "slug"))),
            arena_copy(arena, json_string_value(json_object_get(consent, "label")))};
    people->former_consents = former;
    people->former_consent_count = json_array_size(list);
    json_decref(list);
}

void people_choose(struct people *people, const char *text)
{
    struct arena *arena = request_arena(people->request);
    char *rest = arena_copy(arena, text ? text : default_columns(people)), *key;
    const char **keys = arena_alloc(arena, SHEET_COLUMNS_MOST * sizeof *keys);
    people->columns.keys = keys;
    people->columns.count = 0;
    while ((key = strsep(&rest, ",")) && people->columns.count < SHEET_COLUMNS_MOST) {
        bool is_known = is_in(first_columns, key) || is_in(last_columns, key) ||
                        find_question(people, key) || find_consent(people, key);
        if (is_known && !sheet_choice_has(&people->columns, key))
            keys[people->columns.count++] = key;
    }
}

const char *people_columns_text(const struct people *people)
{
    const char *text = "";
    for (size_t i = 0; i < people->columns.count; i++)
        text = arena_printf(request_arena(people->request), "%s%s%s", text, i > 0 ? "," : "",
                            people->columns.keys[i]);
    return text;
}

json_t *people_label(const struct people *people, const char *key)
{
    const struct question *question = find_question(people, key);
    const char *consent = find_consent(people, key);
    return question  ? people_own_text(people, &question->label)
           : consent ? json_string(consent)
                     : people_say_below(people, "attendee.people.column", key);
}

static void add_column_choice(const struct people *people, json_t *list, const char *key)
{
    json_array_append_new(list, json_pack("{s:s, s:o, s:b, s:i}", "key", key, "label",
                                          people_label(people, key), "checked",
                                          sheet_choice_has(&people->columns, key), "number",
                                          (int)json_array_size(list)));
}

json_t *people_column_choices(const struct people *people)
{
    const struct event *event = request_event(people->request);
    json_t *list = json_array();
    for (const char *const *key = first_columns; *key; key++)
        add_column_choice(people, list, *key);
    for (size_t i = 0; i < event->question_count; i++)
        add_column_choice(people, list, answer_key(people, &event->questions[i]));
    for (size_t i = 0; i < event->former_question_count; i++)
        add_column_choice(people, list, answer_key(people, &event->former_questions[i]));
    for (size_t i = 0; i < event->consent_count; i++)
        add_column_choice(people, list, consent_key(people, event->consents[i].slug));
    for (size_t i = 0; i < people->former_consent_count; i++)
        add_column_choice(people, list, consent_key(people, people->former_consents[i].slug));
    for (const char *const *key = last_columns; *key; key++)
        add_column_choice(people, list, *key);
    return list;
}

/* --- Order ----------------------------------------------------------------------------------- */

const char *people_default_sort(const char *list)
{
    return list && strcmp(list, "came") == 0 ? "checked_in" : "newest";
}

/* The orders that a column can have, the one that its head asks for first. */
static const struct order {
    const char *column, *sort, *aria;
} orders[] = {
    {"name", "name", "ascending"},
    {"ticket_type", "ticket_type", "ascending"},
    {"registered_at", "newest", "descending"},
    {"registered_at", "oldest", "ascending"},
    {"came_at", "checked_in", "descending"},
};
enum { ORDERS = sizeof orders / sizeof *orders };

/* Sets what the head says of the order now, and what it asks for. */
static void find_orders(const struct people *people, const char *key, const char **ret_aria,
                        const char **ret_sort)
{
    const char *sort = people->filter.sort;
    *ret_aria = *ret_sort = NULL;
    if (filter_sorts_answers(request_event(people->request), key)) {
        *ret_aria = strcmp(sort, key) == 0 && !people->is_unsorted ? "ascending" : NULL;
        *ret_sort = key;
        return;
    }
    for (int i = 0; i < ORDERS; i++) {
        if (strcmp(orders[i].column, key) != 0)
            continue;
        bool is_now = strcmp(orders[i].sort, sort) == 0;
        if (is_now)
            *ret_aria = orders[i].aria;
        if (!*ret_sort || strcmp(*ret_sort, sort) == 0)
            *ret_sort = orders[i].sort;
    }
}

enum { HEAD_SHORT_BYTES = 28 }; /* longer heads have several lines */

json_t *people_head(const struct people *people, const char *key)
{
    const char *aria, *sort;
    find_orders(people, key, &aria, &sort);
    json_t *label = people_label(people, key);
    bool is_long = json_string_length(label) > HEAD_SHORT_BYTES;
    return json_pack("{s:s, s:o, s:b, s:s*, s:s*}", "key", key, "label", label, "is_long", is_long,
                     "aria", aria, "href",
                     sort ? people_link(people->request, NULL, NULL, "sort", sort) : NULL);
}

json_t *people_heads(const struct people *people)
{
    json_t *list = json_array();
    for (size_t i = 0; i < people->columns.count; i++)
        json_array_append_new(list, people_head(people, people->columns.keys[i]));
    return list;
}
