#include "form/form.h"

#include "base/email.h"
#include "base/email_meant.h"
#include "base/memory.h"
#include "base/text.h"
#include "form/date_parts.h"
#include "http/kept_emails.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"

/* --- Places ---------------------------------------------------------------------------------- */

struct form_place form_whole(const struct form_reading *reading, const json_t *document)
{
    return (struct form_place){.reading = reading, .value = document};
}

struct form_place form_member(const struct form_place *object, const char *key)
{
    return (struct form_place){.reading = object->reading,
                               .above = object,
                               .key = key,
                               .value = json_object_get(object->value, key)};
}

struct form_place form_element(const struct form_place *list, size_t index)
{
    return (struct form_place){
        .reading = list->reading,
        .above = list,
        .index = index,
        .value = json_is_array(list->value) ? json_array_get(list->value, index) : list->value};
}

/* RFC 6901 section 3. */
static void add_pointer(const struct form_place *place, struct buffer *out)
{
    if (!place->above)
        return;
    add_pointer(place->above, out);
    buffer_add_char(out, '/');
    if (!place->key)
        buffer_printf(out, "%zu", place->index);
    for (const char *at = place->key; at && *at; at++) {
        if (*at == '~' || *at == '/')
            buffer_add_text(out, *at == '~' ? "~0" : "~1");
        else
            buffer_add_char(out, *at);
    }
}

const char *form_pointer(const struct form_place *place)
{
    struct buffer pointer;
    buffer_init(&pointer);
    add_pointer(place, &pointer);
    const char *copy = arena_copy(place->reading->arena, buffer_text(&pointer));
    buffer_finish(&pointer);
    return copy;
}

void form_refuse_here(const struct form_place *place, const char *code, json_t *data)
{
    const struct form_reading *reading = place->reading;
    const char *prefix = reading->prefix ? reading->prefix : "";
    findings_add(reading->findings, form_pointer(place),
                 arena_printf(reading->arena, "%s%s", prefix, code), data);
}

void form_refuse_at(const struct form_place *object, const char *key, const char *code,
                    json_t *data)
{
    struct form_place place = form_member(object, key);
    form_refuse_here(&place, code, data);
}

static bool is_there(const struct form_place *place)
{
    return place->value && !json_is_null(place->value);
}

static bool is_blank(const json_t *value)
{
    const char *text = json_string_value(value);
    return (text && text[strspn(text, " \t\r\n")] == '\0') ||
           (json_is_array(value) && json_array_size(value) == 0);
}

bool form_is_given(const struct form_place *place)
{
    return is_there(place) && (place->reading->is_strict || !is_blank(place->value));
}

/* --- One value ------------------------------------------------------------------------------- */

static const struct kind *kind_of(const struct form_field *field)
{
    return &kinds[field->kind];
}

static int64_t most_of(const struct form_field *field)
{
    return field->most != 0 ? field->most : kind_of(field)->most;
}

/* Values for the sentence of a finding. */
static json_t *sentence_data(const struct form_place *place, const struct form_field *field)
{
    const struct form_reading *reading = place->reading;
    const struct locale *locale = reading->locale ? reading->locale : reading->findings->locale;
    json_t *data = json_pack("{s:I, s:I}", "least", (json_int_t)field->least, "most",
                             (json_int_t)most_of(field));
    struct buffer label;
    buffer_init(&label);
    if (field->label)
        buffer_add_text(&label, field->label);
    else if (field->words && locale)
        locale_text(locale, arena_printf(reading->arena, "%s.label", field->words), NULL, &label);
    json_object_set_new(data, "question", json_string(buffer_text(&label)));
    buffer_finish(&label);
    return data;
}

/* What "1.000" may mean: "1000" and "1.0000". */
static json_t *both_numbers(const struct form_place *place, const struct form_field *field)
{
    json_t *data = sentence_data(place, field);
    struct arena *arena = place->reading->arena;
    char *given = text_clean(arena, json_string_value(place->value)), *whole, *end;
    end = whole = arena_copy(arena, given);
    for (const char *at = given; *at; at++) {
        if (*at != ',' && *at != '.')
            *end++ = *at;
    }
    *end = '\0';
    json_object_set_new(data, "given", json_string(given));
    json_object_set_new(data, "whole", json_string(whole));
    json_object_set_new(data, "fraction", json_string(arena_printf(arena, "%s0", given)));
    return data;
}

