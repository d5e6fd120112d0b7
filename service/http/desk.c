#include "http/desk.h"

#include <string.h>

#include "base/text.h"
#include "http/exchange.h"
#include "http/page.h"
#include "view/locale.h"

enum { NOTICE_KEY_MOST = 64, MENU_MOST = 32, FROM_MOST = 4000 };

/* Pages that show no frame have every_page of http/reply.c. */
#define POLICY_WITH_FRAME                                                                          \
    "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "            \
    "form-action 'self'; base-uri 'none'; font-src 'self'; style-src 'self'; frame-src 'self'; "   \
    "frame-ancestors 'none'"

/* --- The menu -------------------------------------------------------------------------------- */

struct entry {
    const struct route *route;
    const char *pattern;
};

static bool is_of_event(const struct entry *entry)
{
    return strstr(entry->pattern, "{event}") != NULL;
}

static bool may_open(const struct request *request, const struct entry *entry)
{
    const struct scope *scope = is_of_event(entry) ? &request->scope : NULL;
    if (scope && !scope->event)
        return false;
    unsigned who = entry->route->who;
    return caller_judge(request->caller, scope, caller_role_in(request->caller, scope, who), who) ==
           CALLER_MAY;
}

/* Adds an entry by its place. */
static int insert(struct entry *entries, int count, struct entry entry)
{
    int at = count;
    for (; at > 0 && entries[at - 1].route->menu_place > entry.route->menu_place; at--)
        entries[at] = entries[at - 1];
    entries[at] = entry;
    return count + 1;
}

static int find_entries(const struct request *request, struct entry entries[MENU_MOST])
{
    const struct router *router = request->listener->options.router;
    int count = 0;
    for (int i = 0; i < router_size(router) && count < MENU_MOST; i++) {
        const struct entry entry = {router_route(router, i), router_pattern(router, i)};
        if (entry.route->menu && router_mount(router, i) == ROUTE_DESK && may_open(request, &entry))
            count = insert(entries, count, entry);
    }
    return count;
}

/* The pages of an event are below the list of events. Others are not, though all are below /desk.
 */
static const char *branch_of(const char *pattern)
{
    return strcmp(pattern, "/desk") == 0 ? "/desk/events" : pattern;
}

/* The entry of a page is the one that its route names, or the one with the longest pattern that the
 * page's pattern starts with. */
static const struct route *find_current(const struct request *request, const struct entry *entries,
                                        int count)
{
    const char *name = request->match.route->menu_of;
    for (int i = 0; name && i < count; i++) {
        if (strcmp(entries[i].route->menu, name) == 0)
            return entries[i].route;
    }
    const char *pattern = branch_of(request->match.pattern);
    const struct route *best = NULL;
    size_t best_length = 0;
    for (int i = 0; i < count; i++) {
        const char *branch = branch_of(entries[i].pattern);
        size_t length = strlen(branch);
        if (strncmp(pattern, branch, length) == 0 &&
            (pattern[length] == '\0' || pattern[length] == '/') && length > best_length) {
            best = entries[i].route;
            best_length = length;
        }
    }
    return best;
}

