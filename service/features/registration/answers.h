/*
 * Answers to the organiser's questions, checked by the kind of each question. Used for sign-up and
 * for later changes.
 *
 *   text, long_text   up to 500, 5,000 characters          choice    one of the choices' slugs
 *   yes_no            true or false                        several   a list of slugs, each once
 *   number            a JSON number                        date      "2026-05-13"
 *   email             an address                           phone     "+49 341 1234567"
 *   country           ISO 3166-1 alpha-2: "DE"
 *
 * From a page's form every answer comes as text; "true", "false", numbers in text ("1.5", "1,5")
 * and "13.5.2026" are read there (and only there). "", null and an empty list are no answer.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ANSWERS_H
#define EINLASS_FEATURES_REGISTRATION_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "event/event.h"
#include "form/findings.h"

enum {
    ANSWER_TEXT_MOST = 500,
    ANSWER_LONG_TEXT_MOST = 5000,
    ANSWER_PHONE_LEAST_DIGITS = 5,
    ANSWER_PHONE_MOST_DIGITS = 20,
};

struct answers_input {
    const struct event *event;
    json_t *given;        /* object by question slug, NULL: none given */
    const char *pointer;  /* where it stands in the body: "/attendees/0/answers" */
    const char *language; /* for the labels in findings */
    bool from_form;
};

/*
 * The answers worth keeping, as a new object in the order of the questions: cleaned, without those
 * to questions that are not shown. What is wrong is added to the findings with its pointer.
 */
json_t *answers_read(struct arena *arena, const struct answers_input *input,
                     struct findings *findings);

/* Whether a question is shown, given the answers to the earlier ones. */
bool answers_show(const struct event *event, const struct question *question,
                  const json_t *answers);

#endif
