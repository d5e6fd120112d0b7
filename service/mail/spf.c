#include "mail/spf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { DEPTH_MOST = 10, IP_BYTES = 16 };

struct reader {
    struct dns_book *book;
    const char *const *addresses;
    size_t address_count;
    struct spf *spf;
};

struct ip {
    int family;
    unsigned char bytes[IP_BYTES];
};

static void read_record(struct reader *reader, const char *domain, int depth);

static bool is_record(const char *text)
{
    return strncasecmp(text, "v=spf1", 6) == 0 && (text[6] == ' ' || text[6] == '\0');
}

/* --- Addresses ------------------------------------------------------------------------------- */

static bool read_ip(const char *text, struct ip *ret)
{
    *ret = (struct ip){.family = strchr(text, ':') ? AF_INET6 : AF_INET};
    return inet_pton(ret->family, text, ret->bytes) == 1;
}

static bool is_in(const struct ip *ip, const struct ip *network, long bits)
{
    size_t whole = (size_t)bits / 8, rest = (size_t)bits % 8;
    return ip->family == network->family && memcmp(ip->bytes, network->bytes, whole) == 0 &&
           (rest == 0 || (ip->bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0);
}

static void match(struct reader *reader, const struct ip *network, long bits)
{
    for (size_t i = 0; i < reader->address_count; i++) {
        struct ip ip;
        if (read_ip(reader->addresses[i], &ip) && is_in(&ip, network, bits))
            reader->spf->names_one = true;
    }
}

/* The lengths behind a mechanism: "/24", "//64" or "/24//64". */
struct lengths {
    long four, six;
};

static bool read_lengths(struct reader *reader, const char *text, struct lengths *ret)
{
    const char *six = strstr(text, "//");
    *ret = (struct lengths){32, 128};
    if (six && !text_parse_number(six + 2, 0, 128, &ret->six))
        return false;
    if (*text == '\0' || six == text)
        return true;
    size_t length = six ? (size_t)(six - text) : strlen(text);
    const char *four = arena_copy_bytes(dns_arena(reader->book), text + 1, length - 1);
    return text_parse_number(four, 0, 32, &ret->four);
}

static void match_host(struct reader *reader, const char *host, const struct lengths *lengths)
{
    static const enum dns_type types[] = {DNS_A, DNS_AAAA};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct dns_answer *answer = dns_find(reader->book, types[i], host);
        reader->spf->is_unknown |= answer->state == DNS_PENDING || answer->state == DNS_UNKNOWN;
        for (size_t j = 0; j < answer->count; j++) {
            struct ip ip;
            if (read_ip(answer->values[j], &ip))
                match(reader, &ip, ip.family == AF_INET ? lengths->four : lengths->six);
        }
    }
}

/* --- Terms ----------------------------------------------------------------------------------- */

struct term {
    const char *domain;  /* of the record that it stands in */
    const char *value;   /* behind ":" or "=", without lengths; NULL: none */
    const char *lengths; /* "": none */
    char qualifier;
    int depth;
};

/* The domain that a mechanism names, or that of the record. NULL: it has macros. */
static const char *domain_of(struct reader *reader, const struct term *term)
{
    if (!term->value)
        return term->domain;
    if (strchr(term->value, '%')) {
        reader->spf->is_open = true;
        return NULL;
    }
    reader->spf->is_broken |= *term->value == '\0';
    return *term->value ? term->value : NULL;
}

static void read_network(struct reader *reader, const struct term *term)
{
    struct ip ip;
    bool good = term->value && read_ip(term->value, &ip);
    long bits = 0, most = good && ip.family == AF_INET ? 32 : 128;
    good = good && (*term->lengths == '\0' || text_parse_number(term->lengths + 1, 0, most, &bits));
    if (!good)
        reader->spf->is_broken = true;
    else if (term->qualifier == '+')
        match(reader, &ip, *term->lengths ? bits : most);
}

