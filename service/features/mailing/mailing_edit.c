#include "features/mailing/mailing_edit.h"

#include <limits.h>
#include <string.h>

#include "event/event.h"
#include "event/mail_words.h"
#include "features/mailing/mailing_view.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

/* --- The form -------------------------------------------------------------------------------- */

/* What was sent, in the languages of the event. "": not written. */
struct texts {
    const char *subjects[EVENT_LANGUAGES_MOST], *texts[EVENT_LANGUAGES_MOST];
    int64_t version; /* that was changed; 0: whichever there is */
};

static void read_part(const struct form_place *object, const char *name, enum kind_id kind,
                      int64_t most, const char **ret_text)
{
    const struct form_field field = {
        .name = name, .kind = kind, .bytes = sizeof *ret_text, .most = most};
    struct form_place place = form_member(object, name);
    const char *text = NULL, *unknown;
    if (!form_read_value(&place, &field, &text))
        return;
    *ret_text = text;
    unknown = placeholders_unknown(text, mail_words_names, place.reading->arena);
    if (unknown)
        form_refuse_here(&place, "unknown_placeholder", json_pack("{s:s}", "name", unknown));
}

static void read_texts(const struct form_place *place, const struct form_field *field, void *values)
{
    const struct event *event = place->reading->context;
    struct texts *texts = values;
    const char *language;
    json_t *value;
    (void)field;
    if (!json_is_object(place->value)) {
        form_refuse_here(place, form_is_given(place) ? "object_expected" : "missing", NULL);
        return;
    }
    json_object_foreach ((json_t *)place->value, language, value) {
        struct form_place here = form_member(place, language);
        if (!event_has_language(event, language))
            form_refuse_here(&here, "unknown_field", NULL);
        else if (!json_is_object(value))
            form_refuse_here(&here, "object_expected", NULL);
    }
    for (size_t i = 0; i < event->language_count; i++) {
        struct form_place here = form_member(place, event->languages[i]);
        texts->subjects[i] = texts->texts[i] = "";
        if (!json_is_object(here.value))
            continue;
        read_part(&here, "subject", KIND_TEXT, MAILING_SUBJECT_MOST, &texts->subjects[i]);
        read_part(&here, "text", KIND_LONG_TEXT, MAILING_TEXT_MOST, &texts->texts[i]);
    }
}

static const struct form_field fields[] = {
    {"texts", .read = read_texts},
    {"version", KIND_INTEGER, FORM_AT(struct texts, version), .least = 1, .most = INT_MAX},
};
static const struct form form = FORM(struct texts, fields);

/* As the database keeps them: languages without any text are left out. In the arena. */
static const char *stored(struct request *request, const struct texts *texts)
{
    const struct event *event = request_event(request);
    json_t *list = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        if (*texts->subjects[i] || *texts->texts[i])
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "language",
                                                  event->languages[i], "subject",
                                                  texts->subjects[i], "text", texts->texts[i]));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    const char *copy = arena_copy(request_arena(request), text);
    free(text);
    json_decref(list);
    return copy;
}

/* --- The page -------------------------------------------------------------------------------- */

struct editing {
    struct request *request;
    struct id mailing_id;
    json_t *errors;  /* of what was sent; NULL: nothing was sent, or it was right */
    bool is_changed; /* somebody else saved meanwhile */
};

static const json_t *find_text(const json_t *texts, const char *language)
{
    size_t i;
    json_t *text;
    json_array_foreach ((json_t *)texts, i, text) {
        if (strcmp(json_string_value(json_object_get(text, "language")), language) == 0)
            return text;
    }
    return NULL;
}

static json_t *language_view(const struct editing *editing, const char *language,
                             const json_t *text)
{
    struct request *request = editing->request;
    struct arena *arena = request_arena(request);
    json_t *view =
        json_pack("{s:s, s:s}", "code", language, "name", mailing_language(request, language));
    static const char *const parts[] = {"subject", "text"};
    for (size_t i = 0; i < 2; i++) {
        const char *name = arena_printf(arena, "texts.%s.%s", language, parts[i]);
        json_object_set_new(
            view, parts[i],
            field_view_plain(editing->errors, name, json_object_get(text, parts[i])));
    }
    return view;
}

