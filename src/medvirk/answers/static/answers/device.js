// What an answering page keeps on the person's own device until the server has acknowledged the answer.
// Used by the pages and by the worker.
//
// It is encrypted with a key made from the token of the link, and the token is not kept with it: what waits here can
// be read by whoever opens the same link, and by no other page and no other person's link (docs/answering.md).
"use strict";

const Device = (() => {
  const DATABASE = "answering";
  const PARTS = "answering";
  const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;
  // Safari has had times when a database never opened: that must not stop anybody from answering.
  const PATIENCE = 2000;

  const able = Boolean(self.indexedDB && self.caches && self.crypto?.subtle && self.BroadcastChannel
    && (self.registration || navigator.serviceWorker));

  const bytes = (text) => new TextEncoder().encode(text);

  function tokenIn(address) {
    return new URL(address, self.location.href).pathname.split("/")[2] || "";
  }

  async function secretsOf(token) {
    const root = await crypto.subtle.importKey("raw", bytes(token), "HKDF", false, ["deriveKey", "deriveBits"]);
    const made = (info) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes(info) });
    const cipher = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.deriveKey(made("key"), root, cipher, false, ["encrypt", "decrypt"]);
    const name = new Uint8Array(await crypto.subtle.deriveBits(made("name"), root, 128));
    return { key, name: [...name].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
  }

  // One at a time over all tabs and the worker: nobody writes into a database that another is about to delete.
  function alone(work) {
    return navigator.locks ? navigator.locks.request("answering", work) : work();
  }

  function finished(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  // Whoever only looks makes no database: one that was just deleted must stay away.
  async function within(mode, work) {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      if (mode === "readonly") opening.transaction.abort();
      else opening.result.createObjectStore("kept");
    };
    const database = await finished(opening);
    try {
      const transaction = database.transaction("kept", mode);
      const request = work(transaction.objectStore("kept"));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  }

  // `what` is "page" or "answer". Resolves to null where nothing is kept or it cannot be read.
  async function read(token, what) {
    const reading = async () => {
      const { key, name } = await secretsOf(token);
      const kept = await within("readonly", (store) => store.get([name, what]));
      if (!kept) return null;
      const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, key, kept.hidden);
      return JSON.parse(new TextDecoder().decode(clear));
    };
    return patiently(reading(), null);
  }

  // What would keep nobody waiting: `otherwise` where the device has not answered in time.
  function patiently(work, otherwise) {
    const late = new Promise((resolve) => { setTimeout(() => resolve(otherwise), PATIENCE); });
    return Promise.race([work.catch(() => otherwise), late]);
  }

  async function write(token, what, content) {
    const { key, name } = await secretsOf(token);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const hidden = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes(JSON.stringify(content)));
    await alone(() => within("readwrite", (store) => store.put({ iv, hidden, at: Date.now() }, [name, what])));
  }

  // The last one to leave clears everything: database, parts of pages, worker.
  async function forget(token) {
    const { name } = await secretsOf(token);
    await alone(async () => {
      await within("readwrite", (store) => store.delete(IDBKeyRange.bound([name], [name, []])));
      if (await within("readonly", (store) => store.count())) return;
      await finished(indexedDB.deleteDatabase(DATABASE));
      await caches.delete(PARTS);
      const registration = self.registration || await navigator.serviceWorker.getRegistration();
      await registration?.unregister();
    });
  }

  // What nobody came back for. Without its link nobody can read it, but it need not lie there for ever.
  function tidy() {
    return alone(() => within("readwrite", (store) => {
      const each = store.openCursor();
      each.onsuccess = () => {
        const at = each.result;
        if (!at) return;
        if (at.value.at < Date.now() - KEPT_FOR) at.delete();
        at.continue();
      };
      return each;
    }));
  }

  return { able, PARTS, tokenIn, secretsOf, read, write, forget, tidy, patiently };
})();
