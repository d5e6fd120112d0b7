/* Fields of a form as data for their templates. A field is called what a body's pointer says with
 * dots: what stands at "/attendees/0/name" is the field "attendees.0.name". */
#ifndef EINLASS_FEATURES_REGISTRATION_FIELDS_H
#define EINLASS_FEATURES_REGISTRATION_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"

/* Makes a name of a pointer. */
const char *fields_name(struct arena *arena, const char *pointer);

/* The first of the errors (as findings_take gives them; NULL: none) at a field. NULL: none there.
 */
const char *fields_error(const json_t *errors, const char *name);

/* {"name", "value", "error"}; the value as text, whatever was typed. A new reference. */
json_t *fields_view(const json_t *errors, const char *name, const json_t *typed);

/* Adds "describedby" for those of the field's "hint", "only_if" and "error" that are there. */
void fields_describe(struct arena *arena, json_t *field);

/* The mistakes for the list on top: [{"field", "detail", "number"}], the number that of the person
 * a mistake is about, where there are several. A new reference. */
json_t *fields_problems(struct arena *arena, const json_t *errors, bool several);

/* Whether an answer is this slug or has it among others; booleans are "true" and "false". */
bool fields_chosen(const json_t *typed, const char *slug);

#endif
