/*
 * Work in the background: keeps the part of the page that shows it (#bulk) up to date until the work
 * is over, and says then what became of it (#news). Without this module the page loads itself again.
 */

const EVERY_MS = 1000;

let told = document.getElementById("bulk")?.outerHTML; // as the service sent it

async function look() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return true;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("bulk");
  if (!now) return false;
  if (now.outerHTML !== told) {
    const focused = document.activeElement.id;
    told = now.outerHTML;
    document.getElementById("bulk").replaceWith(now);
    if (focused) document.getElementById(focused)?.focus(); // so a button stays within reach of the keyboard
  }
  if (now.dataset.underWay !== undefined) return true;
  document.title = page.title;
  document.getElementById("news").textContent = (now.querySelector("[data-news]") ?? now.querySelector("h1")).textContent;
  return false;
}

async function lookAgain() {
  let isUnderWay = true;
  try {
    isUnderWay = await look();
  } catch {
    /* There is no network for now. */
  }
  if (isUnderWay) setTimeout(lookAgain, EVERY_MS);
}

setTimeout(lookAgain, EVERY_MS);
