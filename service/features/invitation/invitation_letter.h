/* The letter that invites somebody, or reminds them. It is written from the data of the moment. */
#ifndef EINLASS_FEATURES_INVITATION_INVITATION_LETTER_H
#define EINLASS_FEATURES_INVITATION_INVITATION_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

struct event;
struct letter;
struct worker;

struct invitation_letter {
    struct id invitation_id, mail_id;
    bool reminds;
    const char *name, *email, *language;
    int64_t good_for;
    const char *own_words;  /* of the organiser, paragraphs; NULL: none */
    const char *kept_until; /* the last day on which a place is kept, "2026-05-13"; NULL: none is */
};

/* Returns the letter, in the arena; NULL: it could not be written, which was logged. */
const struct letter *invitation_letter_make(const struct worker *worker, const struct event *event,
                                            const struct invitation_letter *about,
                                            struct arena *arena);

#endif
