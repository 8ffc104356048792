// Typing in a paper: Enter goes to the next box, as on a till. What is in a box is marked, so that a digit replaces it.
"use strict";

const form = document.getElementById("paper");
if (form) {
  const boxes = [...form.querySelectorAll("input.ds-input, textarea.ds-input, select")];
  const ways = [...boxes, form.querySelector("button[name=step]")];
  for (const box of form.querySelectorAll(".paper-line input")) box.addEventListener("focus", () => box.select());
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName === "TEXTAREA") return;
    const at = ways.indexOf(event.target);
    if (at < 0 || at === ways.length - 1) return;
    event.preventDefault();
    ways[at + 1].focus();
  });
  const wrong = form.querySelector("[aria-invalid=true]") || boxes[0];
  if (wrong) wrong.focus();
}
