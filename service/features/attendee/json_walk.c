#include "features/attendee/json_walk.h"

struct json_walk json_walk_text(const char *text, size_t length)
{
    return length >= 2 ? (struct json_walk){text + 1, text + length - 1} : (struct json_walk){0};
}

struct json_walk json_walk_piece(const struct json_piece *piece)
{
    bool has_parts = piece->kind == JSON_KIND_LIST || piece->kind == JSON_KIND_OBJECT;
    return has_parts ? (struct json_walk){piece->at, piece->at + piece->length}
                     : (struct json_walk){0};
}

static void skip(struct json_walk *walk, char separator)
{
    while (walk->at < walk->end && (*walk->at == separator || *walk->at == ' '))
        walk->at++;
}

static bool ends_bare_value(char c)
{
    return c == ',' || c == ' ' || c == ']' || c == '}';
}

/* Starts behind the opening quote. */
static void take_text(struct json_walk *walk, struct json_piece *piece)
{
    const char *at = walk->at;
    while (at < walk->end && *at != '"') {
        if (*at == '\\') {
            piece->has_escapes = true;
            at++;
        }
        at++;
    }
    if (at > walk->end)
        at = walk->end;
    piece->length = (size_t)(at - walk->at);
    walk->at = at < walk->end ? at + 1 : at;
}

/* Starts behind the opening bracket of a list or object. */
static void take_nested(struct json_walk *walk, struct json_piece *piece)
{
    int depth = 1;
    while (walk->at < walk->end) {
        char c = *walk->at++;
        struct json_piece text = {.length = 0};
        if (c == '"')
            take_text(walk, &text);
        else if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && --depth == 0)
            break;
    }
    piece->length = (size_t)(walk->at - piece->at) - (depth == 0);
}

static bool take(struct json_walk *walk, struct json_piece *ret_piece)
{
    skip(walk, ',');
    if (walk->at >= walk->end)
        return false;
    char c = *walk->at;
    *ret_piece = (struct json_piece){.kind = JSON_KIND_BARE, .at = walk->at};
    if (c == '"' || c == '[' || c == '{') {
        ret_piece->at = ++walk->at;
        ret_piece->kind = c == '"' ? JSON_KIND_TEXT : c == '[' ? JSON_KIND_LIST : JSON_KIND_OBJECT;
        (c == '"' ? take_text : take_nested)(walk, ret_piece);
        return true;
    }
    while (walk->at < walk->end && !ends_bare_value(*walk->at))
        walk->at++;
    ret_piece->length = (size_t)(walk->at - ret_piece->at);
    return ret_piece->length > 0;
}

bool json_walk_item(struct json_walk *walk, struct json_piece *ret_item)
{
    return take(walk, ret_item);
}

bool json_walk_member(struct json_walk *walk, struct json_piece *ret_key,
                      struct json_piece *ret_value)
{
    if (!take(walk, ret_key))
        return false;
    skip(walk, ':');
    return take(walk, ret_value);
}

/* PostgreSQL writes \u only for control characters. This reads all of the basic plane. */
static void add_code_point(struct buffer *out, const char *digits, size_t length)
{
    char text[5] = "";
    memcpy(text, digits, length < 4 ? length : 4);
    unsigned long c = strtoul(text, NULL, 16);
    if (c >= 0x800) {
        buffer_add_char(out, (char)(0xe0 | c >> 12));
        buffer_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    } else if (c >= 0x80) {
        buffer_add_char(out, (char)(0xc0 | c >> 6));
    }
    buffer_add_char(out, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
}

void json_piece_decode(const struct json_piece *piece, struct buffer *out)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    const char *at = piece->at, *end = at + piece->length;
    if (!piece->has_escapes) {
        buffer_add(out, at, piece->length);
        return;
    }
    for (; at < end; at++) {
        if (*at != '\\' || at + 1 == end) {
            buffer_add_char(out, *at);
            continue;
        }
        const char *letter = strchr(letters, *++at);
        if (*at == 'u') {
            add_code_point(out, at + 1, (size_t)(end - at - 1));
            at += end - at > 4 ? 4 : end - at - 1;
        } else {
            buffer_add_char(out, letter ? meant[letter - letters] : *at);
        }
    }
}

bool json_piece_is(const struct json_piece *piece, const char *text)
{
    return strlen(text) == piece->length && memcmp(piece->at, text, piece->length) == 0;
}
