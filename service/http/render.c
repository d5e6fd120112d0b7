#include "http/render.h"

#include "base/log.h"
#include "http/context.h"
#include "view/locale.h"

bool render_page(struct request *request, const char *template, json_t *view, bool for_all,
                 struct buffer *out)
{
    const struct template *page = locale_page(request_locale(request), template);
    json_t *context = context_create(request, for_all);
    bool rendered = page && view && template_render(page, context, view, out);
    json_decref(context);
    json_decref(view);
    if (!rendered)
        log_event(LOG_ERROR, "page_failed", log_text("request", request_id(request)),
                  log_text("template", template),
                  log_text("reason", !page   ? "there is no such template"
                                     : !view ? "there is no view"
                                             : "it passed a limit"));
    return rendered;
}

const char *render_language(struct request *request)
{
    return locale_code(request_locale(request));
}
