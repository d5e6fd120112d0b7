/*
 * What is done with a mailing. The desk's forms lead back to its page.
 *
 *   POST …/test     {"attendee"}: mails it to the account that asks, as it is for this attendee
 * (desk) POST …/send     {"when": "now" or "later", "at": local to the event}: sends it in a
 * minute, or at that time; also to those who are left after it was stopped POST …/stop     stops
 * it; before it has begun, it is a draft again POST …/again    sends it again to those whose mail
 * failed; {"count"} POST …/discard  deletes a draft
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_ACT_H
#define EINLASS_FEATURES_MAILING_MAILING_ACT_H

struct request;

enum {
    MAILING_PAUSE_S = 60, /* limit: time to stop a group mail before its first mail */
    MAILING_AGAIN_MOST =
        20000, /* limit: failed mails of a group mail that are sent again at once */
    MAILING_AHEAD_MOST_DAYS = 400 /* limit: days until a planned group mail goes out */
};

void mailing_act_test(struct request *request);
void mailing_act_send(struct request *request);
void mailing_act_stop(struct request *request);
void mailing_act_again(struct request *request);
void mailing_act_discard(struct request *request);

#endif
