/* The fields of a page as data for editor/field.html: what the document says, errors, what somebody
 * else saved meanwhile, and what a rule means for those who are registered. */
#ifndef EINLASS_FEATURES_EDITOR_LOOK_H
#define EINLASS_FEATURES_EDITOR_LOOK_H

#include <jansson.h>

#include "features/editor/edit.h"

enum { LOOK_CHOICES_MOST = 800 }; /* texts of choices that a page can hold */

/*
 * What every page with a form has, a new reference:
 *
 *     parts     [{"title", "is_folded", "is_open", "fields"}]
 *     version   which the page was made from
 *     problems  [{"href", "detail", "where"}], has_problems
 *     meanwhile {"who"}: somebody else saved other values, which stand beside the fields
 */
json_t *look_page(struct edit *edit);

/* One field; also for pages with a table of their own. A new reference; NULL: it does not apply. */
json_t *look_field(const struct edit *edit, const struct edit_field *field, const char *words);

/* The main language, and the further ones: the usual languages and those that the event has. A new
 * reference. */
json_t *look_languages(const struct edit *edit);

/* What the rule means for those who are registered, in the arena; NULL: nothing. */
const char *look_note(const struct edit *edit, const struct edit_field *field);

#endif
