#include "http/trust.h"

#include <arpa/inet.h>

#include "base/text.h"

enum { ADDRESS_MOST_BYTES = 64, MAPPED_BITS = 96 };

static bool parse_address(const char *text, unsigned char ret_bytes[16], bool *ret_is_ipv4)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    *ret_is_ipv4 = inet_pton(AF_INET, text, ret_bytes + sizeof mapped) == 1;
    if (*ret_is_ipv4) {
        memcpy(ret_bytes, mapped, sizeof mapped);
        return true;
    }
    return inet_pton(AF_INET6, text, ret_bytes) == 1;
}

static bool parse_network(char *text, struct trust_network *ret)
{
    bool is_ipv4;
    long bits;
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    if (!parse_address(text, ret->bytes, &is_ipv4))
        return false;
    long most = is_ipv4 ? 32 : 128;
    if (!slash)
        bits = most;
    else if (!text_parse_number(slash, 0, most, &bits))
        return false;
    ret->bits = (int)bits + (is_ipv4 ? MAPPED_BITS : 0);
    return true;
}

static bool add(struct trust *trust, const char *entry, size_t length)
{
    char text[ADDRESS_MOST_BYTES];
    if (length >= sizeof text || trust->count == TRUST_NETWORKS_MOST)
        return false;
    memcpy(text, entry, length);
    text[length] = '\0';
    if (strcmp(text, "unix") == 0) {
        trust->unix_sockets = true;
        return true;
    }
    return parse_network(text, &trust->networks[trust->count]) && ++trust->count;
}

bool trust_parse(const char *list, struct trust *ret_trust, struct buffer *ret_error)
{
    struct trust trust = {.count = 0};
    const char *at = list ? list : "";
    while (*(at += strspn(at, ", \t"))) {
        size_t length = strcspn(at, ", \t");
        if (!add(&trust, at, length)) {
            buffer_printf(ret_error,
                          "trusted_proxies: \"%.*s\" is no address or network such as 10.0.0.0/8 "
                          "(at most %d of them)",
                          (int)length, at, TRUST_NETWORKS_MOST);
            return false;
        }
        at += length;
    }
    *ret_trust = trust;
    return true;
}

static bool is_within(const struct trust_network *network, const unsigned char bytes[16])
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->bytes, bytes, (size_t)whole) != 0)
        return false;
    return rest == 0 || ((network->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

bool trust_has(const struct trust *trust, const char *address)
{
    unsigned char bytes[16];
    bool is_ipv4;
    if (!address || !*address)
        return trust->unix_sockets;
    if (trust->count == 0 || !parse_address(address, bytes, &is_ipv4))
        return false;
    for (int i = 0; i < trust->count; i++) {
        if (is_within(&trust->networks[i], bytes))
            return true;
    }
    return false;
}

/* Whether this is nothing or a port such as ":443". */
static bool is_port(const char *text)
{
    long port;
    return *text == '\0' || (*text == ':' && text_parse_number(text + 1, 0, 65535, &port));
}

/* The address of an entry "192.0.2.1", "192.0.2.1:443", "2001:db8::1" or "[2001:db8::1]:443". NULL:
 * it is something else. */
static char *read_entry(char *entry)
{
    unsigned char bytes[16];
    bool is_ipv4;
    entry += strspn(entry, " \t");
    size_t length = strlen(entry);
    while (length > 0 && strchr(" \t", entry[length - 1]))
        entry[--length] = '\0';
    if (parse_address(entry, bytes, &is_ipv4))
        return entry;
    bool has_brackets = *entry == '[';
    char *end = strchr(entry, has_brackets ? ']' : ':');
    if (!end || !is_port(has_brackets ? end + 1 : end))
        return NULL;
    *end = '\0';
    entry += has_brackets;
    return parse_address(entry, bytes, &is_ipv4) && is_ipv4 != has_brackets ? entry : NULL;
}

/* Cuts the last entry off the list, and returns its address or NULL. */
static char *cut_last(char *list)
{
    char *comma = strrchr(list, ','), *last = comma ? comma + 1 : list;
    if (comma)
        *comma = '\0';
    return read_entry(last);
}

const char *trust_client(const struct trust *trust, struct arena *arena, const char *peer,
                         const char *forwarded_for)
{
    if (!forwarded_for || !trust_has(trust, peer))
        return peer;
    char *list = arena_copy(arena, forwarded_for);
    const char *client = peer;
    bool was_last;
    do {
        was_last = strchr(list, ',') == NULL;
        const char *address = cut_last(list);
        if (!address)
            return client;
        client = address;
    } while (!was_last && trust_has(trust, client));
    return client;
}

bool trust_is_loopback(const char *address)
{
    static const struct trust_network loopback[] = {
        {{[10] = 0xff, [11] = 0xff, [12] = 127}, MAPPED_BITS + 8}, {{[15] = 1}, 128}};
    unsigned char bytes[16];
    bool is_ipv4;
    if (!*address)
        return true;
    return parse_address(address, bytes, &is_ipv4) &&
           (is_within(&loopback[0], bytes) || is_within(&loopback[1], bytes));
}

const char *trust_source(struct arena *arena, const char *address)
{
    enum { NETWORK_BYTES = 8 };
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    bool is_ipv4;
    if (!*address)
        return "unix";
    if (!parse_address(address, bytes, &is_ipv4))
        return address;
    const struct trust_network ipv4 = {{[10] = 0xff, [11] = 0xff}, MAPPED_BITS};
    if (is_within(&ipv4, bytes))
        return arena_copy(arena, inet_ntop(AF_INET, bytes + MAPPED_BITS / 8, text, sizeof text));
    memset(bytes + NETWORK_BYTES, 0, sizeof bytes - NETWORK_BYTES);
    return arena_printf(arena, "%s/64", inet_ntop(AF_INET6, bytes, text, sizeof text));
}
