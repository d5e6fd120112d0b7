#include "security/digest.h"

#include <sodium.h>
#include <string.h>

void digest_source(const void *bytes, size_t length, char ret_text[DIGEST_SOURCE_BYTES])
{
    static const char name[] = "sha256-";
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes, length);
    memcpy(ret_text, name, sizeof name - 1);
    sodium_bin2base64(ret_text + sizeof name - 1, DIGEST_SOURCE_BYTES - (sizeof name - 1), hash,
                      sizeof hash, sodium_base64_VARIANT_ORIGINAL);
}

void digest_name(const void *bytes, size_t length, char ret_text[DIGEST_NAME_BYTES])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes, length);
    sodium_bin2hex(ret_text, DIGEST_NAME_BYTES, hash, (DIGEST_NAME_BYTES - 1) / 2);
}
