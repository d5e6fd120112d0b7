#include "view/locale.h"

#include "base/memory.h"
#include "view/locale_parts.h"

/* The name of a template: its asset's without "features/" and the ending. False: too long. */
static bool short_name(const char *asset, char ret_name[LOCALE_NAME_BYTES])
{
    const char *from = asset + (strncmp(asset, "features/", 9) == 0 ? 9 : 0);
    const char *dot = strrchr(from, '.');
    int length = (int)(dot ? (size_t)(dot - from) : strlen(from));
    return snprintf(ret_name, LOCALE_NAME_BYTES, "%.*s", length, from) < LOCALE_NAME_BYTES;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static bool add_template(struct locale *locale, const struct asset *asset, char *ret_error)
{
    bool page = ends_with(asset->name, ".html");
    char name[LOCALE_NAME_BYTES];
    if (!page && !ends_with(asset->name, ".txt"))
        return true;
    if (!short_name(asset->name, name)) {
        snprintf(ret_error, LOCALE_ERROR_BYTES, "%.200s: the name is too long", asset->name);
        return false;
    }
    return template_set_add(page ? locale->pages : locale->texts,
                            page ? TEMPLATE_HTML : TEMPLATE_TEXT, name, (const char *)asset->bytes,
                            asset->length, ret_error);
}

/* "features/event/words.de.json": "de.json"; NULL: no file of wordings. */
static const char *words_language(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    return strncmp(base, "words.", 6) == 0 && ends_with(base, ".json") ? base + 6 : NULL;
}

static struct locale *locale_of_words(struct locale_set *set, const char *language)
{
    for (size_t i = 0; i < LOCALE_COUNT; i++) {
        size_t length = strlen(set->locales[i].rules->code);
        if (strncmp(language, set->locales[i].rules->code, length) == 0 &&
            strcmp(language + length, ".json") == 0)
            return &set->locales[i];
    }
    return NULL;
}

static bool add_asset(struct locale_set *set, const struct asset *asset, char *ret_error)
{
    const char *language = words_language(asset->name);
    if (language) {
        struct locale *locale = locale_of_words(set, language);
        if (locale)
            return locale_words_add(locale, asset, ret_error);
        snprintf(ret_error, LOCALE_ERROR_BYTES, "%.200s: not a language of ours", asset->name);
        return false;
    }
    for (size_t i = 0; i < LOCALE_COUNT; i++)
        if (!add_template(&set->locales[i], asset, ret_error))
            return false;
    return true;
}

static struct locale_set *create(void)
{
    struct locale_set *set = memory_alloc(sizeof *set);
    for (size_t i = 0; i < LOCALE_COUNT; i++) {
        struct locale *locale = &set->locales[i];
        const struct template_options options = {.format = locale_format_aspect,
                                                 .format_context = locale};
        locale->rules = &locale_rules[i];
        locale->words = json_object();
        locale->pages = template_set_create(&options);
        locale->texts = template_set_create(&options);
    }
    return set;
}

static bool link_all(struct locale_set *set, char *ret_error)
{
    for (size_t i = 0; i < LOCALE_COUNT; i++)
        if (!template_set_link(set->locales[i].pages, ret_error) ||
            !template_set_link(set->locales[i].texts, ret_error))
            return false;
    return true;
}

static bool load(struct locale_set *set, const struct asset *assets, size_t count, char *ret_error)
{
    const struct locale *first = &set->locales[0];
    for (size_t i = 0; i < count; i++)
        if (!add_asset(set, &assets[i], ret_error))
            return false;
    /* Before linking, which would find the same mistakes but not say it as well. */
    for (size_t i = 1; i < LOCALE_COUNT; i++)
        if (!locale_words_complete(&set->locales[i], first, ret_error) ||
            !locale_words_complete(first, &set->locales[i], ret_error))
            return false;
    if (!link_all(set, ret_error))
        return false;
    for (size_t i = 1; i < LOCALE_COUNT; i++)
        if (!locale_words_match(&set->locales[i], first, ret_error))
            return false;
    return true;
}

bool locale_set_load(const struct asset *assets, size_t count, char ret_error[LOCALE_ERROR_BYTES],
                     struct locale_set **ret_set)
{
    struct locale_set *set = create();
    if (!load(set, assets, count, ret_error)) {
        locale_set_destroy(set);
        return false;
    }
    *ret_set = set;
    return true;
}

void locale_set_destroy(struct locale_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < LOCALE_COUNT; i++) {
        template_set_destroy(set->locales[i].pages);
        template_set_destroy(set->locales[i].texts);
        json_decref(set->locales[i].words);
    }
    free(set);
}

const struct locale *locale_find(const struct locale_set *set, const char *language)
{
    for (size_t i = 0; i < LOCALE_COUNT; i++)
        if (strcmp(set->locales[i].rules->code, language) == 0)
            return &set->locales[i];
    return NULL;
}

const char *locale_code(const struct locale *locale)
{
    return locale->rules->code;
}

const char *locale_name(const struct locale *locale)
{
    return locale->rules->name;
}

const struct template *locale_page(const struct locale *locale, const char *asset)
{
    char name[LOCALE_NAME_BYTES];
    return short_name(asset, name) ? template_find(locale->pages, name) : NULL;
}

const struct template *locale_plain(const struct locale *locale, const char *asset)
{
    char name[LOCALE_NAME_BYTES];
    return short_name(asset, name) ? template_find(locale->texts, name) : NULL;
}

static const struct template *find_text(const struct locale *locale, const char *key)
{
    char name[LOCALE_NAME_BYTES];
    int length = snprintf(name, sizeof name, "t.%s", key);
    return length < LOCALE_NAME_BYTES ? template_find(locale->texts, name) : NULL;
}

bool locale_has(const struct locale *locale, const char *key)
{
    return find_text(locale, key) != NULL;
}

void locale_text(const struct locale *locale, const char *key, const json_t *data,
                 struct buffer *out)
{
    const struct template *text = find_text(locale, key);
    if (!text || !template_render(text, NULL, data, out))
        buffer_add_text(out, key);
}

json_t *locale_sources(const struct locale *locale, const char *below)
{
    const size_t length = strlen(below);
    json_t *sources = json_object(), *sentence;
    const char *key;
    json_object_foreach (locale->words, key, sentence) {
        if (strncmp(key, below, length) == 0 && key[length] == '.')
            json_object_set(sources, key + length + 1, sentence);
    }
    return sources;
}
