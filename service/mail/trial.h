/*
 * A trial of the mail server for `einlass check`: connects, greets, starts TLS and logs in as a
 * letter would, names the sender, takes it back and says goodbye. No mail is sent.
 */
#ifndef EINLASS_MAIL_TRIAL_H
#define EINLASS_MAIL_TRIAL_H

#include <stdbool.h>

#include "base/buffer.h"

struct trial_options {
    const char *smtp;      /* the setting (mail/smtp_url.h) */
    const char *mail_from; /* the setting: "ada@example.org" or "Ada <ada@example.org>" */
    /* Each line of the conversation, "> EHLO …" or "< 250 …", never a password. */
    void (*on_line)(void *context, const char *line);
    void *context;
};

/* Blocks, up to a minute or two. ret_sentence: what is right, or what is wrong and how to mend it.
 * False: letters would not go. */
MUST_CHECK bool trial_run(const struct trial_options *options, struct buffer *ret_sentence);

/* Whether the settings themselves are in order, without a server; ret_error says what is not. An
 * smtp of "" is: letters are kept then, and the sender may be any. */
MUST_CHECK bool trial_check_settings(const char *smtp, const char *mail_from,
                                     struct buffer *ret_error);

#endif
