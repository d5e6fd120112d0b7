/* The keyring: the newest key signs, all keys verify, and a bad directory gives a reason. */
#include "security/keyring.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "security/ticket.h"

enum { PATH_BYTES = 300 };

/* RFC 8032 section 7.1: TEST 1, 2, 3 and TEST SHA(abc). */
static const struct vector {
    const char *seed, *public_key, *message, *signature;
} vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf2",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fe"
     "ebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431"
     "e0303dca179c138ac17ad9bef1177331a704"},
};

static size_t from_hex(const char *text, unsigned char *bytes)
{
    size_t length = strlen(text) / 2;
    for (size_t i = 0; i < length; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &bytes[i]), 1);
    return length;
}

/* The path of a directory of keys that does not exist yet, in a temporary directory. */
struct fixture {
    char parent[PATH_BYTES / 2], directory[PATH_BYTES];
    char error[KEYRING_ERROR_BYTES];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    snprintf(fixture->parent, sizeof fixture->parent, "/tmp/einlass-keyring-XXXXXX");
    if (!mkdtemp(fixture->parent))
        return -1;
    snprintf(fixture->directory, sizeof fixture->directory, "%s/keys", fixture->parent);
    *state = fixture;
    return 0;
}

/* Finds the first or last key file. */
static char *find_key_file(const struct fixture *fixture, bool last, char ret_path[PATH_BYTES])
{
    char found[64] = "";
    DIR *listing = opendir(fixture->directory);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (!strstr(entry->d_name, ".jwk"))
            continue;
        int order = strcmp(entry->d_name, found);
        if (found[0] == '\0' || (last ? order > 0 : order < 0))
            snprintf(found, sizeof found, "%.40s", entry->d_name);
    }
    closedir(listing);
    assert_true(found[0] != '\0');
    snprintf(ret_path, PATH_BYTES, "%.200s/%s", fixture->directory, found);
    return ret_path;
}

static char *path_of(const struct fixture *fixture, const char *name, char ret_path[PATH_BYTES])
{
    snprintf(ret_path, PATH_BYTES, "%.200s/%s", fixture->directory, name);
    return ret_path;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    DIR *listing = opendir(fixture->directory);
    for (struct dirent *entry; listing && (entry = readdir(listing)) != NULL;)
        unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing)
        closedir(listing);
    rmdir(fixture->directory);
    rmdir(fixture->parent);
    free(fixture);
    return 0;
}

static void rotate(struct fixture *fixture, char kid[KEYRING_KID_TEXT_BYTES])
{
    assert_true(keyring_rotate(fixture->directory, kid, fixture->error));
}

static struct keyring *load(struct fixture *fixture)
{
    struct keyring *keyring = NULL;
    if (!keyring_load(fixture->directory, &keyring, fixture->error))
        fail_msg("%s", fixture->error);
    return keyring;
}

static void is_refused_with(struct fixture *fixture, const char *words)
{
    struct keyring *keyring = NULL;
    assert_false(keyring_load(fixture->directory, &keyring, fixture->error));
    assert_null(keyring);
    if (!strstr(fixture->error, words))
        fail_msg("'%s' does not say '%s'", fixture->error, words);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

static const char *newest_kid(const json_t *jwks)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(jwks, "keys"), 0), "kid"));
}

static void signs_the_vectors_of_rfc_8032(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        unsigned char seed[KEYRING_SEED_BYTES], message[64], expected[KEYRING_SIGNATURE_BYTES],
            signature[KEYRING_SIGNATURE_BYTES];
        from_hex(vectors[i].seed, seed);
        from_hex(vectors[i].signature, expected);
        size_t length = from_hex(vectors[i].message, message);
        struct keyring *keyring = keyring_from_seed(seed);
        const unsigned char *kid = keyring_signing_kid(keyring);
        keyring_sign(keyring, message, length, signature);
        assert_memory_equal(signature, expected, sizeof expected);
        assert_true(keyring_verify(keyring, kid, message, length, signature));
        signature[i] ^= 1;
        assert_false(keyring_verify(keyring, kid, message, length, signature));
        keyring_destroy(keyring);
    }
}

/* base64url of the public key of TEST 1; RFC 8037 appendix A.2 shows the same one. The kid by
 * Python: hashlib.blake2b(public_key, digest_size=32).hexdigest()[:8]. */
static void publishes_the_key_of_rfc_8037(void **state)
{
    (void)state;
    unsigned char seed[KEYRING_SEED_BYTES];
    from_hex(vectors[0].seed, seed);
    struct keyring *keyring = keyring_from_seed(seed);
    json_t *jwks = keyring_jwks(keyring);
    json_t *expected = json_loads("{\"keys\": [{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": "
                                  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\", \"kid\": "
                                  "\"7849ac30\", \"use\": \"sig\", \"alg\": \"EdDSA\"}]}",
                                  0, NULL);
    assert_true(json_equal(jwks, expected));
    json_decref(expected);
    json_decref(jwks);
    keyring_destroy(keyring);
}

