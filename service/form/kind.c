#include "form/kind.h"

#include <limits.h>
#include <math.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/url.h"
#include "form/countries.h"
#include "form/number.h"
#include "form/phone.h"
#include "view/locale.h"

const void *kind_choice_at(const struct kind_choices *choices, size_t index)
{
    return (const char *)choices->first + index * choices->stride;
}

static const char *slug_of(const void *choice)
{
    return *(const char *const *)choice;
}

static const void *find_choice(const struct kind_choices *choices, const char *slug)
{
    for (size_t i = 0; slug && i < choices->count; i++) {
        const void *choice = kind_choice_at(choices, i);
        if (strcmp(slug_of(choice), slug) == 0)
            return choice;
    }
    return NULL;
}

const char *kind_choice(const struct kind_choices *choices, const char *slug)
{
    const void *choice = find_choice(choices, slug);
    return choice ? slug_of(choice) : NULL;
}

/* --- Texts ----------------------------------------------------------------------------------- */

static const char *text_given(const struct kind_input *input)
{
    return json_string_value(input->given);
}

static const char *clean_text(const struct kind_input *input)
{
    const char *text = text_given(input);
    return text ? text_clean(input->arena, text) : NULL;
}

static enum kind_fault read_clean(const struct kind_input *input, bool lines_allowed,
                                  const char **ret_text)
{
    if (!text_given(input))
        return KIND_NO_TEXT;
    char *(*clean)(struct arena *, const char *) = lines_allowed ? text_clean_lines : text_clean;
    const char *text = clean(input->arena, text_given(input));
    if (!text || text_has_control(text, lines_allowed))
        return KIND_INVISIBLE;
    if (text_length(text) > (size_t)input->most)
        return KIND_TOO_LONG;
    if (*text == '\0')
        return KIND_NOTHING;
    *ret_text = text;
    return KIND_READ;
}

static enum kind_fault read_text(const struct kind_input *input, void *ret_text)
{
    return read_clean(input, false, ret_text);
}

static enum kind_fault read_lines(const struct kind_input *input, void *ret_text)
{
    return read_clean(input, true, ret_text);
}

/* Mail programs make links of these. Strangers could send them to others in the organiser's name.
 */
static bool has_link(struct arena *arena, const char *text)
{
    const char *folded = text_fold(arena, text);
    return strstr(folded, "://") || strstr(folded, "www.");
}

static enum kind_fault read_name(const struct kind_input *input, void *ret_text)
{
    const char *text = clean_text(input), **ret = ret_text, *name;
    if (text && !text_is_visible(text) && !text_has_control(text, false))
        return KIND_NOTHING;
    enum kind_fault fault = read_clean(input, false, &name);
    if (fault != KIND_READ)
        return fault;
    if (has_link(input->arena, name))
        return KIND_LINK;
    *ret = name;
    return KIND_READ;
}

static enum kind_fault read_raw(const struct kind_input *input, void *ret_text)
{
    const char **ret = ret_text;
    if (!text_given(input))
        return KIND_NO_TEXT;
    *ret = arena_copy(input->arena, text_given(input));
    return KIND_READ;
}

static json_t *write_text(const void *value)
{
    const char *text = *(const char *const *)value;
    return text ? json_string(text) : NULL;
}

/* Returns a checked text. The arena outlives the JSON, so the text is copied. */
static enum kind_fault take_text(const struct kind_input *input, const char *text, bool is_right,
                                 void *ret_text)
{
    const char **ret = ret_text;
    if (!text || !is_right)
        return KIND_WRONG;
    *ret = arena_copy(input->arena, text);
    return KIND_READ;
}

static enum kind_fault read_slug(const struct kind_input *input, void *ret_slug)
{
    const char *slug = text_given(input);
    if (!slug)
        return KIND_NO_TEXT;
    return take_text(input, slug, text_is_slug(slug, (size_t)input->most), ret_slug);
}

static enum kind_fault read_phone(const struct kind_input *input, void *ret_text)
{
    const char *text = clean_text(input), *phone = text ? phone_read(input->arena, text) : NULL;
    return take_text(input, phone, phone != NULL, ret_text);
}

static enum kind_fault read_country(const struct kind_input *input, void *ret_text)
{
    const char *code = text_given(input);
    return take_text(input, code, code && countries_has(code), ret_text);
}

static void say_country(const char *code, const struct locale *locale, struct buffer *out)
{
    const char *name = countries_name(code, locale_code(locale));
    buffer_add_text(out, name ? name : code);
}

