/*
 * Inserts an event's sign-up at the place of this script in an organiser's page:
 *
 *     <script src="https://tickets.example/embed.js" data-event="SLUG" async></script>
 *
 * data-lang: "en" or "de", else the page's language; data-code: an access code; data-title: the frame's
 * name for screen readers; data-scheme: "light", "dark" or "auto" (the visitor's preference), else like
 * the page. The event's embed_on must name the page's origin. The script stores nothing. See
 * docs/embedding.md.
 */
(() => {
  "use strict";
  const script = document.currentScript;
  const { event, lang, code, title, scheme } = script.dataset;
  if (!event) {
    console.error("embed.js: data-event is missing");
    return;
  }

  const language = lang || script.closest("[lang]")?.lang || "";

  /* Light text means a dark background. */
  function isOnDark(element) {
    const [, ...parts] = /^rgba?\((\d+), (\d+), (\d+)/.exec(getComputedStyle(element).color) ?? [];
    const [red = 0, green = 0, blue = 0] = parts.map(Number);
    return red * 0.299 + green * 0.587 + blue * 0.114 > 140;
  }

  function chooseScheme() {
    if (scheme === "light" || scheme === "dark") return scheme;
    if (scheme === "auto") return "1";
    return isOnDark(script.parentElement ?? document.documentElement) ? "dark" : "light";
  }

  const chosen = chooseScheme();
  const address = new URL(`events/${encodeURIComponent(event)}`, script.src);
  address.searchParams.set("embed", chosen);
  if (language) address.searchParams.set("lang", language.slice(0, 2).toLowerCase());
  if (code) address.searchParams.set("code", code);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || (language.startsWith("de") ? "Anmeldung" : "Registration");
  Object.assign(frame.style, { display: "block", width: "100%", height: "32rem", border: "0" });
  /* A frame is transparent only if it has the color-scheme of its content (CSS Color Adjustment,
   * section 2.3). */
  frame.style.colorScheme = chosen === "1" ? "light dark" : chosen;

  let pages = 0;

  frame.addEventListener("load", () => {
    frame.contentWindow.postMessage({ einlass: "hello" }, address.origin);
    /* Scroll to the top of the next page if it is above the window. */
    if (++pages > 1 && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });

  addEventListener("message", ({ source, origin, data }) => {
    const told = data?.einlass;
    if (source !== frame.contentWindow || origin !== address.origin || !told) return;
    if (Number.isFinite(told.height)) frame.style.height = `${Math.max(told.height, 64)}px`;
    if (!title && typeof told.title === "string") frame.title = told.title;
  });

  script.after(frame);
})();
