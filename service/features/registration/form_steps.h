/* The buttons of the sign-up form: they add and remove people, and check an access code. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_STEPS_H
#define EINLASS_FEATURES_REGISTRATION_FORM_STEPS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"

/* The name of a hidden field: programs fill it in, browsers do not. */
#define FORM_TRAP "subject"

struct form_steps {
    bool unfinished; /* a button was pressed: show the form again */
    bool trapped;    /* the hidden field was filled in */
};

/* Removes the fields of the buttons from the typed values, and performs their actions. `code` is
 * the cleaned access code; NULL: none, or a wrong one. */
struct form_steps form_steps_take(const struct event *event, json_t *typed, const char *code);

#endif
