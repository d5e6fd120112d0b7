/* GET /events/{event}/share/{image}: the picture that other sites show with a link to the event. */
#ifndef EINLASS_FEATURES_EVENT_SHARE_PICTURE_H
#define EINLASS_FEATURES_EVENT_SHARE_PICTURE_H

struct request;

enum {
    SHARE_PICTURES_MOST = 16, /* limit: pictures for links that a worker keeps ready */
};

void share_picture_show(struct request *request);

#endif