static void makes_a_directory_that_only_its_owner_reads(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES];
    struct stat about;
    mode_t mask = umask(0);
    rotate(fixture, kid);
    umask(mask);
    assert_int_equal(stat(fixture->directory, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    assert_int_equal(stat(find_key_file(fixture, true, path), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(about.st_nlink, 1);
    assert_int_equal(stat(path_of(fixture, "secret", path), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(about.st_nlink, 1);
}

static void rotated_keys_sign_new_tickets_and_old_ones_still_verify(void **state)
{
    struct fixture *fixture = *state;
    char first_kid[KEYRING_KID_TEXT_BYTES], second_kid[KEYRING_KID_TEXT_BYTES];
    struct ticket_claims claims = {.event = "ball", .expires_at_us = CLOCK_SECOND_US}, read;
    struct buffer old, new;
    buffer_init(&old);
    buffer_init(&new);

    rotate(fixture, first_kid);
    struct keyring *before = load(fixture);
    ticket_sign(before, &claims, &old);
    rotate(fixture, second_kid);
    struct keyring *after = load(fixture);
    ticket_sign(after, &claims, &new);
    json_t *jwks = keyring_jwks(after);

    assert_int_equal(keyring_key_count(before), 1);
    assert_int_equal(keyring_key_count(after), 2);
    assert_string_not_equal(first_kid, second_kid);
    assert_string_equal(newest_kid(jwks), second_kid);
    assert_string_not_equal(old.bytes, new.bytes);
    assert_int_equal(ticket_read(after, old.bytes, &read), TICKET_GENUINE);
    assert_int_equal(ticket_read(after, new.bytes, &read), TICKET_GENUINE);
    assert_int_equal(ticket_read(before, new.bytes, &read), TICKET_FORGED);

    json_decref(jwks);
    keyring_destroy(before);
    keyring_destroy(after);
    buffer_finish(&old);
    buffer_finish(&new);
}

/* Makes five keys within a second. Each counts as later than the one before. */
static void the_key_made_last_signs_even_within_one_second(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 1; i <= 5; i++) {
        char kid[KEYRING_KID_TEXT_BYTES];
        rotate(fixture, kid);
        struct keyring *keyring = load(fixture);
        json_t *jwks = keyring_jwks(keyring);
        assert_int_equal(keyring_key_count(keyring), i);
        assert_string_equal(newest_kid(jwks), kid);
        json_decref(jwks);
        keyring_destroy(keyring);
    }
}

static void rotating_keeps_the_service_secret(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES];
    unsigned char before[32], after[32], other[32];
    rotate(fixture, kid);
    struct keyring *keyring = load(fixture);
    keyring_derive(keyring, "manage", "id", 2, before, sizeof before);
    keyring_destroy(keyring);
    rotate(fixture, kid);
    keyring = load(fixture);
    keyring_derive(keyring, "manage", "id", 2, after, sizeof after);
    keyring_derive(keyring, "verify", "id", 2, other, sizeof other);
    keyring_destroy(keyring);
    assert_memory_equal(before, after, sizeof before);
    assert_memory_not_equal(after, other, sizeof after);
}

static void a_directory_that_is_missing_or_empty_says_how_to_begin(void **state)
{
    struct fixture *fixture = *state;
    is_refused_with(fixture, "einlass keys rotate");
    assert_int_equal(mkdir(fixture->directory, 0700), 0);
    is_refused_with(fixture, "run einlass keys rotate");
}

static void files_that_others_may_read_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES];
    rotate(fixture, kid);
    assert_int_equal(chmod(find_key_file(fixture, true, path), 0604), 0);
    is_refused_with(fixture, "chmod 600");
    assert_int_equal(chmod(path, 0640), 0);
    keyring_destroy(load(fixture));
    assert_int_equal(chmod(path_of(fixture, "secret", path), 0644), 0);
    is_refused_with(fixture, "'secret' is open to others");
    assert_int_equal(chmod(path, 0600), 0);
    static const mode_t writable[] = {0720, 0770, 0702, 0777};
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
        assert_int_equal(chmod(fixture->directory, writable[i]), 0);
        is_refused_with(fixture, "chmod 700");
    }
    assert_int_equal(chmod(fixture->directory, 0755), 0);
    keyring_destroy(load(fixture));
}

