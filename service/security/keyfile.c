#include "security/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum { FILE_BYTES_MOST = 4096, BASE64_BYTES = 44 }; /* 32 bytes are 43 characters and a NUL */

static const char secret_name[] = "secret";

bool keyfile_fail(char ret_error[KEYRING_ERROR_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ret_error, KEYRING_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_file(char *ret_error, const char *name, const char *what)
{
    return keyfile_fail(ret_error, "key file '%s' %s", name, what);
}

static bool fail_system(char *ret_error, const char *action, const char *name)
{
    return keyfile_fail(ret_error, "cannot %s key file '%s': %s", action, name, strerror(errno));
}

void keyfile_name(time_t made_at, const char *kid_text, char ret_name[KEYFILE_NAME_BYTES])
{
    struct tm parts;
    char time_text[sizeof "20261123T081202Z"];
    gmtime_r(&made_at, &parts);
    if (strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", &parts) == 0)
        time_text[0] = '\0';
    snprintf(ret_name, KEYFILE_NAME_BYTES, "%s-%.8s.jwk", time_text, kid_text);
}

bool keyfile_parse_name(const char *name, time_t *ret_made_at)
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

bool keyfile_read_key(int directory, const char *name, unsigned char ret_seed[KEYRING_SEED_BYTES],
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

bool keyfile_read_secret(int directory, unsigned char ret_secret[KEYRING_SECRET_BYTES],
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

bool keyfile_write_key(int directory, const char *name,
                       const unsigned char seed[KEYRING_SEED_BYTES], const char *kid_text,
                       char ret_error[KEYRING_ERROR_BYTES])
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

bool keyfile_make_secret(int directory, char ret_error[KEYRING_ERROR_BYTES])
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
