/*
 * Doors and phones at the desk. Refreshes what the page shows: <div id data-refresh="MILLISECONDS">
 * is fetched again while the page is seen. A pairing code is replaced before it expires:
 * <form data-renew="TIME"> is sent a minute before that time.
 */
const RENEW_BEFORE_MS = 60_000;

/* → the page that came, or null: another page, such as the one to sign in */
async function load(address, options) {
  const response = await fetch(address, options);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return response.ok && page.querySelector("[data-refresh], #phone") ? { page, at: response.url } : null;
}

/* Shows the part of the new page. The whole page loads when it has become another one: the phone is
 * paired, and there are other forms. */
function show(part, { page, at }) {
  const next = page.getElementById(part.id);
  if (!next || next.dataset.refresh !== part.dataset.refresh) {
    location.replace(at);
    return;
  }
  if (at !== location.href) history.replaceState(null, "", at);
  if (next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
}

async function refresh(part) {
  const form = part.querySelector("form[data-renew]");
  const isOld = form && Date.parse(form.dataset.renew) - Date.now() < RENEW_BEFORE_MS;
  const loaded = isOld ? await load(form.action, { method: "POST" }) : await load(location.href);
  if (loaded) show(part, loaded);
}

for (const part of document.querySelectorAll("[data-refresh]")) {
  setInterval(() => {
    if (document.visibilityState === "visible") refresh(part).catch(() => {});
  }, Number(part.dataset.refresh));
}
