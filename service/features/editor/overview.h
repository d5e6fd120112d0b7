#ifndef EINLASS_FEATURES_EDITOR_OVERVIEW_H
#define EINLASS_FEATURES_EDITOR_OVERVIEW_H

struct request;

/* GET …/edit: the sections of an event with what they say, in words. */
void overview_show(struct request *request);

#endif
