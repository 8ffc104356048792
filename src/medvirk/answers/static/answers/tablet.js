// The tablet in the waiting room: keys that write at once, and a page that clears itself when nobody is there.
"use strict";

const pad = document.getElementById("tablet");
if (pad) {
  const code = pad.elements.code;
  const write = (digits) => { code.value = digits.slice(0, 8).replace(/^(\d{4})(?=\d)/, "$1 "); };
  const written = () => code.value.replace(/\D/g, "");
  code.addEventListener("input", () => write(written()));
  pad.addEventListener("submit", (event) => {
    const digit = event.submitter?.name === "digit" ? event.submitter.value : "";
    if (!digit) return;
    event.preventDefault();
    write(digit === "back" ? written().slice(0, -1) : written() + digit);
  });
}

// Looked up each time: the thanks take the place of the form without a new page.
(() => {
  const WARN = 30; // seconds before the end
  let last = Date.now();
  let shown = null;
  let leaving = false;

  async function leave(end) {
    leaving = true;
    const form = end.querySelector("form");
    const stop = AbortSignal.timeout ? AbortSignal.timeout(8000) : undefined;
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", signal: stop });
    } catch {
      // No contact: the link runs out by itself.
    }
    location.replace(end.dataset.tablet);
  }

  // An answer that waits for contact is not thrown away; but who comes next must not read it.
  function waits() {
    const unsent = document.getElementById("unsent");
    return Boolean(unsent && !unsent.hidden);
  }

  function hide(form) {
    for (const each of [form, document.getElementById("not-today")]) each.hidden = true;
    form.dataset.left = "";
  }

  function look() {
    const end = document.querySelector("[data-tablet]");
    if (!end || leaving) return;
    if (end !== shown) [shown, last] = [end, Date.now()];
    const left = Number(end.dataset.seconds) - (Date.now() - last) / 1000;
    const dialog = end.querySelector("dialog");
    if (left <= 0 && waits()) hide(document.getElementById("answering"));
    else if (left <= 0) leave(end);
    else if (left <= WARN && Number(end.dataset.seconds) > 2 * WARN && !dialog.open) dialog.showModal();
  }

  document.addEventListener("gone", () => { leave(document.querySelector("[data-tablet]")); });
  const touched = () => { last = Date.now(); };
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
    addEventListener(kind, touched, { capture: true, passive: true });
  }
  document.addEventListener("submit", (event) => {
    const end = event.target.closest("[data-tablet]");
    if (!end || event.target.method === "dialog") return;
    event.preventDefault();
    leave(end);
  });
  setInterval(look, 1000);
})();
