/* The service worker of /door. */