static void refuse(const struct form_place *place, const struct form_field *field, const char *code)
{
    form_refuse_here(place, code, sentence_data(place, field));
}

static bool is_needed(const struct form_place *place, const struct form_field *field)
{
    return field->need == FORM_NEEDED || (field->need == FORM_NOT_BLANK && place->value);
}

static void refuse_missing(const struct form_place *place, const struct form_field *field)
{
    if (is_needed(place, field))
        refuse(place, field, field->needed ? field->needed : "missing");
}

static void refuse_fault(const struct form_place *place, const struct form_field *field,
                         enum kind_fault fault)
{
    static const char *const codes[] = {
        [KIND_NO_TEXT] = "text_expected",
        [KIND_NO_LIST] = "list_expected",
        [KIND_INVISIBLE] = "control_characters",
        [KIND_TOO_LONG] = "too_long",
        [KIND_LINK] = "link_in_name",
        [KIND_OUT_OF_BOUNDS] = "out_of_bounds",
        [KIND_AMBIGUOUS] = "number_ambiguous",
        [KIND_SHORT_YEAR] = "short_year",
        [KIND_STRANGE_YEAR] = "strange_year",
    };
    if (fault == KIND_WRONG && !field->wrong)
        refuse(place, field, kind_of(field)->code);
    else if (fault == KIND_NOTHING && place->reading->is_strict)
        refuse(place, field, "empty");
    else if (fault == KIND_NOTHING)
        refuse_missing(place, field);
    else if (fault == KIND_AMBIGUOUS)
        form_refuse_here(place, codes[fault], both_numbers(place, field));
    else if (field->wrong && fault != KIND_NO_TEXT && fault != KIND_NO_LIST)
        refuse(place, field, field->wrong);
    else
        refuse(place, field, codes[fault]);
}

/* A browser sends nothing for a checkbox that is not checked. */
static bool is_unchecked(const struct form_place *place, const struct form_field *field)
{
    const struct form_reading *reading = place->reading;
    return reading->is_typed && !reading->is_query && kind_of(field)->control == KIND_AS_CHECKBOX &&
           !place->value;
}

static char thousands_of(const struct form_reading *reading)
{
    const struct locale *locale = reading->locale ? reading->locale : reading->findings->locale;
    return locale ? locale_thousands(locale) : '\0';
}

static bool has_date_parts(const struct form_place *place, const struct form_field *field)
{
    return field->by_heart && place->reading->is_typed && json_is_object(place->value);
}

/* The findings are at the fields, so that their links lead there. */
static bool read_date_parts(const struct form_place *place, const struct form_field *field,
                            const char **ret_date)
{
    const struct form_place first = form_member(place, date_part_names[0]);
    if (!date_parts_are_given(place->value)) {
        refuse_missing(&first, field);
        return false;
    }
    const struct date_parts parts = date_parts_read(place->reading->arena, place->value);
    for (size_t i = 0; i < DATE_PARTS; i++) {
        const struct form_place part = form_member(place, date_part_names[i]);
        if (parts.codes[i])
            refuse(&part, field, parts.codes[i]);
    }
    if (parts.date)
        *ret_date = parts.date;
    return parts.date != NULL;
}

/* Whether another address was meant is for the person to say, so the value is read in any case. */
static void doubt_email(const struct form_place *place, const struct form_field *field,
                        const struct email *email)
{
    const struct form_reading *reading = place->reading;
    const char *meant = NULL;
    if (reading->kept_emails && !field->is_not_doubted &&
        !kept_emails_have(reading->kept_emails, email->address))
        meant = email_meant(reading->arena, email->address);
    if (meant)
        form_refuse_here(place, "did_you_mean", json_pack("{s:s}", "meant", meant));
}

bool form_read_value(const struct form_place *place, const struct form_field *field, void *value)
{
    const struct kind_input input = {.arena = place->reading->arena,
                                     .given = place->value,
                                     .is_typed = place->reading->is_typed,
                                     .least = field->least,
                                     .most = most_of(field),
                                     .choices = &field->choices,
                                     .thousands = thousands_of(place->reading)};
    if (is_unchecked(place, field)) {
        *(bool *)value = false;
        return true;
    }
    if (has_date_parts(place, field))
        return read_date_parts(place, field, value);
    if (field->keeps_blank ? !is_there(place) : !form_is_given(place)) {
        refuse_missing(place, field);
        return false;
    }
    enum kind_fault fault = kind_of(field)->read(&input, value);
    if (fault != KIND_READ)
        refuse_fault(place, field, fault);
    else if (field->kind == KIND_EMAIL)
        doubt_email(place, field, value);
    return fault == KIND_READ;
}

