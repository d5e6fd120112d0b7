/* Whatever an organiser writes and whatever a person is called, a mail ends soon, and the name adds
 * no element to its HTML. The input is the text, then after a byte 0 the name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/placeholders.h"

static size_t count_elements(const char *html)
{
    size_t count = 0;
    for (; (html = strchr(html, '<')); html++)
        count++;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1);
    memcpy(text, bytes, length);
    text[length] = '\0';
    const char *name = strlen(text) < length ? text + strlen(text) + 1 : "Ada";
    struct placeholder table[] = {
        {"name", name, false}, {"ticket", "https://example.org/r/1?key=a_b", true}, {0}};
    struct buffer html, plain;
    buffer_init(&html);
    buffer_init(&plain);
    if (text_is_utf8(name, strlen(name)) && placeholders_html(text, table, 2, &html)) {
        size_t count = count_elements(buffer_text(&html));
        if (!placeholders_text(text, table, &plain))
            abort();
        buffer_clear(&html);
        table[0].value = "Ada";
        if (!placeholders_html(text, table, 2, &html) ||
            count_elements(buffer_text(&html)) != count)
            abort();
    }
    buffer_finish(&html);
    buffer_finish(&plain);
    free(text);
    return 0;
}
