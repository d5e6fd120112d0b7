#include "view/locale.h"

#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"

/* Patterns: %W weekday, %d day, %D day in two digits, %B month's name, %M month in two digits, %Y
 * year, %H hour, %I minute. */
struct locale_rules {
    const char *code, *name;
    const char *weekdays[7]; /* from Sunday */
    const char *months[12];
    const char *patterns[4]; /* by enum locale_date */
    const char *separator;   /* between groups of three digits */
};

struct locale {
    const struct locale_rules *rules;
    json_t *words;                      /* key: sentence */
    struct template_set *pages, *texts; /* both with the wordings as partials "t.KEY" */
};

enum { LOCALE_COUNT = 2, LOCALE_NAME_BYTES = 256 };

struct locale_set {
    struct locale locales[LOCALE_COUNT];
};

/* --- Dates and numbers ---------------------------------------------------------------------------
 */

static const struct locale_rules locale_rules[LOCALE_COUNT] = {
    {
        .code = "en",
        .name = "English",
        .weekdays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
        .months = {"January", "February", "March", "April", "May", "June", "July", "August",
                   "September", "October", "November", "December"},
        .patterns = {"%W, %d %B %Y", "%d %B %Y", "%H:%I", "%H:%I"},
        .separator = ",",
    },
    {
        .code = "de",
        .name = "Deutsch",
        .weekdays = {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag",
                     "Samstag"},
        .months = {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
                   "September", "Oktober", "November", "Dezember"},
        .patterns = {"%W, %d. %B %Y", "%D.%M.%Y", "%H:%I Uhr", "%H:%I"},
        .separator = ".",
    },
};

const char *const locale_languages[LOCALE_COUNT + 1] = {"en", "de", NULL};

struct local {
    int year, month, day, hour, minute;
};

/* The weekday of a Gregorian date, 0 is Sunday (Sakamoto's method). */
static int weekday(const struct local *at)
{
    static const int offsets[12] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = at->month < 3 ? at->year - 1 : at->year;
    return (year + year / 4 - year / 100 + year / 400 + offsets[at->month - 1] + at->day) % 7;
}

static void add_field(const struct locale_rules *rules, char field, const struct local *at,
                      struct buffer *out)
{
    switch (field) {
    case 'W':
        buffer_add_text(out, rules->weekdays[weekday(at)]);
        break;
    case 'B':
        buffer_add_text(out, rules->months[at->month - 1]);
        break;
    case 'd':
        buffer_printf(out, "%d", at->day);
        break;
    case 'D':
        buffer_printf(out, "%02d", at->day);
        break;
    case 'M':
        buffer_printf(out, "%02d", at->month);
        break;
    case 'Y':
        buffer_printf(out, "%04d", at->year);
        break;
    case 'H':
        buffer_printf(out, "%02d", at->hour);
        break;
    case 'I':
        buffer_printf(out, "%02d", at->minute);
        break;
    }
}

/* Adds " (UTC+2)" to a time that the clocks show twice. */
static void add_offset(const struct clock_local *local, struct buffer *out)
{
    int minutes = (local->offset_s < 0 ? -local->offset_s : local->offset_s) / 60;
    if (!local->has_offset)
        return;
    buffer_printf(out, " (UTC%c%d", local->offset_s < 0 ? '-' : '+', minutes / 60);
    if (minutes % 60)
        buffer_printf(out, ":%02d", minutes % 60);
    buffer_add_char(out, ')');
}

bool locale_format_local(const struct locale *locale, const char *local, enum locale_date form,
                         struct buffer *out)
{
    struct local at = {0};
    struct clock_local read = {0};
    if (!clock_parse_local(local, &read) && (form >= LOCALE_TIME || !clock_is_date(local)))
        return false;
    if (sscanf(local, "%d-%d-%dT%d:%d", &at.year, &at.month, &at.day, &at.hour, &at.minute) < 3)
        return false;
    for (const char *p = locale->rules->patterns[form]; *p; p++) {
        if (*p == '%')
            add_field(locale->rules, *++p, &at, out);
        else
            buffer_add_char(out, *p);
    }
    if (form >= LOCALE_TIME)
        add_offset(&read, out);
    return true;
}

bool locale_format_span(const struct locale *locale, const char *from, const char *until,
                        struct buffer *out)
{
    enum { DAY = 10 };
    if (!clock_is_local(from) || !clock_is_local(until))
        return false;
    bool is_one_day = strncmp(from, until, DAY) == 0;
    bool good = locale_format_local(locale, from, LOCALE_DATE_LONG, out);
    buffer_add_text(out, ", ");
    good = locale_format_local(locale, from, LOCALE_CLOCK, out) && good;
    buffer_add_text(out, is_one_day ? "–" : " – ");
    if (!is_one_day) {
        good = locale_format_local(locale, until, LOCALE_DATE_LONG, out) && good;
        buffer_add_text(out, ", ");
    }
    return locale_format_local(locale, until, LOCALE_TIME, out) && good;
}

