/* Reads a chosen file into the text field that the form sends. */

for (const field of document.querySelectorAll("[data-file-into]")) {
  const text = document.getElementById(field.dataset.fileInto);
  field.hidden = false;
  field.querySelector("input").addEventListener("change", async ({ target }) => {
    if (target.files.length > 0) text.value = await target.files[0].text();
  });
}
