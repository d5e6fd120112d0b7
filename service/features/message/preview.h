/* The letters that an action on a person's page would send, shown in a frame of that page. */
#ifndef EINLASS_FEATURES_MESSAGE_PREVIEW_H
#define EINLASS_FEATURES_MESSAGE_PREVIEW_H

struct request;

enum { PREVIEW_BODY_BYTES = 256 * 1024 /* limit: body of a preview of a letter */ };

/* GET /desk/events/{event}/attendees/{attendee}/mail-preview?action=cancel, and POST with the form
 * of the action, for the words and names that were typed. Changes nothing. */
void preview_show(struct request *request);

/* GET /desk/events/{event}/mailings/{mailing}/letters/{attendee}/html and …/text: the letter that a
 * mailing would be for this attendee, in a frame of the mailing's page. */
void preview_mailing_html(struct request *request);
void preview_mailing_text(struct request *request);

#endif
