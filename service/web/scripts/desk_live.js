/*
 * Keeps the live page fresh by the event's live stream: sets the numbers at once, and reads the page
 * anew for the rest, at most once a second. EventSource reconnects by itself and continues after the
 * last scan; after a refusal this script connects again.
 */

const AGAIN_MS = 3000; /* after a refusal */
const PAUSE_MS = 1000; /* between two readings of the page */
const IDLE_MS = 30_000; /* phones tell their state without a scan */

const live = document.getElementById("live");
const state = document.querySelector(".live-state");
const news = document.getElementById("live-news");
const numbers = new Intl.NumberFormat(document.documentElement.lang === "de" ? "de-DE" : "en-GB");

/* --------------------------------------------------------------------------- the state's line */

function say(text) {
  const line = state.querySelector("span");
  if (line.textContent !== text) line.textContent = text;
  state.querySelector("a").hidden = text === state.dataset.fresh;
}

/* ------------------------------------------------------------------------------------ numbers */

function count(counts) {
  for (const place of live.querySelectorAll("[data-count]")) {
    const text = numbers.format(counts[place.dataset.count]);
    if (place.textContent !== text) place.textContent = text;
  }
}

/* ---------------------------------------------------------------------------- the other parts */

/* Keeps what is unfolded and where the focus is. */
function replace(part, fresh) {
  const open = [...part.querySelectorAll("details")].map((details) => details.open);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const focusable = "a[href], summary";
  const at = focused ? [...part.querySelectorAll(focusable)].indexOf(focused) : -1;
  const same = focused?.href && [...fresh.querySelectorAll("a[href]")].find(({ href }) => href === focused.href);
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? false));
  if (focused) (same || part.querySelectorAll(focusable)[at])?.focus({ preventScroll: true });
}

/* A screen reader hears of new conflicts only: who listens to numbers cannot work. */
function tell(part, fresh) {
  if (fresh.dataset.news === undefined || fresh.dataset.news === part.dataset.news) return;
  part.dataset.news = fresh.dataset.news;
  news.textContent = fresh.dataset.news;
}

async function read() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  /* Signed out: the sign-in page says so. */
  if (response.redirected) location.reload();
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of live.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh || fresh.innerHTML === part.innerHTML) continue;
    tell(part, fresh);
    replace(part, fresh);
  }
}

let timer = null;
let readAt = -Infinity;
let isReading = false;
let isStale = false;

/* Soon, or when the present reading has ended. */
function refresh() {
  isStale = true;
  if (isReading || document.hidden) return;
  clearTimeout(timer);
  timer = setTimeout(readNow, Math.max(0, readAt + PAUSE_MS - performance.now()));
}

async function readNow() {
  isReading = true;
  isStale = false;
  readAt = performance.now();
  try {
    await read();
  } catch {
    /* The stream says whether the service is there, and a change leads here again. */
  }
  isReading = false;
  if (isStale) refresh();
  else timer = setTimeout(refresh, IDLE_MS);
}

/* --------------------------------------------------------------------------------- the stream */

let stream;

function connect() {
  stream = new EventSource(live.dataset.stream);
  stream.addEventListener("counts", ({ data }) => {
    count(JSON.parse(data));
    say(state.dataset.fresh);
    refresh();
  });
  for (const name of ["scan", "conflict", "event", "missed", "revoked"])
    stream.addEventListener(name, refresh);
  stream.addEventListener("error", ({ target }) => {
    say(state.dataset.lost);
    if (target.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

/* "Back" shows the page as it was left. */
addEventListener("pagehide", () => stream.close());
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) connect();
});
connect();
