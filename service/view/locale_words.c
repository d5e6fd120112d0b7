#include "view/locale_parts.h"

static bool fail(const char *file, const char *key, const char *reason, char *ret_error)
{
    snprintf(ret_error, LOCALE_ERROR_BYTES, "%.160s: \"%.120s\": %.200s", file, key, reason);
    return false;
}

static bool add_to(struct template_set *set, enum template_kind kind, const char *name,
                   const char *text, char *ret_error)
{
    return template_set_add(set, kind, name, text, strlen(text), ret_error);
}

static bool add_sentence(struct locale *locale, const char *file, const char *key, json_t *sentence,
                         char *ret_error)
{
    char name[LOCALE_NAME_BYTES];
    const char *text = json_string_value(sentence);
    if (json_object_get(locale->words, key))
        return fail(file, key, "is there twice", ret_error);
    json_object_set(locale->words, key, sentence);
    snprintf(name, sizeof name, "t.%s", key);
    return add_to(locale->pages, TEMPLATE_WORDING, name, text, ret_error) &&
           add_to(locale->texts, TEMPLATE_TEXT, name, text, ret_error);
}

/* Objects in objects, as deep as the key has room for: {"a": {"b": "…"}} is "a.b". */
static bool add_all(struct locale *locale, const char *file, const char *prefix, json_t *words,
                    char *ret_error)
{
    const char *name;
    json_t *value;
    json_object_foreach (words, name, value) {
        char key[LOCALE_NAME_BYTES - 2];
        int length = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name);
        if (length >= (int)sizeof key || *name == '\0' || strpbrk(name, " \t\n{}"))
            return fail(file, name, "is no key", ret_error);
        if (json_is_object(value) ? !add_all(locale, file, key, value, ret_error)
            : json_is_string(value)
                ? !add_sentence(locale, file, key, value, ret_error)
                : !fail(file, key, "is neither a text nor an object", ret_error))
            return false;
    }
    return true;
}

bool locale_words_add(struct locale *locale, const struct asset *file,
                      char ret_error[LOCALE_ERROR_BYTES])
{
    json_error_t error;
    json_t *words =
        json_loadb((const char *)file->bytes, file->length, JSON_REJECT_DUPLICATES, &error);
    bool good = json_is_object(words);
    if (good)
        good = add_all(locale, file->name, "", words, ret_error);
    else
        snprintf(ret_error, LOCALE_ERROR_BYTES, "%.200s:%d: %s", file->name, error.line,
                 words ? "is no object" : error.text);
    json_decref(words);
    return good;
}

/* Collects names without their aspects: the plural may need {{#n.one}} in one language only. */
static void on_name(void *context, const char *name)
{
    json_t *names = context;
    size_t length = strlen(name) - locale_aspect_length(name);
    json_object_setn_new(names, name, length, json_true());
}

static json_t *names_of(const struct locale *locale, const char *key)
{
    char name[LOCALE_NAME_BYTES];
    json_t *names = json_object();
    snprintf(name, sizeof name, "t.%s", key);
    template_visit_names(template_find(locale->texts, name), on_name, names);
    return names;
}

bool locale_words_complete(const struct locale *locale, const struct locale *other,
                           char ret_error[LOCALE_ERROR_BYTES])
{
    const char *key;
    json_t *sentence;
    json_object_foreach (other->words, key, sentence)
        if (!json_object_get(locale->words, key))
            return fail(locale->rules->name, key, "this wording is missing", ret_error);
    return true;
}

bool locale_words_match(const struct locale *locale, const struct locale *other,
                        char ret_error[LOCALE_ERROR_BYTES])
{
    const char *key;
    json_t *sentence;
    json_object_foreach (locale->words, key, sentence) {
        json_t *ours = names_of(locale, key), *theirs = names_of(other, key);
        bool same = json_equal(ours, theirs);
        json_decref(ours);
        json_decref(theirs);
        if (!same)
            return fail(locale->rules->name, key, "uses other names than in another language",
                        ret_error);
    }
    return true;
}
