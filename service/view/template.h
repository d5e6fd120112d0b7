/*
 * Mustache templates: the required part of the Mustache specification (interpolation, sections,
 * inverted sections, comments, partials, delimiters) and its optional inheritance ({{<parent}}
 * with {{$block}}; without the re-indenting of blocks). No lambdas, no dynamic names.
 *
 * A set is filled and linked once at start. After that nothing in it changes, so any number of
 * threads render from it at once without locks. Rendering only reads the data: several threads may
 * render one json_t at the same time as long as none of them changes it, and whoever hands it to
 * them holds a reference until all are done (rendering itself takes and drops no references).
 *
 * What counts as false: null, false, 0, "" and []. A missing value renders as nothing.
 * Escaping is for HTML text and for attribute values in quotes; nothing of a stranger belongs
 * into an unquoted attribute, a style, or a script (see escape.h for data in scripts).
 *
 * One thing more than Mustache: where a dotted name goes on behind a number or a string, its last
 * part may be an aspect of that value. {{#places.one}} holds where places is the number 1, for the
 * plural; all other aspects ({{starts_at.date}}) are the format function's, see locale.h.
 */
#ifndef EINLASS_VIEW_TEMPLATE_H
#define EINLASS_VIEW_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/buffer.h"

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
    TEMPLATE_HTML,    /* its text is HTML, {{x}} is escaped, {{{x}}} and {{&x}} are not */
    TEMPLATE_TEXT,    /* nothing is escaped */
    TEMPLATE_WORDING, /* plain text on its way into HTML: its text and all variables are escaped,
                         {{{x}}} and {{&x}} are refused */
};

struct template;
struct template_set;

/*
 * Writes an aspect of a string or a number, "date" of "2022-05-13T10:00", as plain text. False: no
 * such aspect of such a value; nothing was written. Runs during rendering, in its thread.
 */
typedef bool template_format(const void *context, const json_t *value, const char *aspect,
                             struct buffer *out);

struct template_options {
    template_format *format; /* NULL: no aspects but "one" */
    const void *format_context;
    bool missing_is_empty; /* a partial that is not there renders as nothing; else linking fails */
};

struct template_set *template_set_create(const struct template_options *options);
void template_set_destroy(struct template_set *set);

/*
 * Compiles a source, which need not outlive the call, under a name that is not taken yet. False:
 * ret_error says "name:line: reason", and nothing was added. `set` is not linked yet.
 */
MUST_CHECK bool template_set_add(struct template_set *set, enum template_kind kind,
                                 const char *name, const char *source, size_t length,
                                 char ret_error[TEMPLATE_ERROR_BYTES]);

/*
 * Binds every partial and parent to its template, once, before the first rendering. A text cannot
 * use an HTML template nor the other way round (wordings go into HTML only). False: ret_error
 * says "name:line: reason".
 */
MUST_CHECK bool template_set_link(struct template_set *set, char ret_error[TEMPLATE_ERROR_BYTES]);

/* NULL: there is none. The template lives as long as its set. */
const struct template *template_find(const struct template_set *set, const char *name);

/*
 * Appends the rendering. `data` is the outermost context but one: names it does not have are
 * looked up in `shared` (what all pages show: language, address, who is logged in). Either may be
 * NULL. False: one of the limits above was passed, and `out` is as it was before.
 */
MUST_CHECK bool template_render(const struct template *template, const json_t *shared,
                                const json_t *data, struct buffer *out);

/* Calls back for the name of every variable and section in order, as written ("event.title"). */
void template_visit_names(const struct template *template,
                          void visit(void *context, const char *name), void *context);

#endif
