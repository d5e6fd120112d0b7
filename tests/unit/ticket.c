/* Tickets: genuine ones are read in any spelling, and others are refused. */
#include "security/ticket.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"

enum { BYTES_MOST = 200 };

static const char *project; /* its folder, from the command line */

static const unsigned char seed_a[KEYRING_SEED_BYTES] = {1, 2, 3};
static const unsigned char seed_b[KEYRING_SEED_BYTES] = {4, 5, 6};

/* A keyring and a ticket that it signed. */
struct fixture {
    struct keyring *keyring;
    struct ticket_claims claims;
    struct buffer token;
    unsigned char bytes[BYTES_MOST];
    size_t length;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->keyring = keyring_from_seed(seed_a);
    fixture->claims = (struct ticket_claims){.event = "bionection-2022",
                                             .expires_at_us = 1652486400 * CLOCK_SECOND_US};
    id_make(&fixture->claims.id);
    buffer_init(&fixture->token);
    ticket_sign(fixture->keyring, &fixture->claims, &fixture->token);
    *state = fixture;
    return base32_decode(fixture->token.bytes, fixture->bytes, BYTES_MOST, &fixture->length) ? 0
                                                                                             : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    keyring_destroy(fixture->keyring);
    buffer_finish(&fixture->token);
    free(fixture);
    return 0;
}

static enum ticket_status status_of(const struct fixture *fixture, const char *text)
{
    struct ticket_claims claims;
    return ticket_read(fixture->keyring, text, &claims);
}

static enum ticket_status status_of_bytes(const struct fixture *fixture, const unsigned char *bytes,
                                          size_t length)
{
    struct buffer text;
    buffer_init(&text);
    base32_encode(bytes, length, &text);
    enum ticket_status status = status_of(fixture, buffer_text(&text));
    buffer_finish(&text);
    return status;
}

static void says_what_was_signed(void **state)
{
    struct fixture *fixture = *state;
    struct ticket_claims claims;
    assert_int_equal(ticket_read(fixture->keyring, fixture->token.bytes, &claims), TICKET_GENUINE);
    assert_true(id_equal(&claims.id, &fixture->claims.id));
    assert_string_equal(claims.event, fixture->claims.event);
    assert_int_equal(claims.expires_at_us, fixture->claims.expires_at_us);
}

static void round_trips_every_slug_length_and_expiry(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t expiries[] = {0,     23,         24,         255,         256,
                                       65535, 4294967295, 4294967296, 253402300799};
    for (size_t length = 1; length <= TICKET_EVENT_MOST; length++) {
        for (size_t i = 0; i < sizeof expiries / sizeof *expiries; i++) {
            struct ticket_claims claims = {.expires_at_us = expiries[i] * CLOCK_SECOND_US}, read;
            memset(claims.event, 'a', length);
            buffer_clear(&fixture->token);
            ticket_sign(fixture->keyring, &claims, &fixture->token);
            assert_int_equal(ticket_read(fixture->keyring, fixture->token.bytes, &read),
                             TICKET_GENUINE);
            assert_string_equal(read.event, claims.event);
            assert_int_equal(read.expires_at_us, claims.expires_at_us);
        }
    }
}

static void expires_in_the_second_its_time_lies_in(void **state)
{
    struct fixture *fixture = *state;
    struct ticket_claims read;
    fixture->claims.expires_at_us += CLOCK_SECOND_US - 1;
    buffer_clear(&fixture->token);
    ticket_sign(fixture->keyring, &fixture->claims, &fixture->token);
    assert_int_equal(ticket_read(fixture->keyring, fixture->token.bytes, &read), TICKET_GENUINE);
    assert_int_equal(read.expires_at_us, 1652486400 * CLOCK_SECOND_US);
}

static void starts_with_2kce_and_is_the_same_each_time(void **state)
{
    struct fixture *fixture = *state;
    struct buffer again;
    buffer_init(&again);
    ticket_sign(fixture->keyring, &fixture->claims, &again);
    assert_memory_equal(again.bytes, "2KCE", 4);
    assert_string_equal(again.bytes, fixture->token.bytes);
    buffer_finish(&again);
}

