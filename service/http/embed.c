#include "http/embed.h"

#include "view/locale.h"

const char *request_embed(struct request *request)
{
    static const char *const kinds[] = {"1", "light", "dark"};
    const char *asked = request_is_page(request) ? request_query(request, "embed") : NULL;
    for (size_t i = 0; asked && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(asked, kinds[i]) == 0)
            return kinds[i];
    }
    return NULL;
}

/* Behind the query there is, in front of a fragment. */
const char *request_link(struct request *request, const char *location)
{
    const char *parameters = embed_parameters(request);
    if (!parameters || strstr(location, "?embed=") || strstr(location, "&embed="))
        return location;
    size_t length = strcspn(location, "#");
    const char *address = arena_copy_bytes(&request->arena, location, length);
    return arena_printf(&request->arena, "%s%c%s%s", address, strchr(address, '?') ? '&' : '?',
                        parameters, location + length);
}

void embed_allow(struct request *request, const char *origins)
{
    if (origins && !strpbrk(origins, "\r\n;,"))
        request->frame_origins = arena_copy(&request->arena, origins);
}

const char *embed_parameters(struct request *request)
{
    const char *embed = request_embed(request);
    if (!embed)
        return NULL;
    return arena_printf(&request->arena, "embed=%s&lang=%s", embed,
                        locale_code(request_locale(request)));
}

void embed_add_ancestors(const struct request *request, struct buffer *head)
{
    buffer_add_text(head, request->frame_origins ? request->frame_origins
                                                 : "'none'\r\nX-Frame-Options: DENY");
}
