#include "features/editor/preview.h"

#include <string.h>

#include "event/event.h"
#include "event/events.h"
#include "event/question_view.h"
#include "features/editor/edit.h"
#include "features/editor/element.h"
#include "features/editor/value.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"
#include "view/markdown.h"

enum { TEXT_HEADINGS = 3 }; /* as on the page of the event */

/* Only pages of the same site show it in a frame. */
#define PREVIEW_POLICY                                                                             \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "                \
    "script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

static void reply_preview(struct edit *edit, const char *template, json_t *view)
{
    reply_header(edit->request, "Content-Security-Policy", PREVIEW_POLICY);
    edit_reply(edit, 200, template, view);
}

/* --- The description ------------------------------------------------------------------------- */

static json_t *html_of(const char *text)
{
    struct buffer html;
    buffer_init(&html);
    json_t *json =
        markdown_html(text, TEXT_HEADINGS, &html) ? json_string(buffer_text(&html)) : json_null();
    buffer_finish(&html);
    return json;
}

static void reply_text(struct edit *edit)
{
    json_t *description = json_object_get(edit->document, "description"), *code, *texts;
    json_t *languages = json_object_get(edit->document, "languages");
    size_t i;
    texts = json_array();
    json_array_foreach (languages, i, code) {
        const char *language = json_string_value(code);
        const char *text = json_string_value(json_object_get(description, language));
        if (text)
            json_array_append_new(texts, json_pack("{s:s, s:s, s:o}", "code", language, "language",
                                                   value_language(edit->request, language), "html",
                                                   html_of(text)));
    }
    reply_preview(
        edit, "features/editor/text_preview.html",
        json_pack("{s:b, s:o}", "several", json_array_size(languages) > 1, "texts", texts));
}

static void merge_and_reply_text(struct edit *edit)
{
    if (request_body(edit->request))
        edit_merge(edit, request_body(edit->request));
    reply_text(edit);
}

void preview_show_text(struct request *request)
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    *edit = (struct edit){
        .request = request, .section = edit_section_find("text"), .then = merge_and_reply_text};
    edit_load(edit);
}

/* --- The form -------------------------------------------------------------------------------- */

static json_t *consents_of(const struct edit *edit, const struct event *event)
{
    json_t *consents = json_array();
    for (size_t i = 0; i < event->consent_count; i++) {
        const struct consent *consent = &event->consents[i];
        json_array_append_new(
            consents,
            json_pack(
                "{s:s, s:s, s:b}", "id",
                arena_printf(request_arena(edit->request), "consents.%s", consent->slug), "label",
                event_text(event, &consent->label, locale_code(request_locale(edit->request))),
                "required", consent->required));
    }
    return consents;
}

static json_t *form_of(const struct edit *edit, const struct event *event)
{
    const struct question_form form = {.event = event, .locale = request_locale(edit->request)};
    json_t *questions = question_views(request_arena(edit->request), &form, "answers", NULL);
    return json_pack("{s:b, s:o, s:b, s:o}", "any", json_array_size(questions) > 0, "questions",
                     questions, "has_consents", event->consent_count > 0, "consents",
                     consents_of(edit, event));
}

static void reply_form(struct edit *edit)
{
    struct event *event = edit_check(edit) ? edit_event(edit->document) : NULL;
    json_t *view = json_object();
    if (event)
        json_object_set_new(view, "form", form_of(edit, event));
    else
        json_object_set(view, "errors", edit->errors);
    if (event)
        events_release(event);
    reply_preview(edit, "features/editor/form_preview.html", view);
}

void preview_show_form(struct request *request)
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    *edit = (struct edit){
        .request = request, .section = edit_section_find("questions"), .then = reply_form};
    edit_load(edit);
}

static void write_and_reply_form(struct edit *edit)
{
    element_write(edit);
    reply_form(edit);
}

void preview_show_form_with(struct request *request)
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    if (!element_begin(request, edit))
        return;
    edit->then = write_and_reply_form;
    edit_load(edit);
}
