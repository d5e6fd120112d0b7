/* What became of a message, for people who know nothing about mail servers. */
#ifndef EINLASS_EVENT_EXPLANATION_H
#define EINLASS_EVENT_EXPLANATION_H

#include <stdbool.h>

#include "statements.h"

/* Columns of a message. */
struct explained {
    enum message_state state;
    int code;          /* the mail server's; 0: none */
    const char *words; /* the mail server's, or why it was not asked; "": none */
    bool has_server;   /* the installation has a mail server */
};

/* Returns KEY of the wording message.explain.KEY. NULL: there is nothing to explain. */
const char *explanation_key(const struct explained *message);

#endif
