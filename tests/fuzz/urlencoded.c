/* Any bytes at all as a page form. */
#include <stdint.h>

#include "http/urlencoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    json_t *json;
    if (urlencoded_parse((const char *)bytes, length, URLENCODED_FIELDS_MOST, &json)) {
        char *text = json_dumps(json, JSON_COMPACT);
        if (!text)
            abort(); /* what was read can always be written */
        free(text);
        json_decref(json);
    }
    return 0;
}
