/*
 * The list of people: finds as one types, and shows what can be done only when somebody is chosen.
 * Without this module the search has its button, and the rest is always there.
 */

const PAUSE_MS = 200;
const box = document.getElementById("q");
const news = document.getElementById("news");
const list = () => document.getElementById("people");

/* ------------------------------------------------------------------------- choosing people */

function showChosen() {
  const bulk = document.querySelector(".bulk");
  if (!bulk) return;
  const boxes = [...document.querySelectorAll("input[name=attendees]")];
  const count = boxes.filter((one) => one.checked).length;
  const legend = bulk.querySelector("legend");
  const all = bulk.querySelector("#all");
  bulk.hidden = count === 0 && !all.checked;
  legend.textContent = legend.dataset.chosen.replace("{n}", count);
  legend.hidden = all.checked;
  const whole = document.getElementById("whole-page");
  whole.checked = count === boxes.length;
  whole.indeterminate = count > 0 && count < boxes.length;
}

function prepareChoosing() {
  const head = document.querySelector("thead .choose");
  if (!head) return;
  const whole = document.createElement("input");
  whole.type = "checkbox";
  whole.id = "whole-page";
  whole.setAttribute("aria-label", head.dataset.whole);
  whole.addEventListener("change", () => {
    for (const one of document.querySelectorAll("input[name=attendees]")) one.checked = whole.checked;
    showChosen();
  });
  head.replaceChildren(whole);
  showChosen();
}

document.addEventListener("change", (change) => {
  if (change.target.matches("input[name=attendees], #all")) showChosen();
});

/* -------------------------------------------------------------------------------- searching */

let timer;
let asking;

async function find() {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(box.form.action);
  for (const [name, value] of new FormData(box.form)) if (value !== "") url.searchParams.append(name, value);
  try {
    const answer = await fetch(url, { credentials: "same-origin", signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("people");
    if (!answer.ok || !found) throw new Error("no list");
    const open = [...list().querySelectorAll("details[open]")].map(({ id }) => id);
    list().replaceWith(found);
    for (const id of open) document.getElementById(id).open = true;
    document.querySelector(".menu").replaceWith(page.querySelector(".menu"));
    history.replaceState(null, "", url);
    news.textContent = found.dataset.found;
    prepareChoosing();
  } catch (error) {
    if (error.name !== "AbortError") box.form.submit(); /* the page says what is wrong */
  }
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE_MS);
});
box.form.addEventListener("submit", (submit) => {
  submit.preventDefault();
  clearTimeout(timer);
  find();
});

/* A page from the browser's history keeps what was typed and chosen. */
addEventListener("pageshow", showChosen);
prepareChoosing();
