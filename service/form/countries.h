/* Countries by their ISO 3166-1 alpha-2 codes, with their CLDR names. */
#ifndef EINLASS_FORM_COUNTRIES_H
#define EINLASS_FORM_COUNTRIES_H

#include <stdbool.h>
#include <stddef.h>

struct country {
    const char *code, *name;
};

/* All countries in one of our languages (English for any other), sorted as that language does. */
const struct country *countries_in(const char *language, size_t *ret_count);

/* True for the two upper-case letters of an existing country. */
bool countries_has(const char *code);

/* The name in one of our languages (English for any other); NULL: there is no such country. */
const char *countries_name(const char *code, const char *language);

#endif
