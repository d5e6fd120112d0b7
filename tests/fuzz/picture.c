/* Any bytes at all as a picture that somebody uploads. */
#include <stdint.h>

#include "view/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
const char *__lsan_default_suppressions(void);

/* The fonts of a drawing's text stay loaded. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libpango";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct picture_wish wish = {.width = 64, .height = 32, .is_photo = length % 2 == 1};
    struct picture picture, again;
    if (picture_convert(bytes, length, &wish, &picture) != PICTURE_READ)
        return 0;
    if (picture.width < 1 || picture.width > wish.width || picture.height < 1 ||
        picture.height > wish.height || (picture.is_jpeg && !wish.is_photo))
        abort(); /* it fits into the wish */
    if (picture_convert(picture.bytes.bytes, picture.bytes.length, &wish, &again) != PICTURE_READ)
        abort(); /* what we write is a picture */
    picture_finish(&picture);
    picture_finish(&again);
    return 0;
}
