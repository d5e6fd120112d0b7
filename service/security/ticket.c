#include "security/ticket.h"

#include <ctype.h>
#include <unistr.h>

#include "base/clock.h"
#include "base/text.h"

/*
 * This file reads and writes CBOR without a library, because a token has exactly one form. A
 * library accepts other forms (longer heads, other orders, indefinite lengths), which this file
 * would have to refuse afterwards, and it allocates memory for each token.
 */
enum cbor_type { CBOR_UINT = 0, CBOR_BYTES = 2, CBOR_TEXT = 3 };

enum { SIGNATURE_BYTES = KEYRING_SIGNATURE_BYTES };

#define EXPIRY_MOST UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static const unsigned char tag_18_array_4[] = {0xd2, 0x84};
static const unsigned char protected_until_kid[] = {0x49, 0xa2, 0x01, 0x27, 0x04, 0x44}; /* -8 */
static const unsigned char protected_ed25519[] = {0x49, 0xa2, 0x01, 0x32, 0x04, 0x44};   /* -19 */
static const unsigned char unprotected[] = {0xa0};
static const unsigned char map_3_audience[] = {0xa3, 0x03};
static const unsigned char expiry[] = {0x04};
static const unsigned char ticket_id[] = {0x07, 0x50};
static const unsigned char signature_head[] = {0x58, 0x40};

/* RFC 9052 section 4.4: ["Signature1", protected, external_aad h'', payload]. */
static const unsigned char array_4_signature1[] = {0x84, 0x6a, 'S', 'i', 'g', 'n',
                                                   'a',  't',  'u', 'r', 'e', '1'};
static const unsigned char no_external_data[] = {0x40};

struct writer {
    unsigned char bytes[TICKET_BYTES_MOST];
    size_t length;
};

struct reader {
    const unsigned char *at, *end;
};

/* The parts of a token in its bytes. */
struct token {
    const unsigned char *algorithm; /* the protected header until the kid */
    const unsigned char *kid, *payload, *signature;
    size_t payload_bytes;
};

