#include "http/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "http/urlencoded.h"

enum { BOUNDARY_MOST = 70 }; /* RFC 2046, section 5.1.1 */

/* The body while it is read. */
struct parts {
    struct arena *arena;
    const char *at, *end;
    const char *delimiter; /* CR LF "--" and the boundary */
    size_t delimiter_length;
};

struct part {
    const char *field, *file_name; /* NULL: it has none */
    const char *bytes;
    size_t length;
};

/* The value of a header's parameter (RFC 7578, section 4.2); NULL: there is none. Browsers escape a
 * quote in it as %22 and send UTF-8. */
static const char *find_parameter(struct arena *arena, const char *header, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(header, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, name, length) != 0 || at[length] != '=') {
            if (*at == '\0')
                return NULL;
            at += strcspn(at, ";\"");
            while (*at == '"') { /* skips a quoted value, which may hold a semicolon */
                const char *quote = strchr(at + 1, '"');
                if (!quote)
                    return NULL;
                at = quote + 1 + strcspn(quote + 1, ";\"");
            }
            continue;
        }
        at += length + 1;
        if (*at != '"')
            return arena_copy_bytes(arena, at, strcspn(at, "; \t\r\n"));
        size_t value = strcspn(at + 1, "\"\r\n");
        return at[1 + value] == '"' ? arena_copy_bytes(arena, at + 1, value) : NULL;
    }
    return NULL;
}

static const char *find(const char *at, const char *end, const char *text, size_t length)
{
    return at < end ? memmem(at, (size_t)(end - at), text, length) : NULL;
}

/* Without the folders that old browsers send. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *backslash = strrchr(path, '\\');
    const char *last = slash > backslash ? slash : backslash;
    return last ? last + 1 : path;
}

static bool read_head(struct parts *parts, struct part *part)
{
    static const char disposition[] = "content-disposition:";
    const char *stop = find(parts->at, parts->end, "\r\n\r\n", 4);
    if (!stop || stop - parts->at > MULTIPART_HEAD_MOST_BYTES ||
        memchr(parts->at, '\0', (size_t)(stop - parts->at)))
        return false;
    const char *head = arena_copy_bytes(parts->arena, parts->at, (size_t)(stop - parts->at));
    parts->at = stop + 4;
    for (const char *line = head; line; line = strstr(line, "\r\n")) {
        line += strspn(line, "\r\n");
        if (strncasecmp(line, disposition, sizeof disposition - 1) != 0)
            continue;
        line = arena_copy_bytes(parts->arena, line, strcspn(line, "\r\n"));
        part->field = find_parameter(parts->arena, line, "name");
        part->file_name = find_parameter(parts->arena, line, "filename");
        return part->field && text_is_utf8(line, strlen(line));
    }
    return false;
}

/* Reads the next part. False: it is malformed. *ret_is_last: there is none any more. */
static bool read_part(struct parts *parts, struct part *part, bool *ret_is_last)
{
    *part = (struct part){0};
    *ret_is_last = parts->end - parts->at >= 2 && memcmp(parts->at, "--", 2) == 0;
    if (*ret_is_last)
        return true;
    if (parts->end - parts->at < 2 || memcmp(parts->at, "\r\n", 2) != 0)
        return false;
    parts->at += 2;
    if (!read_head(parts, part))
        return false;
    part->bytes = parts->at;
    const char *stop = find(parts->at - 2, parts->end, parts->delimiter, parts->delimiter_length);
    if (!stop)
        return false;
    part->length = stop > parts->at ? (size_t)(stop - parts->at) : 0;
    parts->at = stop + parts->delimiter_length;
    return true;
}

static bool begin(struct parts *parts, const char *content_type)
{
    const char *boundary = find_parameter(parts->arena, content_type, "boundary");
    if (!boundary || *boundary == '\0' || strlen(boundary) > BOUNDARY_MOST)
        return false;
    parts->delimiter = arena_printf(parts->arena, "\r\n--%s", boundary);
    parts->delimiter_length = strlen(parts->delimiter);
    size_t first = parts->delimiter_length - 2;
    if ((size_t)(parts->end - parts->at) < first ||
        memcmp(parts->at, parts->delimiter + 2, first) != 0)
        return false;
    parts->at += first;
    return true;
}

static bool take(struct parts *parts, const struct part *part, json_t *root,
                 struct multipart_file *file)
{
    if (part->file_name) {
        if (!file->field && part->length > 0)
            *file = (struct multipart_file){part->field, base_name(part->file_name), part->bytes,
                                            part->length};
        return true;
    }
    if (memchr(part->bytes, '\0', part->length) || !text_is_utf8(part->bytes, part->length))
        return false;
    return urlencoded_put(root, arena_copy(parts->arena, part->field),
                          arena_copy_bytes(parts->arena, part->bytes, part->length));
}

bool multipart_parse(struct arena *arena, const char *content_type, const char *body, size_t length,
                     json_t **ret_json, struct multipart_file *ret_file)
{
    struct parts parts = {.arena = arena, .at = body, .end = body + length};
    struct multipart_file file = {0};
    struct part part;
    json_t *root = json_object();
    bool is_last = false, is_right = begin(&parts, content_type);
    for (int count = 0; is_right && !is_last; count++) {
        is_right = count <= MULTIPART_PARTS_MOST && read_part(&parts, &part, &is_last) &&
                   (is_last || take(&parts, &part, root, &file));
    }
    if (!is_right) {
        json_decref(root);
        return false;
    }
    urlencoded_settle(root);
    *ret_json = root;
    *ret_file = file;
    return true;
}
