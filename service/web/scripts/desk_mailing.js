/*
 * Placeholders in the text of a mail: each becomes a button that writes it where the cursor was last.
 * Without this module people type it.
 */

let last = document.querySelector("form textarea");

document.addEventListener("focusin", ({ target }) => {
  if (target.matches("form textarea, form input:not([type=hidden])")) last = target;
});

for (const token of document.querySelectorAll("[data-insert]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.textContent = token.textContent;
  button.addEventListener("click", () => {
    last.focus();
    last.setRangeText(token.textContent, last.selectionStart, last.selectionEnd, "end");
  });
  token.replaceWith(button);
}
