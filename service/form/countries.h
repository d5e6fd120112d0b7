/* Countries by their ISO 3166-1 alpha-2 codes, with the names people look for. */
#ifndef EINLASS_FORM_COUNTRIES_H
#define EINLASS_FORM_COUNTRIES_H

#include <stdbool.h>
#include <stddef.h>

struct country {
    const char *code, *name;
};

/* All of them with their names in a language of ours (English for any other), in its order. */
const struct country *countries_in(const char *language, size_t *ret_count);

/* Two upper-case letters of a country there is. */
bool countries_has(const char *code);

/* Its name in a language of ours (English for any other); NULL: there is no such country. */
const char *countries_name(const char *code, const char *language);

#endif