/* The struct may have an int for an integer. */
static void read_member(const struct form_place *place, const struct form_field *field,
                        void *member)
{
    int64_t integer;
    if (field->bytes == kind_of(field)->bytes || field->shape != FORM_ONE)
        form_read_value(place, field, member);
    else if (field->kind != KIND_INTEGER || field->bytes != sizeof(int))
        abort(); /* the member has not the kind's type */
    else if (form_read_value(place, field, &integer))
        *(int *)member = (int)integer;
}

/* --- Lists ----------------------------------------------------------------------------------- */

static void refuse_list(const struct form_place *place, const char *code, int64_t most)
{
    form_refuse_here(place, code, json_pack("{s:I}", "most", (json_int_t)most));
}

size_t form_list(const struct form_place *place, const struct form_field *field)
{
    const json_t *value = place->value;
    bool is_alone = place->reading->is_typed && json_is_string(value);
    size_t count = is_alone ? 1 : json_array_size(value);
    int64_t most =
        field->items_most_now ? field->items_most_now(place->reading->context) : field->items_most;
    if (!form_is_given(place)) {
        if (is_needed(place, field))
            refuse_list(place, field->needed ? field->needed : "missing", most);
    } else if (!json_is_array(value) && !is_alone)
        refuse_list(place, field->wrong ? field->wrong : "list_expected", most);
    else if (count < (size_t)field->items_least)
        refuse_list(place, field->needed ? field->needed : "empty", most);
    else if (most > 0 && count > (size_t)most)
        refuse_list(place, field->too_many ? field->too_many : "too_many", most);
    else
        return count;
    return 0;
}

void form_read_list(const struct form_place *place, const struct form_field *field, void *values)
{
    size_t count = form_list(place, field);
    size_t bytes = field->of ? field->of->bytes : kind_of(field)->bytes;
    char *items = (char *)values + field->at;
    if (field->shape == FORM_LIST && (count > 0 || form_is_given(place)))
        items = *(char **)items = arena_alloc(place->reading->arena, count * bytes + 1);
    /* The count grows with the items: the check of an item may read the items before it. */
    size_t *ret_count = (size_t *)((char *)values + field->count_at);
    for (*ret_count = 0; *ret_count < count; ++*ret_count) {
        struct form_place item = form_element(place, *ret_count);
        char *value = items + *ret_count * bytes;
        if (field->of && field->of->initial)
            memcpy(value, field->of->initial, bytes);
        if (field->of)
            form_read_object(&item, field->of, value);
        else
            form_read_value(&item, field, value);
    }
}

/* --- Objects --------------------------------------------------------------------------------- */

static const struct form_field *find_field(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0)
            return &form->fields[i];
    }
    return NULL;
}

static bool is_shown(const struct form_field *field, const void *context)
{
    return !field->shown || field->shown(context);
}

static json_t *unknown_data(const struct form_reading *reading, const struct form *form,
                            const char *key)
{
    const char *known = "";
    for (size_t i = 0; i < form->count; i++) {
        if (is_shown(&form->fields[i], reading->context))
            known = arena_printf(reading->arena, "%s%s%s", known, *known ? ", " : "",
                                 form->fields[i].name);
    }
    return json_pack("{s:s, s:s}", "key", key, "known", known);
}

static void refuse_unknown(const struct form_place *object, const struct form *form)
{
    const struct form_reading *reading = object->reading;
    const char *unknown = reading->unknown ? reading->unknown : "unknown_field", *key;
    json_t *value;
    json_object_foreach ((json_t *)object->value, key, value) {
        const struct form_field *field = find_field(form, key);
        if (!field && !reading->keeps_unknown)
            form_refuse_at(object, key, unknown, unknown_data(reading, form, key));
        else if (field && !is_shown(field, reading->context) &&
                 (!field->hidden || !json_is_null(value)))
            form_refuse_at(object, key, field->hidden ? field->hidden : unknown,
                           unknown_data(reading, form, key));
    }
}

