/*
 * The editor of an event. Without it everything works by buttons and new pages. It shows the options of
 * a question only where its kind has some, and no main language among the further ones, keeps previews up to date while somebody types, and changes
 * the order of a list by dragging, or by its buttons without a new page.
 */

/* ------------------------------------------------------------------------- kinds of answers */

function showChoices(form) {
  const choices = form.querySelector("[data-kinds]");
  const kind = form.querySelector('input[name="kind"]:checked');
  if (!choices || !kind) return;
  const applies = choices.dataset.kinds.split(" ").includes(kind.value);
  choices.hidden = !applies;
  for (const field of choices.querySelectorAll("input, button")) field.disabled = !applies;
}

/* -------------------------------------------------------------------------------- languages */

/* The main language is none of the further ones. */
function hideMain(form) {
  const main = form.querySelector('[name="languages.main"]');
  if (!main) return;
  for (const box of form.querySelectorAll('[type="checkbox"][name="languages.others[]"]'))
    box.closest(".choice").hidden = box.value === main.value;
}

/* --------------------------------------------------------------------------------- previews */

const PAUSE_MS = 400;

/* Draws a part of the preview again, and keeps what somebody tried out in it. */
function drawAgain(part, fresh) {
  const tried = [...part.querySelectorAll("input, select, textarea")];
  part.replaceChildren(...fresh.childNodes);
  for (const { id, checked, value } of tried) {
    const control = id && part.ownerDocument.getElementById(id);
    if (control) Object.assign(control, /^(radio|checkbox)$/.test(control.type) ? { checked } : { value });
  }
}

let latest = 0;

async function preview(form, button) {
  const asked = ++latest;
  const frame = form.querySelector("iframe");
  const typed = new FormData(form);
  typed.append("preview", "1");
  const response = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(typed) });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (asked !== latest) return; /* more was typed meanwhile */
  const name = page.querySelector("main form") ? "main form" : "main"; /* the form keeps its script */
  const part = frame.contentDocument?.querySelector(name);
  if (part) drawAgain(part, page.querySelector(name));
  frame.contentWindow.dispatchEvent(new Event("pageshow")); /* form.js asks what applies */
}

function followTyping(form, button) {
  let waiting;
  const draw = () => preview(form, button).catch(() => {});
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, PAUSE_MS);
  });
  form.querySelector("iframe").addEventListener("load", () => latest && draw()); /* it came late */
  button.hidden = true;
}

for (const form of document.querySelectorAll("form.editor")) {
  form.addEventListener("change", () => {
    showChoices(form);
    hideMain(form);
  });
  showChoices(form);
  const button = form.querySelector("[data-preview]");
  if (button) followTyping(form, button);
}

/* ---------------------------------------------------------------------------------- the order */

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

/* Shows the list and the notices of the answer. */
function show(page) {
  for (const selector of [".notice, .error-summary"])
    for (const old of document.querySelectorAll(`main > :is(${selector})`)) old.remove();
  document
    .getElementById("content")
    .prepend(...page.querySelectorAll("main > :is(.notice, .error-summary)"));
  document.querySelector(".elements").replaceWith(page.querySelector(".elements"));
  const frame = document.querySelector(".preview-beside iframe");
  frame?.contentWindow.location.reload();
  makeSortable();
}

async function move(action, how) {
  const response = await fetch(action, { method: "POST", body: new URLSearchParams(how) });
  show(parse(await response.text()));
}

/* The focus stays at the same button, or goes to the other one at the end of the list. */
function focusAgain(id, to) {
  const buttons = [...document.querySelectorAll(`#${CSS.escape(id)} .move button`)];
  const same = buttons.find((button) => button.value === to && !button.disabled);
  (same ?? buttons.find((button) => !button.disabled))?.focus();
}

addEventListener(
  "submit",
  (submit) => {
    const form = submit.target;
    const button = submit.submitter;
    if (!form.matches("form.move") || !button) return;
    submit.preventDefault();
    submit.stopPropagation();
    const { id } = form.closest("li");
    move(form.action, { to: button.value })
      .then(() => focusAgain(id, button.value))
      .catch(() => location.reload());
  },
  { capture: true },
);

let dragged;

function unmark() {
  for (const item of document.querySelectorAll(".drop")) item.classList.remove("drop");
}

function makeSortable() {
  const list = document.querySelector("ol.sortable");
  if (!list) return;
  list.classList.add("ready");
  for (const item of list.children) {
    item.draggable = true;
    item.addEventListener("dragstart", (drag) => {
      dragged = item;
      drag.dataTransfer.effectAllowed = "move";
      drag.dataTransfer.setData("text/plain", item.id);
      item.classList.add("dragged");
    });
    item.addEventListener("dragend", () => {
      item.classList.remove("dragged");
      unmark();
    });
    item.addEventListener("dragover", (drag) => {
      if (!dragged || dragged === item) return;
      drag.preventDefault();
      unmark();
      item.classList.add("drop");
    });
    item.addEventListener("drop", (drag) => {
      drag.preventDefault();
      if (!dragged || dragged === item) return;
      const below = dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
      const before = below ? (item.nextElementSibling?.id ?? "") : item.id;
      move(dragged.querySelector("form.move").action, { before }).catch(() => location.reload());
    });
  }
}

makeSortable();