static void fits_the_qr_code_that_is_promised(void **state)
{
    struct fixture *fixture = *state;
    struct ticket_claims claims = fixture->claims;
    memset(claims.event, 'a', 24);
    claims.event[24] = '\0';
    buffer_clear(&fixture->token);
    ticket_sign(fixture->keyring, &claims, &fixture->token);
    assert_in_range(fixture->token.length, 1, 221); /* ISO/IEC 18004 table 7: 8-M, alphanumeric */
}

/* Loads docs/ticket-vector.json. */
static json_t *load_vector(struct keyring **ret_keyring)
{
    char path[4096];
    unsigned char seed[KEYRING_SEED_BYTES];
    snprintf(path, sizeof path, "%s/docs/ticket-vector.json", project);
    json_t *vector = json_load_file(path, 0, NULL);
    const char *text = json_string_value(json_object_get(vector, "seed"));
    for (size_t i = 0; i < sizeof seed; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &seed[i]), 1);
    *ret_keyring = keyring_from_seed(seed);
    return vector;
}

static void is_the_published_vector(void **state)
{
    (void)state;
    struct keyring *keyring;
    json_t *vector = load_vector(&keyring);
    const char *id, *event, *token;
    json_int_t expiry;
    json_t *jwks;
    assert_int_equal(json_unpack(vector, "{s:o, s:{s:s, s:s, s:I}, s:s}", "jwks", &jwks, "claims",
                                 "cti", &id, "aud", &event, "exp", &expiry, "token", &token),
                     0);
    json_t *ours = keyring_jwks(keyring);
    assert_true(json_equal(ours, jwks));

    struct ticket_claims claims = {.expires_at_us = expiry * CLOCK_SECOND_US};
    snprintf(claims.event, sizeof claims.event, "%s", event);
    assert_true(id_parse(id, &claims.id));
    struct buffer text;
    buffer_init(&text);
    ticket_sign(keyring, &claims, &text);
    assert_string_equal(text.bytes, token);

    buffer_finish(&text);
    json_decref(ours);
    json_decref(vector);
    keyring_destroy(keyring);
}

/* [what it is, text] each. */
static void all_are(const struct keyring *keyring, const json_t *given, enum ticket_status status)
{
    size_t i;
    json_t *one;
    assert_true(json_array_size(given) > 0);
    json_array_foreach (given, i, one) {
        struct ticket_claims claims;
        const char *about = json_string_value(json_array_get(one, 0));
        if (ticket_read(keyring, json_string_value(json_array_get(one, 1)), &claims) != status)
            fail_msg("a ticket given %s is read otherwise", about);
    }
}

static void is_read_however_scanners_and_people_give_it(void **state)
{
    (void)state;
    struct keyring *keyring;
    json_t *vector = load_vector(&keyring);
    all_are(keyring, json_object_get(vector, "given"), TICKET_GENUINE);
    all_are(keyring, json_object_get(vector, "not_given"), TICKET_UNKNOWN);
    keyring_destroy(keyring);
    json_decref(vector);
}

/* RFC 9864 names Ed25519 alone -19; the signature covers this name. */
static void is_read_with_the_newer_name_of_its_algorithm(void **state)
{
    struct fixture *fixture = *state;
    enum { ALGORITHM_AT = 5, PROTECTED_AT = 2, PROTECTED_BYTES = 10, PAYLOAD_AT = 13 };
    fixture->bytes[ALGORITHM_AT] = 0x32;
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length), TICKET_FORGED);
    struct buffer message = {0};
    buffer_add(&message, "\x84\x6aSignature1", 12);
    buffer_add(&message, fixture->bytes + PROTECTED_AT, PROTECTED_BYTES);
    buffer_add(&message, "\x40", 1);
    buffer_add(&message, fixture->bytes + PAYLOAD_AT,
               fixture->length - PAYLOAD_AT - 2 - KEYRING_SIGNATURE_BYTES);
    keyring_sign(fixture->keyring, (unsigned char *)message.bytes, message.length,
                 fixture->bytes + fixture->length - KEYRING_SIGNATURE_BYTES);
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length), TICKET_GENUINE);
    fixture->bytes[ALGORITHM_AT] = 0x33;
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length), TICKET_UNKNOWN);
    buffer_finish(&message);
}

