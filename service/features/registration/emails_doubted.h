/* Addresses in the sign-up form that look mistyped ("ada@gmial.com"). The page asks once whether
 * another one is meant, with a button for each answer. The API never asks. */
#ifndef EINLASS_FEATURES_REGISTRATION_EMAILS_DOUBTED_H
#define EINLASS_FEATURES_REGISTRATION_EMAILS_DOUBTED_H

#include <jansson.h>

#include "base/memory.h"

struct locale;

/* Takes the fields of the buttons out of the typed values and does what they say. The list
 * "kept_emails" has the addresses that are meant as they are typed. */
void emails_take_steps(struct arena *arena, json_t *typed);

/* The findings for the other ones, a new reference; NULL: none looks mistyped. */
json_t *emails_doubted(struct arena *arena, const json_t *typed, const struct locale *locale);

#endif
