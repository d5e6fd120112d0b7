/* The pages of the sections. */
#ifndef EINLASS_FEATURES_EDITOR_SECTION_H
#define EINLASS_FEATURES_EDITOR_SECTION_H

#include "features/editor/edit.h"

/* GET and POST …/edit/{section} */
void section_show(struct request *request);
void section_save(struct request *request);

/* Answers the page of edit.section. */
void section_reply(struct edit *edit, int status);

#endif
