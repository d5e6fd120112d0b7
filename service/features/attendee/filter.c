#include "features/attendee/filter.h"

#include "base/text.h"

const char *const filter_names[] = {"q", "status", "present", "admitted", "ticket_type", NULL};

static bool is_one_of(const char *value, const char *const *allowed)
{
    for (; *allowed; allowed++) {
        if (strcmp(value, *allowed) == 0)
            return true;
    }
    return false;
}

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

static const char *find_wrong(const struct filter *filter, const struct event *event)
{
    static const char *const statuses[] = {"unverified", "pending",   "waitlisted",
                                           "confirmed",  "cancelled", NULL};
    static const char *const truths[] = {"true", "false", NULL};
    if (filter->status && !is_one_of(filter->status, statuses))
        return "status";
    if (filter->present && !is_one_of(filter->present, truths))
        return "present";
    if (filter->admitted && !is_one_of(filter->admitted, truths))
        return "admitted";
    if (filter->ticket_type && !event_ticket_type(event, filter->ticket_type))
        return "ticket_type";
    return NULL;
}

bool filter_read(struct arena *arena, const struct event *event, filter_source *source,
                 void *context, struct filter *ret_filter, const char **ret_wrong)
{
    const char *query = given(source, context, "q");
    *ret_filter = (struct filter){
        .status = given(source, context, "status"),
        .present = given(source, context, "present"),
        .admitted = given(source, context, "admitted"),
        .ticket_type = given(source, context, "ticket_type"),
    };
    const char *wrong = find_wrong(ret_filter, event);
    if (!wrong && query && !read_words(arena, query, ret_filter))
        wrong = "q";
    if (wrong)
        *ret_wrong = wrong;
    return !wrong;
}

bool filter_is_empty(const struct filter *filter)
{
    return filter->pattern_count == 0 && !filter->status && !filter->ticket_type &&
           !filter->present && !filter->admitted;
}

static void bind_truth(struct params *params, int at, const char *truth)
{
    if (truth)
        params_bool(params, at, strcmp(truth, "true") == 0);
}

void filter_bind(const struct filter *filter, const struct event *event, struct params *params)
{
    params_id(params, 1, &event->id);
    for (size_t i = 0; i < filter->pattern_count; i++)
        params_add_text(params, 2, filter->patterns[i]);
    params_text(params, 3, filter->status);
    bind_truth(params, 4, filter->present);
    bind_truth(params, 5, filter->admitted);
    params_text(params, 6, filter->ticket_type);
}
