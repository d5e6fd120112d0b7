/* The forms of a person's page: what all of them share, the correction, and handing on. */
#ifndef EINLASS_FEATURES_REGISTRATION_PERSON_FORM_H
#define EINLASS_FEATURES_REGISTRATION_PERSON_FORM_H

#include "features/registration/person.h"

/* Returns the view of a form, a new reference: whether the guest is told, the typed words, the
 * refusal, and the changes that others made meanwhile. */
json_t *person_form_view(struct visit *visit, const char *action);

/* Answers with the form. Takes the view. */
void person_form_reply(struct visit *visit, const char *template, json_t *view);

/* Answers a change: by the person's page, or the person's view for the API. */
void person_form_done(struct visit *visit, const char *action);

/* Asks again, with what was typed. Takes the errors. */
void person_form_refuse(struct visit *visit, void (*ask)(struct visit *visit), int status,
                        const char *code, json_t *errors);

void person_form_ask_correction(struct visit *visit);
void person_form_correct(struct visit *visit);
void person_form_ask_hand_on(struct visit *visit);
void person_form_hand_on(struct visit *visit);

#endif