char locale_thousands(const struct locale *locale)
{
    return *locale->rules->separator;
}

void locale_format_number(const struct locale *locale, int64_t number, struct buffer *out)
{
    char digits[24];
    /* Unsigned, because -INT64_MIN does not fit into int64_t. */
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)magnitude);
    if (number < 0)
        buffer_add_char(out, '-');
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer_add_text(out, locale->rules->separator);
        buffer_add_char(out, digits[i]);
    }
}

static const char *const aspects[] = {
    [LOCALE_DATE_LONG] = "date",
    [LOCALE_DATE_SHORT] = "date_short",
    [LOCALE_TIME] = "time",
    [LOCALE_CLOCK] = "clock",
    "number",
    "one",
};

/* The length of the aspect at the end of a name, with its dot: 5 for "starts_at.date". */
static size_t aspect_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof aspects / sizeof *aspects; i++)
        if (strcmp(dot + 1, aspects[i]) == 0)
            return strlen(dot);
    return 0;
}

/* The template_format of all templates; the context is the locale. */
static bool format_aspect(const void *context, const json_t *value, const char *aspect,
                          struct buffer *out)
{
    const struct locale *locale = context;
    if (strcmp(aspect, "number") == 0 && json_is_integer(value)) {
        locale_format_number(locale, json_integer_value(value), out);
        return true;
    }
    for (enum locale_date form = LOCALE_DATE_LONG; form <= LOCALE_CLOCK; form++)
        if (strcmp(aspect, aspects[form]) == 0)
            return json_is_string(value) &&
                   locale_format_local(locale, json_string_value(value), form, out);
    return false;
}

/* --- Wordings ------------------------------------------------------------------------------------
 */

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
    return (!locale->pages || add_to(locale->pages, TEMPLATE_WORDING, name, text, ret_error)) &&
           add_to(locale->texts, TEMPLATE_TEXT, name, text, ret_error);
}

/* Flattens nested objects: {"a": {"b": "…"}} becomes "a.b". The length of a key limits the depth.
 */
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

static bool words_add(struct locale *locale, const struct asset *file,
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

/* Collects names without aspects, because only one language may need {{#n.one}}. */
static void on_name(void *context, const char *name)
{
    json_t *names = context;
    size_t length = strlen(name) - aspect_length(name);
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

/* Whether the locale has every key of the other. */
static bool words_complete(const struct locale *locale, const struct locale *other,
                           char ret_error[LOCALE_ERROR_BYTES])
{
    const char *key;
    json_t *sentence;
    json_object_foreach (other->words, key, sentence)
        if (!json_object_get(locale->words, key))
            return fail(locale->rules->name, key, "this wording is missing", ret_error);
    return true;
}

/* Whether each sentence uses the same names in both. Both have the same keys and are linked. */
static bool words_match(const struct locale *locale, const struct locale *other,
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

/* --- The set -------------------------------------------------------------------------------------
 */

/* The asset's name without "features/" and the ending. False: too long. */
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
    if (page ? !locale->pages : !ends_with(asset->name, ".txt"))
        return true;
    if (!short_name(asset->name, name)) {
        snprintf(ret_error, LOCALE_ERROR_BYTES, "%.200s: the name is too long", asset->name);
        return false;
    }
    return template_set_add(page ? locale->pages : locale->texts,
                            page ? TEMPLATE_HTML : TEMPLATE_TEXT, name, (const char *)asset->bytes,
                            asset->length, ret_error);
}

/* "de.json" for "features/event/words.de.json"; NULL: not a file of wordings. */
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
            return words_add(locale, asset, ret_error);
        snprintf(ret_error, LOCALE_ERROR_BYTES, "%.200s: not a language of ours", asset->name);
        return false;
    }
    for (size_t i = 0; i < LOCALE_COUNT; i++)
        if (!add_template(&set->locales[i], asset, ret_error))
            return false;
    return true;
}

static struct locale_set *create(bool with_pages)
{
    struct locale_set *set = memory_alloc(sizeof *set);
    for (size_t i = 0; i < LOCALE_COUNT; i++) {
        struct locale *locale = &set->locales[i];
        const struct template_options options = {.format = format_aspect, .format_context = locale};
        locale->rules = &locale_rules[i];
        locale->words = json_object();
        locale->pages = with_pages ? template_set_create(&options) : NULL;
        locale->texts = template_set_create(&options);
    }
    return set;
}

static bool link_all(struct locale_set *set, char *ret_error)
{
    for (size_t i = 0; i < LOCALE_COUNT; i++)
        if ((set->locales[i].pages && !template_set_link(set->locales[i].pages, ret_error)) ||
            !template_set_link(set->locales[i].texts, ret_error))
            return false;
    return true;
}

static bool add_assets(struct locale_set *set, const struct asset *assets, size_t count,
                       char *ret_error)
{
    for (size_t i = 0; i < count; i++)
        if (!add_asset(set, &assets[i], ret_error))
            return false;
    return true;
}

