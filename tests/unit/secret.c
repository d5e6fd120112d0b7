/* Tokens, link keys, pairing codes and passwords: each opens only one thing. */
#include "security/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "security/password.h"
#include "security/security.h"

static const unsigned char seed_a[KEYRING_SEED_BYTES] = {1}, seed_b[KEYRING_SEED_BYTES] = {2};

static void tokens_carry_their_prefix_and_never_repeat(void **state)
{
    (void)state;
    char a[SECRET_TEXT_BYTES], b[SECRET_TEXT_BYTES];
    secret_make("einlass_", a);
    secret_make("einlass_", b);
    assert_memory_equal(a, "einlass_", 8);
    assert_int_equal(strlen(a), 8 + 32);
    assert_int_equal(strspn(a + 8, "abcdefghijklmnopqrstuvwxyz234567"), 32);
    assert_string_not_equal(a, b);
}

static void a_long_prefix_does_not_shorten_the_secret(void **state)
{
    (void)state;
    char a[SECRET_TEXT_BYTES], b[SECRET_TEXT_BYTES];
    secret_make("a_prefix_that_is_much_longer_than_allowed_", a);
    secret_make("a_prefix_that_is_much_longer_than_allowed_", b);
    assert_int_equal(strlen(a), SECRET_PREFIX_MOST + 32);
    assert_memory_equal(a, b, SECRET_PREFIX_MOST);
    assert_string_not_equal(a, b);
}

/* Python: hashlib.blake2b(b"abc", digest_size=32 and 16), which is RFC 7693's hash. */
static void hashes_are_blake2b_of_the_length_they_say(void **state)
{
    (void)state;
    static const unsigned char expected[SECRET_HASH_BYTES] = {
        0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef,
        0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
        0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19};
    static const unsigned char expected_digest[SECRET_DIGEST_BYTES] = {
        0xcf, 0x4a, 0xb7, 0x91, 0xc6, 0x2b, 0x8d, 0x2b,
        0x21, 0x09, 0xc9, 0x02, 0x75, 0x28, 0x78, 0x16};
    unsigned char hash[SECRET_HASH_BYTES], digest[SECRET_DIGEST_BYTES];
    secret_hash("abc", hash);
    secret_digest("abc", 3, digest);
    assert_memory_equal(hash, expected, sizeof expected);
    assert_memory_equal(digest, expected_digest, sizeof expected_digest);
}

static void a_link_key_opens_one_id_for_one_purpose_in_one_service(void **state)
{
    (void)state;
    struct keyring *ours = keyring_from_seed(seed_a), *other = keyring_from_seed(seed_b);
    struct id id, another;
    char key[SECRET_LINK_TEXT_BYTES], again[SECRET_LINK_TEXT_BYTES];
    id_make(&id);
    id_make(&another);
    secret_link_key(ours, "manage", &id, key);
    secret_link_key(ours, "manage", &id, again);
    assert_string_equal(key, again);
    assert_int_equal(strspn(key, "abcdefghijklmnopqrstuvwxyz234567"), 32);
    assert_int_equal(strlen(key), 32);
    assert_true(secret_link_key_matches(ours, "manage", &id, key));
    assert_false(secret_link_key_matches(ours, "manage", &another, key));
    assert_false(secret_link_key_matches(ours, "verify", &id, key));
    assert_false(secret_link_key_matches(other, "manage", &id, key));
    keyring_destroy(ours);
    keyring_destroy(other);
}

static void a_link_key_does_not_match_in_part_or_with_more(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed_a);
    struct id id;
    char key[SECRET_LINK_TEXT_BYTES + 1];
    id_make(&id);
    secret_link_key(keyring, "manage", &id, key);
    for (size_t i = 0; i < 32; i++) {
        char was = key[i];
        key[i] = was == 'a' ? 'b' : 'a';
        assert_false(secret_link_key_matches(keyring, "manage", &id, key));
        key[i] = '\0';
        assert_false(secret_link_key_matches(keyring, "manage", &id, key));
        key[i] = was;
    }
    key[32] = 'a';
    key[33] = '\0';
    assert_false(secret_link_key_matches(keyring, "manage", &id, key));
    keyring_destroy(keyring);
}