static void put(struct writer *writer, const void *bytes, size_t length)
{
    memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

/* Writes the shortest form, as deterministic encoding demands (RFC 8949 section 4.2.1). */
static void put_head(struct writer *writer, enum cbor_type type, uint64_t value)
{
    unsigned first = (unsigned)type << 5;
    if (value < 24) {
        writer->bytes[writer->length++] = (unsigned char)(first | value);
        return;
    }
    int power = value <= UINT8_MAX ? 0 : value <= UINT16_MAX ? 1 : value <= UINT32_MAX ? 2 : 3;
    writer->bytes[writer->length++] = (unsigned char)(first | (24 + (unsigned)power));
    for (int shift = (8 << power) - 8; shift >= 0; shift -= 8)
        writer->bytes[writer->length++] = (unsigned char)(value >> shift);
}

#define PUT(writer, constant) put(writer, constant, sizeof constant)

static void put_payload(struct writer *writer, const struct ticket_claims *claims)
{
    size_t event_length = strnlen(claims->event, TICKET_EVENT_MOST);
    int64_t expires_at_us = claims->expires_at_us > 0 ? claims->expires_at_us : 0;
    PUT(writer, map_3_audience);
    put_head(writer, CBOR_TEXT, event_length);
    put(writer, claims->event, event_length);
    PUT(writer, expiry);
    put_head(writer, CBOR_UINT, (uint64_t)(expires_at_us / CLOCK_SECOND_US));
    PUT(writer, ticket_id);
    put(writer, claims->id.bytes, ID_BYTES);
}

static void put_protected(struct writer *writer, const unsigned char *algorithm,
                          const unsigned char *kid)
{
    put(writer, algorithm, sizeof protected_until_kid);
    put(writer, kid, KEYRING_KID_BYTES);
}

/* Writes the bytes that are signed. */
static void put_signed(struct writer *writer, const unsigned char *algorithm,
                       const unsigned char *kid, const unsigned char *payload, size_t payload_bytes)
{
    PUT(writer, array_4_signature1);
    put_protected(writer, algorithm, kid);
    PUT(writer, no_external_data);
    put_head(writer, CBOR_BYTES, payload_bytes);
    put(writer, payload, payload_bytes);
}

static void put_token(struct writer *token, const struct keyring *keyring, size_t key,
                      const struct ticket_claims *claims)
{
    const unsigned char *kid = keyring_kid(keyring, key);
    struct writer payload = {.length = 0}, message = {.length = 0};
    unsigned char signature[SIGNATURE_BYTES];
    put_payload(&payload, claims);
    put_signed(&message, protected_until_kid, kid, payload.bytes, payload.length);
    keyring_sign_with(keyring, key, message.bytes, message.length, signature);
    PUT(token, tag_18_array_4);
    put_protected(token, protected_until_kid, kid);
    PUT(token, unprotected);
    put_head(token, CBOR_BYTES, payload.length);
    put(token, payload.bytes, payload.length);
    PUT(token, signature_head);
    PUT(token, signature);
}

void ticket_sign(const struct keyring *keyring, const struct ticket_claims *claims,
                 struct buffer *out)
{
    struct writer token = {.length = 0};
    put_token(&token, keyring, 0, claims);
    base32_encode(token.bytes, token.length, out);
}

size_t ticket_bytes(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                    unsigned char ret_bytes[TICKET_BYTES_MOST])
{
    struct writer token = {.length = 0};
    put_token(&token, keyring, key, claims);
    memcpy(ret_bytes, token.bytes, token.length);
    return token.length;
}

static bool take(struct reader *reader, size_t length, const unsigned char **ret_bytes)
{
    if ((size_t)(reader->end - reader->at) < length)
        return false;
    *ret_bytes = reader->at;
    reader->at += length;
    return true;
}

static bool take_exactly(struct reader *reader, const unsigned char *expected, size_t length)
{
    const unsigned char *bytes;
    return take(reader, length, &bytes) && memcmp(bytes, expected, length) == 0;
}

#define TAKE(reader, constant) take_exactly(reader, constant, sizeof constant)

/* Refuses heads that put_head writes shorter, and values above `most`. */
static bool take_head(struct reader *reader, enum cbor_type type, uint64_t most,
                      uint64_t *ret_value)
{
    const unsigned char *head, *rest;
    if (!take(reader, 1, &head) || *head >> 5 != (int)type || (*head & 31) > 27)
        return false;
    size_t bytes = (*head & 31) < 24 ? 0 : (size_t)1 << ((*head & 31) - 24);
    uint64_t value = bytes == 0 ? *head & 31 : 0;
    if (!take(reader, bytes, &rest))
        return false;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | rest[i];
    struct writer shortest = {.length = 0};
    put_head(&shortest, type, value);
    *ret_value = value;
    return shortest.length == 1 + bytes && value <= most;
}

/* A key is of one kind, so both names of its algorithm mean the same signature. */
static bool take_algorithm(struct reader *reader, const unsigned char **ret_algorithm)
{
    return take(reader, sizeof protected_until_kid, ret_algorithm) &&
           (memcmp(*ret_algorithm, protected_until_kid, sizeof protected_until_kid) == 0 ||
            memcmp(*ret_algorithm, protected_ed25519, sizeof protected_ed25519) == 0);
}

static bool read_token(const unsigned char *bytes, size_t length, struct token *ret_token)
{
    struct reader reader = {bytes, bytes + length};
    uint64_t payload_bytes;
    bool good = TAKE(&reader, tag_18_array_4) && take_algorithm(&reader, &ret_token->algorithm) &&
                take(&reader, KEYRING_KID_BYTES, &ret_token->kid) && TAKE(&reader, unprotected) &&
                take_head(&reader, CBOR_BYTES, TICKET_BYTES_MOST, &payload_bytes) &&
                take(&reader, payload_bytes, &ret_token->payload) &&
                TAKE(&reader, signature_head) &&
                take(&reader, SIGNATURE_BYTES, &ret_token->signature) && reader.at == reader.end;
    if (good)
        ret_token->payload_bytes = payload_bytes;
    return good;
}

static bool read_payload(const struct token *token, struct ticket_claims *ret_claims)
{
    struct reader reader = {token->payload, token->payload + token->payload_bytes};
    const unsigned char *event, *id;
    uint64_t event_length, expires_at;
    if (!TAKE(&reader, map_3_audience) ||
        !take_head(&reader, CBOR_TEXT, TICKET_EVENT_MOST, &event_length) ||
        !take(&reader, event_length, &event) || !TAKE(&reader, expiry) ||
        !take_head(&reader, CBOR_UINT, EXPIRY_MOST, &expires_at) || !TAKE(&reader, ticket_id) ||
        !take(&reader, ID_BYTES, &id) || reader.at != reader.end)
        return false;
    memcpy(ret_claims->event, event, event_length);
    ret_claims->event[event_length] = '\0';
    ret_claims->expires_at_us = (int64_t)expires_at * CLOCK_SECOND_US;
    memcpy(ret_claims->id.bytes, id, ID_BYTES);
    return strlen(ret_claims->event) == event_length &&
           text_is_slug(ret_claims->event, TICKET_EVENT_MOST);
}

bool ticket_claims_event(const char *text, char ret_event[TICKET_EVENT_MOST + 1])
{
    enum { GROUP = 8 }; /* characters of whole bytes */
    char start[TICKET_TEXT_MOST + 1];
    unsigned char bytes[TICKET_BYTES_MOST];
    size_t length = strnlen(text, sizeof start - 1) / GROUP * GROUP;
    struct token token;
    const unsigned char *event;
    uint64_t payload, event_length;
    memcpy(start, text, length);
    start[length] = '\0';
    if (!base32_decode(start, bytes, sizeof bytes, &length))
        return false;
    struct reader reader = {bytes, bytes + length};
    if (!TAKE(&reader, tag_18_array_4) || !take_algorithm(&reader, &token.algorithm) ||
        !take(&reader, KEYRING_KID_BYTES, &token.kid) || !TAKE(&reader, unprotected) ||
        !take_head(&reader, CBOR_BYTES, TICKET_BYTES_MOST, &payload) ||
        !TAKE(&reader, map_3_audience) ||
        !take_head(&reader, CBOR_TEXT, TICKET_EVENT_MOST, &event_length) ||
        !take(&reader, event_length, &event))
        return false;
    memcpy(ret_event, event, event_length);
    ret_event[event_length] = '\0';
    return strlen(ret_event) == event_length && text_is_slug(ret_event, TICKET_EVENT_MOST);
}

static enum ticket_status read_once(const struct keyring *keyring, const char *text,
                                    struct ticket_claims *ret_claims)
{
    unsigned char bytes[TICKET_BYTES_MOST];
    size_t length;
    struct token token;
    struct ticket_claims claims;
    if (!base32_decode(text, bytes, sizeof bytes, &length) || !read_token(bytes, length, &token) ||
        !read_payload(&token, &claims))
        return TICKET_UNKNOWN;
    struct writer message = {.length = 0};
    put_signed(&message, token.algorithm, token.kid, token.payload, token.payload_bytes);
    if (!keyring_verify(keyring, token.kid, message.bytes, message.length, token.signature))
        return TICKET_FORGED;
    memcpy(claims.kid, token.kid, sizeof claims.kid);
    *ret_claims = claims;
    return TICKET_GENUINE;
}

static bool exchange_y_and_z(char *text)
{
    bool changed = false;
    for (; *text; text++) {
        static const char pairs[] = "YZYyzy";
        const char *found = strchr(pairs, *text);
        if (found) {
            *text = found[1];
            changed = true;
        }
    }
    return changed;
}

/* --- What is given --------------------------------------------------------------------------- */

static const char link_path[] = "/tickets/";

/* The length of "]Q1", "]d2" …: a scanner says first what kind of code it read (ISO/IEC 15424). */
static size_t symbology_length(const char *text)
{
    bool is_there = text[0] == ']' && ((text[1] | 0x20) >= 'a' && (text[1] | 0x20) <= 'z') &&
                    ((text[2] >= '0' && text[2] <= '9') || (text[2] >= 'A' && text[2] <= 'Z'));
    return is_there ? 3 : 0;
}

/* The length of "\000026", which tells the encoding of what follows (AIM ECI); 0: it is none. */
static size_t eci_length(const char *text)
{
    return text[0] == '\\' && strspn(text + 1, "0123456789") >= 6 ? 7 : 0;
}

/* Shows nothing, or is a hyphen: a token that was given in pieces has them. */
static bool is_skipped(uint32_t c)
{
    return c == '-' || (c >= 0x2010 && c <= 0x2015) || text_is_blank(c);
}

/* What people put around a token in a text: quotes, brackets, the end of a sentence. */
static bool is_around(uint32_t c)
{
    static const uint32_t others[] = {0xab,   0xbb,   0x2018, 0x2019, 0x201a, 0x201b,
                                      0x201c, 0x201d, 0x201e, 0x201f, 0x2039, 0x203a,
                                      0x3002, 0x300c, 0x300d, 0xff01, 0xff0c, 0xff0e};
    if (c < 0x80)
        return strchr("\"'`*_~()[]{}<>.,;:!?", (int)c) != NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i] == c)
            return true;
    }
    return false;
}

