#include "features/account/sessions.h"

#include "base/memory.h"
#include "base/text.h"
#include "http/request.h"

/* A name that a browser or system has in its User-Agent. Names that others imitate come last. */
struct known {
    const char *token, *name;
};

static const struct known browsers[] = {
    {"Edg", "Edge"},         {"OPR/", "Opera"},     {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Chrome/", "Chrome"},
    {"CriOS/", "Chrome"},    {"Safari/", "Safari"}, {NULL, NULL},
};
static const struct known systems[] = {
    {"iPhone", "iPhone"},  {"iPad", "iPad"},     {"Android", "Android"}, {"Windows", "Windows"},
    {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},     {NULL, NULL},
};

static const char *find_name(const struct known *known, const char *user_agent)
{
    while (known->token && !strstr(user_agent, known->token))
        known++;
    return known->name;
}

void session_device(const char *user_agent, char ret_device[SESSION_DEVICE_BYTES])
{
    const char *browser = find_name(browsers, user_agent ? user_agent : "");
    const char *system = find_name(systems, user_agent ? user_agent : "");
    snprintf(ret_device, SESSION_DEVICE_BYTES, "%s%s%s", browser ? browser : "",
             browser && system ? ", " : "", system ? system : "");
}

void session_make(struct request *request, struct new_session *ret_session)
{
    id_make(&ret_session->id);
    secret_make("", ret_session->secret);
    secret_hash(ret_session->secret, ret_session->hash);
    session_device(request_header(request, "User-Agent"), ret_session->device);
}

/* Another site, or a page outside the desk, is no target. */
static bool is_target(const char *path)
{
    static const char desk[] = "/desk";
    size_t length = sizeof desk - 1;
    if (strncmp(path, desk, length) != 0 || !strchr("/?", path[length]))
        return false;
    for (const char *at = path; *at; at++) {
        if (*at <= ' ' || *at > '~' || *at == '\\')
            return false;
    }
    return true;
}

const char *sign_in_target(struct request *request)
{
    const char *to = request_query(request, "to");
    return to && is_target(to) ? to : "/desk";
}
