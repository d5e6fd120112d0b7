#include "security/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

enum {
    FILE_BYTES_MOST = 4096,
    BASE64_BYTES = 44, /* 32 bytes are 43 characters and a NUL */
    NAME_BYTES = sizeof "20261123T081202Z-1a2b3c4d.jwk",
};

struct key {
    char name[NAME_BYTES];
    unsigned char kid[KEYRING_KID_BYTES];
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char private_key[crypto_sign_SECRETKEYBYTES];
};

struct keyring {
    unsigned char secret[KEYRING_SECRET_BYTES];
    size_t count;
    struct key keys[KEYRING_KEYS_MOST]; /* newest first */
};

static const char secret_name[] = "secret", key_suffix[] = ".jwk";

/* Writes the error and returns false. */
__attribute__((format(printf, 2, 3))) static bool fail(char *ret_error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ret_error, KEYRING_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_file(char *ret_error, const char *name, const char *what)
{
    return fail(ret_error, "key file '%s' %s", name, what);
}

static bool fail_system(char *ret_error, const char *action, const char *name)
{
    return fail(ret_error, "cannot %s key file '%s': %s", action, name, strerror(errno));
}

/* made_at is in seconds since 1970. A time after the year 9999 gives an invalid name. */
static void format_name(time_t made_at, const char *kid_text, char ret_name[NAME_BYTES])
{
    struct tm parts;
    char time_text[sizeof "20261123T081202Z"];
    gmtime_r(&made_at, &parts);
    if (strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", &parts) == 0)
        time_text[0] = '\0';
    snprintf(ret_name, NAME_BYTES, "%s-%.8s.jwk", time_text, kid_text);
}

static bool parse_name(const char *name, time_t *ret_made_at)
{
    static const char shape[] = "00000000T000000Z-xxxxxxxx.jwk";
    if (strlen(name) != strlen(shape))
        return false;
    for (size_t i = 0; shape[i]; i++) {
        bool fits = name[i] == shape[i];
        if (shape[i] == '0' || shape[i] == 'x')
            fits = (name[i] >= '0' && name[i] <= '9') ||
                   (shape[i] == 'x' && name[i] >= 'a' && name[i] <= 'f');
        if (!fits)
            return false;
    }
    struct tm parts = {0};
    if (!strptime(name, "%Y%m%dT%H%M%SZ", &parts))
        return false;
    *ret_made_at = timegm(&parts);
    return true;
}

/* Reads the whole file as text. Refuses a file that others can read or write. */
static bool read_file(int directory, const char *name, char ret_text[FILE_BYTES_MOST + 1],
                      char *ret_error)
{
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat about;
    if (file < 0 || fstat(file, &about) != 0) {
        fail_system(ret_error, "read", name);
        if (file >= 0)
            close(file);
        return false;
    }
    ssize_t length = -1;
    if (!S_ISREG(about.st_mode))
        fail_file(ret_error, name, "is not a regular file");
    else if (about.st_mode & (S_IRWXO | S_IWGRP))
        fail_file(ret_error, name, "is open to others: run chmod 600 on it");
    else if (about.st_size > FILE_BYTES_MOST)
        fail_file(ret_error, name, "is too large for a key");
    else if ((length = read(file, ret_text, FILE_BYTES_MOST)) < 0)
        fail_system(ret_error, "read", name);
    else
        ret_text[length] = '\0';
    close(file);
    return length >= 0;
}

static bool read_base64(const json_t *jwk, const char *member, unsigned char ret_bytes[32])
{
    const char *text = json_string_value(json_object_get(jwk, member));
    size_t length;
    return text &&
           sodium_base642bin(ret_bytes, 32, text, strlen(text), NULL, &length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           length == 32;
}

static bool member_is(const json_t *jwk, const char *member, const char *expected)
{
    const char *text = json_string_value(json_object_get(jwk, member));
    return text && strcmp(text, expected) == 0;
}

/* Refuses a file that others can read, that is no Ed25519 JWK, or whose two keys do not match. */
static bool read_key(int directory, const char *name, unsigned char ret_seed[KEYRING_SEED_BYTES],
                     char ret_error[KEYRING_ERROR_BYTES])
{
    char text[FILE_BYTES_MOST + 1];
    if (!read_file(directory, name, text, ret_error))
        return false;
    json_t *jwk = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    sodium_memzero(text, sizeof text);
    unsigned char seed[KEYRING_SEED_BYTES], stated[crypto_sign_PUBLICKEYBYTES];
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES], private_key[crypto_sign_SECRETKEYBYTES];
    bool good = member_is(jwk, "kty", "OKP") && member_is(jwk, "crv", "Ed25519") &&
                read_base64(jwk, "x", stated) && read_base64(jwk, "d", seed);
    json_decref(jwk);
    if (!good)
        return fail_file(ret_error, name, "is not an Ed25519 private key as a JWK (RFC 8037)");
    crypto_sign_seed_keypair(public_key, private_key, seed);
    sodium_memzero(private_key, sizeof private_key);
    if (sodium_memcmp(public_key, stated, sizeof stated) != 0)
        return fail_file(ret_error, name, "is damaged: its x does not belong to its d");
    memcpy(ret_seed, seed, sizeof seed);
    sodium_memzero(seed, sizeof seed);
    return true;
}

static bool read_secret(int directory, unsigned char ret_secret[KEYRING_SECRET_BYTES],
                        char ret_error[KEYRING_ERROR_BYTES])
{
    char text[FILE_BYTES_MOST + 1];
    if (!read_file(directory, secret_name, text, ret_error))
        return false;
    size_t length = 0;
    const char *end = text;
    int status =
        sodium_hex2bin(ret_secret, KEYRING_SECRET_BYTES, text, strlen(text), NULL, &length, &end);
    bool good = status == 0 && length == KEYRING_SECRET_BYTES && end[strspn(end, "\r\n")] == '\0';
    sodium_memzero(text, sizeof text);
    return good || fail_file(ret_error, secret_name, "is damaged: it holds 64 hexadecimal digits");
}

static bool write_and_sync(int directory, const char *name, const char *text, size_t length)
{
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool good = write(file, text, length) == (ssize_t)length && fsync(file) == 0;
    return close(file) == 0 && good;
}

/*
 * Writes a temporary file, then links it to its name. A link, unlike a rename, never replaces a
 * file. A crash leaves at most a hidden file that nobody reads. Sets errno on failure.
 */
static bool write_file(int directory, const char *name, const char *text)
{
    char draft[64];
    snprintf(draft, sizeof draft, ".draft-%08x%08x", randombytes_random(), randombytes_random());
    bool good = write_and_sync(directory, draft, text, strlen(text)) &&
                linkat(directory, draft, directory, name, 0) == 0;
    int failure = errno;
    unlinkat(directory, draft, 0);
    errno = failure;
    return good && fsync(directory) == 0;
}

static bool write_key(int directory, const char *name, const unsigned char seed[KEYRING_SEED_BYTES],
                      const char *kid_text, char ret_error[KEYRING_ERROR_BYTES])
{
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES], private_key[crypto_sign_SECRETKEYBYTES];
    char x[BASE64_BYTES], d[BASE64_BYTES], text[FILE_BYTES_MOST];
    crypto_sign_seed_keypair(public_key, private_key, seed);
    sodium_bin2base64(x, sizeof x, public_key, sizeof public_key,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2base64(d, sizeof d, seed, KEYRING_SEED_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(text, sizeof text,
             "{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"use\": \"sig\", \"alg\": \"EdDSA\",\n"
             " \"kid\": \"%s\",\n \"x\": \"%s\",\n \"d\": \"%s\"}\n",
             kid_text, x, d);
    bool good = write_file(directory, name, text);
    sodium_memzero(private_key, sizeof private_key);
    sodium_memzero(d, sizeof d);
    sodium_memzero(text, sizeof text);
    return good || fail_system(ret_error, "write", name);
}

/* Makes a random service secret, unless there is one. */
static bool make_secret(int directory, char ret_error[KEYRING_ERROR_BYTES])
{
    unsigned char secret[KEYRING_SECRET_BYTES];
    char text[2 * KEYRING_SECRET_BYTES + 2];
    if (faccessat(directory, secret_name, F_OK, 0) == 0)
        return true;
    randombytes_buf(secret, sizeof secret);
    sodium_bin2hex(text, sizeof text, secret, sizeof secret);
    memcpy(text + strlen(text), "\n", sizeof "\n");
    bool good = write_file(directory, secret_name, text) || errno == EEXIST;
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    return good || fail_system(ret_error, "write", secret_name);
}

static struct keyring *create(void)
{
    struct keyring *keyring = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *keyring);
    if (!keyring) {
        fputs("einlass: no memory or no random numbers for the keys\n", stderr);
        abort();
    }
    memset(keyring, 0, sizeof *keyring);
    return keyring;
}

struct keyring *keyring_copy(const struct keyring *keyring)
{
    struct keyring *copy = sodium_malloc(sizeof *copy);
    if (!copy)
        abort(); /* out of memory */
    memcpy(copy, keyring, sizeof *copy);
    sodium_mprotect_readonly(copy);
    return copy;
}

void keyring_destroy(struct keyring *keyring)
{
    sodium_free(keyring);
}

static void make_key(struct key *key, const unsigned char seed[KEYRING_SEED_BYTES])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_sign_seed_keypair(key->public_key, key->private_key, seed);
    crypto_generichash(hash, sizeof hash, key->public_key, sizeof key->public_key, NULL, 0);
    memcpy(key->kid, hash, KEYRING_KID_BYTES);
}

static void format_kid(const struct key *key, char ret_text[KEYRING_KID_TEXT_BYTES])
{
    sodium_bin2hex(ret_text, KEYRING_KID_TEXT_BYTES, key->kid, sizeof key->kid);
}

static const struct key *find(const struct keyring *keyring, const unsigned char *kid)
{
    for (size_t i = 0; i < keyring->count; i++)
        if (memcmp(keyring->keys[i].kid, kid, KEYRING_KID_BYTES) == 0)
            return &keyring->keys[i];
    return NULL;
}

static void insert(struct keyring *keyring, const struct key *key)
{
    size_t at = keyring->count++;
    for (; at > 0 && strcmp(keyring->keys[at - 1].name, key->name) < 0; at--)
        keyring->keys[at] = keyring->keys[at - 1];
    keyring->keys[at] = *key;
}

static bool check_key(const struct keyring *keyring, const struct key *key, const char *name,
                      char *ret_error)
{
    if (strcmp(key->name, name) != 0)
        return fail(ret_error, "key file '%s' holds the key of %s", name, key->name);
    if (find(keyring, key->kid))
        return fail(ret_error, "key file '%s': another file has the same kid", name);
    if (keyring->count == KEYRING_KEYS_MOST)
        return fail(ret_error, "more than %d keys: remove the oldest, whose tickets have expired",
                    KEYRING_KEYS_MOST);
    return true;
}

static bool load_key(struct keyring *keyring, int directory, const char *name, char *ret_error)
{
    struct key key;
    time_t made_at;
    unsigned char seed[KEYRING_SEED_BYTES];
    char kid_text[KEYRING_KID_TEXT_BYTES];
    if (!parse_name(name, &made_at))
        return fail(ret_error,
                    "key file '%s' is not named by time and kid, as "
                    "20261123T081202Z-1a2b3c4d.jwk is",
                    name);
    if (!read_key(directory, name, seed, ret_error))
        return false;
    make_key(&key, seed);
    format_kid(&key, kid_text);
    format_name(made_at, kid_text, key.name);
    bool good = check_key(keyring, &key, name, ret_error);
    if (good)
        insert(keyring, &key);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(&key, sizeof key);
    return good;
}

static bool is_key_file(const char *name)
{
    size_t length = strlen(name), suffix = strlen(key_suffix);
    return name[0] != '.' && length > suffix && strcmp(name + length - suffix, key_suffix) == 0;
}

static bool load_keys(struct keyring *keyring, int directory, char *ret_error)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again < 0 ? NULL : fdopendir(again);
    if (!listing) {
        if (again >= 0)
            close(again);
        return fail(ret_error, "cannot list the keys: %s", strerror(errno));
    }
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(listing)) != NULL;)
        good =
            !is_key_file(entry->d_name) || load_key(keyring, directory, entry->d_name, ret_error);
    closedir(listing);
    return good;
}

