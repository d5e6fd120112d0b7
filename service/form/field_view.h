/*
 * Fields of a form as data for a template: what was typed, and what was wrong with it. A field is
 * called what its pointer says with dots: what stands at "/attendees/0/name" is the field
 * "attendees.0.name". A field has
 *
 *     name, value, required; label, hint, error, describedby, autocomplete where there are any; and
 *     one of as_input {type, inputmode, is_date}, as_lines, as_yes_no {yes, no},
 *     as_choices {type, list, options}, as_select {options}, as_checkbox {checked},
 *     which say how it is drawn; an option has {id, slug, label, chosen}
 */
#ifndef EINLASS_FORM_FIELD_VIEW_H
#define EINLASS_FORM_FIELD_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "form/form.h"

enum { FIELD_RADIOS_MOST = 7 }; /* more choices are a drop-down list */

struct field_showing {
    struct arena *arena;
    const struct locale *locale;
    const json_t *errors; /* as findings_take gives them; NULL: none */
    const void *context;  /* for the fields' shown() and choice_label() */
    bool is_self;         /* who fills it in speaks of themselves: browsers may help */
};

/*
 * A form shown again, or for the first time: {"fields": [...], "has_problems", "problems"}. `typed`
 * is the object as it was sent or as form_write() gives it; NULL: none. A new reference.
 */
json_t *field_views(const struct field_showing *showing, const struct form *form,
                    const json_t *typed);

/* One field, called PREFIX.NAME ("" for no prefix), with the value typed for it. A new reference.
 */
json_t *field_view(const struct field_showing *showing, const struct form_field *field,
                   const char *prefix, const json_t *typed);

/* Only {"name", "value", "error"}, for a template that knows the rest. A new reference. */
json_t *field_view_plain(const json_t *errors, const char *name, const json_t *typed);

/* Adds "describedby" for those of the field's "hint", "only_if" and "error" that are there. */
void field_view_describe(struct arena *arena, json_t *field);

/* The field's name of a pointer. */
const char *field_view_name(struct arena *arena, const char *pointer);

/* The first error at a field; NULL: none. */
const char *field_view_error(const json_t *errors, const char *name);

/* The errors for the list on top: [{"field", "detail", "number"}]. Where there are several people,
 * `number` is that of the person whom an error below /attendees is about. A new reference. */
json_t *field_view_problems(struct arena *arena, const json_t *errors, bool several);

/* Whether an answer is this slug or has it among others; booleans are "true" and "false". */
bool field_view_chosen(const json_t *typed, const char *slug);

#endif