static void read_field(const struct form_place *object, const struct form_field *field,
                       char *values)
{
    struct form_place place = form_member(object, field->name);
    if (field->read)
        field->read(&place, field, values);
    else if (field->shape != FORM_ONE)
        form_read_list(&place, field, values);
    else if (!field->of && field->bytes > 0)
        read_member(&place, field, values + field->at);
    else if (field->of && !form_is_given(&place))
        refuse_missing(&place, field);
    else if (field->of)
        form_read_object(&place, field->of, values + field->at);
}

bool form_read_object(const struct form_place *place, const struct form *form, void *values)
{
    if (!json_is_object(place->value)) {
        bool is_missing = place->reading->is_strict && !form_is_given(place);
        form_refuse_here(place, is_missing ? "missing" : "object_expected", NULL);
        return false;
    }
    refuse_unknown(place, form);
    for (size_t i = 0; i < form->count; i++) {
        if (is_shown(&form->fields[i], place->reading->context))
            read_field(place, &form->fields[i], values);
    }
    if (form->check)
        form->check(place, values);
    return true;
}

bool form_read(const struct form_reading *reading, const struct form *form, const json_t *object,
               void *values)
{
    struct form_place whole = form_whole(reading, object);
    return form_read_object(&whole, form, values) && !findings_any(reading->findings);
}

/* --- Writing --------------------------------------------------------------------------------- */

static json_t *write_value(const struct form_field *field, const char *member)
{
    int64_t integer;
    if (field->kind != KIND_INTEGER)
        return kind_of(field)->write(member);
    integer = field->bytes == sizeof(int) ? *(const int *)member : *(const int64_t *)member;
    return integer < field->least ? NULL : kind_of(field)->write(&integer);
}

static json_t *write_list(const struct form_field *field, const char *values, const void *context)
{
    json_t *list = json_array();
    const char *items = values + field->at;
    size_t count = *(const size_t *)(values + field->count_at);
    size_t bytes = field->of ? field->of->bytes : kind_of(field)->bytes;
    if (field->shape == FORM_LIST)
        items = *(const char *const *)items;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, field->of ? form_write(field->of, items + i * bytes, context)
                                              : kind_of(field)->write(items + i * bytes));
    return list;
}

static json_t *write_object(const struct form_field *field, const char *values, const void *context)
{
    json_t *object = form_write(field->of, values + field->at, context);
    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *write_field(const struct form_field *field, const char *values, const void *context)
{
    if (field->write)
        return field->write(field, values, context);
    if (field->shape != FORM_ONE)
        return write_list(field, values, context);
    if (field->of)
        return write_object(field, values, context);
    return field->bytes > 0 && !field->read ? write_value(field, values + field->at) : NULL;
}

/* Whether the field has its initial value: reading gives the same without it. */
static bool is_initial(const struct form *form, const struct form_field *field, const json_t *json,
                       const void *context)
{
    void *zeros = form->initial ? NULL : calloc(1, form->bytes);
    json_t *initial = write_field(field, form->initial ? form->initial : zeros, context);
    bool same = json_equal((json_t *)json, initial) != 0;
    json_decref(initial);
    free(zeros);
    return same;
}

json_t *form_write(const struct form *form, const void *values, const void *context)
{
    json_t *object = json_object();
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        json_t *json = write_field(field, values, context);
        if (!json && field->written == FORM_OR_NULL)
            json = json_null();
        if (json && (field->written != FORM_CHANGED || !is_initial(form, field, json, context)))
            json_object_set(object, field->name, json);
        json_decref(json);
    }
    return object;
}

/* --- Requests -------------------------------------------------------------------------------- */

json_t *form_read_body(struct request *request, const struct form *form, const void *context,
                       void *values)
{
    struct findings findings;
    if (request_is_only_shown(request))
        return json_array();
    findings_init(&findings, request_locale(request));
    const struct form_reading reading = {.arena = request_arena(request),
                                         .findings = &findings,
                                         .is_typed = request_body_is_form(request),
                                         .kept_emails = request_kept_emails(request),
                                         .context = context};
    if (!form_read(&reading, form, request_body(request), values))
        return findings_take(&findings);
    findings_finish(&findings);
    return NULL;
}