/* Refuses a directory that others can write to, because they could add a signing key. */
static int open_directory(const char *path, char *ret_error)
{
    struct stat about;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = true;
    if (directory < 0 || fstat(directory, &about) != 0)
        good = fail(ret_error, "cannot open the directory of keys '%s': %s%s", path,
                    strerror(errno), errno == ENOENT ? " (einlass keys rotate makes it)" : "");
    else if (about.st_mode & (S_IWGRP | S_IWOTH))
        good = fail(ret_error,
                    "others can write to the directory of keys '%s': run chmod 700 on it", path);
    if (!good && directory >= 0)
        close(directory);
    return good ? directory : -1;
}

bool keyring_load(const char *directory, struct keyring **ret, char ret_error[KEYRING_ERROR_BYTES])
{
    int opened = open_directory(directory, ret_error);
    if (opened < 0)
        return false;
    struct keyring *keyring = create();
    bool good = load_keys(keyring, opened, ret_error);
    if (good && keyring->count == 0)
        good = fail(ret_error, "there is no key in '%s' yet: run einlass keys rotate", directory);
    if (good)
        good = read_secret(opened, keyring->secret, ret_error);
    close(opened);
    if (!good) {
        keyring_destroy(keyring);
        return false;
    }
    sodium_mprotect_readonly(keyring);
    *ret = keyring;
    return true;
}

