#include "mail/line.h"

#include <unictype.h>
#include <unistr.h>

static bool is_blank(ucs4_t c)
{
    return c == ' ' || uc_is_general_category(c, UC_CATEGORY_Cc) || c == 0x2028 || c == 0x2029;
}

void line_add(struct buffer *out, const char *bytes, size_t length, size_t most_bytes)
{
    const uint8_t *at = (const uint8_t *)bytes, *end = at + length;
    size_t start = out->length;
    bool blank = false;
    while (at < end) {
        ucs4_t c;
        int size = u8_mbtoucr(&c, at, (size_t)(end - at));
        bool good = size > 0;
        size_t taken = good ? (size_t)size : 1, written = good ? taken : 1;
        if (good && is_blank(c)) {
            blank = out->length > start;
        } else if (out->length - start + blank + written > most_bytes) {
            return;
        } else {
            if (blank)
                buffer_add_char(out, ' ');
            blank = false;
            buffer_add(out, good ? (const char *)at : "?", written);
        }
        at += taken;
    }
}

bool line_is_ascii(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}
