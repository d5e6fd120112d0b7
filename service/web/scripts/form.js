/*
 * Forms with the organiser's questions: questions that depend on an answer come and go as one
 * answers; people are added and removed without a new page; the button says what it will do. The
 * form is drawn by the service alone: where it changes its shape it is fetched anew and put in
 * place. Without this script all questions are asked, and the buttons load the page.
 */

/* ------------------------------------------------------------------- questions that depend */

/* All that is chosen or typed in the fields of this name; what is not asked is no answer. */
function answers(form, name) {
  const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"], [name="${CSS.escape(name)}[]"]`);
  return [...fields]
    .filter((field) => !field.disabled && (!/^(radio|checkbox)$/.test(field.type) || field.checked))
    .map((field) => field.value);
}

/* In the order of the page, so that a question is decided before those that depend on it. What is
 * hidden is disabled and therefore not sent; what was typed there stays. */
function askWhatApplies(form) {
  for (const part of form.querySelectorAll("[data-if]")) {
    const applies = answers(form, part.dataset.if).includes(part.dataset.is);
    part.hidden = !applies;
    part.querySelector(".only-if")?.remove(); /* which is for those who see all questions */
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !applies;
  }
}

/* ------------------------------------------------------------------- what the button will do */

/* undefined: without limit */
const limit = (element) => (element.dataset.left ? Number(element.dataset.left) : undefined);

function outcome(form) {
  const people = [...form.querySelectorAll(".person")];
  const wanted = new Map();
  let asks = false;
  for (const person of people) {
    const choice =
      person.querySelector("input[data-left]:checked, option[data-left]:checked") ?? person;
    const type = choice.value ?? choice.dataset.type;
    asks ||= "approval" in choice.dataset;
    wanted.set(type, { left: limit(choice), count: (wanted.get(type)?.count ?? 0) + 1 });
  }
  const short = (left, count) => left !== undefined && count > left;
  const waits =
    short(limit(form), people.length) ||
    [...wanted.values()].some(({ left, count }) => short(left, count));
  if (waits && "waitingList" in form.dataset) return "wait";
  return asks ? "ask" : "register";
}

function sayWhatWillBe(form) {
  const now = outcome(form);
  for (const words of form.querySelectorAll("[data-outcome]"))
    words.hidden = words.dataset.outcome !== now;
}

/* --------------------------------------------------------------- the form in another shape */

/* What is not asked at the moment is sent along, so that it is still there if it is asked again. */
function everythingTyped(form, button) {
  const disabled = [...form.querySelectorAll("[data-if] :disabled")];
  for (const field of disabled) field.disabled = false;
  const typed = new URLSearchParams(new FormData(form));
  for (const field of disabled) field.disabled = true;
  typed.append(button.name, button.value);
  return typed;
}

async function fetchForm(form, button) {
  const response = await fetch(form.getAttribute("action"), {
    method: "POST",
    body: everythingTyped(form, button),
  });
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("form.sign-up");
}

function landOn(form, button) {
  const people = form.querySelectorAll(".person");
  const targets = {
    more: () => people[people.length - 1].querySelector("input"),
    remove: () =>
      people[Math.min(Number(button.value), people.length - 1)].querySelector("input"),
    apply: () => form.querySelector("input[data-left]:checked, #code"),
  };
  targets[button.name]()?.focus();
  const news = document.getElementById("form-news");
  news.textContent = { more: news.dataset.added, remove: news.dataset.removed }[button.name] ?? "";
}

async function reshape(form, button) {
  form.setAttribute("aria-busy", "true");
  try {
    const fresh = await fetchForm(form, button);
    document.querySelectorAll(".error-summary, #refusal").forEach((old) => old.remove());
    for (const { name, value } of fresh.attributes) form.setAttribute(name, value);
    form.replaceChildren(...fresh.childNodes);
    refresh(form);
    landOn(form, button);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function refresh(form) {
  askWhatApplies(form);
  sayWhatWillBe(form);
}

for (const form of document.querySelectorAll("form.sign-up, form.questions")) {
  form.addEventListener("change", () => refresh(form));
  form.addEventListener("submit", (submit) => {
    const button = submit.submitter;
    if (!["more", "remove", "apply"].includes(button?.name)) return;
    submit.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    /* Where that does not go well the browser goes the way it goes without a script. */
    reshape(form, button).catch(() => {
      const sent = Object.assign(document.createElement("input"), { type: "hidden" });
      sent.name = button.name;
      sent.value = button.value;
      form.append(sent);
      form.submit();
    });
  });
  refresh(form);
}

/* Back from the next page the browser fills in what was typed after this ran. */
addEventListener("pageshow", () => {
  document.querySelectorAll("form.sign-up, form.questions").forEach(refresh);
});