static enum kind_fault read_email(const struct kind_input *input, void *ret_email)
{
    const char *text = text_given(input);
    struct email email;
    if (!text || !email_parse(input->arena, text, &email))
        return KIND_WRONG;
    *(struct email *)ret_email = email;
    return KIND_READ;
}

static json_t *write_email(const void *value)
{
    const struct email *email = value;
    return email->address ? json_string(email->address) : NULL;
}

/* Keeps the URL as it was typed: host names in any script stay readable. */
static enum kind_fault read_url(const struct kind_input *input, void *ret_text)
{
    const char *url;
    enum kind_fault fault = read_clean(input, false, &url);
    if (fault == KIND_READ && url_is_web(url)) {
        *(const char **)ret_text = url;
        return KIND_READ;
    }
    return fault == KIND_READ || fault == KIND_NO_TEXT ? KIND_WRONG : fault;
}

/* --- Choices --------------------------------------------------------------------------------- */

static enum kind_fault read_choice(const struct kind_input *input, void *ret_slug)
{
    const char *slug = kind_choice(input->choices, text_given(input));
    if (!slug)
        return KIND_WRONG;
    *(const char **)ret_slug = slug;
    return KIND_READ;
}

static bool list_has(const struct kind_list *list, const char *slug)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], slug) == 0)
            return true;
    }
    return false;
}

/* A page's form sends a single choice as text. */
static enum kind_fault read_several(const struct kind_input *input, void *ret_list)
{
    bool is_alone = input->is_typed && json_is_string(input->given);
    if (!is_alone && !json_is_array(input->given))
        return KIND_NO_LIST;
    size_t count = is_alone ? 1 : json_array_size(input->given);
    struct kind_list list = {.items = arena_alloc(input->arena, count * sizeof *list.items + 1)};
    for (size_t i = 0; i < count; i++) {
        const json_t *item = is_alone ? input->given : json_array_get(input->given, i);
        const char *slug = kind_choice(input->choices, json_string_value(item));
        if (!slug || list_has(&list, slug))
            return KIND_WRONG;
        list.items[list.count++] = slug;
    }
    *(struct kind_list *)ret_list = list;
    return list.count > 0 ? KIND_READ : KIND_NOTHING;
}

static json_t *write_several(const void *value)
{
    const struct kind_list *list = value;
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, json_string(list->items[i]));
    return json;
}

static enum kind_fault read_yes_no(const struct kind_input *input, void *ret_value)
{
    const char *text = input->is_typed ? text_given(input) : NULL;
    bool is_true = text ? strcmp(text, "true") == 0 : json_is_true(input->given);
    if (!is_true && !(text ? strcmp(text, "false") == 0 : json_is_false(input->given)))
        return KIND_WRONG;
    *(bool *)ret_value = is_true;
    return KIND_READ;
}

/* Browsers send "on" for a checkbox. */
static enum kind_fault read_boolean(const struct kind_input *input, void *ret_value)
{
    const char *text = input->is_typed ? text_given(input) : NULL;
    if (!text || strcmp(text, "on") != 0)
        return read_yes_no(input, ret_value);
    *(bool *)ret_value = true;
    return KIND_READ;
}

static json_t *write_boolean(const void *value)
{
    return json_boolean(*(const bool *)value);
}

#define WHOLE_MOST 1e15 /* whole numbers below it are exact */

/* --- Numbers --------------------------------------------------------------------------------- */

static enum kind_fault read_typed_number(const struct kind_input *input, struct number *ret_number)
{
    static const enum kind_fault faults[] = {
        [NUMBER_READ] = KIND_READ, [NUMBER_NONE] = KIND_WRONG, [NUMBER_AMBIGUOUS] = KIND_AMBIGUOUS};
    const char *text = input->is_typed ? text_given(input) : NULL;
    return text ? faults[number_read(input->arena, text, input->thousands, ret_number)]
                : KIND_WRONG;
}

static enum kind_fault read_number(const struct kind_input *input, void *ret_number)
{
    struct kind_number number = {.is_whole = json_is_integer(input->given)};
    if (number.is_whole) {
        number.whole = json_integer_value(input->given);
    } else if (json_is_real(input->given)) {
        number.real = json_real_value(input->given);
    } else {
        struct number typed;
        enum kind_fault fault = read_typed_number(input, &typed);
        if (fault != KIND_READ)
            return fault;
        number.real = typed.value;
        number.is_whole = number.real == trunc(number.real) && fabs(number.real) < WHOLE_MOST;
        number.whole = number.is_whole ? (int64_t)number.real : 0;
    }
    *(struct kind_number *)ret_number = number;
    return KIND_READ;
}

