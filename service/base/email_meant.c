#include "base/email_meant.h"

#include <stdbool.h>
#include <string.h>

enum { NAME_SURE = 4 }; /* characters of a name that no other name resembles by chance */

/* Providers whose names people mistype. */
static const char *const meant[] = {
    "gmail.com",   "googlemail.com", "gmx.de",      "gmx.net",    "gmx.at",         "gmx.ch",
    "web.de",      "t-online.de",    "freenet.de",  "yahoo.com",  "yahoo.de",       "hotmail.com",
    "hotmail.de",  "outlook.com",    "outlook.de",  "live.com",   "icloud.com",     "aol.com",
    "posteo.de",   "mailbox.org",    "arcor.de",    "proton.me",  "protonmail.com", "vodafone.de",
    "bluewin.ch",  "hotmail.co.uk",  "yahoo.co.uk", "hotmail.fr", "orange.fr",      "wanadoo.fr",
    "laposte.net", "libero.it",      "yandex.ru",   "seznam.cz",
};

/* Other providers, whose names resemble them. */
static const char *const others[] = {
    "mail.com",    "email.com",   "ymail.com",  "gmx.com",    "gmx.org",       "gmx.eu",
    "gmx.fr",      "gmx.es",      "gmx.info",   "gmail.de",   "googlemail.de", "mail.de",
    "email.de",    "mail.ru",     "live.de",    "live.fr",    "live.nl",       "live.it",
    "live.at",     "live.ch",     "live.be",    "live.dk",    "live.se",       "live.ca",
    "live.cn",     "live.co.uk",  "aol.de",     "aol.fr",     "yahoo.fr",      "yahoo.it",
    "yahoo.es",    "yahoo.ca",    "yahoo.in",   "yahoo.gr",   "yahoo.se",      "yahoo.no",
    "yahoo.dk",    "yahoo.pl",    "yahoo.at",   "hotmail.it", "hotmail.es",    "hotmail.be",
    "hotmail.ch",  "hotmail.at",  "hotmail.nl", "hotmail.se", "hotmail.ca",    "hotmail.gr",
    "outlook.fr",  "outlook.it",  "outlook.es", "outlook.at", "outlook.be",    "outlook.dk",
    "outlook.ie",  "outlook.pt",  "orange.es",  "free.fr",    "yandex.com",    "yandex.ua",
    "yandex.by",   "yandex.kz",   "proton.ch",  "posteo.net", "posteo.at",     "posteo.ch",
    "posteo.eu",   "posteo.us",   "posteo.org", "arcor.com",  "icloud.de",     "libero.com",
    "vodafone.it", "vodafone.es", "web.com",    "wanadoo.es",
};

static bool has(const char *const *list, size_t count, const char *domain)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], domain) == 0)
            return true;
    }
    return false;
}

/* Whether the rest of both texts is the same after one letter was left out of the longer one. */
static bool is_one_longer(const char *longer, const char *shorter)
{
    return strcmp(longer + 1, shorter) == 0;
}

/* Whether one slip makes `b` from `a`. A short name resembles others, so there only letters that
 * are exchanged or doubled count. */
static bool is_slip(const char *a, const char *b)
{
    size_t same = 0, name = strcspn(b, ".");
    while (a[same] && a[same] == b[same])
        same++;
    const char *x = a + same, *y = b + same;
    bool is_sure = name >= NAME_SURE || same > name;
    if (!*x && !*y)
        return false;
    if (*x && *y && x[0] == y[1] && x[1] == y[0] && strcmp(x + 2, y + 2) == 0)
        return true;
    if (*x && same > 0 && x[0] == a[same - 1] && is_one_longer(x, y))
        return true;
    return is_sure && ((*x && is_one_longer(x, y)) || (*y && is_one_longer(y, x)) ||
                       (*x && *y && strcmp(x + 1, y + 1) == 0));
}

const char *email_meant(struct arena *arena, const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL, *domain = at ? at + 1 : "";
    size_t count = sizeof meant / sizeof *meant;
    if (!*domain || has(meant, count, domain) ||
        has(others, sizeof others / sizeof *others, domain))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (is_slip(domain, meant[i]))
            return arena_printf(arena, "%.*s%s", (int)(domain - address), address, meant[i]);
    }
    return NULL;
}