static void is_refused_with_any_single_bit_flipped(void **state)
{
    struct fixture *fixture = *state;
    for (size_t bit = 0; bit < 8 * fixture->length; bit++) {
        fixture->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(status_of_bytes(fixture, fixture->bytes, fixture->length),
                             TICKET_GENUINE);
        fixture->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length), TICKET_GENUINE);
}

static void is_unknown_when_cut_anywhere(void **state)
{
    struct fixture *fixture = *state;
    for (size_t length = 0; length < fixture->length; length++)
        assert_int_equal(status_of_bytes(fixture, fixture->bytes, length), TICKET_UNKNOWN);
    for (size_t length = fixture->token.length - 1; length > 0; length--) {
        fixture->token.bytes[length] = '\0';
        assert_int_equal(status_of(fixture, fixture->token.bytes), TICKET_UNKNOWN);
    }
}

static void is_unknown_with_anything_behind_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->bytes[fixture->length] = 0;
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length + 1), TICKET_UNKNOWN);
}

static void is_unknown_in_any_other_encoding_of_the_same_claims(void **state)
{
    struct fixture *fixture = *state;
    /* The length of the payload in two bytes where one is enough: 58 LL becomes 59 00 LL. */
    size_t at = 2 + 6 + KEYRING_KID_BYTES + 1;
    assert_int_equal(fixture->bytes[at], 0x58);
    unsigned char longer[BYTES_MOST];
    memcpy(longer, fixture->bytes, at);
    longer[at] = 0x59;
    longer[at + 1] = 0;
    memcpy(longer + at + 2, fixture->bytes + at + 1, fixture->length - at - 1);
    assert_int_equal(status_of_bytes(fixture, longer, fixture->length + 1), TICKET_UNKNOWN);
    /* Without the tag it is still COSE_Sign1, but would be another text for the same ticket. */
    assert_int_equal(status_of_bytes(fixture, fixture->bytes + 1, fixture->length - 1),
                     TICKET_UNKNOWN);
}

/* RFC 8032, section 5.1.7: an S that is not below the group order must not verify. */
static void is_forged_with_the_group_order_added_to_its_signature(void **state)
{
    struct fixture *fixture = *state;
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,       0x63,
                                            0x12, 0x58, 0xd6, 0x9c, 0xf7,       0xa2,
                                            0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        unsigned char *s = &fixture->bytes[fixture->length - 32 + i];
        carry += (unsigned)*s + order[i];
        *s = (unsigned char)carry;
        carry >>= 8;
    }
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, fixture->length), TICKET_FORGED);
}

/* Makes a valid COSE_Sign1 with any payload of 24 to 255 bytes. */
static enum ticket_status status_of_payload(const struct fixture *fixture, const char *payload,
                                            size_t length)
{
    struct buffer message, token;
    unsigned char signature[KEYRING_SIGNATURE_BYTES];
    const unsigned char *kid = keyring_signing_kid(fixture->keyring);
    char head[] = {0x58, (char)length};
    buffer_init(&message);
    buffer_init(&token);
    buffer_add(&message, "\x84\x6aSignature1\x49\xa2\x01\x27\x04\x44", 18);
    buffer_add(&message, kid, KEYRING_KID_BYTES);
    buffer_add(&message, "\x40", 1);
    buffer_add(&message, head, sizeof head);
    buffer_add(&message, payload, length);
    keyring_sign(fixture->keyring, (unsigned char *)message.bytes, message.length, signature);
    buffer_add(&token, "\xd2\x84\x49\xa2\x01\x27\x04\x44", 8);
    buffer_add(&token, kid, KEYRING_KID_BYTES);
    buffer_add(&token, "\xa0", 1);
    buffer_add(&token, head, sizeof head);
    buffer_add(&token, payload, length);
    buffer_add(&token, "\x58\x40", 2);
    buffer_add(&token, signature, sizeof signature);
    enum ticket_status status =
        status_of_bytes(fixture, (unsigned char *)token.bytes, token.length);
    buffer_finish(&message);
    buffer_finish(&token);
    return status;
}

