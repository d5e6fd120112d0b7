#include "event/mail_words.h"

const struct placeholder mail_words_names[] = {{"name"}, {"event"}, {"ticket"}, {0}};

void mail_words_fill(const struct mail_words_values *values,
                     struct placeholder ret_table[MAIL_WORDS_PLACEHOLDERS + 1])
{
    ret_table[0] = (struct placeholder){"name", values->name, false};
    ret_table[1] = (struct placeholder){"event", values->event, false};
    ret_table[2] = (struct placeholder){"ticket", values->ticket, true};
    ret_table[3] = (struct placeholder){0};
}
