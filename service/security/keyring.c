#include "security/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "security/keyfile.h"

static const char key_suffix[] = ".jwk";

struct key {
    char name[KEYFILE_NAME_BYTES];
    unsigned char kid[KEYRING_KID_BYTES];
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char private_key[crypto_sign_SECRETKEYBYTES];
};

struct keyring {
    unsigned char secret[KEYRING_SECRET_BYTES];
    size_t count;
    struct key keys[KEYRING_KEYS_MOST]; /* newest first */
};

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
        return keyfile_fail(ret_error, "key file '%s' holds the key of %s", name, key->name);
    if (find(keyring, key->kid))
        return keyfile_fail(ret_error, "key file '%s': another file has the same kid", name);
    if (keyring->count == KEYRING_KEYS_MOST)
        return keyfile_fail(ret_error,
                            "more than %d keys: remove the oldest, whose tickets have expired",
                            KEYRING_KEYS_MOST);
    return true;
}

static bool load_key(struct keyring *keyring, int directory, const char *name, char *ret_error)
{
    struct key key;
    time_t made_at;
    unsigned char seed[KEYRING_SEED_BYTES];
    char kid_text[KEYRING_KID_TEXT_BYTES];
    if (!keyfile_parse_name(name, &made_at))
        return keyfile_fail(ret_error,
                            "key file '%s' is not named by time and kid, as "
                            "20261123T081202Z-1a2b3c4d.jwk is",
                            name);
    if (!keyfile_read_key(directory, name, seed, ret_error))
        return false;
    make_key(&key, seed);
    format_kid(&key, kid_text);
    keyfile_name(made_at, kid_text, key.name);
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
        return keyfile_fail(ret_error, "cannot list the keys: %s", strerror(errno));
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
        good =
            keyfile_fail(ret_error, "cannot open the directory of keys '%s': %s%s", path,
                         strerror(errno), errno == ENOENT ? " (einlass keys rotate makes it)" : "");
    else if (about.st_mode & S_IWOTH)
        good = keyfile_fail(
            ret_error, "others can write to the directory of keys '%s': run chmod 700 on it", path);
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
        good = keyfile_fail(ret_error, "there is no key in '%s' yet: run einlass keys rotate",
                            directory);
    if (good)
        good = keyfile_read_secret(opened, keyring->secret, ret_error);
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
               keyfile_fail(ret_error, "cannot make the directory '%s': %s", path, strerror(errno));
    int made = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = made < 0 ? -1 : openat(made, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = parent >= 0 && fsync(parent) == 0;
    if (!good)
        keyfile_fail(ret_error, "cannot sync the directory '%s': %s", path, strerror(errno));
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
    if (keyring->count > 0 && keyfile_parse_name(keyring->keys[0].name, &newest) && newest >= now)
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
        return keyfile_fail(ret_error,
                            "there are %d keys already: remove the oldest, whose tickets have "
                            "expired",
                            KEYRING_KEYS_MOST);
    do {
        randombytes_buf(seed, sizeof seed);
        make_key(&key, seed);
    } while (find(keyring, key.kid));
    format_kid(&key, kid_text);
    keyfile_name(choose_time(keyring), kid_text, key.name);
    bool good = keyfile_parse_name(key.name, &made_at)
                    ? keyfile_write_key(directory, key.name, seed, kid_text, ret_error)
                    : keyfile_fail(ret_error, "key file '%s' is from too far in the future",
                                   keyring->keys[0].name);
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
                load_keys(keyring, opened, ret_error) && keyfile_make_secret(opened, ret_error) &&
                keyfile_read_secret(opened, keyring->secret, ret_error) &&
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
        char kid[KEYRING_KID_TEXT_BYTES], x[44];
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
