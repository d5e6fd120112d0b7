/* Whatever stands where a time should: a time that was read is written and read back the same. */
#include "base/clock.h"

#include <stddef.h>

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct arena arena;
    int64_t at_us, again_us;
    char text[CLOCK_TEXT_BYTES];
    arena_init(&arena);
    const char *input = arena_copy_bytes(&arena, bytes, length);
    if (clock_parse(input, &at_us)) {
        clock_format(at_us, text);
        if (!clock_parse(text, &again_us) || again_us != at_us)
            abort();
    }
    if (clock_is_date(input) && clock_is_local(input))
        abort();
    arena_finish(&arena);
    return 0;
}
