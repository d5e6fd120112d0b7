/* The service worker and the manifest, with which a phone installs the page /door as an app. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_SHELL_H
#define EINLASS_FEATURES_DOOR_DOOR_SHELL_H

#include "http/request.h"

/*
 * GET /door/worker.js: app/worker.js after a line that lists the files to keep,
 *     self.shell={"version": "…", "pages": {"/door": {"de": "/door?lang=de"}},
 *                 "files": ["/assets/…"]};
 * The version changes with every file, template and word.
 */
void door_shell_worker(struct request *request);

/* GET /door.webmanifest: a web app manifest (https://www.w3.org/TR/appmanifest/), in the language
 * of the request. */
void door_shell_manifest(struct request *request);

#endif
