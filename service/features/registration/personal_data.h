/* What is held on a registration: shown in full, and erased. */
#ifndef EINLASS_FEATURES_REGISTRATION_PERSONAL_DATA_H
#define EINLASS_FEATURES_REGISTRATION_PERSONAL_DATA_H

struct request;

/* GET …/data; …/data.json as a file to keep */
void personal_data_show(struct request *request);

/* DELETE …/data; POST …/erase as a page */
void personal_data_erase(struct request *request);

#endif
