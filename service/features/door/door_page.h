/* The door as a page: a shell that the phone keeps, with every word its scripts say. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_PAGE_H
#define EINLASS_FEATURES_DOOR_DOOR_PAGE_H

struct request;

/* GET /door: the same for everybody, in the language of the request. */
void door_page(struct request *request);

#endif
