#include "event/explanation.h"

#include <stdio.h>
#include <string.h>

/* --- The server's words ---------------------------------------------------------------------- */

/* The subject and detail of an enhanced status code (RFC 3463), such as 1.1 of "5.1.1". */
struct enhanced {
    int subject, detail;
};

static bool find_enhanced(const char *words, struct enhanced *ret)
{
    for (const char *at = words; (at = strpbrk(at, "245")); at++) {
        char class;
        bool begins = at == words || strchr(" (-#", at[-1]);
        if (begins && at[1] == '.' &&
            sscanf(at, "%c.%3d.%3d", &class, &ret->subject, &ret->detail) == 3)
            return true;
    }
    return false;
}

static const char *by_enhanced(struct enhanced code)
{
    enum { ADDRESS = 1, MAILBOX, SYSTEM, NETWORK, PROTOCOL, CONTENT, POLICY };
    if (code.subject == ADDRESS && code.detail != 7 && code.detail != 8)
        return "no_such_address";
    if (code.subject == MAILBOX && code.detail == 2)
        return "mailbox_full";
    if ((code.subject == MAILBOX && code.detail == 3) ||
        (code.subject == SYSTEM && code.detail == 4))
        return "too_large";
    if (code.subject == MAILBOX && code.detail < 2)
        return "no_such_address";
    if (code.subject == POLICY)
        return code.detail == 8 || code.detail == 9 ? "no_login" : "refused";
    return "other";
}

static const char *by_code(int code)
{
    switch (code) { /* of RFC 5321 section 4.2.3 and RFC 4954 section 6 */
    case 530:
    case 534:
    case 535:
        return "no_login";
    case 550:
    case 551:
    case 553:
        return "no_such_address";
    case 552:
        return "mailbox_full";
    case 554:
        return "refused";
    default:
        return "other";
    }
}

/* --- Our own words: outbox.c, functions/change.sql and mail/conversation_explain.c
 * --------------------- */

static const char *by_own_words(const char *words)
{
    static const struct {
        const char *part, *key;
    } known[] = {
        {"overtaken by", "overtaken"},
        {"nothing was sent that", "not_news"},
        {"the address was corrected", "corrected"},
        {"too many letters to this address", "too_many"},
        {"too many letters to others", "too_many"},
        {"beyond ASCII", "ascii"},
        {"user and password", "no_login"},
        {"way to log in", "no_login"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(words, known[i].part))
            return known[i].key;
    }
    return "unreachable";
}

static bool is_refused(const struct explained *message)
{
    return message->code >= 500;
}

static const char *reason(const struct explained *message)
{
    struct enhanced code;
    if (message->code == 0)
        return by_own_words(message->words);
    if (!is_refused(message))
        return "busy";
    return find_enhanced(message->words, &code) ? by_enhanced(code) : by_code(message->code);
}

const char *explanation_key(const struct explained *message)
{
    const char *key = *message->words ? reason(message) : NULL;
    switch (message->state) {
    case MESSAGE_STATE_HELD:
        return "held";
    case MESSAGE_STATE_QUEUED:
        return message->has_server ? key : "no_server";
    case MESSAGE_STATE_FAILED: /* the wordings of these two say that it is tried again */
        return key && (strcmp(key, "busy") == 0 || strcmp(key, "unreachable") == 0) ? "gave_up"
                                                                                    : key;
    case MESSAGE_STATE_BOUNCED:
        return key && strcmp(key, "busy") != 0 ? key : "came_back";
    case MESSAGE_STATE_OBSOLETE:
        return key ? key : "overtaken";
    case MESSAGE_STATE_SENDING:
    case MESSAGE_STATE_SENT:
    case MESSAGE_STATE_NONE:
        return NULL;
    }
    return NULL;
}
