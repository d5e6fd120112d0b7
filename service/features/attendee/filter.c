#include "features/attendee/filter.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/search.h"
#include "base/text.h"

static bool read_words(struct arena *arena, const char *query, struct filter *filter)
{
    const char *clean = text_clean(arena, query);
    if (!clean || text_length(clean) > FILTER_QUERY_MOST)
        return false;
    size_t count = search_words(arena, clean, FILTER_WORDS_MOST, filter->words);
    const char *number = search_number(arena, clean);
    if (number) {
        filter->words[0] = number;
        count = 1;
    }
    if (count > FILTER_WORDS_MOST)
        return false;
    filter->pattern_count = count;
    for (size_t i = 0; i < filter->pattern_count; i++)
        filter->patterns[i] = search_pattern(arena, filter->words[i]);
    return true;
}

static void read_query(const struct form_place *place, const struct form_field *field, void *values)
{
    (void)field;
    if (form_is_given(place) &&
        !read_words(place->reading->arena, json_string_value(place->value), values))
        form_refuse_here(place, "wrong", NULL);
}

static void read_status(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    struct filter *filter = values;
    (void)field;
    filter->status =
        registration_status_parse(form_is_given(place) ? json_string_value(place->value) : NULL);
    if (form_is_given(place) && filter->status == REGISTRATION_STATUS_NONE)
        form_refuse_here(place, "wrong", NULL);
}

static void read_truth(const struct form_place *place, const struct form_field *field, void *values)
{
    static const bool truths[] = {false, true};
    const bool **ret_truth = (const bool **)((char *)values + field->at);
    bool truth;
    if (form_read_value(place, field, &truth))
        *ret_truth = &truths[truth];
}

/* Lists and orders have a fixed set of words. */
static void read_word(const struct form_place *place, const char *const *words,
                      const char **ret_word)
{
    const char *given = form_is_given(place) ? json_string_value(place->value) : NULL;
    for (; given && *words; words++) {
        if (strcmp(*words, given) == 0) {
            *ret_word = *words;
            return;
        }
    }
    if (form_is_given(place))
        form_refuse_here(place, "wrong", NULL);
}

static void read_list(const struct form_place *place, const struct form_field *field, void *values)
{
    static const char *const lists[] = {"coming",     "to_approve", "waiting", "cancelled",
                                        "unverified", "came",       "not_yet", NULL};
    (void)field;
    read_word(place, lists, &((struct filter *)values)->list);
}

bool filter_sorts_answers(const struct event *event, const char *sort)
{
    static const char head[] = "answers.";
    if (strncmp(sort, head, strlen(head)) != 0)
        return false;
    const struct question *question = event_question_ever(event, sort + strlen(head));
    return question && (question->kind == KIND_TEXT || question->kind == KIND_DATE);
}

static void read_sort(const struct form_place *place, const struct form_field *field, void *values)
{
    static const char *const sorts[] = {"oldest",      "newest",     "name",
                                        "ticket_type", "checked_in", NULL};
    const char *given = form_is_given(place) ? json_string_value(place->value) : NULL;
    (void)field;
    if (given && filter_sorts_answers(place->reading->context, given))
        ((struct filter *)values)->sort = arena_copy(place->reading->arena, given);
    else
        read_word(place, sorts, &((struct filter *)values)->sort);
}

typedef bool knows_value(const struct event *event, struct arena *arena, const char *value);

static void read_values(const struct form_place *place, const struct form_field *field,
                        struct filter_values *ret_values, knows_value *knows)
{
    size_t count = form_list(place, field);
    for (size_t i = 0; i < count; i++) {
        struct form_place item = form_element(place, i);
        const char *value = form_is_given(&item) ? json_string_value(item.value) : NULL;
        if (!value)
            continue;
        if (knows(place->reading->context, place->reading->arena, value))
            ret_values->items[ret_values->count++] = arena_copy(place->reading->arena, value);
        else
            form_refuse_here(place, "wrong", NULL);
    }
}

static bool is_ticket_type(const struct event *event, struct arena *arena, const char *value)
{
    (void)arena;
    return event_ticket_type(event, value) != NULL;
}

static bool is_language(const struct event *event, struct arena *arena, const char *value)
{
    (void)arena;
    return event_has_language(event, value);
}

