// The worker of the answering addresses: shows a kept form again where there is no network, and sends an answer that
// waits after its page was closed, in browsers that can. It does nothing else, and is gone with what it keeps.
"use strict";

const SLOW = 6000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(pageFor(request));
  else if (["style", "script", "image"].includes(request.destination)) event.respondWith(partFor(request));
});

async function pageFor(request) {
  const page = await Device.read(Device.tokenIn(request.url), "page");
  if (!page) return fetch(request);
  const late = new Promise((_, reject) => { setTimeout(reject, SLOW); });
  try {
    const reply = await Promise.race([fetch(request), late]);
    if (reply.status < 500) return reply;
  } catch {
    // No contact, or none worth the name.
  }
  return new Response(page, { headers: HEADERS });
}

async function partFor(request) {
  const kept = await caches.match(request, { cacheName: Device.PARTS });
  return kept || fetch(request);
}

// The tag is the address that the answer is for: the only place where it is kept, and only while an answer waits.
self.addEventListener("sync", (event) => event.waitUntil(sendWaiting(event.tag)));

async function sendWaiting(path) {
  const token = Device.tokenIn(path);
  const kept = await Device.read(token, "answer");
  if (!kept?.waiting) return;
  const { outcome, html } = await deliver(kept.declines ? `${path}not-today/` : path, kept.fields);
  if (outcome === WAITING) throw new Error("Not sent yet: the browser tries again.");
  if (outcome === LOOK) return;
  // Its page may have been opened meanwhile and have ended it.
  if (!(await Device.read(token, "answer"))?.waiting) return;
  const told = new BroadcastChannel("answering");
  const { name } = await Device.secretsOf(token);
  if (outcome === OVER && kept.words) await onlyWords(token, kept.words);
  else await Device.forget(token);
  told.postMessage({ name, id: kept.id, outcome, html });
}

// It could not be added, and nobody is there to hear it: their words wait for them to open the link again.
async function onlyWords(token, words) {
  await Device.write(token, "answer", { words });
  await Device.write(token, "page", "");
}
