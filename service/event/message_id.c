#include "event/message_id.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "security/secret.h"

enum { NAMED_BYTES = 2 * ID_BYTES, KEY_BYTES = 13, BYTES = NAMED_BYTES + KEY_BYTES, DIGITS = 72 };

static void add_key(const struct keyring *keyring, unsigned char bytes[BYTES])
{
    unsigned char hash[16];
    keyring_derive(keyring, "message id", bytes, NAMED_BYTES, hash, sizeof hash);
    memcpy(bytes + NAMED_BYTES, hash, KEY_BYTES);
}

const char *message_id_write(const struct keyring *keyring, const struct message_ids *ids,
                             const char *wire, struct arena *arena)
{
    unsigned char bytes[BYTES];
    const char *at = wire ? strrchr(wire, '@') : NULL;
    struct buffer text;
    memcpy(bytes, ids->message_id.bytes, ID_BYTES);
    memcpy(bytes + ID_BYTES, ids->owner_id.bytes, ID_BYTES);
    add_key(keyring, bytes);
    buffer_init(&text);
    base32_encode(bytes, sizeof bytes, &text);
    for (size_t i = 0; i < text.length; i++)
        text.bytes[i] = (char)tolower((unsigned char)text.bytes[i]);
    buffer_add_text(&text, at ? at : "@localhost");
    const char *copy = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

bool message_id_read(const struct keyring *keyring, const char *text, struct message_ids *ret_ids)
{
    unsigned char given[BYTES], right[BYTES];
    char digits[DIGITS + 1];
    size_t length = strcspn(text, "@");
    if (length != DIGITS)
        return false;
    memcpy(digits, text, DIGITS);
    digits[DIGITS] = '\0';
    if (!base32_decode(digits, given, sizeof given, &length) || length != BYTES)
        return false;
    memcpy(right, given, NAMED_BYTES);
    add_key(keyring, right);
    if (!secret_equal(given, right, BYTES))
        return false;
    memcpy(ret_ids->message_id.bytes, given, ID_BYTES);
    memcpy(ret_ids->owner_id.bytes, given + ID_BYTES, ID_BYTES);
    return true;
}
