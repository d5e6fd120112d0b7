/* Whatever Accept-Language says, the answer is a language of ours that is allowed. */
#include "view/locale.h"

static struct locale_set *the_set(void)
{
    static const char words[] = "{\"layout\":{\"skip\":\"x\"}}";
    static const struct asset assets[] = {
        {"view/words.de.json", (const unsigned char *)words, sizeof words - 1},
        {"view/words.en.json", (const unsigned char *)words, sizeof words - 1},
    };
    static struct locale_set *set;
    char error[LOCALE_ERROR_BYTES];
    if (!set && !locale_set_load(assets, 2, error, &set))
        abort();
    return set;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    static const char *const german_only[] = {"de", NULL};
    char *header = malloc(length + 1);
    memcpy(header, bytes, length);
    header[length] = '\0';
    if (!locale_negotiate(the_set(), header, NULL))
        abort();
    if (strcmp(locale_code(locale_negotiate(the_set(), header, german_only)), "de") != 0)
        abort();
    free(header);
    return 0;
}
