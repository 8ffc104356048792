// Warns before the session ends, and clears the screen when it has. Typing counts as being there.
"use strict";

(() => {
  const dialog = document.querySelector("#session-ends");
  if (!dialog) return;
  const token = dialog.querySelector("[name=csrfmiddlewaretoken]").value;
  const WARN = 90; // seconds before the end
  const STEP = 60; // typing is told of at most this often, in seconds
  let told = performance.now();
  let timer;

  async function look() {
    const answer = await fetch(dialog.dataset.left, { headers: { Accept: "application/json" }, redirect: "manual" });
    const seconds = answer.ok ? (await answer.json()).seconds : 0;
    if (seconds <= 0) {
      // Signed out: nothing of what is on the screen may stay there.
      window.location.reload();
    } else if (seconds > WARN) {
      if (dialog.open) dialog.close();
      again(seconds - WARN);
    } else {
      if (!dialog.open) dialog.showModal();
      again(Math.max(seconds, 1));
    }
  }

  function again(seconds) {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => again(30)), seconds * 1000);
  }

  async function stay() {
    told = performance.now();
    await fetch(dialog.dataset.stay, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
    await look();
  }

  // The button, or the escape key: somebody is there.
  dialog.addEventListener("submit", () => stay().catch(() => again(30)));
  dialog.addEventListener("cancel", () => stay().catch(() => again(30)));
  document.addEventListener("input", () => {
    if (performance.now() - told > STEP * 1000) stay().catch(() => again(30));
  });
  // A machine that slept wakes with the session over.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look().catch(() => again(30));
  });
  // The screen is handed over in another tab, or the browser has kept this page: is it still mine to see?
  new BroadcastChannel("handed over").addEventListener("message", () => window.location.reload());
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  again(Math.max(Number(dialog.dataset.seconds) - WARN, 1));
})();
