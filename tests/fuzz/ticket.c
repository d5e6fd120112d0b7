/*
 * Whatever a scanner reads: a ticket is genuine only if it is, byte for byte, what we would sign
 * for its claims. Half of the runs sign the input's bytes as a payload, to get behind base32.
 */
#include "security/ticket.h"

#include <stddef.h>

#include "base/text.h"

static struct keyring *keyring;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const unsigned char seed[KEYRING_SEED_BYTES] = {1};
    (void)argc;
    (void)argv;
    keyring = keyring_from_seed(seed);
    return 0;
}

static void read_text(const char *text)
{
    struct ticket_claims claims;
    if (ticket_read(keyring, text, &claims) != TICKET_GENUINE)
        return;
    struct buffer again;
    buffer_init(&again);
    ticket_sign(keyring, &claims, &again);
    unsigned char ours[TICKET_TEXT_MOST], theirs[TICKET_TEXT_MOST];
    size_t our_length, their_length;
    bool same = base32_decode(again.bytes, ours, sizeof ours, &our_length) &&
                base32_decode(text, theirs, sizeof theirs, &their_length) &&
                our_length == their_length && memcmp(ours, theirs, our_length) == 0;
    buffer_finish(&again);
    /* Typed with Y and Z exchanged it reads differently; everything else is a second spelling. */
    if (!same && !strpbrk(text, "YZyz"))
        abort();
}

/* COSE_Sign1 around any payload, with a signature that is right. */
static void read_signed(const unsigned char *payload, unsigned char length)
{
    struct buffer message, token, text;
    unsigned char signature[KEYRING_SIGNATURE_BYTES];
    const unsigned char *kid = keyring_signing_kid(keyring);
    char head[] = {0x58, (char)length};
    buffer_init(&message);
    buffer_init(&token);
    buffer_init(&text);
    buffer_add(&message, "\x84\x6aSignature1\x49\xa2\x01\x27\x04\x44", 18);
    buffer_add(&message, kid, KEYRING_KID_BYTES);
    buffer_add(&message, "\x40", 1);
    buffer_add(&message, head, sizeof head);
    buffer_add(&message, payload, length);
    keyring_sign(keyring, (unsigned char *)message.bytes, message.length, signature);
    buffer_add(&token, "\xd2\x84\x49\xa2\x01\x27\x04\x44", 8);
    buffer_add(&token, kid, KEYRING_KID_BYTES);
    buffer_add(&token, "\xa0", 1);
    buffer_add(&token, head, sizeof head);
    buffer_add(&token, payload, length);
    buffer_add(&token, "\x58\x40", 2);
    buffer_add(&token, signature, sizeof signature);
    base32_encode((unsigned char *)token.bytes, token.length, &text);
    read_text(text.bytes);
    buffer_finish(&message);
    buffer_finish(&token);
    buffer_finish(&text);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    if (length > 0 && bytes[0] % 2 && length <= UINT8_MAX) {
        read_signed(bytes + 1, (unsigned char)(length - 1));
        return 0;
    }
    struct buffer text;
    buffer_init(&text);
    buffer_add(&text, bytes, length);
    read_text(buffer_text(&text));
    buffer_finish(&text);
    return 0;
}
