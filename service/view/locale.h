/*
 * What the service says, in each language it speaks.
 *
 * Wordings are plain text in the files words.LANGUAGE.json of every room and feature:
 *
 *     {"register": {"title": "Register for {{event.title}}",
 *                   "places": "{{#n.one}}one place{{/n.one}}{{^n.one}}{{n.number}} places{{/n.one}}
 * left"}}
 *
 * A wording is a small Mustache template itself. In pages it is the partial {{> t.register.title}}:
 * its text is escaped on the way into the HTML, its names come from where it is used. In plain
 * text (mails, problem documents) the same partial, or locale_text, leaves it as it is.
 *
 * Pages are the assets that end in .html, plain texts those that end in .txt. Their names as
 * partials leave "features/" and the ending out: features/event/card.html is {{> event/card}},
 * web/head.html is {{> web/head}}.
 *
 * Aspects of values that every template may use: of local times as event files write them
 * {{x.date}} (Friday, 13 May 2022), {{x.date_short}} (13 May 2022) and {{x.time}} (10:00, 10:00
 * Uhr),
 * {{x.clock}} (10:00, where another follows); of whole numbers {{x.number}} (2,000); see template.h
 * for {{#x.one}}.
 *
 * A set is loaded once at start and does not change; all threads share it without locks.
 */
#ifndef EINLASS_VIEW_LOCALE_H
#define EINLASS_VIEW_LOCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/buffer.h"
#include "view/asset.h"
#include "view/template.h"

enum {
    LOCALE_ERROR_BYTES = 2 * TEMPLATE_ERROR_BYTES,
    LOCALE_MOST_RANGES = 32, /* of an Accept-Language header; what follows is not looked at */
};

struct locale;
struct locale_set;

/* The codes of all languages, the one first that speaks when nothing else is asked for; NULL ends.
 */
extern const char *const locale_languages[];

/*
 * Reads all wordings and templates among the assets. False, with ret_error saying which file and
 * why: a broken template or file, a wording that one language lacks or that uses other names than
 * in another language, a partial or wording that a template uses and nobody has.
 */
MUST_CHECK bool locale_set_load(const struct asset *assets, size_t count,
                                char ret_error[LOCALE_ERROR_BYTES], struct locale_set **ret_set);
void locale_set_destroy(struct locale_set *set);

/* By its code, "de"; NULL: not a language of ours. */
const struct locale *locale_find(const struct locale_set *set, const char *language);

/*
 * The language a reader wants most by the Accept-Language header (RFC 9110 section 12.5.4;
 * NULL: none), among the allowed codes (NULL: all languages; else NULL ends the list, which has
 * at least one language of ours). "de-AT" is served by "de" (RFC 4647 section 3.4). Where nothing
 * fits, the first one allowed.
 */
const struct locale *locale_negotiate(const struct locale_set *set, const char *header,
                                      const char *const *allowed);

const char *locale_code(const struct locale *locale); /* "de" */
const char *locale_name(const struct locale *locale); /* "Deutsch" */

/* The page or plain text in this language by the full name of its asset,
 * "event/event.html". NULL: there is none. */
const struct template *locale_page(const struct locale *locale, const char *asset);
const struct template *locale_plain(const struct locale *locale, const char *asset);

bool locale_has(const struct locale *locale, const char *key);

/* Appends a wording as plain text, its names taken from data (may be NULL). A key that is not
 * there, which is a mistake in the program, is appended itself. */
void locale_text(const struct locale *locale, const char *key, const json_t *data,
                 struct buffer *out);

/* The wordings below a key as they are written, names and all, for a script that fills them in:
 * {"verdict.admitted": "…"} below "app". A new reference. */
json_t *locale_sources(const struct locale *locale, const char *below);

enum locale_date {
    LOCALE_DATE_LONG,  /* "Friday, 13 May 2022", "Freitag, 13. Mai 2022" */
    LOCALE_DATE_SHORT, /* "13 May 2022", "13.05.2022" */
    LOCALE_TIME,       /* "10:00", "10:00 Uhr" */
    LOCALE_CLOCK,      /* "10:00", for the first of two: "10:00–14:00 Uhr" */
};

/* Appends a local time ("2022-05-13T10:00", with or without seconds) or, for the dates, a day
 * ("2022-05-13"). False: it is none, and nothing was appended. */
bool locale_format_local(const struct locale *locale, const char *local, enum locale_date form,
                         struct buffer *out);

/* Appends from when until when, as people write it: "Friday, 13 May 2022, 10:00–14:00",
 * "Freitag, 13. Mai 2022, 10:00–14:00 Uhr", with both days where they differ. False: as above. */
bool locale_format_span(const struct locale *locale, const char *from, const char *until,
                        struct buffer *out);

/* Appends "2,000", "2.000". */
void locale_format_number(const struct locale *locale, int64_t number, struct buffer *out);

#endif
