// Turns each row of eleven buttons into a slider that starts untouched, and keeps a draft of what is touched.
// The page works without this file.
"use strict";

const form = document.getElementById("answering");
const text = form.dataset;
const kept = document.getElementById("kept");
document.querySelector("[data-focus]")?.focus();

let timer = 0;
let saving = null;
let sending = false;

function touched() {
  clearTimeout(timer);
  timer = setTimeout(keep, 300);
}

// A phone that is put away, or a page that is closed, must not lose the last touch.
document.addEventListener("visibilitychange", () => { if (document.hidden && timer) keep(); });

// The language switch leads to this page anew: what was just touched is kept first, so that it is there again.
document.addEventListener("submit", async (event) => {
  if (event.target === form || !(timer || saving)) return;
  event.preventDefault();
  await (timer ? keep() : saving);
  event.target.requestSubmit(event.submitter);
});

function keep() {
  clearTimeout(timer);
  timer = 0;
  if (!sending) saving = save().finally(() => { saving = null; });
  return saving;
}

// `keepalive` lets the last touch arrive even if the page is closed right after it.
async function save() {
  try {
    const answer = await fetch(text.draft, { method: "POST", body: new FormData(form), keepalive: true });
    kept.textContent = answer.ok ? text.textKept : text.textNotKept;
  } catch {
    kept.textContent = text.textNotKept;
  }
}

function makeLine(field) {
  const { line: name, low, high, step } = field.dataset;
  const chosen = field.querySelector("input:checked");
  const value = document.createElement("input");
  value.type = "hidden";
  value.name = name;
  // What was kept may lie between two buttons.
  value.value = field.dataset.value || (chosen ? chosen.value : "");

  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = low;
  slider.max = high;
  slider.step = step;
  slider.setAttribute("aria-label", field.querySelector("legend").textContent.trim());
  const ends = [...field.querySelectorAll(".ends span")].map((end) => end.textContent);
  const middle = (Number(low) + Number(high)) / 2;
  slider.value = value.value || middle;

  const hint = document.createElement("span");
  const clear = document.createElement("button");
  clear.type = "button";
  clear.className = "line__clear";
  clear.textContent = text.textClear;
  clear.setAttribute("aria-label", `${text.textClear}: ${slider.getAttribute("aria-label")}`);
  const foot = document.createElement("div");
  foot.className = "line__foot";
  foot.append(hint, clear);
  const box = document.createElement("div");
  box.append(slider, foot, value);

  function show() {
    const empty = value.value === "";
    box.className = empty ? "line line--untouched" : "line";
    hint.textContent = empty ? text.textHint : "";
    clear.hidden = empty;
    slider.setAttribute("aria-valuetext", empty
      ? text.textUnanswered
      : `${value.value} (${low} ${ends[0]}, ${high} ${ends[1]})`);
  }
  function set() {
    value.value = slider.value;
    show();
    touched();
  }
  slider.addEventListener("input", set);
  // A touch exactly in the middle moves nothing, so it sends no "input": the touch itself is the answer.
  slider.addEventListener("click", set);
  slider.addEventListener("keydown", (event) => {
    // Enter would send the whole form: here it means "this is my answer", as the space bar does.
    if (event.key === " " || event.key === "Enter") { event.preventDefault(); set(); }
    if (event.key === "Delete" || event.key === "Backspace") clear.click();
  });
  clear.addEventListener("click", () => {
    value.value = "";
    slider.value = middle;
    show();
    touched();
    slider.focus();
  });
  show();
  field.querySelector(".choices").replaceWith(box);
}

document.querySelectorAll("[data-line]").forEach(makeLine);
form.addEventListener("input", (event) => { if (event.target.type !== "range") touched(); });
form.addEventListener("submit", (event) => {
  if (sending) { event.preventDefault(); return; }
  sending = true;
  clearTimeout(timer);
  form.querySelector("[type=submit]").setAttribute("aria-busy", "true");
});
// Coming back with the browser's own button: the page may be sent again, and the same id stores it once.
window.addEventListener("pageshow", () => { sending = false; form.querySelector("[type=submit]").removeAttribute("aria-busy"); });