static json_t *write_number(const void *value)
{
    const struct kind_number *number = value;
    return number->is_whole ? json_integer(number->whole) : json_real(number->real);
}

static enum kind_fault read_integer(const struct kind_input *input, void *ret_integer)
{
    struct number typed;
    int64_t integer = json_integer_value(input->given);
    if (!json_is_integer(input->given)) {
        enum kind_fault fault = read_typed_number(input, &typed);
        if (fault != KIND_READ)
            return fault;
        if (typed.has_fraction || fabs(typed.value) >= WHOLE_MOST)
            return KIND_WRONG;
        integer = (int64_t)typed.value;
    }
    if (integer < input->least || integer > input->most)
        return KIND_OUT_OF_BOUNDS;
    *(int64_t *)ret_integer = integer;
    return KIND_READ;
}

static json_t *write_integer(const void *value)
{
    return json_integer(*(const int64_t *)value);
}

/* --- Days, times, ids ------------------------------------------------------------------------ */

/* Browsers without a date control send the typed text, "13.5.2026". */
static enum kind_fault read_typed_date(struct arena *arena, const char *text, const char **ret_date)
{
    int day, month, at = 0;
    if (sscanf(text, "%2d . %2d . %n", &day, &month, &at) < 2 || at == 0) {
        *ret_date = text;
        return KIND_READ;
    }
    const char *year = text + at;
    size_t digits = strspn(year, "0123456789");
    if (year[digits] == '\0' && digits == 2)
        return KIND_SHORT_YEAR;
    *ret_date = arena_printf(arena, "%s-%02d-%02d", year, month, day);
    return KIND_READ;
}

static enum kind_fault read_date(const struct kind_input *input, void *ret_text)
{
    const char *text = clean_text(input);
    if (text && input->is_typed) {
        enum kind_fault fault = read_typed_date(input->arena, text, &text);
        if (fault != KIND_READ)
            return fault;
    }
    bool is_date = text && clock_is_date(text);
    long year = is_date ? strtol(text, NULL, 10) : KIND_YEAR_LEAST;
    if (year < KIND_YEAR_LEAST || year > KIND_YEAR_MOST)
        return KIND_STRANGE_YEAR;
    return take_text(input, text, is_date, ret_text);
}

static void say_date(const char *date, const struct locale *locale, struct buffer *out)
{
    if (!locale_format_local(locale, date, LOCALE_DATE_SHORT, out))
        buffer_add_text(out, date);
}

static enum kind_fault read_local_time(const struct kind_input *input, void *ret_text)
{
    const char *text = text_given(input);
    if (!text || !clock_is_local(text))
        return KIND_WRONG;
    bool no_seconds = strncmp(text + 16, ":00", 3) == 0;
    *(const char **)ret_text =
        arena_printf(input->arena, "%.16s%s", text, text + (no_seconds ? 19 : 16));
    return KIND_READ;
}

static enum kind_fault read_time(const struct kind_input *input, void *ret_at_us)
{
    int64_t at_us;
    if (!text_given(input))
        return KIND_NO_TEXT;
    if (!clock_parse(text_given(input), &at_us))
        return KIND_WRONG;
    *(int64_t *)ret_at_us = at_us;
    return KIND_READ;
}

static json_t *write_time(const void *value)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format(*(const int64_t *)value, text);
    return json_string(text);
}

static enum kind_fault read_id(const struct kind_input *input, void *ret_id)
{
    struct id id;
    if (!text_given(input))
        return KIND_NO_TEXT;
    if (!id_parse(text_given(input), &id))
        return KIND_WRONG;
    *(struct id *)ret_id = id;
    return KIND_READ;
}

static json_t *write_id(const void *value)
{
    char text[ID_TEXT_BYTES];
    id_format(value, text);
    return id_is_zero(value) ? NULL : json_string(text);
}

/* --- The table ------------------------------------------------------------------------------- */

/* clang-format off */

#define TEXT sizeof(const char *)

