#include "db/db.h"
#include "event/host.h"
#include "features/profile/profile.h"
#include "http/page.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "view/markdown.h"
#include "worker.h"

/* Lives in its request's arena. */
struct showing {
    struct request *request;
    const char *page; /* "imprint" or "privacy" */
};

/* The text in the language of the page, or else in another one, whose code it gives. */
static const char *choose_text(json_t *texts, const char **language)
{
    json_t *text = json_object_get(texts, *language);
    if (!text) {
        void *first = json_object_iter(texts);
        *language = json_object_iter_key(first);
        text = json_object_iter_value(first);
    }
    return json_string_value(text);
}

static json_t *view_of(const struct showing *showing, const struct rows *rows, json_t *guests,
                       json_t *texts)
{
    struct request *request = showing->request;
    const char *page_language = locale_code(request_locale(request)), *language = page_language;
    const char *text = choose_text(texts, &language), *source = NULL;
    const char *accent = json_string_value(json_object_get(guests, "accent"));
    const struct host host = {
        .slug = request_path(request, "organiser"),
        .name = rows_text(rows, 0, "name"),
        .profile = guests,
        .style = accent ? host_style_make(accent, request_arena(request), &source) : NULL,
    };
    struct buffer html;
    buffer_init(&html);
    if (!text || !markdown_html(text, 2, &html)) {
        buffer_finish(&html);
        return NULL;
    }
    json_t *view = json_pack("{s:o, s:b, s:s}", "host", host_view_of(&host, page_language),
                             showing->page, true, "html", buffer_text(&html));
    if (language != page_language)
        json_object_set_new(view, "text_language", json_string(language));
    buffer_finish(&html);
    page_allow_style(request, source);
    return view;
}

static void on_found(void *context, const struct db_result *result)
{
    const struct showing *showing = context;
    if (result->outcome != DB_DONE) {
        reply_failed(showing->request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(showing->request, 404, "not_found");
        return;
    }
    json_t *guests = json_loads(rows_text(result->rows, 0, "guests"), 0, NULL);
    json_t *texts = json_loads(rows_text(result->rows, 0, "texts"), 0, NULL);
    reply_view(showing->request, 200, view_of(showing, result->rows, guests, texts));
    json_decref(guests);
    json_decref(texts);
}

static void show(struct request *request, const char *page)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    *showing = (struct showing){request, page};
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db,
           profile_notice_params(&(struct profile_notice){
               .organiser = request_path(request, "organiser"), .page = page}),
           on_found, showing);
}

void notice_show_imprint(struct request *request)
{
    show(request, "imprint");
}

void notice_show_privacy(struct request *request)
{
    show(request, "privacy");
}