static json_t *placeholders_view(struct request *request)
{
    json_t *list = json_array();
    for (const struct placeholder *one = mail_words_names; one->name; one++) {
        const char *key = arena_printf(request_arena(request), "placeholder.%s", one->name);
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "token",
                                        arena_printf(request_arena(request), "{%s}", one->name),
                                        "meaning", mailing_say(request, key, NULL)));
    }
    return list;
}

static void show_form(const struct editing *editing, json_t *view)
{
    struct request *request = editing->request;
    const struct event *event = request_event(request);
    const json_t *sent = editing->errors ? json_object_get(request_body(request), "texts") : NULL;
    json_t *languages = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *language = event->languages[i];
        const json_t *text = sent ? json_object_get(sent, language)
                                  : find_text(json_object_get(view, "texts"), language);
        json_array_append_new(languages, language_view(editing, language, text));
    }
    json_object_set_new(view, "languages", languages);
    json_object_set_new(view, "is_changed", json_boolean(editing->is_changed));
    json_object_set_new(view, "is_several", json_boolean(event->language_count > 1));
    json_object_set_new(view, "placeholders", placeholders_view(request));
    json_object_set_new(view, "list", json_string(mailing_path(request, "")));
    json_object_set_new(view, "problems",
                        field_view_problems(request_arena(request), editing->errors, false));
    json_object_set_new(view, "has_problems", json_boolean(editing->errors != NULL));
    reply_view(request, editing->errors ? 422 : 200, view);
}

static void on_found(void *context, const struct db_result *result)
{
    struct editing *editing = context;
    struct request *request = editing->request;
    json_t *errors = editing->errors; /* the request may end here */
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 404, "not_found");
    else if (mailing_list_state(result->rows, 0) != MAILING_STATE_DRAFT)
        reply_refuse(request, 409, "mailing_not_draft");
    else
        show_form(editing, mailing_view(request, result->rows, 0));
    json_decref(errors);
}

static void show(struct editing *editing)
{
    db_ask(request_worker(editing->request)->db,
           mailing_one_params(editing->request, &editing->mailing_id), on_found, editing);
}

/* NULL: it has refused the request. */
static struct editing *begin(struct request *request)
{
    struct editing *editing = arena_alloc(request_arena(request), sizeof *editing);
    editing->request = request;
    request_locale(request); /* reads headers, which is possible only now */
    return mailing_read_path(request, &editing->mailing_id) ? editing : NULL;
}

void mailing_edit_show(struct request *request)
{
    struct editing *editing = begin(request);
    if (editing)
        show(editing);
}

/* --- Saving ---------------------------------------------------------------------------------- */

static void refuse_changed(struct editing *editing)
{
    struct request *request = editing->request;
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings,
                 arena_printf(request_arena(request), "/texts/%s/subject",
                              request_event(request)->languages[0]),
                 "mailing_changed", NULL);
    editing->errors = findings_take(&findings);
    editing->is_changed = true;
    if (request_is_desk(request))
        show(editing);
    else
        form_refuse(request, editing->errors);
}

static void on_saved(void *context, const struct db_result *result)
{
    struct editing *editing = context;
    struct request *request = editing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (mailing_save_outcome(result->rows, 0)) {
    case MAILING_OUTCOME_DONE:
        if (request_is_desk(request))
            reply_see_other(request, mailing_path_of(request, &editing->mailing_id, ""));
        else
            reply_no_content(request);
        return;
    case MAILING_OUTCOME_CHANGED:
        refuse_changed(editing);
        return;
    case MAILING_OUTCOME_NOT_DRAFT:
        reply_refuse(request, 409, "mailing_not_draft");
        return;
    case MAILING_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case MAILING_OUTCOME_INCOMPLETE:
    case MAILING_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

void mailing_edit_save(struct request *request)
{
    struct editing *editing = begin(request);
    struct texts texts = {0};
    if (!editing)
        return;
    json_t *errors = form_read_body(request, &form, request_event(request), &texts);
    if (errors && request_is_desk(request)) {
        editing->errors = errors;
        show(editing);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    db_ask(request_worker(request)->db,
           mailing_save_params(
               &(struct mailing_save){.event_id = &request_event(request)->id,
                                      .mailing_id = &editing->mailing_id,
                                      .actor = request_caller(request)->label,
                                      .texts = stored(request, &texts),
                                      .version = texts.version ? &texts.version : NULL}),
           on_saved, editing);
}
