/* What somebody does with the sign-up form before it counts: buttons that add and take away people,
 * an access code that opens more ticket types. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_STEPS_H
#define EINLASS_FEATURES_REGISTRATION_FORM_STEPS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"

/* A field that nobody sees. Named so that programs like to fill it in and browsers do not. */
#define FORM_TRAP "subject"

struct form_steps {
    bool unfinished; /* it is to be shown again before it counts */
    bool trapped;    /* the field that nobody sees was filled in */
};

/*
 * Takes the form's own fields out of what was typed and does what its buttons ask for. The code is
 * the one that was given, cleaned; NULL: none, or a wrong one.
 */
struct form_steps form_steps_take(const struct event *event, json_t *typed, const char *code);

#endif
