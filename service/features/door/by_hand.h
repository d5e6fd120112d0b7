/* Check-ins by hand, on a person's page at the desk. They are scans without a device. */
#ifndef EINLASS_FEATURES_DOOR_BY_HAND_H
#define EINLASS_FEATURES_DOOR_BY_HAND_H

struct request;

/* POST /desk/events/{event}/attendees/{attendee}/check-in: "door", and a "reason" to admit despite
 * a refusal. Leads back to the person's page, with ?refused=VERDICT, or what is wrong in the form,
 * and what was typed if the person was not admitted. */
void by_hand_check_in(struct request *request);

/* POST …/undo-check-in: "nonce" of the scan */
void by_hand_undo(struct request *request);

/* Leads back to the person's page with ?refused=WHY, a word person.verdict.WHY or
 * person.refused.WHY. */
void by_hand_refuse(struct request *request, const char *why);

/* The path of the person's page, with `more` behind it. Lives in the arena. */
const char *by_hand_path(struct request *request, const char *more);

#endif
