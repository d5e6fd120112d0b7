/*
 * For every page; all pages work without it. Modules run after the page was parsed, so no load event is
 * needed. All texts come from the page (data-words).
 */

const page = document.documentElement;

/* ----------------------------------------------------------- times in the visitor's own zone */

const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/* English dates as on the pages: day before month, 24 hours. */
const speaker = page.lang === "en" ? "en-GB" : page.lang;

const day = { weekday: "long", day: "numeric", month: "long" };
const minute = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

function inZone(at, timeZone, parts) {
  return new Intl.DateTimeFormat(speaker, { ...parts, timeZone }).format(at);
}

/* <p class="own-time" hidden data-from data-to data-zone data-words="… {time} … {zone} …"> shows
 * itself if the visitor's local time differs from the venue's. */
function showOwnTime(element) {
  const { from, to, zone, words } = element.dataset;
  const [start, end] = [new Date(from), new Date(to)];
  const differs = [start, end].some(
    (at) => inZone(at, zone, { ...day, ...minute }) !== inZone(at, ownZone, { ...day, ...minute }),
  );
  if (!differs) return;
  const sameDay = [start, end].every(
    (at) => inZone(at, ownZone, day) === inZone(start, zone, day),
  );
  const format = new Intl.DateTimeFormat(speaker, {
    ...(sameDay ? {} : day),
    ...minute,
    timeZone: ownZone,
  });
  element.textContent = words
    .replace("{time}", format.formatRange(start, end))
    .replace("{zone}", ownZone.replaceAll("_", " "));
  element.hidden = false;
}

for (const element of document.querySelectorAll(".own-time")) {
  try {
    showOwnTime(element);
  } catch {
    /* The browser does not know the zone; the page shows the venue's time anyway. */
  }
}

/* ------------------------------------------------------------------------------------ sharing */

/* The link is followed by two hidden buttons: one copies it, the other opens the sharing of a phone. */
const link = document.querySelector("[data-share]");
const [copy, share] = link?.parentElement.querySelectorAll("button") ?? [];

if (link && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.href);
    copy.textContent = copy.dataset.copied;
  });
}
if (link && navigator.share && matchMedia("(pointer: coarse)").matches) {
  share.hidden = false;
  share.addEventListener("click", () =>
    navigator.share({ title: link.dataset.share, url: link.href }).catch(() => {}),
  );
}

/* ---------------------------------------------------------------------------- error summary */

const summary = document.querySelector(".error-summary");
summary?.focus();
summary?.addEventListener("click", (click) => {
  const link = click.target.closest('a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  const control = field.matches("input, select, textarea")
    ? field
    : field.querySelector("input:not([type=hidden]), select, textarea");
  if (!control) return;
  click.preventDefault();
  (control.closest(".field, fieldset") ?? control).scrollIntoView({ block: "start" });
  control.focus({ preventScroll: true });
});

/* ----------------------------------------------------------------------------- sending once */

/* The service accepts a form's key only once; this avoids a second request. Buttons are not disabled,
 * because the form would not send a disabled button. */
const PATIENCE_MS = 8000;

function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

addEventListener("submit", (submit) => {
  const form = submit.target;
  const target = submit.submitter?.formTarget || form.target; /* a preview in a frame, for example */
  if (submit.defaultPrevented || form.method !== "post" || target) return;
  if ("sending" in form.dataset) {
    submit.preventDefault();
    return;
  }
  form.dataset.sending = "";
  submit.submitter?.setAttribute("aria-busy", "true");
  setTimeout(release, PATIENCE_MS, form);
});

/* After "back" the page comes from the browser's cache and must work again. */
addEventListener("pageshow", (shown) => {
  if (shown.persisted) document.querySelectorAll("form[data-sending]").forEach(release);
});
