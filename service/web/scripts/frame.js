/*
 * For pages in a frame of an organiser's page (embed.js): reports their height to that page after each
 * change. The outer page sends a message after each load. It is answered only if it is the parent
 * window and the event names its origin.
 */

const origins = document.querySelector('meta[name="frame-origins"]').content.split(" ");

let host = null;

function tell() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  window.parent.postMessage({ einlass: { height, title: document.title } }, host);
}

/* Links to other sites open outside the frame. */
for (const link of document.querySelectorAll("a[href]:not([target])")) {
  if (link.origin !== location.origin) link.target = "_blank";
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || !origins.includes(origin) || data?.einlass !== "hello") return;
  if (host === null) new ResizeObserver(tell).observe(document.body);
  host = origin;
  tell();
});