static json_t *text_of(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static const char *href_of(struct request *request, const struct entry *entry)
{
    static const char name[] = "{event}";
    const char *at = strstr(entry->pattern, name);
    if (!at)
        return entry->pattern;
    return arena_printf(&request->arena, "%.*s%s%s", (int)(at - entry->pattern), entry->pattern,
                        request_path(request, "event"), at + sizeof name - 1);
}

static void add_menus(struct request *request, json_t *desk)
{
    struct entry entries[MENU_MOST];
    int count = find_entries(request, entries);
    const struct route *current = find_current(request, entries, count);
    json_t *menu = json_array(), *event_menu = json_array();
    for (int i = 0; i < count; i++) {
        const char *key = arena_printf(&request->arena, "desk.menu.%s", entries[i].route->menu);
        json_array_append_new(is_of_event(&entries[i]) ? event_menu : menu,
                              json_pack("{s:o, s:s, s:b}", "text", text_of(request, key, NULL),
                                        "href", href_of(request, &entries[i]), "current",
                                        entries[i].route == current));
    }
    json_object_set_new(desk, "menu", menu);
    json_object_set_new(desk, "event_menu", event_menu);
}

/* --- What has just been done ----------------------------------------------------------------- */

/* Returns the key of a word, "message.done.sent" for "message.sent". NULL: it is none. */
static const char *find_notice(struct request *request)
{
    const char *done = request_query(request, "done");
    const char *dot = done ? strchr(done, '.') : NULL;
    if (!dot || strlen(done) > NOTICE_KEY_MOST ||
        done[strspn(done, "abcdefghijklmnopqrstuvwxyz_.")] != '\0')
        return NULL;
    const char *key = arena_printf(&request->arena, "%.*s.done%s", (int)(dot - done), done, dot);
    return locale_has(request_locale(request), key) ? key : NULL;
}

static void add_notice(struct request *request, json_t *desk)
{
    const char *key = find_notice(request), *number = request_query(request, "n");
    long n = 0;
    if (!key)
        return;
    if (number && !text_parse_number(number, 0, INT32_MAX, &n))
        n = 0;
    json_t *data = json_pack("{s:I}", "n", (json_int_t)n);
    json_object_set_new(desk, "notice", text_of(request, key, data));
    json_decref(data);
}

json_t *desk_context(struct request *request)
{
    json_t *desk = json_object();
    const struct scope *scope = &request->scope;
    const struct caller *caller = request->caller;
    add_notice(request, desk);
    if (!caller || caller->identity == CALLER_ANYBODY)
        return desk;
    json_object_set_new(desk, "signed_in", json_true());
    if (*caller->email)
        json_object_set_new(desk, "name", json_string(caller->email));
    if (caller->wants_second_factor && caller->membership_count > 0)
        json_object_set_new(desk, "withheld", json_true());
    if (caller->is_invited && !(request_route(request)->who & WHO_SESSION))
        json_object_set_new(desk, "invited", json_true());
    if (scope->event && scope->describe && request->role != WHO_ANYBODY)
        json_object_set_new(desk, "event", scope->describe(scope->event, page_language(request)));
    add_menus(request, desk);
    return desk;
}

/* --- Back to a list -------------------------------------------------------------------------- */

/* NULL: the reader does not come from a list. */
static const char *find_from(struct request *request)
{
    static const char usual[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_.~%=&";
    const char *from = request_query(request, "from");
    bool is_query = from && *from && strlen(from) <= FROM_MOST && from[strspn(from, usual)] == '\0';
    return is_query ? from : NULL;
}

const char *desk_came_from(struct request *request, const char *link, const char *query)
{
    struct buffer encoded;
    if (*query == '\0')
        return link;
    buffer_init(&encoded);
    percent_encode(&encoded, query);
    link = arena_printf(&request->arena, "%s%cfrom=%s", link, strchr(link, '?') ? '&' : '?',
                        buffer_text(&encoded));
    buffer_finish(&encoded);
    return link;
}

const char *desk_from(struct request *request, const char *link)
{
    const char *from = find_from(request);
    return from ? desk_came_from(request, link, from) : link;
}

const char *desk_back(struct request *request, const char *list)
{
    const char *from = find_from(request);
    return from ? arena_printf(&request->arena, "%s?%s", list, from) : list;
}

void desk_allow_frame(struct request *request)
{
    reply_header(request, "Content-Security-Policy", POLICY_WITH_FRAME);
}

/* --- Without a session ----------------------------------------------------------------------- */

void desk_ask_to_sign_in(struct request *request)
{
    struct buffer location;
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        reply_refuse(request, 401, "signed_out");
        return;
    }
    buffer_init(&location);
    buffer_add_text(&location, "/desk/sign-in?to=");
    percent_encode(&location, request->target);
    reply_see_other(request, arena_copy(&request->arena, buffer_text(&location)));
    buffer_finish(&location);
}