struct keyring *keyring_from_seed(const unsigned char seed[KEYRING_SEED_BYTES])
{
    struct keyring *keyring = create();
    make_key(&keyring->keys[0], seed);
    keyring->count = 1;
    crypto_generichash(keyring->secret, sizeof keyring->secret, seed, KEYRING_SEED_BYTES, NULL, 0);
    sodium_mprotect_readonly(keyring);
    return keyring;
}

static bool make_directory(const char *path, char *ret_error)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ||
               fail(ret_error, "cannot make the directory '%s': %s", path, strerror(errno));
    int made = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = made < 0 ? -1 : openat(made, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = parent >= 0 && fsync(parent) == 0;
    if (!good)
        fail(ret_error, "cannot sync the directory '%s': %s", path, strerror(errno));
    if (parent >= 0)
        close(parent);
    if (made >= 0)
        close(made);
    return good;
}

/* The new key must sign, so its time is later than all others, even if the clock was set back. */
static time_t choose_time(const struct keyring *keyring)
{
    time_t now = time(NULL), newest;
    if (keyring->count > 0 && parse_name(keyring->keys[0].name, &newest) && newest >= now)
        return newest + 1;
    return now;
}

static bool add_key(const struct keyring *keyring, int directory, char *ret_kid_text,
                    char *ret_error)
{
    unsigned char seed[KEYRING_SEED_BYTES];
    struct key key;
    time_t made_at;
    char kid_text[KEYRING_KID_TEXT_BYTES];
    if (keyring->count == KEYRING_KEYS_MOST)
        return fail(ret_error,
                    "there are %d keys already: remove the oldest, whose tickets have "
                    "expired",
                    KEYRING_KEYS_MOST);
    do {
        randombytes_buf(seed, sizeof seed);
        make_key(&key, seed);
    } while (find(keyring, key.kid));
    format_kid(&key, kid_text);
    format_name(choose_time(keyring), kid_text, key.name);
    bool good =
        parse_name(key.name, &made_at)
            ? write_key(directory, key.name, seed, kid_text, ret_error)
            : fail(ret_error, "key file '%s' is from too far in the future", keyring->keys[0].name);
    if (good)
        memcpy(ret_kid_text, kid_text, sizeof kid_text);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(&key, sizeof key);
    return good;
}

