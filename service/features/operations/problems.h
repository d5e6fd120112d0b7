/* The pages of the problems, to which the member `type` of a problem document leads (RFC 9457,
 * section 3.1.1). They come from the wordings problem.CODE.title and problem.CODE.detail. Where the
 * detail has values of one answer, problem.CODE.about says the same of all. */
#ifndef EINLASS_FEATURES_OPERATIONS_PROBLEMS_H
#define EINLASS_FEATURES_OPERATIONS_PROBLEMS_H

struct request;

/* GET /problems: all of them. */
void problems_list(struct request *request);

/* GET /problems/{problem}: what one means, how to mend it, and where it occurs. */
void problems_show(struct request *request);

#endif
