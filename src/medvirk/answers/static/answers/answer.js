// Turns each row of eleven buttons into a slider that starts untouched, and keeps what is touched: on the device
// (keep.js) and as a draft with the server. The page works without this file.
"use strict";

const form = document.getElementById("answering");
const text = form.dataset;
const kept = document.getElementById("kept");
const sender = makeSender(form, document.getElementById("not-today"), drafted);
// By name of field: sets a slider, as if it had been touched there.
const lines = new Map();
document.querySelector("[data-focus]")?.focus();

let timer = 0;
let saving = null;

function touched() {
  form.dataset.touched = "";
  sender.touched();
  clearTimeout(timer);
  timer = setTimeout(keep, 300);
}

// A phone that is put away, or a page that is closed, must not lose the last touch.
document.addEventListener("visibilitychange", () => { if (document.hidden && timer) keep(); });

// Other forms lead away from this page (the language comes back to it): what was just touched is kept first.
document.addEventListener("submit", async (event) => {
  if (sender.sends(event.target) || !(timer || saving)) return;
  event.preventDefault();
  await (timer ? keep() : saving);
  event.target.requestSubmit(event.submitter);
});

function keep() {
  clearTimeout(timer);
  timer = 0;
  if (sender.atRest()) saving = save().finally(() => { saving = null; });
  return saving;
}

async function save() {
  const [onDevice, withServer] = await Promise.all([Keeping.keep(sender.asKept({ unsaved: true })), saveDraft()]);
  if (!sender.atRest()) return;
  if (withServer && onDevice) Keeping.keep(sender.asKept({ unsaved: false }));
  if (withServer) kept.textContent = text.textKept;
  else kept.textContent = onDevice ? text.textOnDevice : text.textNotKept;
}

// A draft on its way need not be waited for long: the server drops one that comes after the answer.
function drafted() {
  clearTimeout(timer);
  timer = 0;
  return Promise.race([saving, new Promise((resolve) => { setTimeout(resolve, saving ? 3000 : 0); })]);
}

// `keepalive` lets the last touch arrive even if the page is closed right after it.
async function saveDraft() {
  try {
    return (await fetch(text.draft, { method: "POST", body: new FormData(form), keepalive: true })).ok;
  } catch {
    return false;
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
  lines.set(name, (to) => {
    value.value = to;
    slider.value = to || middle;
    show();
  });
  show();
  field.querySelector(".choices").replaceWith(box);
}

document.querySelectorAll("[data-line]").forEach(makeLine);
form.addEventListener("input", (event) => { if (event.target.type !== "range") touched(); });

function fillIn(fields) {
  const values = new Map(fields);
  for (const field of form.elements) {
    const value = values.get(field.name) ?? "";
    if (lines.has(field.name)) lines.get(field.name)(value);
    else if (["radio", "checkbox"].includes(field.type)) field.checked = field.value === value;
    else if (field.name && field.type !== "hidden") field.value = value;
  }
}

// What the server has not got is on this device alone: it goes before what the server has. A page that came from the
// device is as old as its first touch. After a sending with faults the server shows what was sent.
async function fillInWhatWasKept() {
  const answer = Keeping.wanted && await Keeping.kept();
  const fromDevice = "fromDevice" in text;
  if (!answer?.fields || "touched" in text || document.querySelector("[data-focus]")) return;
  if (!(answer.waiting || answer.unsaved || fromDevice)) return;
  if (!answer.declines) fillIn(answer.fields);
  if (answer.waiting) sender.goOn(answer);
  else if (fromDevice) kept.textContent = text.textOnDevice;
}

fillInWhatWasKept();
// Coming back with the browser's own button to a page that was left: it is looked at anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
