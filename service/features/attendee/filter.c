#include "features/attendee/filter.h"

#include "base/text.h"

const char *const filter_names[] = {"q", "status", "present", "admitted", "ticket_type", NULL};

/* A LIKE pattern that finds the word anywhere and means each of its characters literally. */
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

/* An empty value is what a form sends for a field that was left alone. */
static const char *given(filter_source *source, void *context, const char *name)
{
    const char *value = source(context, name);
    return value && *value ? value : NULL;
}

/* False: it is neither. */
static bool read_truth(const char *text, const bool **ret_truth)
{
    static const bool yes = true, no = false;
    *ret_truth = !text ? NULL : strcmp(text, "true") == 0 ? &yes : &no;
    return !text || **ret_truth || strcmp(text, "false") == 0;
}

static const char *read_all(struct arena *arena, const struct event *event, filter_source *source,
                            void *context, struct filter *filter)
{
    const char *query = given(source, context, "q"), *status = given(source, context, "status");
    filter->status = registration_status_parse(status);
    filter->ticket_type = given(source, context, "ticket_type");
    if (status && filter->status == REGISTRATION_STATUS_NONE)
        return "status";
    if (!read_truth(given(source, context, "present"), &filter->present))
        return "present";
    if (!read_truth(given(source, context, "admitted"), &filter->admitted))
        return "admitted";
    if (filter->ticket_type && !event_ticket_type(event, filter->ticket_type))
        return "ticket_type";
    return query && !read_words(arena, query, filter) ? "q" : NULL;
}

bool filter_read(struct arena *arena, const struct event *event, filter_source *source,
                 void *context, struct filter *ret_filter, const char **ret_wrong)
{
    *ret_filter = (struct filter){0};
    const char *wrong = read_all(arena, event, source, context, ret_filter);
    if (wrong)
        *ret_wrong = wrong;
    return !wrong;
}

bool filter_is_empty(const struct filter *filter)
{
    return filter->pattern_count == 0 && filter->status == REGISTRATION_STATUS_NONE &&
           !filter->ticket_type && !filter->present && !filter->admitted;
}

void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern))
{
    for (size_t i = 0; i < filter->pattern_count; i++)
        add(params, filter->patterns[i]);
}