static void is_unknown_around_other_claims_even_if_we_signed_them(void **state)
{
    struct fixture *fixture = *state;
    static const char id[] = "\x07\x50"
                             "0123456789abcdef";
    static const struct {
        const char *start;
        size_t length;
        enum ticket_status status;
        const char *end;
    } claims[] = {
        {"\xa3\x03\x62"
         "ab"
         "\x04\x18\x20",
         8, TICKET_GENUINE, ""},
        {"\xa3\x03\x62"
         "ab"
         "\x04\x18\x20",
         8, TICKET_UNKNOWN, "\x01"}, /* bytes after the end */
        {"\xa3\x03\x62"
         "a."
         "\x04\x18\x20",
         8, TICKET_UNKNOWN, ""}, /* no slug */
        {"\xa3\x03\x62"
         "a\0"
         "\x04\x18\x20",
         8, TICKET_UNKNOWN, ""},
        {"\xa3\x03\x78\x02"
         "ab"
         "\x04\x18\x20",
         9, TICKET_UNKNOWN, ""}, /* longer than needed */
        {"\xa3\x03\x62"
         "ab"
         "\x04\x19\0\x20",
         9, TICKET_UNKNOWN, ""},
        {"\xa3\x03\x7f\x62"
         "ab\xff"
         "\x04\x18\x20",
         10, TICKET_UNKNOWN, ""}, /* indefinite length */
        {"\xa3\x03\x62"
         "ab"
         "\x04\x39\x01\x20",
         9, TICKET_UNKNOWN, ""}, /* before 1970 */
        {"\xa3\x03\x62"
         "ab"
         "\x04\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
         15, TICKET_UNKNOWN, ""},
        {"\xa4\x03\x62"
         "ab"
         "\x04\x18\x20",
         8, TICKET_UNKNOWN, "\x08\x01"}, /* a fourth claim */
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct buffer payload;
        buffer_init(&payload);
        buffer_add(&payload, claims[i].start, claims[i].length);
        buffer_add(&payload, id, sizeof id - 1);
        buffer_add_text(&payload, claims[i].end);
        assert_int_equal(status_of_payload(fixture, payload.bytes, payload.length),
                         claims[i].status);
        buffer_finish(&payload);
    }
}

static void is_read_in_lower_case_and_with_white_space(void **state)
{
    struct fixture *fixture = *state;
    struct buffer typed;
    buffer_init(&typed);
    for (size_t i = 0; i < fixture->token.length; i++) {
        char c = fixture->token.bytes[i];
        buffer_add_char(&typed, c >= 'A' ? (char)(c | 0x20) : c);
        if (i % 10 == 9)
            buffer_add_text(&typed, " \r\n");
    }
    assert_int_equal(status_of(fixture, typed.bytes), TICKET_GENUINE);
    buffer_finish(&typed);
}

static void is_read_with_y_and_z_exchanged_in_either_case(void **state)
{
    struct fixture *fixture = *state;
    int exchanged = 0;
    for (char *c = fixture->token.bytes; *c; c++) {
        if (*c == 'Y' || *c == 'Z') {
            *c = *c == 'Y' ? 'z' : 'Y';
            exchanged++;
        }
    }
    assert_true(exchanged > 0);
    struct ticket_claims claims;
    assert_int_equal(ticket_read(fixture->keyring, fixture->token.bytes, &claims), TICKET_GENUINE);
    assert_true(id_equal(&claims.id, &fixture->claims.id));
}

/* The last character has unused bits. With the exchanged letter the text is no base32. */
static void is_read_with_y_and_z_exchanged_in_its_last_character(void **state)
{
    struct fixture *fixture = *state;
    int seen = 0;
    for (int i = 0; i < 2000 && seen < 3; i++) {
        id_make(&fixture->claims.id);
        memset(fixture->claims.event, 'a', 16); /* 124 bytes: the last character holds two bits */
        buffer_clear(&fixture->token);
        ticket_sign(fixture->keyring, &fixture->claims, &fixture->token);
        char *last = &fixture->token.bytes[fixture->token.length - 1];
        if (*last != 'Y')
            continue;
        for (char *c = fixture->token.bytes; *c; c++)
            if (*c == 'Y' || *c == 'Z')
                *c = *c == 'Y' ? 'Z' : 'Y';
        assert_int_equal(status_of(fixture, fixture->token.bytes), TICKET_GENUINE);
        seen++;
    }
    assert_true(seen > 0);
}

