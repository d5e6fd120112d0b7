/* The page of the door app. The phone keeps it, with all words of its scripts. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_PAGE_H
#define EINLASS_FEATURES_DOOR_DOOR_PAGE_H

struct request;

/* GET /door: answers the same for every caller, in the language of the request. */
void door_page(struct request *request);

#endif