static bool is_door(const struct event *event, struct arena *arena, const char *value)
{
    (void)arena;
    return event_door(event, value) != NULL;
}

static bool is_consent(const struct event *event, struct arena *arena, const char *value)
{
    (void)arena;
    return event_consent(event, value) != NULL;
}

static bool may_answer(const struct question *question, const char *answer)
{
    if (question->kind == KIND_YES_NO)
        return strcmp(answer, "true") == 0 || strcmp(answer, "false") == 0;
    if (question->kind == KIND_COUNTRY)
        return strlen(answer) == 2 && isupper((unsigned char)answer[0]) &&
               isupper((unsigned char)answer[1]);
    for (size_t i = 0; i < question->choice_count + question->former_choice_count; i++) {
        if (strcmp(question->choices[i].slug, answer) == 0)
            return true;
    }
    return false;
}

/* "field:ict" */
static bool is_answer(const struct event *event, struct arena *arena, const char *value)
{
    const char *colon = strchr(value, ':');
    if (!colon)
        return false;
    const struct question *question =
        event_question_ever(event, arena_printf(arena, "%.*s", (int)(colon - value), value));
    return question && may_answer(question, colon + 1);
}

#define READ(name, member, is_known)                                                               \
    static void read_##name(const struct form_place *place, const struct form_field *field,        \
                            void *values)                                                          \
    {                                                                                              \
        read_values(place, field, &((struct filter *)values)->member, is_known);                   \
    }
READ(ticket_types, ticket_types, is_ticket_type)
READ(languages, languages, is_language)
READ(doors, doors, is_door)
READ(consents, consents, is_consent)
READ(no_consents, no_consents, is_consent)
READ(answers, answers, is_answer)

#define SEVERAL .shape = FORM_LIST, .items_most = FILTER_VALUES_MOST

/* Forms send "" for an empty field. */
static const struct form_field fields[] = {
    {"list", .read = read_list},
    {"sort", .read = read_sort},
    {"status", .read = read_status},
    {"present", KIND_YES_NO, FORM_AT(struct filter, present), .read = read_truth},
    {"admitted", KIND_YES_NO, FORM_AT(struct filter, admitted), .read = read_truth},
    {"day", KIND_DATE, FORM_AT(struct filter, day)},
    {"repeated", KIND_YES_NO, FORM_AT(struct filter, repeated), .read = read_truth},
    {"declined_before", KIND_YES_NO, FORM_AT(struct filter, declined_before), .read = read_truth},
    {"ticket_type", SEVERAL, .read = read_ticket_types},
    {"language", SEVERAL, .read = read_languages},
    {"door", SEVERAL, .read = read_doors},
    {"consent", SEVERAL, .read = read_consents},
    {"no_consent", SEVERAL, .read = read_no_consents},
    {"answer", SEVERAL, .read = read_answers},
    {"q", .read = read_query},
};

/* {"language": "de"}, one for each value. */
static json_t *facts(const char *name, const struct filter_values *values)
{
    json_t *list = json_array();
    for (size_t i = 0; i < values->count; i++)
        json_array_append_new(list, json_pack("{s:s}", name, values->items[i]));
    return list;
}

/* {"consents": ["newsletter"]} */
static json_t *consents(const struct filter_values *values)
{
    json_t *list = json_array();
    for (size_t i = 0; i < values->count; i++)
        json_array_append_new(list, json_pack("{s:[s]}", "consents", values->items[i]));
    return list;
}

static json_t *answer(const struct event *event, struct arena *arena, const char *given)
{
    const char *colon = strchr(given, ':');
    const char *slug = arena_printf(arena, "%.*s", (int)(colon - given), given);
    const struct question *question = event_question_ever(event, slug);
    json_t *value = question->kind == KIND_YES_NO    ? json_boolean(colon[1] == 't')
                    : question->kind == KIND_SEVERAL ? json_pack("[s]", colon + 1)
                                                     : json_string(colon + 1);
    return json_pack("{s:{s:o}}", "answers", slug, value);
}

/* Adds a group of which one must match. Takes the group. */
static void add_group(json_t *any, json_t *group)
{
    if (json_array_size(group) > 0)
        json_array_append(any, group);
    json_decref(group);
}

static bool is_same_question(const char *a, const char *b)
{
    return strncmp(a, b, strcspn(a, ":") + 1) == 0;
}

