/* Lists that a phone keeps for the time without network: the guests, and the revoked tickets. Only
 * the ticket itself opens the sealed record of its guest. A device that the organiser lets keep
 * names also gets each guest's record readable. */
#ifndef EINLASS_FEATURES_DOOR_GUEST_LIST_H
#define EINLASS_FEATURES_DOOR_GUEST_LIST_H

struct request;

enum {
    GUEST_LIST_PAGE = 200, /* limit: records on a page of the sealed guest list */
    REVOKED_PAGE = 1000,   /* limit: revoked tickets on a page */
};

/*
 * GET /api/v1/events/{event}/guest-list: {"guests": [{"digest", "admitted_at", "day", "inside",
 * "sealed": {KID: text}}], "next": cursor or null, "as_of", "scans_to", "names"}. "day" is the last
 * day on which the guest came; "admitted_at" and "inside" are of that day. ?since= (an as_of)
 * leaves out tickets issued earlier. The sealed text (security/ticket_seal.h) is JSON: {"id",
 * "name", "ticket_type", "ticket_type_title", "answers": [{"label", "text"}]}, in the language of
 * the request. It is sealed once for each key of the keyring, because each key signs another token.
 * "names": whether the device keeps names (device.keeps_names) and the event's doors are not closed
 * for good. Then each guest has "person": the same object, readable, with "ticket" (its id),
 * "number" (of the ticket) and "known_by", in which a search finds folded words (base/search.h).
 */
void guest_list_show(struct request *request);

/* GET /api/v1/events/{event}/revoked-tickets?since=&cursor=: answers {"tickets": [{"id", "state"}],
 * "as_of", "next"}, at most REVOKED_PAGE in the order of revocation. The state is cancelled or
 * replaced. `since` is as_of of an earlier answer, `cursor` is next. */
void guest_list_revoked(struct request *request);

#endif
