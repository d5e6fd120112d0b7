#include "base/email.h"

#include <idn2.h>
#include <unicase.h>

#include "base/text.h"

enum { LOCAL_MOST_BYTES = 64, DOMAIN_MOST_BYTES = 253 };

static bool is_local_part(const char *text, size_t length)
{
    if (length < 1 || length > LOCAL_MOST_BYTES || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80)
            continue;
        if (c == '.' && text[i + 1] == '.')
            return false;
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                    ".!#$%&'*+-/=?^_`{|}~", c))
            return false;
    }
    return true;
}

static bool is_ascii_domain(const char *domain)
{
    size_t length = strlen(domain);
    const char *last = strrchr(domain, '.');
    if (length > DOMAIN_MOST_BYTES || !last || last[1] == '\0' || domain[0] == '.')
        return false;
    if (strspn(last + 1, "0123456789") == strlen(last + 1))
        return false; /* an IP address is no place to write to */
    return strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length &&
           !strstr(domain, "..") && !strstr(domain, "-.") && !strstr(domain, ".-");
}

static bool convert_domain(struct arena *arena, const char *typed, char **ret_ascii,
                           char **ret_unicode)
{
    char *ascii = NULL, *unicode = NULL;
    int flags = IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES;
    bool good = idn2_to_ascii_8z(typed, &ascii, flags) == IDN2_OK && is_ascii_domain(ascii) &&
                idn2_to_unicode_8z8z(ascii, &unicode, 0) == IDN2_OK;
    if (good) {
        *ret_ascii = arena_copy(arena, ascii);
        *ret_unicode = arena_copy(arena, unicode);
    }
    idn2_free(ascii);
    idn2_free(unicode);
    return good;
}

static char *lower(struct arena *arena, const char *text)
{
    size_t length = 0;
    uint8_t *low =
        u8_tolower((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &length);
    char *copy = arena_copy_bytes(arena, low, low ? length : 0);
    free(low);
    return copy;
}

bool email_parse(struct arena *arena, const char *text, struct email *ret_email)
{
    char *clean = text_clean(arena, text);
    if (!clean || text_has_control(clean, false) || strlen(clean) > EMAIL_MOST_BYTES)
        return false;
    char *at = strrchr(clean, '@');
    if (!at || !is_local_part(clean, (size_t)(at - clean)))
        return false;
    char *ascii, *unicode;
    if (!convert_domain(arena, at + 1, &ascii, &unicode))
        return false;
    *at = '\0';
    ret_email->address = arena_printf(arena, "%s@%s", clean, unicode);
    ret_email->key = arena_printf(arena, "%s@%s", lower(arena, clean), ascii);
    return strlen(ret_email->key) <= EMAIL_MOST_BYTES;
}
