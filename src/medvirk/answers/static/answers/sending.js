// Sends the answer, or that somebody would rather not, and says the truth about it: "not sent yet" until the server has
// said that it arrived.
"use strict";

const LONGEST_WAIT = 60000;

// What the person wrote in their own words; numbers are quickly chosen again, words are not.
function wordsIn(form) {
  return [...form.querySelectorAll("textarea")].map((box) => box.value.trim()).filter(Boolean).join("\n\n");
}

// The page that the server answered with, in place of this one.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  self.speechSynthesis?.cancel();
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  document.getElementById("main").focus();
}

// What is copied on a screen of ours would be there for the next one to paste.
function showWords(words, { mayCopy = true } = {}) {
  const box = document.getElementById("not-added").content.cloneNode(true);
  const text = box.querySelector("textarea");
  text.value = words;
  const button = box.querySelector("button");
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(words);
      button.textContent = button.dataset.done;
    } catch {
      // Not allowed here: the text is selected, so the person can copy it by hand.
    }
  });
  if (!mayCopy) button.remove();
  document.getElementById("main").append(box);
}

// `declining` is the form that says "I would rather not". `drafted` resolves when no draft is on its way any more.
function makeSender(form, declining, drafted) {
  const notice = document.getElementById("unsent");
  let going = form;          // the one of the two that is being sent; one waits at a time
  let sending = null;        // the fields that are on their way, or wait
  const sent = new Map();    // by form: the fields that were sent last
  let busy = false;
  let unsure = false;        // it may have arrived without our hearing of it
  let safe = false;          // kept on the device
  let changed = false;       // touched after it was sent for the first time
  let over = false;
  let wait = 0;
  let timer = 0;

  const path = () => going.getAttribute("action");
  const id = () => going.elements.client_id;
  const button = () => going.querySelector("[type=submit]");
  const fields = () => [...new FormData(going)].filter(([, value]) => typeof value === "string");
  const said = (list) => JSON.stringify(list.filter(([name]) => !["csrfmiddlewaretoken", "client_id"].includes(name)));
  const newId = () => { if (crypto.randomUUID) id().value = crypto.randomUUID(); };
  // Who would rather not leaves nothing but that: what was filled in is not kept with it.
  const asKept = (more) => ({
    fields: fields(), words: wordsIn(going), id: id().value, unsure, declines: going === declining, ...more,
  });

  // Each tab has an id of its own. What was sent once and then changed is something else: it gets a new id, so that
  // the server never thanks for the one and has the other.
  for (going of [declining, form]) newId();

  async function send(which) {
    if (busy || over) return;
    clearTimeout(timer);
    going = which;
    if (sent.has(going) && said(sent.get(going)) !== said(fields())) newId();
    changed = false;
    sending = fields();
    sent.set(going, sending);
    setBusy(true);
    await drafted();
    safe = await Keeping.keep(asKept({ waiting: true }));
    await attempt();
  }

  async function attempt() {
    clearTimeout(timer);
    setBusy(true);
    unsure ||= navigator.onLine;
    const reply = await deliver(path(), sending);
    if (over) return;
    setBusy(false);
    if (reply.outcome === ARRIVED) await arrived(reply.html);
    else if (reply.outcome === OVER) await refused(reply.html);
    else if (reply.outcome === LOOK) await look(reply.fields);
    else await notYet();
  }

  function setBusy(on) {
    busy = on;
    if (on) button().setAttribute("aria-busy", "true");
    else button().removeAttribute("aria-busy");
  }

  // The device is emptied before the thanks are shown: whoever reads them can rely on it. Only one that has not done it
  // in a few seconds (Device.patiently) goes on with it while they are read.
  async function leave() {
    over = true;
    clearTimeout(timer);
    await Keeping.forget().catch(() => {});
  }

  // On a tablet somebody else may sit there by now: what the server says is for the one who sent it (tablet.js).
  function showUnlessLeft(html) {
    const left = "left" in form.dataset;
    if (left) form.dispatchEvent(new Event("gone", { bubbles: true }));
    else show(html);
    return !left;
  }

  async function arrived(html) {
    await leave();
    showUnlessLeft(html);
    // A form open in another tab may still be filled in by who would rather not: the door stays open.
    if (!Keeping.wanted || going === declining) return;
    told.postMessage({ name: await Keeping.name(), id: id().value, outcome: ARRIVED, html });
  }

  async function refused(html) {
    const words = wordsIn(going);
    await leave();
    if (showUnlessLeft(html) && words) showWords(words, { mayCopy: Keeping.wanted });
  }

  // Sent once more as a form without script sends it: the server answers with a page of its own and stores nothing.
  async function look(fresh) {
    const shown = going;
    sending = null;
    await keepForm();
    shown.elements.csrfmiddlewaretoken.value = new Map(fresh).get("csrfmiddlewaretoken");
    over = true;
    shown.submit();
  }

  // Nothing is on its way any more; what is filled in stays on the device.
  function keepForm() {
    going = form;
    return Keeping.keep(asKept({ waiting: false, unsaved: true }));
  }

  async function notYet() {
    if (changed) { await cancel(); return; }
    await Keeping.keep(asKept({ fields: sending, waiting: true }));
    if (safe) await Keeping.sendLater(form.getAttribute("action"));
    tell();
    wait = Math.min(wait * 2 || 2000, LONGEST_WAIT);
    timer = setTimeout(attempt, wait);
  }

  function tell() {
    const declines = going === declining;
    const kept = declines ? "safe-declines" : "safe";
    const shown = { declines, sure: !unsure, unsure, [kept]: safe, unsafe: !safe };
    notice.querySelectorAll("[data-when]").forEach((each) => { each.hidden = !shown[each.dataset.when]; });
    document.getElementById("kept").textContent = "";
    if (!notice.hidden && going.contains(notice)) return;
    button().before(notice);
    notice.hidden = false;
    notice.focus();
  }

  // Who changes something decides anew whether to send it.
  async function cancel() {
    clearTimeout(timer);
    notice.hidden = true;
    await keepForm();
  }

  async function touched() {
    if (busy) { changed = true; return; }
    if (!notice.hidden) await cancel();
  }

  // A device says that it has contact before it really has: if it fails now, the next try comes soon.
  function again() {
    wait = 0;
    if (!notice.hidden && !busy && !over) attempt();
  }

  // What was sent before the page was closed goes on waiting under the id it had.
  function goOn(kept) {
    going = kept.declines ? declining : form;
    id().value = kept.id;
    unsure = Boolean(kept.unsure);
    safe = true;
    sending = kept.fields;
    sent.set(going, sending);
    tell();
    attempt();
  }

  const told = new (self.BroadcastChannel ?? EventTarget)("answering");
  told.onmessage = async ({ data }) => {
    if (over || !Keeping.wanted || data.name !== await Keeping.name()) return;
    if (data.outcome === ARRIVED && data.id === id().value) { await leave(); show(data.html); return; }
    if (busy) return;
    const touchedHere = sending || "touched" in form.dataset;
    const reply = await ask(form.getAttribute("action")).catch(() => null);
    if (!reply) return;
    if (touchedHere) await refused(reply.html);
    else { await leave(); show(reply.html); }
  };

  const sends = (some) => some === form || some === declining;
  for (const each of [form, declining]) {
    each.addEventListener("submit", (event) => { event.preventDefault(); send(each); });
  }
  notice.querySelector("button").addEventListener("click", again);
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  // Where nothing is kept, closing the page would lose the answer: the browser asks first.
  addEventListener("beforeunload", (event) => { if (!notice.hidden && !safe && !over) event.preventDefault(); });

  return { asKept, goOn, sends, touched, atRest: () => !over && !busy && notice.hidden };
}

// A page that tells how it ended, opened anew: what was left on this device is sent for a last time, or given back.
async function settle(ending) {
  const kept = await Keeping.kept();
  if ("over" in ending.dataset && kept?.waiting && !kept.declines) {
    const reply = await deliver(`/a/${Device.tokenIn(location.href)}/`, kept.fields);
    if (reply.outcome === WAITING || reply.outcome === LOOK) return;
    await Keeping.forget();
    show(reply.html);
    if (reply.outcome === OVER && kept.words) showWords(kept.words);
    return;
  }
  await Keeping.forget();
  if ("over" in ending.dataset && kept?.words) showWords(kept.words);
}

const ending = document.querySelector("[data-over], [data-arrived]");
if (ending) settle(ending);
