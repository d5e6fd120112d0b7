#include "mail/trial.h"

#include "mail/conversation.h"
#include "mail/mailbox.h"

enum { ANSWER_MS = 30 * 1000, CONNECT_MS = 15 * 1000 };

struct trial {
    const struct trial_options *options;
    struct arena arena;
    struct smtp_url url;
    struct mailbox sender;
    bool has_tls;
};

static void on_line(void *context, bool is_ours, const char *line)
{
    struct trial *trial = context;
    struct buffer text;
    trial->has_tls |= is_ours && strcmp(line, "STARTTLS") == 0;
    buffer_init(&text);
    buffer_printf(&text, "%s %s", is_ours ? ">" : "<", line);
    trial->options->on_line(trial->options->context, buffer_text(&text));
    buffer_finish(&text);
}

static bool read_settings(struct arena *arena, const char *smtp, const char *mail_from,
                          struct smtp_url *ret_url, struct mailbox *ret_sender,
                          struct buffer *ret_error)
{
    if (!smtp_url_parse(arena, smtp, ret_url, ret_error))
        return false;
    if (mailbox_parse(arena, mail_from, ret_sender))
        return true;
    buffer_printf(ret_error,
                  "mail_from: \"%s\" is no address; it looks like tickets@example.org "
                  "or Tickets <tickets@example.org>",
                  mail_from);
    return false;
}

bool trial_check_settings(const char *smtp, const char *mail_from, struct buffer *ret_error)
{
    struct arena arena;
    struct smtp_url url;
    struct mailbox sender;
    arena_init(&arena);
    bool good = *smtp == '\0' || read_settings(&arena, smtp, mail_from, &url, &sender, ret_error);
    arena_finish(&arena);
    return good;
}

/* MAIL FROM as a letter would use it; RSET takes it back later. */
static const char *sender_command(struct trial *trial)
{
    const char *wire = mailbox_wire(&trial->arena, trial->sender.address);
    bool is_ascii = true;
    for (const char *at = wire; *at; at++)
        is_ascii = is_ascii && (*at & 0x80) == 0;
    return arena_printf(&trial->arena, "MAIL FROM:<%s>%s", wire, is_ascii ? "" : " SMTPUTF8");
}

static CURLcode converse(struct trial *trial, struct conversation *conversation)
{
    CURLcode result = conversation_say(conversation, sender_command(trial), false);
    if (result == CURLE_OK)
        result = conversation_say(conversation, "RSET", false);
    if (result == CURLE_OK)
        (void)conversation_say(conversation, "QUIT", true); /* the server may just disconnect */
    return result;
}

static void praise(const struct trial *trial, struct buffer *ret_sentence)
{
    buffer_printf(ret_sentence, "the mail server takes mail from %s", trial->sender.address);
    if (trial->url.tls == SMTP_TLS_OFFERED && !trial->has_tls)
        buffer_add_text(ret_sentence, ", but offers no TLS: others on the way can read it");
}

static bool run(struct trial *trial, struct buffer *ret_sentence)
{
    struct buffer mend;
    struct conversation *conversation = conversation_create(&(struct conversation_options){
        .url = &trial->url,
        .connect_ms = CONNECT_MS,
        .answer_ms = ANSWER_MS,
        .on_line = on_line,
        .context = trial,
    });
    CURLcode result = converse(trial, conversation);
    buffer_init(&mend);
    if (result == CURLE_OK)
        praise(trial, ret_sentence);
    else
        conversation_explain(conversation, result, ret_sentence, &mend);
    if (mend.length > 0)
        buffer_printf(ret_sentence, ". %s", buffer_text(&mend));
    buffer_finish(&mend);
    conversation_destroy(conversation);
    return result == CURLE_OK;
}

bool trial_run(const struct trial_options *options, struct buffer *ret_sentence)
{
    struct trial trial = {.options = options};
    arena_init(&trial.arena);
    bool good = read_settings(&trial.arena, options->smtp, options->mail_from, &trial.url,
                              &trial.sender, ret_sentence);
    if (good) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        good = run(&trial, ret_sentence);
        curl_global_cleanup();
    }
    arena_finish(&trial.arena);
    return good;
}