static void is_forged_when_signed_by_a_key_we_do_not_have(void **state)
{
    struct fixture *fixture = *state;
    struct keyring *other = keyring_from_seed(seed_b);
    buffer_clear(&fixture->token);
    ticket_sign(other, &fixture->claims, &fixture->token);
    assert_int_equal(status_of(fixture, fixture->token.bytes), TICKET_FORGED);
    /* The same with the id of a key that the keyring has. */
    size_t length;
    assert_true(base32_decode(fixture->token.bytes, fixture->bytes, BYTES_MOST, &length));
    memcpy(fixture->bytes + 8, keyring_signing_kid(fixture->keyring), KEYRING_KID_BYTES);
    assert_int_equal(status_of_bytes(fixture, fixture->bytes, length), TICKET_FORGED);
    keyring_destroy(other);
}

static void writes_no_claims_of_a_ticket_it_refuses(void **state)
{
    struct fixture *fixture = *state;
    struct ticket_claims claims = {.event = "untouched"};
    fixture->bytes[fixture->length - 1] ^= 1;
    struct buffer text;
    buffer_init(&text);
    base32_encode(fixture->bytes, fixture->length, &text);
    assert_int_equal(ticket_read(fixture->keyring, text.bytes, &claims), TICKET_FORGED);
    assert_string_equal(claims.event, "untouched");
    buffer_finish(&text);
}

static void is_unknown_when_it_is_something_else(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {
        "",         " ",  "2KCE",    "https://example.org/", "WIFI:S:guest;;", "HC1:6BF",
        "\xff\xfe", "YZ", "2KCETIQB"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(status_of(fixture, texts[i]), TICKET_UNKNOWN);
}

static void is_unknown_when_longer_than_any_ticket(void **state)
{
    struct fixture *fixture = *state;
    struct buffer text;
    buffer_init(&text);
    buffer_add_text(&text, fixture->token.bytes);
    while (text.length < TICKET_GIVEN_MOST)
        buffer_add_char(&text, ' ');
    assert_int_equal(status_of(fixture, text.bytes), TICKET_GENUINE);
    buffer_add_char(&text, ' ');
    assert_int_equal(status_of(fixture, text.bytes), TICKET_UNKNOWN);
    while (text.length < 1000000)
        buffer_add_char(&text, 'A');
    assert_int_equal(status_of(fixture, text.bytes), TICKET_UNKNOWN);
    buffer_finish(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    project = argc > 1 ? argv[1] : ".";
    const struct CMUnitTest tests[] = {
        TEST(says_what_was_signed),
        TEST(round_trips_every_slug_length_and_expiry),
        TEST(expires_in_the_second_its_time_lies_in),
        TEST(starts_with_2kce_and_is_the_same_each_time),
        TEST(fits_the_qr_code_that_is_promised),
        TEST(is_the_published_vector),
        TEST(is_read_however_scanners_and_people_give_it),
        TEST(is_read_with_the_newer_name_of_its_algorithm),
        TEST(is_refused_with_any_single_bit_flipped),
        TEST(is_unknown_when_cut_anywhere),
        TEST(is_unknown_with_anything_behind_it),
        TEST(is_unknown_in_any_other_encoding_of_the_same_claims),
        TEST(is_forged_with_the_group_order_added_to_its_signature),
        TEST(is_unknown_around_other_claims_even_if_we_signed_them),
        TEST(is_read_in_lower_case_and_with_white_space),
        TEST(is_read_with_y_and_z_exchanged_in_either_case),
        TEST(is_read_with_y_and_z_exchanged_in_its_last_character),
        TEST(is_forged_when_signed_by_a_key_we_do_not_have),
        TEST(writes_no_claims_of_a_ticket_it_refuses),
        TEST(is_unknown_when_it_is_something_else),
        TEST(is_unknown_when_longer_than_any_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
