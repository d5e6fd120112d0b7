/*
 * Tests the mail server for `einlass check`: connects, starts TLS, logs in, names the sender,
 * resets and disconnects. Sends no mail.
 */
#ifndef EINLASS_MAIL_TRIAL_H
#define EINLASS_MAIL_TRIAL_H

#include <stdbool.h>

#include "base/memory.h"

struct trial_options {
    const char *smtp;      /* the setting (mail/smtp_url.h) */
    const char *mail_from; /* the setting: "ada@example.org" or "Ada <ada@example.org>" */
    /* Each line of the conversation, "> EHLO …" or "< 250 …", never a password. */
    void (*on_line)(void *context, const char *line);
    void *context;
};

/* Blocks up to two minutes. ret_sentence is the result or, with false, the mistake and its remedy.
 */
MUST_CHECK bool trial_run(const struct trial_options *options, struct buffer *ret_sentence);

/* Checks the settings without a server. smtp may be "": then messages are stored, and any sender is
 * valid. False: ret_error says what is wrong. */
MUST_CHECK bool trial_check_settings(const char *smtp, const char *mail_from,
                                     struct buffer *ret_error);

#endif