/* Copies the token's characters, which are ASCII; others stay, and nothing reads them. False: too
 * long, or not UTF-8. */
static bool find_token(const char *given, char ret_text[TICKET_TEXT_MOST + 1])
{
    const char *link = strcasestr(given, link_path),
               *at = link ? link + sizeof link_path - 1 : given;
    size_t length = 0;
    bool is_first = true, is_over = false;
    ucs4_t c;
    if (strnlen(given, TICKET_GIVEN_MOST + 1) > TICKET_GIVEN_MOST)
        return false;
    for (const uint8_t *next; (next = u8_next(&c, (const uint8_t *)at)) != NULL;) {
        const char *from = at;
        at = (const char *)next;
        if (is_skipped(c))
            continue;
        if (link && !isalnum((int)(c < 0x80 ? c : 0)))
            break;
        size_t skipped = is_first ? symbology_length(from) : 0;
        skipped = skipped > 0 ? skipped : eci_length(from);
        if (is_first && skipped == 0 && c != ']' && is_around(c))
            continue;
        is_first = false;
        if (skipped > 0) {
            at = from + skipped;
            continue;
        }
        if (is_around(c)) {
            is_over = true;
            continue;
        }
        size_t bytes = (size_t)(at - from);
        if (is_over)
            return false;
        if (length + bytes > TICKET_TEXT_MOST)
            return false;
        memcpy(ret_text + length, from, bytes);
        length += bytes;
    }
    ret_text[length] = '\0';
    return text_is_utf8(at, strlen(at));
}

enum ticket_status ticket_read(const struct keyring *keyring, const char *given,
                               struct ticket_claims *ret_claims)
{
    char text[TICKET_TEXT_MOST + 1];
    if (!find_token(given, text))
        return TICKET_UNKNOWN;
    enum ticket_status status = read_once(keyring, text, ret_claims);
    if (status == TICKET_GENUINE || !exchange_y_and_z(text))
        return status;
    enum ticket_status again = read_once(keyring, text, ret_claims);
    return status == TICKET_UNKNOWN || again == TICKET_GENUINE ? again : status;
}
