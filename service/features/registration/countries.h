/* Countries by their ISO 3166-1 alpha-2 codes. */
#ifndef EINLASS_FEATURES_REGISTRATION_COUNTRIES_H
#define EINLASS_FEATURES_REGISTRATION_COUNTRIES_H

#include <stdbool.h>
#include <stddef.h>

/* All codes in alphabetical order, NULL past the last. */
const char *countries_code(size_t index);

/* Two upper-case letters of a country there is. */
bool countries_has(const char *code);

#endif