bool keyring_rotate(const char *directory, char ret_kid_text[KEYRING_KID_TEXT_BYTES],
                    char ret_error[KEYRING_ERROR_BYTES])
{
    struct keyring *keyring = create();
    int opened = -1;
    bool good = make_directory(directory, ret_error) &&
                (opened = open_directory(directory, ret_error)) >= 0 &&
                load_keys(keyring, opened, ret_error) && make_secret(opened, ret_error) &&
                read_secret(opened, keyring->secret, ret_error) &&
                add_key(keyring, opened, ret_kid_text, ret_error);
    if (opened >= 0)
        close(opened);
    keyring_destroy(keyring);
    return good;
}

size_t keyring_key_count(const struct keyring *keyring)
{
    return keyring->count;
}

json_t *keyring_jwks(const struct keyring *keyring)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < keyring->count; i++) {
        const struct key *key = &keyring->keys[i];
        char kid[KEYRING_KID_TEXT_BYTES], x[BASE64_BYTES];
        format_kid(key, kid);
        sodium_bin2base64(x, sizeof x, key->public_key, sizeof key->public_key,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        json_array_append_new(keys, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kty", "OKP", "crv",
                                              "Ed25519", "x", x, "kid", kid, "use", "sig", "alg",
                                              "EdDSA"));
    }
    return json_pack("{s:o}", "keys", keys);
}

