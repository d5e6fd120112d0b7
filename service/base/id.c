#include "base/id.h"

#include <sys/random.h>

#include "base/clock.h"

/* One system call fetches random bytes for 64 ids. */
enum { POOL_BYTES = 640, RANDOM_BYTES = 10 };

static void fill_random(unsigned char bytes[RANDOM_BYTES])
{
    static _Thread_local unsigned char pool[POOL_BYTES];
    static _Thread_local size_t left;
    if (left < RANDOM_BYTES) {
        size_t got = 0;
        while (got < POOL_BYTES) {
            ssize_t n = getrandom(pool + got, POOL_BYTES - got, 0);
            if (n > 0)
                got += (size_t)n;
        }
        left = POOL_BYTES;
    }
    left -= RANDOM_BYTES;
    memcpy(bytes, pool + left, RANDOM_BYTES);
}

static void set_version(struct id *id, unsigned char version)
{
    id->bytes[6] = (unsigned char)((id->bytes[6] & 0x0f) | (version << 4));
    id->bytes[8] = (unsigned char)((id->bytes[8] & 0x3f) | 0x80);
}

void id_make(struct id *ret_id)
{
    uint64_t ms = (uint64_t)(clock_now_us() / 1000);
    for (int i = 0; i < 6; i++)
        ret_id->bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    fill_random(ret_id->bytes + 6);
    set_version(ret_id, 7);
}

void id_from_hash(const unsigned char hash[ID_BYTES], struct id *ret_id)
{
    memcpy(ret_id->bytes, hash, ID_BYTES);
    set_version(ret_id, 8);
}

static void set_event_number(struct id *id, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        id->bytes[12 + i] = (unsigned char)(number >> (24 - 8 * i));
}

void id_make_in(uint32_t event_number, struct id *ret_id)
{
    id_make(ret_id);
    set_event_number(ret_id, event_number);
}

void id_from_hash_in(uint32_t event_number, const unsigned char hash[ID_BYTES], struct id *ret_id)
{
    id_from_hash(hash, ret_id);
    set_event_number(ret_id, event_number);
}

uint32_t id_event_number(const struct id *id)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | id->bytes[12 + i];
    return number;
}

void id_format(const struct id *id, char ret_text[ID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    static const unsigned char places[ID_BYTES] = {0,  2,  4,  6,  9,  11, 14, 16,
                                                   19, 21, 24, 26, 28, 30, 32, 34};
    for (int i = 0; i < ID_BYTES; i++) {
        ret_text[places[i]] = digits[id->bytes[i] >> 4];
        ret_text[places[i] + 1] = digits[id->bytes[i] & 15];
    }
    ret_text[8] = ret_text[13] = ret_text[18] = ret_text[23] = '-';
    ret_text[ID_TEXT_BYTES - 1] = '\0';
}

void id_number(const struct id *id, char ret_number[ID_NUMBER_BYTES])
{
    static const char digits[] = "23456789BCDFGHJKMNPQRSTVWXYZ";
    enum { BASE = sizeof digits - 1, FIRST_RANDOM = 6, HYPHEN = 4 };
    uint64_t bits = 0;
    for (int i = FIRST_RANDOM; i < ID_BYTES - 4; i++)
        bits = bits << 8 | id->bytes[i];
    for (int at = ID_NUMBER_BYTES - 2; at >= 0; at--) {
        ret_number[at] = at == HYPHEN ? '-' : digits[bits % BASE];
        bits /= at == HYPHEN ? 1 : BASE;
    }
    ret_number[ID_NUMBER_BYTES - 1] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool id_parse(const char *text, struct id *ret_id)
{
    struct id id;
    for (int i = 0; i < ID_BYTES; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        int high = hex_value(text[0]);
        int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        id.bytes[i] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    if (*text != '\0')
        return false;
    *ret_id = id;
    return true;
}

bool id_equal(const struct id *a, const struct id *b)
{
    return memcmp(a->bytes, b->bytes, ID_BYTES) == 0;
}

bool id_is_zero(const struct id *id)
{
    static const struct id zero;
    return id_equal(id, &zero);
}
