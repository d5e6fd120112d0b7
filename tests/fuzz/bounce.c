/* Any bytes at all as a mail that a mail server passes on: what is read of it is bounded and UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena;
    struct bounce bounce;
    arena_init(&arena);
    bounce_read(&arena, bytes, length, &bounce);
    if (bounce.kind != BOUNCE_REPORT && bounce.recipient_count > 0)
        abort();
    for (size_t i = 0; i < bounce.id_count; i++) {
        if (!text_is_utf8(bounce.ids[i], strlen(bounce.ids[i])))
            abort();
    }
    for (size_t i = 0; i < bounce.recipient_count; i++) {
        const struct bounce_recipient *recipient = &bounce.recipients[i];
        size_t said = strlen(recipient->words);
        if (*recipient->address == '\0' || recipient->code < 400 || recipient->code > 559 ||
            said > BOUNCE_WORDS_MOST || !text_is_utf8(recipient->words, said) ||
            !text_is_utf8(recipient->address, strlen(recipient->address)))
            abort();
    }
    arena_finish(&arena);
    return 0;
}
