#include "features/registration/register_page.h"

#include "base/id.h"
#include "features/event/event.h"
#include "features/findings.h"
#include "features/registration/form_view.h"
#include "features/registration/sign_up.h"
#include "http/reply.h"
#include "view/locale.h"

/* The text problem.CODE.title or .detail in the language of the page. */
static json_t *wording(struct request *request, const char *code, const char *part,
                       const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request),
                arena_printf(request_arena(request), "problem.%s.%s", code, part), data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static void reply_form(struct request *request, int status, json_t *errors, json_t *refusal)
{
    char key[ID_TEXT_BYTES];
    struct id id;
    id_make(&id);
    id_format(&id, key);
    const char *earlier_key = request_idempotency_key(request);
    struct form_input input = {
        .event = request_event(request),
        .typed = request_body(request),
        .errors = errors,
        .language = locale_code(request_locale(request)),
        .code = request_query(request, "code"),
        /* A refused form is another request when it is sent again. */
        .idempotency_key = earlier_key && !errors && !refusal ? earlier_key : key,
    };
    json_t *view = form_view(request_arena(request), &input);
    if (refusal)
        json_object_set_new(view, "refusal", refusal);
    json_decref(errors);
    reply_page(request, status, "features/registration/register.html", view);
}

/* Kept by the browser, the form has the same key when somebody goes back and sends it again. */
void register_page_show(struct request *request)
{
    reply_header(request, "Cache-Control", "private, no-cache");
    reply_form(request, 200, NULL, NULL);
}

/* The person follows the link that is theirs from now on; reloading that page sends nothing. */
static void on_registered(struct request *request, json_t *view)
{
    const char *url = json_string_value(json_object_get(view, "manage_url"));
    url = arena_copy(request_arena(request), url);
    json_decref(view);
    const char *path = strstr(url, "/registrations/");
    reply_see_other(request, path ? path : url);
}

static void on_invalid(struct request *request, struct findings *findings)
{
    reply_form(request, 422, findings_take(findings), NULL);
}

static void on_refused(struct request *request, int status, const char *code, json_t *data)
{
    json_t *refusal = json_object();
    json_object_set_new(refusal, "title", wording(request, code, "title", data));
    json_object_set_new(refusal, "detail", wording(request, code, "detail", data));
    json_decref(data);
    reply_form(request, status, NULL, refusal);
}

void register_page_send(struct request *request)
{
    static const struct sign_up_answer answer = {
        .registered = on_registered,
        .invalid = on_invalid,
        .refused = on_refused,
    };
    if (form_view_is_unfinished(request_arena(request), request_event(request),
                                request_body(request)))
        reply_form(request, 200, NULL, NULL);
    else
        sign_up_begin(request, &answer);
}
