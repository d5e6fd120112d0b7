#include "security/password.h"

#include <sodium.h>

#include "base/text.h"

_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "a hash has its place");

enum password_status password_hash(const char *password, char ret_hash[PASSWORD_HASH_BYTES])
{
    size_t length = strlen(password);
    if (text_length(password) < PASSWORD_LEAST)
        return PASSWORD_TOO_SHORT;
    if (length > PASSWORD_MOST_BYTES)
        return PASSWORD_TOO_LONG;
    if (crypto_pwhash_str(ret_hash, password, length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        fputs("einlass: out of memory\n", stderr); /* the only possible failure */
        abort();
    }
    return PASSWORD_HASHED;
}

bool password_matches(const char *hash, const char *password)
{
    size_t length = strlen(password);
    if (text_length(password) < PASSWORD_LEAST || length > PASSWORD_MOST_BYTES ||
        strlen(hash) >= PASSWORD_HASH_BYTES)
        return false;
    return crypto_pwhash_str_verify(hash, password, length) == 0;
}
