#ifndef EINLASS_FEATURES_EDITOR_NEW_EVENT_H
#define EINLASS_FEATURES_EDITOR_NEW_EVENT_H

struct request;

/* GET and POST /desk/events/new: a few fields make a draft. */
void new_event_show(struct request *request);

#endif
