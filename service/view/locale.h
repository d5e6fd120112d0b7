/*
 * The texts and formats of each language.
 *
 * Wordings are plain text in the files words.LANGUAGE.json of every folder:
 *
 *     {"register": {"title": "Register for {{event.title}}",
 *                   "places": "{{#n.one}}one place{{/n.one}}{{^n.one}}{{n.number}} places{{/n.one}}
 * left"}}
 *
 * A wording is itself a small Mustache template. A page uses it as the partial
 * {{> t.register.title}}: its text is HTML-escaped, its names are looked up where it is used. Plain
 * texts (mails, problem documents) use the same partial, or locale_text, without escaping.
 *
 * Assets that end in .html are pages, those in .txt plain texts. Partial names drop "features/" and
 * the ending: features/event/card.html is {{> event/card}}, web/head.html is {{> web/head}}.
 *
 * Every template may use these aspects. Local times, as event files write them, have {{x.date}}
 * (Friday, 13 May 2022), {{x.date_short}} (13 May 2022), {{x.time}} (10:00, 10:00 Uhr) and
 * {{x.clock}} (10:00, for the first time of a range). Whole numbers have {{x.number}} (2,000) and
 * {{#x.one}} (template.h).
 *
 * A set is loaded once at start and never changes. All threads share it without locks.
 */
#ifndef EINLASS_VIEW_LOCALE_H
#define EINLASS_VIEW_LOCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/memory.h"
#include "view/asset.h"
#include "view/template.h"

enum {
    LOCALE_ERROR_BYTES = 2 * TEMPLATE_ERROR_BYTES,
    LOCALE_MOST_RANGES = 32, /* of an Accept-Language header; the rest is ignored */
};

struct locale;
struct locale_set;

/* The codes of all languages, the default first; NULL ends the list. */
extern const char *const locale_languages[];

/*
 * Reads all wordings and templates of the assets. False: ret_error names the file and the mistake.
 * Mistakes are a broken file or template, a wording that one language lacks, a wording with other
 * names than in another language, a partial or wording that does not exist.
 */
MUST_CHECK bool locale_set_load(const struct asset *assets, size_t count,
                                char ret_error[LOCALE_ERROR_BYTES], struct locale_set **ret_set);
/*
 * The same without pages, in less than half the time, for a command that says a few sentences. The
 * languages are not compared.
 */
MUST_CHECK bool locale_set_load_texts(const struct asset *assets, size_t count,
                                      char ret_error[LOCALE_ERROR_BYTES],
                                      struct locale_set **ret_set);
void locale_set_destroy(struct locale_set *set);

/* Looks up a code, "de". NULL: the service has no such language. */
const struct locale *locale_find(const struct locale_set *set, const char *language);

/*
 * Chooses the best allowed language for an Accept-Language header (RFC 9110 section 12.5.4; NULL:
 * no header). NULL allows all languages; else `allowed` ends with NULL and has at least one
 * language of the service. "de" serves "de-AT" (RFC 4647 section 3.4). If nothing fits, the first
 * allowed.
 */
const struct locale *locale_negotiate(const struct locale_set *set, const char *header,
                                      const char *const *allowed);

const char *locale_code(const struct locale *locale); /* "de" */
const char *locale_name(const struct locale *locale); /* "Deutsch" */

/* Looks up a page or plain text by the full name of its asset, "event/event.html". NULL: not found.
 */
const struct template *locale_page(const struct locale *locale, const char *asset);
const struct template *locale_plain(const struct locale *locale, const char *asset);

bool locale_has(const struct locale *locale, const char *key);

/* Appends a wording as plain text; its names come from data (may be NULL). A missing key is a
 * mistake in the program; the key itself is appended. */
void locale_text(const struct locale *locale, const char *key, const json_t *data,
                 struct buffer *out);

/* The wordings below a key as templates, for a script that renders them: {"verdict.admitted": "…"}
 * below "app". A new reference. */
json_t *locale_sources(const struct locale *locale, const char *below);

enum locale_date {
    LOCALE_DATE_LONG,  /* "Friday, 13 May 2022", "Freitag, 13. Mai 2022" */
    LOCALE_DATE_SHORT, /* "13 May 2022", "13.05.2022" */
    LOCALE_TIME,       /* "10:00", "10:00 Uhr" */
    LOCALE_CLOCK,      /* "10:00", for the start of a range: "10:00–14:00 Uhr" */
};

/* Appends a local time ("2022-05-13T10:00", seconds optional). The date forms also take a day
 * ("2022-05-13"). False: `local` is neither, nothing was appended. */
bool locale_format_local(const struct locale *locale, const char *local, enum locale_date form,
                         struct buffer *out);

/* Appends a span of time: "Friday, 13 May 2022, 10:00–14:00", "Freitag, 13. Mai 2022, 10:00–14:00
 * Uhr". Names both days if they differ. False: as above. */
bool locale_format_span(const struct locale *locale, const char *from, const char *until,
                        struct buffer *out);

/* What separates thousands: ',' or '.'. */
char locale_thousands(const struct locale *locale);

/* Appends "2,000", "2.000". */
void locale_format_number(const struct locale *locale, int64_t number, struct buffer *out);

#endif
