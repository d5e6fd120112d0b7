/* What makes the page /door an application that a phone keeps: its service worker and manifest. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_SHELL_H
#define EINLASS_FEATURES_DOOR_DOOR_SHELL_H

#include "http/request.h"

/*
 * GET /door/worker.js: app/worker.js behind a line that tells it what to keep,
 *     self.shell={"version": "…", "pages": {"/door": {"de": "/door?lang=de"}},
 *                 "files": ["/assets/…"]};
 * where the version is another whenever a file, a template or a wording is.
 */
void door_shell_worker(struct request *request);

/* GET /door.webmanifest: https://www.w3.org/TR/appmanifest/, in the language of the request. */
void door_shell_manifest(struct request *request);

#endif
