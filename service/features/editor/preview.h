/* Previews in frames of the editor's pages, made from what is typed. They store nothing. */
#ifndef EINLASS_FEATURES_EDITOR_PREVIEW_H
#define EINLASS_FEATURES_EDITOR_PREVIEW_H

struct request;

/* GET and POST …/edit/text/preview: the description as guests read it. */
void preview_show_text(struct request *request);

/* GET …/edit/form-preview, POST …/edit/{list}/{item}/preview: the sign-up form, to try it out. */
void preview_show_form(struct request *request);
void preview_show_form_with(struct request *request);

#endif
