/*
 * One visit of an editor's page. It loads the newest definition of the event and the one that the
 * page was made from. What was typed is compared with both, so that two people who change different
 * fields do not disturb each other: struct edit.document is the newest definition with what was
 * typed, and the page always shows the document.
 */
#ifndef EINLASS_FEATURES_EDITOR_EDIT_H
#define EINLASS_FEATURES_EDITOR_EDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "features/editor/fields.h"
#include "form/form.h"

struct event;
struct locale;
struct request;

enum { EDIT_BODY_BYTES = 256 * 1024 }; /* limit: body of a page of the editor */

/* Previews are shown in frames of the same site. The rest is as for every page (http/reply.c). */
#define EDIT_POLICY                                                                                \
    "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "            \
    "form-action 'self'; base-uri 'none'; font-src 'self'; style-src 'self'; frame-src 'self'; "   \
    "frame-ancestors 'none'"

/* Lives in the request's arena. edit_reply() and edit_see_other() release what it holds. */
struct edit {
    struct request *request;
    const struct edit_section *section; /* NULL: the page of an element */
    const struct edit_list *list;       /* NULL: the page of a section */
    const char *slug;                   /* of the element; NULL: a new one */
    size_t index;                       /* of the element in the document */
    void (*then)(struct edit *edit);    /* after loading */

    int version; /* of the newest definition */
    json_t *base, *current, *document;
    json_t *base_object;  /* edit_object() of the base; NULL: the base had none */
    const json_t *counts; /* {"registered", "waiting", "taken", "types": {…}, "is_told"} */
    const json_t *used;   /* of the element: edit_used.sql */
    const json_t *slugs;  /* that elements of the list ever had */
    const char *editor;   /* who wrote the newest version */
    json_t *conflicts;    /* {name of a field: what the newest version says, in words} */
    bool is_removed;      /* somebody removed the element */
    json_t *errors;       /* findings_take(), of the whole document; NULL: none */
    json_t *checked;      /* the document that they are about */
    int empty_rows;       /* for new choices; 0: as usual */
    const struct edit_saving *saving;
    int tries;
    int64_t moved; /* registrations that moved up */
    json_t *held;  /* what is released at the end */
};

/* Loads the event and calls `then`, or answers. For an element with its slug, loads also how it is
 * used. */
void edit_load(struct edit *edit);

/* Keeps a new reference until the answer, and returns it. */
json_t *edit_hold(struct edit *edit, json_t *json);

/* The object whose members the fields are: the document, or the element. Borrowed; NULL: there is
 * no such element. */
json_t *edit_object(const struct edit *edit);

/* What stands before the pointers of its members: "", "/questions/3". */
const char *edit_prefix(const struct edit *edit);

/* Writes what was typed into the document, and notes conflicts. */
void edit_merge(struct edit *edit, const json_t *typed);

/* Checks the document. False: `errors` says why. */
bool edit_check(struct edit *edit);

/* Reads the document as an event, for views; unknown members do no harm. NULL: it is no event. The
 * caller releases it. */
struct event *edit_event(const json_t *document);

/* Writes the change into the document, saves it and calls `saved`, or `refused` with `errors` or
 * `conflicts`. If somebody else saved meanwhile, it loads the event and tries again. */
struct edit_saving {
    void (*write)(struct edit *edit);
    void (*saved)(struct edit *edit);
    void (*refused)(struct edit *edit);
};
void edit_save(struct edit *edit, const struct edit_saving *saving);

/* --- Answers --------------------------------------------------------------------------------- */

/* The path of a page of the editor, "/desk/events/SLUG/edit/REST"; in the arena. */
const char *edit_path(const struct edit *edit, const char *rest);

void edit_reply(struct edit *edit, int status, const char *template, json_t *view);
void edit_see_other(struct edit *edit, const char *path);
void edit_refuse(struct edit *edit, int status, const char *code);

/* A wording in the arena. The data is taken and may be NULL. */
const char *edit_word(struct request *request, const char *key, json_t *data);

/* A text of the definition in a language, or in the first one that it has; "" without any. */
const char *edit_text(const json_t *text, const char *language);

#endif
