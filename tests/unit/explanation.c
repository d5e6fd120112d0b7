/* What became of a mail, in plain words. */
#include "event/explanation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void each_answer_of_a_mail_server_has_its_explanation(void **state)
{
    static const struct {
        enum message_state state;
        int code;
        const char *words, *key; /* key NULL: nothing to explain */
    } cases[] = {
        {MESSAGE_STATE_SENT, 250, "250 2.0.0 Ok: queued", NULL},
        {MESSAGE_STATE_QUEUED, 0, "", NULL},
        {MESSAGE_STATE_SENDING, 451, "451 4.7.1 greylisted", NULL},
        {MESSAGE_STATE_HELD, 0, "", "held"},
        {MESSAGE_STATE_FAILED, 550, "550 5.1.1 <ada@example.org>: no such user", "no_such_address"},
        {MESSAGE_STATE_FAILED, 550, "550 No such user here", "no_such_address"},
        {MESSAGE_STATE_FAILED, 550, "550 5.2.1 mailbox disabled", "no_such_address"},
        {MESSAGE_STATE_FAILED, 550, "550-5.7.1 rejected as spam", "refused"},
        {MESSAGE_STATE_FAILED, 554, "554 Message refused", "refused"},
        {MESSAGE_STATE_FAILED, 552, "552 5.2.2 over quota", "mailbox_full"},
        {MESSAGE_STATE_FAILED, 552, "552 mailbox full", "mailbox_full"},
        {MESSAGE_STATE_FAILED, 552, "552 5.3.4 message too big", "too_large"},
        {MESSAGE_STATE_FAILED, 535, "535 5.7.8 Error: authentication failed", "no_login"},
        {MESSAGE_STATE_FAILED, 550, "550 see 15.1.1 of our rules", "no_such_address"},
        {MESSAGE_STATE_FAILED, 501, "501 syntax", "other"},
        {MESSAGE_STATE_FAILED, 500, "500 5.5.2 syntax", "other"},
        {MESSAGE_STATE_QUEUED, 451, "451 4.7.1 greylisted, come back", "busy"},
        {MESSAGE_STATE_FAILED, 451, "451 4.7.1 greylisted, come back", "gave_up"},
        {MESSAGE_STATE_QUEUED, 0, "mail.example.org:25: the mail server cannot be reached",
         "unreachable"},
        {MESSAGE_STATE_FAILED, 0, "mail.example.org:25: the mail server cannot be reached",
         "gave_up"},
        {MESSAGE_STATE_QUEUED, 0, "x:25: the mail server does not take user and password",
         "no_login"},
        {MESSAGE_STATE_FAILED, 0,
         "x:25: the mail server does not take addresses in letters beyond ASCII", "ascii"},
        {MESSAGE_STATE_QUEUED, 0, "too many letters to this address within an hour", "too_many"},
        {MESSAGE_STATE_OBSOLETE, 0, "overtaken by what happened since", "overtaken"},
        {MESSAGE_STATE_OBSOLETE, 0, "nothing was sent that it could take back", "not_news"},
        {MESSAGE_STATE_OBSOLETE, 0, "", "overtaken"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct explained message = {.state = cases[i].state,
                                          .code = cases[i].code,
                                          .words = cases[i].words,
                                          .has_server = true};
        const char *key = explanation_key(&message);
        if (!cases[i].key)
            assert_null(key);
        else
            assert_string_equal(key ? key : "none", cases[i].key);
    }
}

static void a_mail_waits_for_a_server_where_none_is_set(void **state)
{
    (void)state;
    const struct explained message = {.state = MESSAGE_STATE_QUEUED, .words = ""};
    assert_string_equal(explanation_key(&message), "no_server");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_of_a_mail_server_has_its_explanation),
        cmocka_unit_test(a_mail_waits_for_a_server_where_none_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