const unsigned char *keyring_signing_kid(const struct keyring *keyring)
{
    return keyring_kid(keyring, 0);
}

const unsigned char *keyring_kid(const struct keyring *keyring, size_t key)
{
    return keyring->keys[key].kid;
}

void keyring_sign(const struct keyring *keyring, const unsigned char *message, size_t length,
                  unsigned char ret_signature[KEYRING_SIGNATURE_BYTES])
{
    keyring_sign_with(keyring, 0, message, length, ret_signature);
}

void keyring_sign_with(const struct keyring *keyring, size_t key, const unsigned char *message,
                       size_t length, unsigned char ret_signature[KEYRING_SIGNATURE_BYTES])
{
    crypto_sign_detached(ret_signature, NULL, message, length, keyring->keys[key].private_key);
}

bool keyring_verify(const struct keyring *keyring, const unsigned char kid[KEYRING_KID_BYTES],
                    const unsigned char *message, size_t length,
                    const unsigned char signature[KEYRING_SIGNATURE_BYTES])
{
    const struct key *key = find(keyring, kid);
    return key && crypto_sign_verify_detached(signature, message, length, key->public_key) == 0;
}

void keyring_derive(const struct keyring *keyring, const char *purpose, const void *input,
                    size_t length, unsigned char *ret_hash, size_t hash_bytes)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, keyring->secret, sizeof keyring->secret, hash_bytes);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, input, length);
    crypto_generichash_final(&state, ret_hash, hash_bytes);
    sodium_memzero(&state, sizeof state);
}

void keyring_fingerprint(const struct keyring *keyring,
                         char ret_text[KEYRING_FINGERPRINT_TEXT_BYTES])
{
    unsigned char hash[KEYRING_FINGERPRINT_TEXT_BYTES / 2];
    keyring_derive(keyring, "fingerprint", NULL, 0, hash, sizeof hash);
    sodium_bin2hex(ret_text, KEYRING_FINGERPRINT_TEXT_BYTES, hash, sizeof hash);
}
