/* Whatever stands in a field for an address: an address that was read reads as itself again. */
#include "base/email.h"

#include <stddef.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct arena arena;
    struct email email, again;
    arena_init(&arena);
    if (email_parse(&arena, arena_copy_bytes(&arena, bytes, length), &email)) {
        if (strlen(email.address) > EMAIL_MOST_BYTES || strlen(email.key) > EMAIL_MOST_BYTES ||
            strpbrk(email.address, " \t\r\n<>\",;"))
            abort();
        if (!email_parse(&arena, email.address, &again) || strcmp(again.key, email.key) != 0)
            abort();
    }
    arena_finish(&arena);
    return 0;
}
