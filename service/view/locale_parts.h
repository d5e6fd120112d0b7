/* What a locale is made of. Known to the locale*.c only. */
#ifndef EINLASS_VIEW_LOCALE_PARTS_H
#define EINLASS_VIEW_LOCALE_PARTS_H

#include "view/locale.h"

/* In the patterns, %W is the weekday, %d and %D the day in one or two digits, %B and %M the
 * month as a word or in two digits, %Y the year, %H and %I hours and minutes. */
struct locale_rules {
    const char *code, *name;
    const char *weekdays[7]; /* from Sunday */
    const char *months[12];
    const char *patterns[4]; /* by enum locale_date */
    const char *separator;   /* between groups of three digits */
};

struct locale {
    const struct locale_rules *rules;
    json_t *words;                      /* key: sentence */
    struct template_set *pages, *texts; /* both with the wordings as partials "t.KEY" */
};

enum { LOCALE_COUNT = 2, LOCALE_NAME_BYTES = 256 };

struct locale_set {
    struct locale locales[LOCALE_COUNT];
};

extern const struct locale_rules locale_rules[LOCALE_COUNT];

/* Adds the wordings of one file. */
MUST_CHECK bool locale_words_add(struct locale *locale, const struct asset *file,
                                 char ret_error[LOCALE_ERROR_BYTES]);

/* Whether the locale has every key of the other. */
MUST_CHECK bool locale_words_complete(const struct locale *locale, const struct locale *other,
                                      char ret_error[LOCALE_ERROR_BYTES]);

/* Whether each sentence uses the same names in both, which have the same keys and are linked. */
MUST_CHECK bool locale_words_match(const struct locale *locale, const struct locale *other,
                                   char ret_error[LOCALE_ERROR_BYTES]);

/* The template_format of all templates; the context is the locale. */
bool locale_format_aspect(const void *context, const json_t *value, const char *aspect,
                          struct buffer *out);

/* How many bytes at the end of a name are an aspect with its dot: 5 of "starts_at.date". */
size_t locale_aspect_length(const char *name);

#endif
