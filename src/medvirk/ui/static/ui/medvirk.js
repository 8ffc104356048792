// Small comforts. Every page works without this file.
"use strict";

// After a failed form, the summary of faults gets the focus, so that it is read out.
document.querySelector("[data-focus]")?.focus();

// Buttons that must not be pressed twice say so while the page is on its way.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && !event.defaultPrevented) setTimeout(() => button.setAttribute("aria-busy", "true"), 0);
});

document.addEventListener("click", async (event) => {
  const printer = event.target.closest("[data-print]");
  if (printer) window.print();
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  const field = document.querySelector(copier.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    copier.textContent = copier.dataset.done;
  } catch {
    // Not allowed here: the text is selected, so the person can copy it by hand.
  }
});

// Paper cannot be folded out: what is folded in is opened for printing and folded in again afterwards.
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not(.no-print):not([open])")];
  opened.forEach((each) => { each.open = true; });
});
window.addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));