static bool same_pairing_hash(const struct keyring *a, const char *text_a, const struct keyring *b,
                              const char *text_b)
{
    unsigned char hash_a[SECRET_HASH_BYTES], hash_b[SECRET_HASH_BYTES];
    secret_pairing_hash(a, text_a, hash_a);
    secret_pairing_hash(b, text_b, hash_b);
    return secret_equal(hash_a, hash_b, sizeof hash_a);
}

static void pairing_codes_are_easy_to_read_and_differ(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed_a), *other = keyring_from_seed(seed_b);
    char code[SECRET_PAIRING_TEXT_BYTES], last[SECRET_PAIRING_TEXT_BYTES] = "";
    char again[SECRET_PAIRING_TEXT_BYTES];
    for (int i = 0; i < 200; i++) {
        struct id device_id;
        id_make(&device_id);
        secret_pairing_code(keyring, &device_id, code);
        secret_pairing_code(keyring, &device_id, again);
        assert_string_equal(code, again);
        secret_pairing_code(other, &device_id, again);
        assert_string_not_equal(code, again);
        assert_int_equal(strlen(code), 9);
        assert_int_equal(strspn(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
        assert_int_equal(code[4], '-');
        assert_int_equal(strspn(code + 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
        assert_string_not_equal(code, last);
        memcpy(last, code, sizeof code);
    }
    keyring_destroy(other);
    keyring_destroy(keyring);
}

static void a_pairing_code_is_found_however_it_was_typed(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed_a);
    static const char *const typed[] = {"7K10-9QXD",  "7k109qxd",        " 7K1O 9QXD\n",
                                        "7kio--9qxd", "7-k-L-0-9-q-x-d", "７Ｋ１０–9QXD\u200b"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        assert_true(same_pairing_hash(keyring, "7K10-9QXD", keyring, typed[i]));
    keyring_destroy(keyring);
}

static void another_pairing_code_or_service_has_another_hash(void **state)
{
    (void)state;
    struct keyring *ours = keyring_from_seed(seed_a), *other = keyring_from_seed(seed_b);
    static const char *const texts[] = {"", "7K10-9QXE", "7K10-9QX", "7K10-9QXDD",
                                        "7K10-9QXD-AAAA"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(same_pairing_hash(ours, "7K10-9QXD", ours, texts[i]));
    assert_false(same_pairing_hash(ours, "7K10-9QXD", other, "7K10-9QXD"));
    keyring_destroy(ours);
    keyring_destroy(other);
}

static void an_idempotency_key_names_one_id_in_its_scope(void **state)
{
    (void)state;
    struct id event, other_event, a, again, other_key, other_scope;
    id_make(&event);
    id_make(&other_event);
    secret_id_for_key(&event, "retry-1", &a);
    secret_id_for_key(&event, "retry-1", &again);
    secret_id_for_key(&event, "retry-2", &other_key);
    secret_id_for_key(&other_event, "retry-1", &other_scope);
    assert_true(id_equal(&a, &again));
    assert_false(id_equal(&a, &other_key));
    assert_false(id_equal(&a, &other_scope));
    assert_int_equal(a.bytes[6] >> 4, 8); /* RFC 9562 section 5.8 */
}

static void a_stamp_says_when_it_was_made_for_what_and_by_whom(void **state)
{
    (void)state;
    struct keyring *ours = keyring_from_seed(seed_a), *other = keyring_from_seed(seed_b);
    struct id event, another;
    char stamp[SECRET_STAMP_TEXT_BYTES], second[SECRET_STAMP_TEXT_BYTES];
    int64_t at_us = 0;
    id_make(&event);
    id_make(&another);
    secret_make_stamp(ours, "form", &event, INT64_C(1770000000123456), stamp);
    secret_make_stamp(ours, "form", &event, INT64_C(1770000000123456), second);
    assert_int_equal(strlen(stamp), SECRET_STAMP_TEXT_BYTES - 1);
    assert_string_not_equal(stamp, second);
    assert_true(secret_read_stamp(ours, "form", &event, stamp, &at_us));
    assert_int_equal(at_us, INT64_C(1770000000123000));
    assert_false(secret_read_stamp(ours, "form", &another, stamp, &at_us));
    assert_false(secret_read_stamp(ours, "mail", &event, stamp, &at_us));
    assert_false(secret_read_stamp(other, "form", &event, stamp, &at_us));
    keyring_destroy(ours);
    keyring_destroy(other);
}

static void a_stamp_that_was_changed_anywhere_is_none(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed_a);
    struct id event;
    char stamp[SECRET_STAMP_TEXT_BYTES + 1];
    int64_t at_us = -1;
    id_make(&event);
    secret_make_stamp(keyring, "form", &event, INT64_C(1770000000000000), stamp);
    for (size_t i = 0; i < SECRET_STAMP_TEXT_BYTES - 1; i++) {
        char was = stamp[i];
        stamp[i] = was == 'A' ? 'Q' : 'A';
        assert_false(secret_read_stamp(keyring, "form", &event, stamp, &at_us));
        stamp[i] = '\0';
        assert_false(secret_read_stamp(keyring, "form", &event, stamp, &at_us));
        stamp[i] = was;
    }
    stamp[SECRET_STAMP_TEXT_BYTES - 1] = 'A';
    stamp[SECRET_STAMP_TEXT_BYTES] = '\0';
    assert_false(secret_read_stamp(keyring, "form", &event, stamp, &at_us));
    assert_false(secret_read_stamp(keyring, "form", &event, "", &at_us));
    assert_int_equal(at_us, -1);
    keyring_destroy(keyring);
}

static void a_password_opens_only_its_own_hash(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_BYTES], again[PASSWORD_HASH_BYTES];
    assert_int_equal(password_hash("corréct horse", hash), PASSWORD_HASHED);
    assert_int_equal(password_hash("corréct horse", again), PASSWORD_HASHED);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_string_not_equal(hash, again);
    assert_true(password_matches(hash, "corréct horse"));
    assert_true(password_matches(again, "corréct horse"));
    assert_false(password_matches(hash, "corréct horsf"));
    assert_false(password_matches(hash, "corréct horse "));
}

static void passwords_have_limits(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_BYTES], longest[PASSWORD_MOST_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[PASSWORD_MOST_BYTES + 1] = '\0';
    assert_int_equal(password_hash("7 bytes", hash), PASSWORD_TOO_SHORT);
    assert_int_equal(password_hash(longest, hash), PASSWORD_TOO_LONG);
    longest[PASSWORD_MOST_BYTES] = '\0';
    assert_int_equal(password_hash(longest, hash), PASSWORD_HASHED);
    assert_true(password_matches(hash, longest));
    longest[PASSWORD_MOST_BYTES - 1] = 'y';
    assert_false(password_matches(hash, longest));
}

static void a_hash_that_is_none_matches_nothing(void **state)
{
    (void)state;
    static const char *const hashes[] = {"", "x", "$argon2id$", "corréct horse",
                                         "$argon2id$v=19$m=65536,t=2,p=1$"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        assert_false(password_matches(hashes[i], "corréct horse"));
}

static int set_up_group(void **state)
{
    (void)state;
    return security_init() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_carry_their_prefix_and_never_repeat),
        cmocka_unit_test(a_long_prefix_does_not_shorten_the_secret),
        cmocka_unit_test(hashes_are_blake2b_of_the_length_they_say),
        cmocka_unit_test(a_link_key_opens_one_id_for_one_purpose_in_one_service),
        cmocka_unit_test(a_link_key_does_not_match_in_part_or_with_more),
        cmocka_unit_test(pairing_codes_are_easy_to_read_and_differ),
        cmocka_unit_test(a_pairing_code_is_found_however_it_was_typed),
        cmocka_unit_test(another_pairing_code_or_service_has_another_hash),
        cmocka_unit_test(an_idempotency_key_names_one_id_in_its_scope),
        cmocka_unit_test(a_stamp_says_when_it_was_made_for_what_and_by_whom),
        cmocka_unit_test(a_stamp_that_was_changed_anywhere_is_none),
        cmocka_unit_test(a_password_opens_only_its_own_hash),
        cmocka_unit_test(passwords_have_limits),
        cmocka_unit_test(a_hash_that_is_none_matches_nothing),
    };
    return cmocka_run_group_tests(tests, set_up_group, NULL);
}
