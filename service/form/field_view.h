/*
 * Fields of a form as data for form/field.html: their typed values and their errors. The name of a
 * field is its pointer with dots: the pointer "/attendees/0/name" gives "attendees.0.name". A view
 * of a field has
 *
 *     name, value, required;
 *     label, hint, error, describedby, autocomplete, if there are any;
 *     one control: as_input {type, inputmode, is_date}, as_lines, as_yes_no {yes, no, none},
 *     email_meant {address, typed} or email_kept of an address (email_meant.html);
 *     as_choices {type, list, options, can_be_none, none}, as_select {options} or as_checkbox
 *     {checked}; or as_date {parts} with a field for each part of a day.
 *     An option has {id, slug, label, chosen}.
 */
#ifndef EINLASS_FORM_FIELD_VIEW_H
#define EINLASS_FORM_FIELD_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "form/form.h"

enum { FIELD_RADIOS_MOST = 7 }; /* more choices become a drop-down list */

struct field_showing {
    struct arena *arena;
    const struct locale *locale;
    const json_t *errors;      /* from findings_take; NULL: none */
    const json_t *kept_emails; /* from request_kept_emails() */
    const void *context;       /* for the fields' shown() and choice_label() */
    bool is_self;              /* people enter their own data: browsers may fill it in */
};

/* The view of a form: {"fields": [...], "has_problems", "problems"}. `typed` is the object that was
 * sent, or that form_write() gives; NULL: none. A new reference. */
json_t *field_views(const struct field_showing *showing, const struct form *form,
                    const json_t *typed);

/* The view of one field with its typed value. Its name is PREFIX.NAME, or NAME if the prefix is "".
 * A new reference. */
json_t *field_view(const struct field_showing *showing, const struct form_field *field,
                   const char *prefix, const json_t *typed);

/* Only {"name", "value", "error"}, for templates with a control of their own. A new reference. */
json_t *field_view_plain(const json_t *errors, const char *name, const json_t *typed);

/* The same for an address that people type, with what form/email_meant.html shows: buttons if
 * the page asks whether another one is meant; else a note that this one is meant, if it is among
 * `kept` or, as there is no form (NULL), it is stored. A new reference. */
json_t *field_view_email(struct arena *arena, const json_t *kept, const json_t *errors,
                         const char *name, const json_t *typed);

/* Adds "describedby": the ids of the field's "hint", "only_if" and "error", if it has them. */
void field_view_describe(struct arena *arena, json_t *field);

/* The name of the field at a pointer. */
const char *field_view_name(struct arena *arena, const char *pointer);

/* Whether an error's pointer is that of the field. */
bool field_view_is_at(const char *pointer, const char *name);

/* The first error at a field; NULL: none. */
const char *field_view_error(const json_t *errors, const char *name);

/* The errors for the list above the form: [{"field", "detail", "number"}]. With `several` people,
 * an error below /attendees has the number of its person. A new reference. */
json_t *field_view_problems(struct arena *arena, const json_t *errors, bool several);

/* Whether an answer is this slug, or a list with it. Booleans have the slugs "true" and "false". */
bool field_view_chosen(const json_t *typed, const char *slug);

#endif
