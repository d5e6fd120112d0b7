#include "features/attendee/filter.h"

#include "base/text.h"

/* A LIKE pattern that finds the word anywhere, with escaped wildcards. */
static const char *make_pattern(struct arena *arena, const char *word, size_t length)
{
    char *pattern = arena_alloc(arena, 2 * length + 3), *at = pattern;
    *at++ = '%';
    for (size_t i = 0; i < length; i++) {
        if (strchr("%_\\", word[i]))
            *at++ = '\\';
        *at++ = word[i];
    }
    *at = '%';
    return pattern;
}

static bool read_words(struct arena *arena, const char *query, struct filter *filter)
{
    static const char spaces[] = " \t\r\n\v\f";
    const char *clean = text_clean(arena, query);
    if (!clean || text_length(clean) > FILTER_QUERY_MOST)
        return false;
    const char *word = text_fold(arena, clean);
    for (word += strspn(word, spaces); *word; word += strspn(word, spaces)) {
        size_t length = strcspn(word, spaces);
        if (filter->pattern_count == FILTER_WORDS_MOST)
            return false;
        filter->words[filter->pattern_count] = arena_printf(arena, "%.*s", (int)length, word);
        filter->patterns[filter->pattern_count++] = make_pattern(arena, word, length);
        word += length;
    }
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

static void read_ticket_type(const struct form_place *place, const struct form_field *field,
                             void *values)
{
    const struct event *event = place->reading->context;
    struct filter *filter = values;
    if (form_read_value(place, field, &filter->ticket_type) &&
        !event_ticket_type(event, filter->ticket_type))
        form_refuse_here(place, "wrong", NULL);
}

/* Forms send "" for an empty field. */
static const struct form_field fields[] = {
    {"status", .read = read_status},
    {"present", KIND_YES_NO, FORM_AT(struct filter, present), .read = read_truth},
    {"admitted", KIND_YES_NO, FORM_AT(struct filter, admitted), .read = read_truth},
    {"day", KIND_DATE, FORM_AT(struct filter, day)},
    {"repeated", KIND_YES_NO, FORM_AT(struct filter, repeated), .read = read_truth},
    {"ticket_type", KIND_RAW, .read = read_ticket_type},
    {"q", .read = read_query},
};

/* A day alone asks for those who came on it. */
static void check_filter(const struct form_place *place, void *values)
{
    static const bool came = true;
    struct filter *filter = values;
    (void)place;
    if (filter->day && !filter->admitted)
        filter->admitted = &came;
}

const struct form filter_form = FORM(struct filter, fields, .check = check_filter);

bool filter_is_empty(const struct filter *filter)
{
    return filter->pattern_count == 0 && filter->status == REGISTRATION_STATUS_NONE &&
           !filter->ticket_type && !filter->present && !filter->admitted && !filter->repeated;
}

void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern))
{
    for (size_t i = 0; i < filter->pattern_count; i++)
        add(params, filter->patterns[i]);
}
