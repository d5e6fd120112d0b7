/* Any bytes at all as a page form with a file. */
#include <stdint.h>

#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena;
    struct multipart_file file;
    json_t *json;
    arena_init(&arena);
    if (multipart_parse(&arena, "multipart/form-data; boundary=b", (const char *)bytes, length,
                        &json, &file)) {
        if (file.field && (file.bytes < (const char *)bytes ||
                           file.bytes + file.length > (const char *)bytes + length))
            abort(); /* a file lies in the body */
        json_decref(json);
    }
    arena_finish(&arena);
    return 0;
}
