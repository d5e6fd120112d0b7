/*
 * Sign-up forms: shows and hides dependent questions, adds and removes people without a new page, and
 * updates the button's text. Only the service renders the form; if its shape changes, this script
 * fetches it again. Without the script all questions are shown, and the buttons load the page.
 */

/* --------------------------------------------------------------------- dependent questions */

/* All values of the fields with this name; hidden questions have none. */
function answers(form, name) {
  const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"], [name="${CSS.escape(name)}[]"]`);
  return [...fields]
    .filter((field) => !field.disabled && (!/^(radio|checkbox)$/.test(field.type) || field.checked))
    .map((field) => field.value);
}

/* In page order, so a question is decided before those that depend on it. Hidden fields are disabled
 * and not sent; their input stays. */
function askWhatApplies(form) {
  for (const part of form.querySelectorAll("[data-if]")) {
    const applies = answers(form, part.dataset.if).includes(part.dataset.is);
    part.hidden = !applies;
    part.querySelector(".only-if")?.remove(); /* needed only without this script */
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !applies;
  }
}

/* ----------------------------------------------------------------------- the button's text */

/* undefined: no limit */
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
  const limits = [{ left: limit(form), count: people.length }, ...wanted.values()];
  const short = limits.filter(({ left, count }) => left !== undefined && count > left);
  if (short.length > 0 && "waitingList" in form.dataset) return { now: "wait", short: short[0] };
  return { now: asks ? "ask" : "register" };
}

/* The service writes the sentence for the choices that it knew. */
function sayHowManyTooMany(form, short) {
  const sentence = form.querySelector("#short");
  if (!sentence) return;
  sentence.hidden = !short || short.left === 0;
  if (sentence.hidden) return;
  const numbers = { places: short.left, people: short.count, more: short.count - short.left };
  const said = Object.values(numbers).join();
  if (sentence.dataset.said === said) return;
  sentence.dataset.said = said;
  sentence.textContent = sentence.dataset.words.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
}

function sayWhatWillBe(form) {
  const { now, short } = outcome(form);
  sayHowManyTooMany(form, short);
  for (const words of form.querySelectorAll("[data-outcome]"))
    words.hidden = words.dataset.outcome !== now;
}

/* -------------------------------------------------------------------- reloading the form */

/* Includes hidden fields, so their input is still there when they are shown again. */
function everythingTyped(form, button) {
  const disabled = [...form.querySelectorAll("[data-if] :disabled")];
  for (const field of disabled) field.disabled = false;
  const typed = new URLSearchParams(new FormData(form));
  for (const field of disabled) field.disabled = true;
  typed.append(button.name, button.value);
  return typed;
}

/* The browser sends the form, and hidden fields go along. */
function sendEverything(form) {
  for (const field of form.querySelectorAll("[data-if] :disabled")) field.disabled = false;
}

async function fetchPage(form, typed) {
  const response = await fetch(form.getAttribute("action"), { method: "POST", body: typed });
  if (!response.ok) throw new Error(response.statusText);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(form, page) {
  const fresh = page.querySelector("form.sign-up");
  document.querySelectorAll(".error-summary, #refusal").forEach((old) => old.remove());
  const problems = page.querySelector(".error-summary");
  if (problems) form.before(problems);
  document.title = page.title;
  for (const { name, value } of fresh.attributes) form.setAttribute(name, value);
  form.replaceChildren(...fresh.childNodes);
  refresh(form);
}

function landOn(form, button) {
  const people = form.querySelectorAll(".person");
  const targets = {
    more: () => people[people.length - 1].querySelector("input"),
    remove: () =>
      people[Math.min(Number(button.value), people.length - 1)].querySelector("input"),
    apply: () =>
      form.querySelector("#code[aria-invalid]") ??
      form.querySelector("input[data-left]:checked") ??
      form.querySelector("option[data-left]")?.closest("select") ??
      form.querySelector("#code"),
  };
  targets[button.name]()?.focus();
  const news = document.getElementById("form-news");
  news.textContent = { more: news.dataset.added, remove: news.dataset.removed }[button.name] ?? "";
}

async function reshape(form, button) {
  form.setAttribute("aria-busy", "true");
  try {
    show(form, await fetchPage(form, everythingTyped(form, button)));
    landOn(form, button);
    keepTyped(form);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/* ------------------------------------------------------------------------- going back */

/* Browsers restore only the form that the service sent first. So what was typed into another shape
 * of it stays with this entry of the history. */
function keepTyped(form) {
  const typed = String(everythingTyped(form, { name: "show_in", value: document.documentElement.lang }));
  try {
    history.replaceState({ typed }, "");
  } catch {
    /* It is too long for the browser. */
  }
}

async function bringBack(form) {
  const typed = history.state?.typed;
  if (!typed) return;
  form.setAttribute("aria-busy", "true");
  try {
    show(form, await fetchPage(form, new URLSearchParams(typed)));
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function keepFromNowOn(form) {
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    if (history.state?.typed) timer = setTimeout(() => keepTyped(form), 500);
  });
  form.addEventListener("change", () => {
    if (history.state?.typed) keepTyped(form);
  });
  bringBack(form).catch(() => {});
}

function refresh(form) {
  askWhatApplies(form);
  sayWhatWillBe(form);
}

for (const form of document.querySelectorAll("form.sign-up, form.questions")) {
  form.addEventListener("change", () => refresh(form));
  form.addEventListener("submit", (submit) => {
    const button = submit.submitter;
    if (button?.name === "show_in") sendEverything(form);
    if (!["more", "remove", "apply"].includes(button?.name)) return;
    submit.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    /* On failure the browser submits the form as without a script. */
    reshape(form, button).catch(() => {
      const sent = Object.assign(document.createElement("input"), { type: "hidden" });
      sent.name = button.name;
      sent.value = button.value;
      form.append(sent);
      form.submit();
    });
  });
  refresh(form);
  if (form.matches(".sign-up")) keepFromNowOn(form);
}

/* After "back" the browser restores the input after this script ran. */
addEventListener("pageshow", () => {
  document.querySelectorAll("form.sign-up, form.questions").forEach(refresh);
});
