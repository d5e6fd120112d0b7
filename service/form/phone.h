/* Phone numbers as people write them. */
#ifndef EINLASS_FORM_PHONE_H
#define EINLASS_FORM_PHONE_H

#include "base/memory.h"

/*
 * Reads a clean text: "+49 341 1234567", "(+49) 341 …", "0341/1234567", "tel:+49-341-1234567",
 * "Tel.: …", an extension as "ext. 12", "x12", "#12", ";ext=12" or "Durchwahl 12". Gives digits
 * with the spaces, brackets, slashes, dots and hyphens as they stand, and " ext. 12"; a country
 * code without brackets. NULL: it is none, or has less digits than KIND_PHONE_LEAST_DIGITS or more
 * than KIND_PHONE_MOST_DIGITS.
 */
const char *phone_read(struct arena *arena, const char *text);

#endif