/* name, is_asked, code, bytes, most, read, write, say; then the control. */
const struct kind kinds[] = {
    [KIND_TEXT] = {"text", true, "text_expected", TEXT, KIND_TEXT_MOST, read_text, write_text,
        .input = "text"},
    [KIND_LONG_TEXT] = {"long_text", true, "text_expected", TEXT, KIND_LONG_TEXT_MOST,
        read_lines, write_text, .control = KIND_AS_LINES},
    [KIND_CHOICE] = {"choice", true, "no_such_choice", TEXT, 0, read_choice, write_text,
        .control = KIND_AS_ONE_OF, .has_choices = true},
    [KIND_SEVERAL] = {"several", true, "no_such_choice", sizeof(struct kind_list), 0,
        read_several, write_several, .control = KIND_AS_SOME_OF, .has_choices = true},
    [KIND_YES_NO] = {"yes_no", true, "yes_or_no_expected", sizeof(bool), 0,
        read_yes_no, write_boolean, .control = KIND_AS_YES_NO},
    [KIND_NUMBER] = {"number", true, "number_expected", sizeof(struct kind_number), 0,
        read_number, write_number, .input = "text", .inputmode = "decimal"},
    [KIND_DATE] = {"date", true, "date_expected", TEXT, 0, read_date, write_text, say_date,
        .input = "date"},
    [KIND_EMAIL] = {"email", true, "email_expected", sizeof(struct email), 0,
        read_email, write_email, .input = "email", .inputmode = "email", .autocomplete = "email"},
    [KIND_PHONE] = {"phone", true, "phone_expected", TEXT, 0, read_phone, write_text,
        .input = "tel", .inputmode = "tel", .autocomplete = "tel"},
    [KIND_COUNTRY] = {"country", true, "country_expected", TEXT, 0,
        read_country, write_text, say_country, .control = KIND_AS_COUNTRIES, .autocomplete = "country"},
    [KIND_URL] = {"url", true, "url_expected", TEXT, KIND_URL_MOST, read_url, write_text,
        .input = "url", .inputmode = "url", .autocomplete = "url"},

    [KIND_NAME] = {"name", false, "text_expected", TEXT, KIND_NAME_MOST, read_name, write_text,
        .input = "text", .autocomplete = "name"},
    [KIND_RAW] = {"raw", false, "text_expected", TEXT, 0, read_raw, write_text, .input = "text"},
    [KIND_SLUG] = {"slug", false, "bad_slug", TEXT, 64, read_slug, write_text, .input = "text"},
    [KIND_LOCAL_TIME] = {"local_time", false, "bad_time", TEXT, 0, read_local_time, write_text,
        .input = "datetime-local"},
    [KIND_TIME] = {"time", false, "time_expected", sizeof(int64_t), 0, read_time, write_time,
        .input = "text"},
    [KIND_ID] = {"id", false, "uuid_expected", sizeof(struct id), 0,
        read_id, write_id, .input = "hidden"},
    [KIND_BOOLEAN] = {"boolean", false, "boolean_expected", sizeof(bool), 0,
        read_boolean, write_boolean, .control = KIND_AS_CHECKBOX},
    [KIND_INTEGER] = {"integer", false, "integer_expected", sizeof(int64_t), INT64_MAX,
        read_integer, write_integer, .input = "text", .inputmode = "numeric"},
};

/* clang-format on */

bool kind_asked(const char *name, enum kind_id *ret_kind)
{
    for (int i = 0; name && i < KIND_COUNT; i++) {
        if (!kinds[i].is_asked || strcmp(kinds[i].name, name) != 0)
            continue;
        *ret_kind = (enum kind_id)i;
        return true;
    }
    return false;
}

const char *kind_names(struct arena *arena)
{
    const char *names = "";
    for (int i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].is_asked)
            names = arena_printf(arena, "%s%s%s", names, *names ? ", " : "", kinds[i].name);
    }
    return names;
}

/* --- For people ------------------------------------------------------------------------------ */

static void say_text(const struct kind_saying *saying, const char *text, struct buffer *out)
{
    const void *choice = saying->kind->has_choices ? find_choice(saying->choices, text) : NULL;
    if (choice)
        buffer_add_text(out, saying->label(saying->context, choice));
    else if (saying->kind->say)
        saying->kind->say(text, saying->locale, out);
    else
        buffer_add_text(out, text);
}

void kind_say(const struct kind_saying *saying, const json_t *answer, struct buffer *out)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)answer, i, item) {
        if (i > 0)
            buffer_add_text(out, ", ");
        kind_say(saying, item, out);
    }
    if (json_is_string(answer))
        say_text(saying, json_string_value(answer), out);
    else if (json_is_boolean(answer))
        locale_text(saying->locale, json_is_true(answer) ? "answer.yes" : "answer.no", NULL, out);
    else if (json_is_number(answer))
        number_write(answer, saying->locale ? locale_thousands(saying->locale) : ',', out);
}