static void read_hosts(struct reader *reader, const struct term *term, bool is_mx)
{
    const char *domain = domain_of(reader, term);
    struct lengths lengths;
    reader->spf->lookups++;
    if (!read_lengths(reader, term->lengths, &lengths)) {
        reader->spf->is_broken = true;
        return;
    }
    if (!domain || term->qualifier != '+' || reader->address_count == 0)
        return;
    if (!is_mx) {
        match_host(reader, domain, &lengths);
        return;
    }
    const struct dns_answer *answer = dns_find(reader->book, DNS_MX, domain);
    reader->spf->is_unknown |= answer->state == DNS_PENDING || answer->state == DNS_UNKNOWN;
    for (size_t i = 0; i < answer->count && i < SPF_LOOKUPS_MOST; i++)
        match_host(reader, answer->values[i], &lengths);
}

static void read_other(struct reader *reader, const struct term *term, bool has_value)
{
    const char *domain = has_value ? domain_of(reader, term) : NULL;
    reader->spf->lookups++;
    reader->spf->is_broken |= has_value && !term->value;
    if (domain && term->qualifier == '+')
        read_record(reader, domain, term->depth + 1);
}

static void read_open(struct reader *reader)
{
    reader->spf->lookups++;
    reader->spf->is_open = true;
}

static void read_term(struct reader *reader, const char *name, const struct term *term)
{
    if (strcasecmp(name, "all") == 0)
        reader->spf->allows_all |= term->qualifier == '+';
    else if (strcasecmp(name, "ip4") == 0 || strcasecmp(name, "ip6") == 0)
        read_network(reader, term);
    else if (strcasecmp(name, "a") == 0 || strcasecmp(name, "mx") == 0)
        read_hosts(reader, term, tolower((unsigned char)*name) == 'm');
    else if (strcasecmp(name, "include") == 0 || strcasecmp(name, "redirect") == 0)
        read_other(reader, term, true);
    else if (strcasecmp(name, "exists") == 0 || strcasecmp(name, "ptr") == 0)
        read_open(reader);
    else
        reader->spf->is_broken = true;
}

/* A mechanism such as "~all", "ip4:192.0.2.0/24" or "mx//64", or a modifier such as
 * "redirect=example.org". Modifiers that are not known are ignored (RFC 7208 section 6). */
static void split_term(struct reader *reader, const char *text, size_t length, struct term *term)
{
    struct arena *arena = dns_arena(reader->book);
    char *name = arena_copy_bytes(arena, text, length);
    term->qualifier = '+';
    if (strchr("+-~?", *name))
        term->qualifier = *name++;
    size_t end = strcspn(name, ":=/");
    bool is_modifier = name[end] == '=';
    char *value = name[end] == ':' || is_modifier ? name + end + 1 : NULL;
    char *slash = is_modifier ? NULL : strchr(value ? value : name + end, '/');
    term->lengths = slash ? arena_copy(arena, slash) : "";
    if (slash)
        *slash = '\0';
    name[end] = '\0';
    term->value = value;
    if (!is_modifier || strcasecmp(name, "redirect") == 0)
        read_term(reader, name, term);
}

static void read_terms(struct reader *reader, const char *domain, const char *record, int depth)
{
    for (const char *at = record + strlen("v=spf1"); *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        struct term term = {.domain = domain, .depth = depth};
        if (length > 0)
            split_term(reader, at, length, &term);
        at += length;
    }
}

/* --- Records --------------------------------------------------------------------------------- */

/* The record of the domain itself has depth 0. */
static void read_record(struct reader *reader, const char *domain, int depth)
{
    struct spf *spf = reader->spf;
    const char *record = NULL;
    size_t count = 0;
    if (depth > DEPTH_MOST || spf->lookups > SPF_LOOKUPS_MOST)
        return;
    const struct dns_answer *answer = dns_find(reader->book, DNS_TXT, domain);
    if (answer->state == DNS_PENDING || answer->state == DNS_UNKNOWN) {
        spf->is_unknown = true;
        return;
    }
    for (size_t i = 0; i < answer->count; i++) {
        if (is_record(answer->values[i])) {
            record = record ? record : answer->values[i];
            count++;
        }
    }
    if (depth == 0) {
        spf->record = record;
        spf->record_count = count;
    } else {
        spf->is_broken |= count != 1;
    }
    if (record)
        read_terms(reader, domain, record, depth);
}

void spf_read(struct dns_book *book, const char *domain, const char *const *addresses, size_t count,
              struct spf *ret_spf)
{
    struct reader reader = {
        .book = book, .addresses = addresses, .address_count = count, .spf = ret_spf};
    *ret_spf = (struct spf){0};
    read_record(&reader, domain, 0);
}
