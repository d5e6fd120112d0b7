/* What organisers write in mails: Markdown with the placeholders {name}, {event} and {ticket}. */
#ifndef EINLASS_EVENT_MAIL_WORDS_H
#define EINLASS_EVENT_MAIL_WORDS_H

#include "view/placeholders.h"

enum { MAIL_WORDS_PLACEHOLDERS = 3 };

/* The names, without values. */
extern const struct placeholder mail_words_names[];

struct mail_words_values {
    const char *name;   /* of the reader */
    const char *event;  /* its title */
    const char *ticket; /* the link to the reader's registration or ticket */
};

void mail_words_fill(const struct mail_words_values *values,
                     struct placeholder ret_table[MAIL_WORDS_PLACEHOLDERS + 1]);

#endif
