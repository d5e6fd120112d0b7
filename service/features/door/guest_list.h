/* Lists that a phone keeps for the time without network: the guests, and the revoked tickets. Only
 * the ticket itself opens the sealed record of its guest. */
#ifndef EINLASS_FEATURES_DOOR_GUEST_LIST_H
#define EINLASS_FEATURES_DOOR_GUEST_LIST_H

struct request;

enum {
    GUEST_LIST_PAGE = 200, /* limit: records on a page of the sealed guest list */
    REVOKED_PAGE = 1000,   /* limit: revoked tickets on a page */
};

/*
 * GET /api/v1/events/{event}/guest-list: {"guests": [{"ticket": id, "admitted_at", "day",
 * "inside", "sealed": {KID: text}}], "next": cursor or null, "as_of": time}. "day" is the last day
 * on which the guest came; "admitted_at" and "inside" are of that day. ?since= (an as_of) leaves
 * out tickets issued earlier. The sealed text (security/ticket_seal.h) is JSON: {"id", "name",
 * "ticket_type", "ticket_type_title", "answers": [{"label", "text"}]}, in the language of the
 * request. It is sealed once for each key of the keyring, because each key signs another token.
 */
void guest_list_show(struct request *request);

/* GET /api/v1/events/{event}/revoked-tickets?since=&cursor=: answers {"tickets": [{"id", "state"}],
 * "as_of", "next"}, at most REVOKED_PAGE in the order of revocation. The state is cancelled or
 * replaced. `since` is as_of of an earlier answer, `cursor` is next. */
void guest_list_revoked(struct request *request);

#endif
