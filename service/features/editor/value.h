/* The value of a field: as a definition has it, and as a page's form sends it. Both have one normal
 * form, so that they can be compared: null says nothing, and what may be left out is written out.
 */
#ifndef EINLASS_FEATURES_EDITOR_VALUE_H
#define EINLASS_FEATURES_EDITOR_VALUE_H

#include <jansson.h>
#include <stdbool.h>

#include "features/editor/edit.h"
#include "features/editor/fields.h"

/* Whether the field has a value for each language of the event. Its members are "title.de" … */
bool value_has_languages(const struct edit_field *field);

/* The name of the member in the arena: "title", or "title.de" with a language. */
const char *value_name(const struct edit *edit, const struct edit_field *field,
                       const char *language);

/* Of a definition's object. A new reference. `language` is NULL for fields without languages. */
json_t *value_stored(const struct edit_field *field, const char *language, const json_t *object);

/* Of a page's form, where text that is no number or time stays as it was typed. A new reference;
 * NULL: the form did not have the field. */
json_t *value_typed(const struct edit *edit, const struct edit_field *field, const char *language,
                    const json_t *typed);

/* Writes a value into a definition's object. Takes it. */
void value_set(const struct edit *edit, const struct edit_field *field, const char *language,
               json_t *object, json_t *value);

/* The value for people; in the arena. */
const char *value_say(const struct edit *edit, const struct edit_field *field, const json_t *value);

/* The name of a language for people; in the arena. */
const char *value_language(struct request *request, const char *code);

/* An answer that decides whether a question is asked: "Will you stay? – Yes"; in the arena. */
const char *value_condition(const struct edit *edit, const json_t *shown_if);

#endif
