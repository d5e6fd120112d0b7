#include "form/phone.h"

#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>

#include "form/kind.h"

enum { EXTENSION_MOST_DIGITS = 7 };

struct writing {
    struct buffer out;
    int digits;
    bool has_plus, is_bracketed; /* a bracket before the plus sign, not closed yet */
};

/* The length of the longest of the words that the text begins with, in any case; 0: none. */
static size_t begins_with(const char *text, const char *const *words)
{
    size_t longest = 0;
    for (; *words; words++) {
        size_t length = strlen(*words);
        if (length > longest && strncasecmp(text, *words, length) == 0)
            longest = length;
    }
    return longest;
}

static const char *skip_label(const char *text)
{
    static const char *const labels[] = {"tel",    "telefon", "telephone", "phone", "fon",
                                         "mobile", "mobil",   "handy",     NULL};
    text += begins_with(text, labels);
    return text + strspn(text, ".: ");
}

/* Appends the extension that the text is. False: it is none. */
static bool add_extension(struct buffer *out, const char *text)
{
    static const char *const labels[] = {"extension", "ext",       ";ext=", "x",
                                         "#",         "durchwahl", "dw",    NULL};
    size_t label = begins_with(text, labels);
    if (label == 0)
        return false;
    text += label + strspn(text + label, ".: ");
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > EXTENSION_MOST_DIGITS || text[digits] != '\0')
        return false;
    while (out->length > 0 && strchr(" -/.,", out->bytes[out->length - 1]))
        out->bytes[--out->length] = '\0';
    buffer_printf(out, " ext. %s", text);
    return true;
}

static bool add_mark(struct writing *writing, ucs4_t c)
{
    struct buffer *out = &writing->out;
    if (c == '+') {
        if (writing->has_plus || writing->digits > 0 ||
            (out->length > 0 && strcmp(buffer_text(out), "(") != 0))
            return false;
        writing->is_bracketed = out->length > 0;
        buffer_clear(out);
        buffer_add_char(out, '+');
        writing->has_plus = true;
    } else if (c == ')' && writing->is_bracketed) {
        writing->is_bracketed = false;
    } else if (c < 0x80 && strchr(" -/().", (int)c)) {
        buffer_add_char(out, (char)c);
    } else if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212) {
        buffer_add_char(out, '-');
    } else {
        return false;
    }
    return true;
}

static bool add_all(struct writing *writing, const char *text)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)text, *next;
    for (; (next = u8_next(&c, at)) != NULL; at = next) {
        int digit = uc_decimal_value(c);
        if (digit >= 0) {
            buffer_add_char(&writing->out, (char)('0' + digit));
            writing->digits++;
        } else if (writing->digits > 0 && add_extension(&writing->out, (const char *)at)) {
            return true;
        } else if (!add_mark(writing, c)) {
            return false;
        }
    }
    return true;
}

const char *phone_read(struct arena *arena, const char *text)
{
    struct writing writing = {0};
    bool is_good = add_all(&writing, skip_label(text)) &&
                   writing.digits >= KIND_PHONE_LEAST_DIGITS &&
                   writing.digits <= KIND_PHONE_MOST_DIGITS;
    const char *phone = is_good ? arena_copy(arena, buffer_text(&writing.out)) : NULL;
    buffer_finish(&writing.out);
    return phone;
}
