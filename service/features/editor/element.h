/* The pages of a ticket type, a question, a consent or a door. */
#ifndef EINLASS_FEATURES_EDITOR_ELEMENT_H
#define EINLASS_FEATURES_EDITOR_ELEMENT_H

#include <stdbool.h>

struct edit;
struct request;

/* GET and POST …/edit/{list}/{item}; the item is a slug, or "new". */
void element_show(struct request *request);
void element_save(struct request *request);

/* POST: gives the element another place, or removes it. */
void element_move(struct request *request);
void element_remove(struct request *request);

/* Finds the list and the element of a path. False: there is no such list, and the request was
 * answered. */
bool element_begin(struct request *request, struct edit *ret_edit);

/* Writes what was typed into the document, with all that an element needs. */
void element_write(struct edit *edit);

#endif
