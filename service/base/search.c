#include "base/search.h"

#include <ctype.h>

#include "base/id.h"
#include "base/text.h"

/* "mueller" becomes "muller", in place. */
static void without_e(char *text)
{
    char *end = text;
    for (const char *at = text; *at; at++) {
        bool is_spelled = *at == 'e' && end > text && strchr("aou", end[-1]);
        if (!is_spelled)
            *end++ = *at;
    }
    *end = '\0';
}

static char *first_line(struct arena *arena, const char *text)
{
    return arena_copy_bytes(arena, text, strcspn(text, "\n"));
}

char *search_text(struct arena *arena, const char *text)
{
    char *folded = text_fold(arena, text), *name = first_line(arena, folded);
    char *spelled = text_fold_german(arena, first_line(arena, text));
    char *plain = arena_copy(arena, name);
    without_e(plain);
    if (strcmp(spelled, name) != 0)
        folded = arena_printf(arena, "%s\n%s", folded, spelled);
    return strcmp(plain, name) != 0 ? arena_printf(arena, "%s\n%s", folded, plain) : folded;
}

static const char spaces[] = " \t\r\n\v\f";

size_t search_words(struct arena *arena, const char *query, size_t most, const char **ret_words)
{
    size_t count = 0;
    const char *at = text_fold(arena, query);
    for (at += strspn(at, spaces); *at; at += strspn(at, spaces)) {
        size_t whole = strcspn(at, spaces), length = whole;
        while (length > 1 && strchr(",;.", at[length - 1]))
            length--;
        if (count < most)
            ret_words[count] = arena_copy_bytes(arena, at, length);
        count++;
        at += whole;
    }
    return count;
}

const char *search_number(struct arena *arena, const char *query)
{
    static const char digits[] = "23456789BCDFGHJKMNPQRSTVWXYZ";
    char number[ID_NUMBER_BYTES] = "";
    size_t length = text_code(query, number, sizeof number);
    for (size_t i = 0; i < length; i++)
        number[i] = (char)toupper((unsigned char)number[i]);
    if (length != ID_NUMBER_BYTES - 2 || strspn(number, digits) != length)
        return NULL;
    return arena_copy_bytes(arena, number, length);
}

const char *search_pattern(struct arena *arena, const char *word)
{
    char *pattern = arena_alloc(arena, 2 * strlen(word) + 3), *at = pattern;
    *at++ = '%';
    for (; *word; word++) {
        if (strchr("%_\\", *word))
            *at++ = '\\';
        *at++ = *word;
    }
    *at = '%';
    return pattern;
}
