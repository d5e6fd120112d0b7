/*
 * For pages inside a page of the organiser's site (embed.js puts them there): tells that page how
 * high they are, whenever it changes. The page around says hello after each load; it is answered
 * only if it is our parent and of an origin that the event names.
 */

const origins = document.querySelector('meta[name="frame-origins"]').content.split(" ");

let host = null;

function tell() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  window.parent.postMessage({ einlass: { height, title: document.title } }, host);
}

/* What leads away from here leads out of the frame. */
for (const link of document.querySelectorAll("a[href]:not([target])")) {
  if (link.origin !== location.origin) link.target = "_blank";
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || !origins.includes(origin) || data?.einlass !== "hello") return;
  if (host === null) new ResizeObserver(tell).observe(document.body);
  host = origin;
  tell();
});