static bool load(struct locale_set *set, const struct asset *assets, size_t count, char *ret_error)
{
    const struct locale *first = &set->locales[0];
    if (!add_assets(set, assets, count, ret_error))
        return false;
    /* Linking would find the same mistakes, but with a less clear error. */
    for (size_t i = 1; i < LOCALE_COUNT; i++)
        if (!words_complete(&set->locales[i], first, ret_error) ||
            !words_complete(first, &set->locales[i], ret_error))
            return false;
    if (!link_all(set, ret_error))
        return false;
    for (size_t i = 1; i < LOCALE_COUNT; i++)
        if (!words_match(&set->locales[i], first, ret_error))
            return false;
    return true;
}

bool locale_set_load(const struct asset *assets, size_t count, char ret_error[LOCALE_ERROR_BYTES],
                     struct locale_set **ret_set)
{
    struct locale_set *set = create(true);
    if (!load(set, assets, count, ret_error)) {
        locale_set_destroy(set);
        return false;
    }
    *ret_set = set;
    return true;
}

bool locale_set_load_texts(const struct asset *assets, size_t count,
                           char ret_error[LOCALE_ERROR_BYTES], struct locale_set **ret_set)
{
    struct locale_set *set = create(false);
    if (!add_assets(set, assets, count, ret_error) || !link_all(set, ret_error)) {
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
    return locale->pages && short_name(asset, name) ? template_find(locale->pages, name) : NULL;
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

/* --- Accept-Language -----------------------------------------------------------------------------
 */

/* One element of the header: a language range and its quality, 0 to 1000. */
struct range {
    const char *text;
    size_t length;
    int quality;
};

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* Reads "0.8" as 800. -1: not 0 to 1 with up to three decimals (RFC 9110 section 12.4.2). */
static int read_quality(const char *at, const char **ret_end)
{
    if (*at != '0' && *at != '1')
        return -1;
    int quality = (*at++ - '0') * 1000, weight = 100;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9' && weight > 0; at++, weight /= 10)
            quality += (*at - '0') * weight;
    *ret_end = at;
    return quality <= 1000 ? quality : -1;
}

/* Reads one element with its comma. A malformed element has quality 0. */
static struct range next_range(const char **header)
{
    const char *at = skip_blanks(*header);
    struct range range = {.text = at, .length = strcspn(at, ",; \t"), .quality = 1000};
    at = skip_blanks(at + range.length);
    if (*at == ';') {
        at = skip_blanks(at + 1);
        bool weighed = (at[0] == 'q' || at[0] == 'Q') && at[1] == '=';
        range.quality = weighed ? read_quality(at + 2, &at) : -1;
        at = skip_blanks(at);
    }
    if ((*at != ',' && *at != '\0') || range.quality < 0)
        range.length = 0;
    at += strcspn(at, ",");
    *header = *at ? at + 1 : at;
    return range;
}

/* Whether the language equals the range or the range's start up to a hyphen. */
static bool serves(const char *code, const struct range *range)
{
    size_t length = strlen(code);
    return range->length >= length && strncasecmp(range->text, code, length) == 0 &&
           (range->length == length || range->text[length] == '-');
}

struct wanted {
    int quality; /* -1: not in the header */
    int place;   /* in the header */
};

static struct wanted want(const char *code, const struct range *ranges, int count)
{
    struct wanted best = {-1, count};
    int others = -1, others_place = count;
    for (int i = 0; i < count; i++) {
        if (ranges[i].length == 1 && *ranges[i].text == '*') {
            others = ranges[i].quality;
            others_place = i;
        } else if (serves(code, &ranges[i]) && ranges[i].quality > best.quality) {
            best = (struct wanted){ranges[i].quality, i};
        }
    }
    return best.quality >= 0 ? best : (struct wanted){others, others_place};
}

static int read_ranges(const char *header, struct range ranges[LOCALE_MOST_RANGES])
{
    int count = 0;
    while (header && *header && count < LOCALE_MOST_RANGES) {
        ranges[count] = next_range(&header);
        if (ranges[count].length > 0)
            count++;
    }
    return count;
}

const struct locale *locale_negotiate(const struct locale_set *set, const char *header,
                                      const char *const *allowed)
{
    struct range ranges[LOCALE_MOST_RANGES];
    int count = read_ranges(header, ranges);
    struct wanted best = {0, count};
    const struct locale *chosen = NULL, *first = NULL;
    for (allowed = allowed ? allowed : locale_languages; *allowed; allowed++) {
        const struct locale *locale = locale_find(set, *allowed);
        if (!locale)
            continue;
        first = first ? first : locale;
        struct wanted wanted = want(*allowed, ranges, count);
        if (wanted.quality > best.quality ||
            (chosen && wanted.quality == best.quality && wanted.place < best.place)) {
            best = wanted;
            chosen = locale;
        }
    }
    return chosen ? chosen : first ? first : &set->locales[0];
}