static void damaged_files_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"kty\": \"OKP\"}",
        "{\"kty\": 1, \"crv\": [], \"x\": {}}",
        /* of RFC 8037 appendix A.1, with its d missing, cut, and that of another key */
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
        "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
        "\"d\":\"AWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}",
    };
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES];
    rotate(fixture, kid);
    find_key_file(fixture, true, path);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text(path, texts[i]);
        is_refused_with(fixture, strrchr(path, '/') + 1);
    }
    assert_non_null(strstr(fixture->error, "its x does not belong to its d"));
    /* A valid key that differs from its name. */
    write_text(path, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
                     "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}");
    is_refused_with(fixture, "7849ac30");
    char right[PATH_BYTES];
    assert_int_equal(rename(path, path_of(fixture, "20260513T080000Z-7849ac30.jwk", right)), 0);
    keyring_destroy(load(fixture));
}

static void a_damaged_or_missing_secret_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES], text[100];
    rotate(fixture, kid);
    path_of(fixture, "secret", path);
    write_text(path, hex);
    keyring_destroy(load(fixture));
    write_text(path, hex + 2);
    is_refused_with(fixture, "'secret' is damaged");
    snprintf(text, sizeof text, "%s00\n", hex);
    write_text(path, text);
    is_refused_with(fixture, "'secret' is damaged");
    snprintf(text, sizeof text, "%s x", hex);
    write_text(path, text);
    is_refused_with(fixture, "'secret' is damaged");
    assert_int_equal(unlink(path), 0);
    is_refused_with(fixture, "'secret'");
}

static void files_that_are_no_keys_are_left_alone(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES];
    rotate(fixture, kid);
    write_text(path_of(fixture, ".draft-0011223344556677", path), "half a ke");
    write_text(path_of(fixture, "README", path), "backed up on Mondays");
    keyring_destroy(load(fixture));
    write_text(path_of(fixture, "backup.jwk", path), "{}");
    is_refused_with(fixture, "'backup.jwk' is not named by");
}

static void rotation_says_why_it_cannot(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES] = "none", path[PATH_BYTES];
    snprintf(path, sizeof path, "%.200s/deep/deeper", fixture->parent);
    assert_false(keyring_rotate(path, kid, fixture->error));
    assert_non_null(strstr(fixture->error, "deep/deeper"));
    rotate(fixture, kid);
    snprintf(kid, sizeof kid, "none");
    write_text(find_key_file(fixture, true, path), "{}");
    assert_false(keyring_rotate(fixture->directory, kid, fixture->error));
    assert_non_null(strstr(fixture->error, strrchr(path, '/') + 1));
    assert_string_equal(kid, "none");
}

static void rotation_cannot_follow_a_key_from_the_end_of_time(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES], name[64], last[PATH_BYTES];
    rotate(fixture, kid);
    snprintf(name, sizeof name, "99991231T235959Z-%s.jwk", kid);
    assert_int_equal(rename(find_key_file(fixture, true, path), path_of(fixture, name, last)), 0);
    keyring_destroy(load(fixture));
    assert_false(keyring_rotate(fixture->directory, kid, fixture->error));
    assert_non_null(strstr(fixture->error, name));
    keyring_destroy(load(fixture));
}

static void there_is_a_limit_of_keys(void **state)
{
    struct fixture *fixture = *state;
    char kid[KEYRING_KID_TEXT_BYTES], path[PATH_BYTES];
    for (int i = 0; i < KEYRING_KEYS_MOST; i++)
        rotate(fixture, kid);
    assert_false(keyring_rotate(fixture->directory, kid, fixture->error));
    assert_non_null(strstr(fixture->error, "remove the oldest"));
    struct keyring *keyring = load(fixture);
    assert_int_equal(keyring_key_count(keyring), KEYRING_KEYS_MOST);
    keyring_destroy(keyring);
    assert_int_equal(unlink(find_key_file(fixture, false, path)), 0);
    rotate(fixture, kid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_vectors_of_rfc_8032),
        cmocka_unit_test(publishes_the_key_of_rfc_8037),
        TEST(makes_a_directory_that_only_its_owner_reads),
        TEST(rotated_keys_sign_new_tickets_and_old_ones_still_verify),
        TEST(the_key_made_last_signs_even_within_one_second),
        TEST(rotating_keeps_the_service_secret),
        TEST(a_directory_that_is_missing_or_empty_says_how_to_begin),
        TEST(files_that_others_may_read_are_refused),
        TEST(damaged_files_are_refused_by_name),
        TEST(a_damaged_or_missing_secret_is_refused),
        TEST(files_that_are_no_keys_are_left_alone),
        TEST(rotation_says_why_it_cannot),
        TEST(rotation_cannot_follow_a_key_from_the_end_of_time),
        TEST(there_is_a_limit_of_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
