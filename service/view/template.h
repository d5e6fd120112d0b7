/*
 * Mustache templates: the required part of the Mustache specification (interpolation, sections,
 * inverted sections, comments, partials, delimiters) and its optional inheritance ({{<parent}}
 * with {{$block}}; without the re-indenting of blocks). No lambdas, no dynamic names.
 *
 * A set is filled and linked once at start and never changes again, so all threads render from it
 * without locks. Rendering only reads the data and takes no references. Several threads may render
 * one json_t at once if none changes it; the caller holds a reference until all are done.
 *
 * False values are null, false, 0, "" and []. A missing value renders as nothing. Escaping protects
 * HTML text and quoted attribute values only. Never put untrusted text into an unquoted attribute,
 * a style or a script (escape.h writes data for scripts).
 *
 * An extension of Mustache: the last part of a dotted name may be an aspect of a number or string.
 * {{#places.one}} is true if places is 1, for the plural. The format function writes all other
 * aspects, such as {{starts_at.date}} (locale.h). {{#people.0}} is the first element of an array (0
 * to 9), true if there is one: for what stands once around a list.
 */
#ifndef EINLASS_VIEW_TEMPLATE_H
#define EINLASS_VIEW_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/memory.h"

enum {
    TEMPLATE_ERROR_BYTES = 256,
    TEMPLATE_MOST_BYTES = 256 * 1024,      /* of one source */
    TEMPLATE_MOST_NESTING = 32,            /* sections and blocks open at once in one source */
    TEMPLATE_MOST_PARTS = 8,               /* of a dotted name */
    TEMPLATE_MOST_INDENT = 64,             /* bytes of white space before a partial */
    TEMPLATE_MOST_DEPTH = 128,             /* sections, partials and blocks open in one rendering */
    TEMPLATE_MOST_STEPS = 4 * 1024 * 1024, /* tags and texts run in one rendering */
    TEMPLATE_MOST_OUTPUT = 32 * 1024 * 1024, /* bytes of one rendering */
};

enum template_kind {
    TEMPLATE_HTML,    /* the text is HTML; {{x}} is escaped, {{{x}}} and {{&x}} are not */
    TEMPLATE_TEXT,    /* nothing is escaped */
    TEMPLATE_WORDING, /* plain text for HTML: text and variables are escaped; {{{x}}} and {{&x}}
                         are refused */
};

struct template;
struct template_set;

/*
 * Writes an aspect of a string or number as plain text, such as "date" of "2022-05-13T10:00".
 * False: the value has no such aspect; nothing was written. Runs in the rendering thread.
 */
typedef bool template_format(const void *context, const json_t *value, const char *aspect,
                             struct buffer *out);

struct template_options {
    template_format *format; /* NULL: no aspects but "one" */
    const void *format_context;
    bool missing_is_empty; /* a missing partial renders as nothing; else linking fails */
};

struct template_set *template_set_create(const struct template_options *options);
void template_set_destroy(struct template_set *set);

/*
 * Compiles a source and adds it under a new name. The source may be freed after the call. `set`
 * must not be linked yet. False: ret_error is "name:line: reason", and nothing was added.
 */
MUST_CHECK bool template_set_add(struct template_set *set, enum template_kind kind,
                                 const char *name, const char *source, size_t length,
                                 char ret_error[TEMPLATE_ERROR_BYTES]);

/*
 * Binds every partial and parent to its template. Call it once, before the first rendering. A text
 * cannot use an HTML template, HTML cannot use a text, and only HTML can use wordings. False:
 * ret_error is "name:line: reason".
 */
MUST_CHECK bool template_set_link(struct template_set *set, char ret_error[TEMPLATE_ERROR_BYTES]);

/* NULL: not found. The template lives as long as its set. */
const struct template *template_find(const struct template_set *set, const char *name);

/*
 * Appends the rendering. Names missing in `data` are looked up in `shared`, which holds the values
 * of all pages (language, address). Either may be NULL. False: a limit above was passed, `out` is
 * unchanged.
 */
MUST_CHECK bool template_render(const struct template *template, const json_t *shared,
                                const json_t *data, struct buffer *out);

/* Calls back for the name of every variable and section in order, as written ("event.title"). */
void template_visit_names(const struct template *template,
                          void visit(void *context, const char *name), void *context);

#endif
