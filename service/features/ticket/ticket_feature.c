#include "features/ticket/ticket_feature.h"

#include "features/ticket/ticket_page.h"
#include "http/reply.h"
#include "security/keyring.h"

/* After a rotation, doors must get a new key within minutes. */
#define JWKS_CACHING "public, max-age=300"

static void show_jwks(struct request *request)
{
    json_t *jwks = keyring_jwks(request_worker(request)->keyring);
    char *text = json_dumps(jwks, JSON_COMPACT);
    reply_header(request, "Access-Control-Allow-Origin", "*");
    reply_header(request, "Cache-Control", JWKS_CACHING);
    reply_bytes(request, 200, "application/jwk-set+json", text, strlen(text));
    free(text);
    json_decref(jwks);
}

static const struct route routes[] = {
    {"GET", "/tickets/{ticket}", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/ticket/ticket.html", .handle = ticket_page_show},
    {"GET", "/tickets/{ticket}/qr.svg", ROUTE_PLAIN, WHO_ANYBODY, .handle = ticket_page_svg},
    {"GET", "/tickets/{ticket}/qr.png", ROUTE_PLAIN, WHO_ANYBODY, .handle = ticket_page_png},
    {"GET", "/tickets/{ticket}/ticket.pdf", ROUTE_PLAIN, WHO_ANYBODY, .handle = ticket_page_pdf},
    {"GET", "/tickets/{ticket}/calendar.ics", ROUTE_PLAIN, WHO_ANYBODY,
     .handle = ticket_page_calendar},
    {"GET", "/.well-known/jwks.json", ROUTE_PLAIN, WHO_ANYBODY, .handle = show_jwks},
    {.method = NULL},
};

static const struct command *const commands[] = {&command_ticket_verify, &command_keys_rotate,
                                                 &command_keys_accept, NULL};

const struct feature feature_ticket = {.name = "ticket", .commands = commands, .routes = routes};