/* A group for each question. */
static void add_answers(json_t *any, struct arena *arena, const struct event *event,
                        const struct filter_values *answers)
{
    for (size_t i = 0; i < answers->count; i++) {
        bool was_there = false;
        json_t *group = json_array();
        for (size_t k = 0; k < answers->count; k++) {
            if (!is_same_question(answers->items[i], answers->items[k]))
                continue;
            was_there |= k < i;
            json_array_append_new(group, answer(event, arena, answers->items[k]));
        }
        if (was_there)
            json_array_clear(group);
        add_group(any, group);
    }
}

static json_t *groups(struct arena *arena, const struct event *event, const struct filter *filter)
{
    json_t *any = json_array();
    if (filter->status != REGISTRATION_STATUS_NONE)
        add_group(any, json_pack("[{s:s}]", "status", registration_status_name(filter->status)));
    add_group(any, facts("ticket_type", &filter->ticket_types));
    add_group(any, facts("language", &filter->languages));
    add_group(any, consents(&filter->consents));
    add_answers(any, arena, event, &filter->answers);
    return any;
}

static void set_list(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list) > 0)
        json_object_set(object, name, list);
    json_decref(list);
}

static void set_truth(json_t *object, const char *name, const bool *truth)
{
    if (truth)
        json_object_set_new(object, name, json_boolean(*truth));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_string(text));
}

static json_t *patterns_of(const struct filter *filter)
{
    json_t *words = json_array();
    for (size_t i = 0; i < filter->pattern_count; i++)
        json_array_append_new(words, json_string(filter->patterns[i]));
    return words;
}

static json_t *doors_of(const struct filter *filter)
{
    json_t *doors = json_array();
    for (size_t i = 0; i < filter->doors.count; i++)
        json_array_append_new(doors, json_string(filter->doors.items[i]));
    return doors;
}

static const char *write_text(struct arena *arena, const struct event *event,
                              const struct filter *filter)
{
    json_t *object = json_object();
    set_list(object, "words", patterns_of(filter));
    set_list(object, "any", groups(arena, event, filter));
    set_list(object, "none", consents(&filter->no_consents));
    set_list(object, "doors", doors_of(filter));
    set_text(object, "list", filter->list);
    set_truth(object, "admitted", filter->admitted);
    set_text(object, "day", filter->day);
    set_truth(object, "present", filter->present);
    set_truth(object, "repeated", filter->repeated);
    set_truth(object, "declined_before", filter->declined_before);
    set_text(object, "today", event_day_at(event, clock_now_us()));
    char *text = json_dumps(object, JSON_COMPACT);
    const char *copy = arena_copy(arena, text);
    free(text);
    json_decref(object);
    return copy;
}

/* A day alone asks for those who came on it. */
static void check_filter(const struct form_place *place, void *values)
{
    static const bool came = true;
    struct filter *filter = values;
    if (filter->day && !filter->admitted)
        filter->admitted = &came;
    if (!filter->sort)
        filter->sort = "oldest";
    filter->text = write_text(place->reading->arena, place->reading->context, filter);
}

const struct form filter_form = FORM(struct filter, fields, .check = check_filter);

bool filter_is_empty(const struct filter *filter)
{
    return filter->pattern_count == 0 && !filter->list &&
           filter->status == REGISTRATION_STATUS_NONE && !filter->present && !filter->admitted &&
           !filter->repeated && !filter->declined_before && filter->ticket_types.count == 0 &&
           filter->languages.count == 0 && filter->doors.count == 0 &&
           filter->consents.count == 0 && filter->no_consents.count == 0 &&
           filter->answers.count == 0;
}

void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern))
{
    for (size_t i = 0; i < filter->pattern_count; i++)
        add(params, filter->patterns[i]);
}

void filter_add_place(const struct rows *rows, int last, struct buffer *out)
{
    json_t *key =
        rows_is_null(rows, last, "key") ? json_null() : json_string(rows_text(rows, last, "key"));
    char *text = json_dumps(key, JSON_COMPACT | JSON_ENCODE_ANY);
    buffer_printf(out, "[%s,%s,%s,%s]", text, rows_text(rows, last, "number"),
                  rows_text(rows, last, "position"),
                  rows_bool(rows, last, "in_order") ? "true" : "false");
    free(text);
    json_decref(key);
}
