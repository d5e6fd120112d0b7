#include "base/email.h"

#include <strings.h>

#include <idn2.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

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
                    ".!#$%&'*+-/=?^_`{|}~",
                    c))
            return false;
    }
    return true;
}

/* Invisible characters would let two different addresses look the same. */
static bool has_invisible(const char *text)
{
    ucs4_t c;
    if (text_is_ascii(text, strlen(text)))
        return strpbrk(text, " \t\n\v\f\r") != NULL;
    for (const uint8_t *at = (const uint8_t *)text; (at = u8_next(&c, at)) != NULL;)
        if (uc_is_property_white_space(c) || uc_is_property_default_ignorable_code_point(c))
            return true;
    return false;
}

/* Full-width signs and typographic apostrophes become ASCII, in place. */
static void narrow(char *text)
{
    ucs4_t c;
    uint8_t *end = (uint8_t *)text;
    if (text_is_ascii(text, strlen(text)))
        return;
    for (const uint8_t *at = end, *next; (next = u8_next(&c, at)) != NULL; at = next) {
        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xff01 - '!';
        else if (c == 0x2018 || c == 0x2019)
            c = '\'';
        end += u8_uctomb(end, c, next - at);
    }
    *end = '\0';
}

/* Removes spaces beside "@" and dots of the domain, in place: keyboards of phones add them. */
static void close_up(char *text)
{
    char *end = text;
    bool is_domain = false;
    for (const char *at = text; *at; at++) {
        const char *next = at + strspn(at, " ");
        bool is_beside = *next == '@' || (is_domain && *next == '.') ||
                         (end > text && (end[-1] == '@' || (is_domain && end[-1] == '.')));
        if (*at == ' ' && is_beside)
            continue;
        is_domain |= *at == '@';
        *end++ = *at;
    }
    *end = '\0';
}

static void trim_end(char *text)
{
    for (size_t length = strlen(text); length > 0 && strchr(" .,;", text[length - 1]); length--)
        text[length - 1] = '\0';
}

/* Gives the address of "mailto:ada@example.org?subject=…", "Ada <ada@example.org>;" and
 * "ada@example.org.", in place. */
static char *unwrap(char *text)
{
    trim_end(text);
    size_t length = strlen(text);
    char *open = strrchr(text, '<');
    if (open && strchr(text, '<') == open && text[length - 1] == '>') {
        text[length - 1] = '\0';
        text = open + 1;
    }
    if (strncasecmp(text, "mailto:", strlen("mailto:")) == 0) {
        text += strlen("mailto:");
        text[strcspn(text, "?")] = '\0';
    }
    trim_end(text);
    return text + strspn(text, " ");
}

static bool is_ascii_domain(const char *domain)
{
    size_t length = strlen(domain);
    const char *last = strrchr(domain, '.');
    if (length > DOMAIN_MOST_BYTES || !last || last[1] == '\0' || domain[0] == '.')
        return false;
    if (strspn(last + 1, "0123456789") == strlen(last + 1))
        return false; /* refuse IP addresses */
    return strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length &&
           !strstr(domain, "..") && !strstr(domain, "-.") && !strstr(domain, ".-");
}

/* Whether the domain is the same as A-labels and as U-labels: labels of 1 to 63 lower case letters,
 * digits and single hyphens between them. */
static bool is_plain_domain(const char *domain)
{
    enum { LABEL_MOST = 63 };
    const char *label = domain;
    for (const char *at = domain;; at++) {
        if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9'))
            continue;
        if (at == label || at[-1] == '-' || at - label > LABEL_MOST)
            return false;
        if (*at == '\0')
            return is_ascii_domain(domain);
        if (*at == '.')
            label = at + 1;
        else if (*at != '-')
            return false;
    }
}

static bool convert_domain(struct arena *arena, const char *typed, char **ret_ascii,
                           char **ret_unicode)
{
    char *ascii = NULL, *unicode = NULL;
    if (is_plain_domain(typed)) {
        *ret_ascii = *ret_unicode = arena_copy(arena, typed);
        return true;
    }
    /* IDN2_USE_STD3_ASCII_RULES would drop forbidden characters: "_b.de" would become "b.de". */
    bool good = idn2_to_ascii_8z(typed, &ascii, IDN2_NONTRANSITIONAL) == IDN2_OK &&
                is_ascii_domain(ascii) && idn2_to_unicode_8z8z(ascii, &unicode, 0) == IDN2_OK;
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
    size_t length = strlen(text);
    if (text_is_ascii(text, length)) {
        char *low = arena_copy_bytes(arena, text, length);
        for (char *at = low; *at; at++)
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at);
        return low;
    }
    uint8_t *low =
        u8_tolower((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &length);
    char *copy = arena_copy_bytes(arena, low, low ? length : 0);
    free(low);
    return copy;
}

bool email_parse(struct arena *arena, const char *text, struct email *ret_email)
{
    char *clean = text_clean(arena, text);
    if (!clean || text_has_control(clean, false))
        return false;
    narrow(clean);
    clean = unwrap(clean);
    close_up(clean);
    if (strlen(clean) > EMAIL_MOST_BYTES)
        return false;
    char *at = strrchr(clean, '@');
    if (!at || !is_local_part(clean, (size_t)(at - clean)))
        return false;
    char *ascii, *unicode;
    if (!convert_domain(arena, at + 1, &ascii, &unicode))
        return false;
    *at = '\0';
    if (has_invisible(clean))
        return false;
    const char *address = arena_printf(arena, "%s@%s", clean, unicode);
    const char *key = arena_printf(arena, "%s@%s", lower(arena, clean), ascii);
    /* Both can be longer than the typed text: A-labels are long, "İ" in lower case is two letters.
     */
    if (strlen(address) > EMAIL_MOST_BYTES || strlen(key) > EMAIL_MOST_BYTES)
        return false;
    *ret_email = (struct email){.address = address, .key = key};
    return true;
}
