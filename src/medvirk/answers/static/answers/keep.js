// What is filled in stays on the person's own device until it is sent, also without network. On a screen that is
// handed over nothing is kept: `data-keep` is not there.
"use strict";

const Keeping = (() => {
  const token = Device.tokenIn(location.href);
  const form = document.getElementById("answering");
  const wanted = Boolean(form && "keep" in form.dataset && Device.able);
  // As it came from the server, before any script changed it. One that came from the device is there already.
  let page = wanted && !("fromDevice" in form.dataset) ? asItCame() : null;
  let over = false;
  // What is kept does not wait for it: the network may stand still.
  const ready = wanted ? prepare().catch(() => {}) : Promise.resolve();
  let last = Promise.resolve();

  function asItCame() {
    const html = document.documentElement.outerHTML;
    return `<!doctype html>${html.replace('id="answering"', 'id="answering" data-from-device')}`;
  }

  async function prepare() {
    await navigator.serviceWorker.register(form.dataset.keep);
    const parts = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]");
    await (await caches.open(Device.PARTS)).addAll(new Set([...parts].map((part) => part.href || part.src)));
    // Sent before all was fetched: it must not lie there afterwards.
    await (over ? Device.forget(token) : Device.tidy());
  }

  async function write(answer) {
    if (over) return false;
    try {
      if (page) await Device.write(token, "page", page);
      page = null;
      await Device.write(token, "answer", answer);
      return true;
    } catch {
      return false;
    }
  }

  // Resolves to whether it is kept now; a device that does not answer keeps nobody from sending. One after the other:
  // what was touched last is what stays.
  function keep(answer) {
    if (!wanted) return Promise.resolve(false);
    last = last.then(() => write(answer));
    return Device.patiently(last, false);
  }

  async function forget() {
    over = true;
    if (!Device.able) return;
    await Device.patiently(ready);
    await Device.patiently(last.then(() => Device.forget(token)));
  }

  // Lets the browser send when there is contact again, also after the page was closed, where it can.
  async function sendLater(path) {
    try {
      await (await navigator.serviceWorker.getRegistration()).sync.register(path);
    } catch {
      // Not in this browser: it is sent when the page is opened again.
    }
  }

  return {
    wanted,
    keep,
    forget,
    sendLater,
    kept: () => (Device.able ? Device.read(token, "answer") : Promise.resolve(null)),
    name: async () => (await Device.secretsOf(token)).name,
  };
})();
