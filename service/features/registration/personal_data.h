/* Shows and erases the personal data of a registration. */
#ifndef EINLASS_FEATURES_REGISTRATION_PERSONAL_DATA_H
#define EINLASS_FEATURES_REGISTRATION_PERSONAL_DATA_H

struct request;

/* GET …/data, or …/data.json as a file */
void personal_data_show(struct request *request);

/* DELETE …/data, or POST …/erase from a page */
void personal_data_erase(struct request *request);

#endif
