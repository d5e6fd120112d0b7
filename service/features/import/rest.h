/* GET …/import/{import}/rest.csv: the lines that were not added, with their reasons, to be mended
 * in a spreadsheet and brought again. */
#ifndef EINLASS_FEATURES_IMPORT_REST_H
#define EINLASS_FEATURES_IMPORT_REST_H

struct request;

void rest_download(struct request *request);

#endif
