#include "features/invitation/invite_lines.h"

#include <string.h>

/* Around an address, and between the cells of a name. A comma may stand within a name. */
static const char around_address[] = "<>;,\t\"'()[] \r", between_cells[] = "<>;\t\" \r";

/* Adds what stands in cells, with one space between them. */
static void add_name(struct buffer *name, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool is_space = strchr(between_cells, bytes[i]);
        if (!is_space)
            buffer_add_char(name, bytes[i]);
        else if (name->length > 0 && name->bytes[name->length - 1] != ' ')
            buffer_add_char(name, ' ');
    }
}

static const char *name_around(struct arena *arena, const char *line, size_t start, size_t end)
{
    struct buffer name;
    buffer_init(&name);
    add_name(&name, line, start);
    add_name(&name, line + end, strlen(line + end));
    size_t length = name.length;
    while (length > 0 && strchr(" ,", name.bytes[length - 1]))
        length--;
    const char *copy = arena_copy_bytes(arena, buffer_text(&name), length);
    buffer_finish(&name);
    return copy;
}

bool invite_line_split(struct arena *arena, const char *line, const char **ret_name,
                       const char **ret_address)
{
    static const char scheme[] = "mailto:";
    const char *at = strchr(line, '@');
    if (!at)
        return false;
    size_t start = (size_t)(at - line), end = start;
    while (start > 0 && !strchr(around_address, line[start - 1]))
        start--;
    while (line[end] != '\0' && !strchr(around_address, line[end]))
        end++;
    *ret_name = name_around(arena, line, start, end);
    if (strncmp(line + start, scheme, sizeof scheme - 1) == 0)
        start += sizeof scheme - 1;
    *ret_address = arena_copy_bytes(arena, line + start, end - start);
    return true;
}
