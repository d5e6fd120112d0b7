#include "mail/conversation_inside.h"

struct cause {
    const char *what, *mend;
};

/* Causes that libcurl's result tells; NULL members come from the conversation. */
static struct cause cause_of_result(CURLcode result)
{
    switch ((int)result) { /* of about a hundred */
    case CURLE_COULDNT_RESOLVE_HOST:
        return (struct cause){"the name of the mail server is not known",
                              "See whether it is spelled right, and whether this machine can look "
                              "up names"};
    case CURLE_COULDNT_CONNECT:
        return (struct cause){"the mail server cannot be reached",
                              "See whether host and port are right, whether it runs, and whether a "
                              "firewall stands between"};
    case CURLE_PEER_FAILED_VERIFICATION:
        return (struct cause){"the certificate of the mail server is not trusted",
                              "Name the server as its certificate does, have the certificate "
                              "renewed, or name a CA of your own with ?ca=/path.pem"};
    case CURLE_SSL_CACERT_BADFILE:
        return (struct cause){"the file of ca= cannot be read",
                              "It holds certificates in PEM form"};
    case CURLE_SSL_CONNECT_ERROR:
        return (struct cause){"TLS does not come about",
                              "smtps:// is for a port that speaks TLS from the first byte (465), "
                              "smtp+starttls:// for the others (587, 25)"};
    case CURLE_USE_SSL_FAILED:
        return (struct cause){"the mail server does not offer STARTTLS",
                              "smtps:// (port 465) may work, or another port"};
    case CURLE_LOGIN_DENIED:
        return (struct cause){"the mail server offers no way to log in that is known here",
                              "PLAIN and LOGIN are the usual ones"};
    default:
        return (struct cause){NULL, NULL};
    }
}

static struct cause cause_of_answer(const struct conversation *conversation)
{
    switch (conversation->stage) {
    case CONVERSATION_LOGIN:
        return (struct cause){"the mail server does not take user and password",
                              "Both are percent-encoded in the URL: @ is %40, : is %3A, / is %2F"};
    case CONVERSATION_SENDER:
        return (struct cause){"the mail server does not take mail from this sender",
                              "Set mail_from to an address it is responsible for, or log in with "
                              "user and password"};
    case CONVERSATION_RECIPIENT:
        return (struct cause){"the mail server does not take mail for this address", ""};
    case CONVERSATION_STARTTLS:
        return (struct cause){"the mail server cannot do TLS now", ""};
    case CONVERSATION_GREETING:
    case CONVERSATION_HELLO:
    case CONVERSATION_DATA:
    case CONVERSATION_TEXT:
    case CONVERSATION_OTHER:
        break;
    }
    return (struct cause){"the mail server refuses", ""};
}

static struct cause cause_of_silence(const struct conversation *conversation)
{
    if (conversation->stage == CONVERSATION_GREETING)
        return (struct cause){"the mail server does not answer",
                              "See whether host and port are right, and whether a firewall stands "
                              "between; a port that speaks TLS from the first byte (465) needs "
                              "smtps://"};
    return (struct cause){"the mail server does not answer any more", ""};
}

void conversation_explain(const struct conversation *conversation, CURLcode result,
                          struct buffer *ret_what, struct buffer *ret_mend)
{
    bool is_silent = conversation->timed_out || result == CURLE_OPERATION_TIMEDOUT;
    bool is_answer = conversation->code >= 400 && conversation->answered;
    struct cause cause = cause_of_result(result);
    if (is_answer)
        cause = cause_of_answer(conversation);
    else if (conversation->lacks_utf8)
        cause =
            (struct cause){"the mail server does not take addresses in letters beyond ASCII", ""};
    else if (is_silent)
        cause = cause_of_silence(conversation);
    else if (result == CURLE_ABORTED_BY_CALLBACK)
        cause = (struct cause){"the service stopped meanwhile", ""};
    else if (!cause.what)
        cause = (struct cause){"the mail server hung up", ""};
    const struct smtp_url *url = conversation->options.url;
    buffer_printf(ret_what, "%s:%d: %s", url->host, url->port, cause.what);
    if (is_answer)
        buffer_printf(ret_what, " (%s)", conversation_words(conversation));
    else if (*conversation->error && result != CURLE_ABORTED_BY_CALLBACK &&
             result != CURLE_WRITE_ERROR)
        buffer_printf(ret_what, " (%s)", conversation->error);
    buffer_add_text(ret_mend, cause.mend);
}
