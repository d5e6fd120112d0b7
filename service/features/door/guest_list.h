/* Lists that a phone keeps for the time without network: the guests, and the revoked tickets. Only
 * the ticket itself opens the sealed record of its guest. */
#ifndef EINLASS_FEATURES_DOOR_GUEST_LIST_H
#define EINLASS_FEATURES_DOOR_GUEST_LIST_H

struct request;

enum {
    GUEST_LIST_PAGE = 200, /* limit: records on a page of the sealed guest list */
    REVOKED_MOST = 50000,  /* limit: cancelled tickets, and replaced tickets, that are listed */
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

/* GET /api/v1/events/{event}/revoked-tickets: {"tickets": [{"id", "state"}]}, with an ETag. The
 * state is cancelled or replaced. */
void guest_list_revoked(struct request *request);

#endif