void form_doubt_email(struct request *request, const char *field, struct findings *findings)
{
    const struct form_reading reading = {.arena = request_arena(request),
                                         .findings = findings,
                                         .kept_emails = request_kept_emails(request)};
    const struct form_place whole = form_whole(&reading, request_body(request));
    const struct form_place place = form_member(&whole, field);
    const char *text = json_string_value(place.value);
    struct email email;
    if (text && email_parse(reading.arena, text, &email))
        doubt_email(&place, &(struct form_field){0}, &email);
}

void form_refuse(struct request *request, json_t *errors)
{
    reply_problem(request, &(struct problem){.status = 422, .code = "invalid", .errors = errors});
}

const char *form_read_parameters(struct arena *arena, const struct form *form,
                                 const json_t *parameters, const void *context, void *values)
{
    struct findings findings;
    findings_init(&findings, NULL);
    const struct form_reading reading = {.arena = arena,
                                         .findings = &findings,
                                         .is_typed = true,
                                         .is_query = true,
                                         .keeps_unknown = true,
                                         .context = context};
    const char *wrong = NULL;
    if (!form_read(&reading, form, parameters, values))
        wrong = arena_copy(arena, findings_first(&findings) + strlen("/"));
    findings_finish(&findings);
    return wrong;
}

static json_t *all_values(struct request *request, const char *name)
{
    json_t *all = json_array();
    const char *value;
    for (int i = 0; (value = request_query_nth(request, name, i)); i++)
        json_array_append_new(all, json_string(value));
    return all;
}

const char *form_read_query(struct request *request, const struct form *form, const void *context,
                            void *values)
{
    json_t *query = json_object();
    for (size_t i = 0; i < form->count; i++) {
        const char *name = form->fields[i].name, *value = request_query(request, name);
        if (value && form->fields[i].shape == FORM_LIST)
            json_object_set_new(query, name, all_values(request, name));
        else if (value)
            json_object_set_new(query, name, json_string(value));
    }
    const char *wrong = form_read_parameters(request_arena(request), form, query, context, values);
    json_decref(query);
    return wrong;
}

void form_refuse_parameter(struct request *request, const char *feature, const char *name)
{
    const char *key = arena_printf(request_arena(request), "%s.parameter.%s", feature, name);
    struct buffer expected;
    buffer_init(&expected);
    locale_text(request_locale(request), key, NULL, &expected);
    json_t *data = json_pack("{s:s, s:s}", "parameter", name, "expected", buffer_text(&expected));
    buffer_finish(&expected);
    reply_problem(request,
                  &(struct problem){.status = 400, .code = "wrong_parameter", .data = data});
}

/* --- Findings --------------------------------------------------------------------------------- */

void findings_init(struct findings *findings, const struct locale *locale)
{
    *findings = (struct findings){.locale = locale, .list = json_array()};
}

void findings_finish(struct findings *findings)
{
    json_decref(findings->list);
    findings->list = NULL;
}

static json_t *sentence(const struct findings *findings, const char *code, const json_t *data)
{
    char key[96] = "";
    struct buffer text;
    buffer_init(&text);
    if (findings->words)
        snprintf(key, sizeof key, "%s.%s", findings->words, code);
    if (!findings->words || !locale_has(findings->locale, key))
        snprintf(key, sizeof key, "finding.%s", code);
    locale_text(findings->locale, key, data, &text);
    json_t *detail = json_string(buffer_text(&text));
    buffer_finish(&text);
    return detail;
}

void findings_add(struct findings *findings, const char *pointer, const char *code, json_t *data)
{
    if (json_array_size(findings->list) < FINDINGS_MOST) {
        json_t *finding = json_pack("{s:s, s:s}", "pointer", pointer, "code", code);
        if (findings->locale)
            json_object_set_new(finding, "detail", sentence(findings, code, data));
        json_array_append_new(findings->list, finding);
    }
    json_decref(data);
}

bool findings_any(const struct findings *findings)
{
    return json_array_size(findings->list) > 0;
}

json_t *findings_take(struct findings *findings)
{
    json_t *list = findings->list;
    findings->list = NULL;
    return list;
}

const char *findings_first(const struct findings *findings)
{
    return json_string_value(json_object_get(json_array_get(findings->list, 0), "pointer"));
}
