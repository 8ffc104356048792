// Sends an answer and reads what the server said to it. Used by the pages and by the worker.
"use strict";

const ARRIVED = "arrived";   // stored, now or by an earlier sending of the same id
const OVER = "over";         // answered by somebody already, run out or revoked: it can never be added
const LOOK = "look";         // the server has something to say about the form: its own page must be shown
const WAITING = "waiting";   // no answer that counts: it may or may not have arrived, and is sent again

const PATIENCE_OF_SENDING = 30000;

// `fields` is a list of [name, value]. Resolves always, to { outcome, html, fields }. One tab after the other, and
// the worker too: what was sent twice is stored once anyhow, but need not be sent twice at the same moment.
function deliver(path, fields) {
  return navigator.locks
    ? navigator.locks.request("answering: sending", () => deliverNow(path, fields))
    : deliverNow(path, fields);
}

async function deliverNow(path, fields) {
  try {
    let reply = await ask(path, fields);
    if (reply.status === 403) {
      // The page is older than its cookie: a fresh one goes with it, as if the page had been loaded anew.
      fields = withToken(fields, tokenOf((await ask(path)).html));
      reply = await ask(path, fields);
    }
    return { outcome: outcomeOf(reply, fields), html: reply.html, fields };
  } catch {
    return { outcome: WAITING, html: "", fields };
  }
}

async function ask(path, fields) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_OF_SENDING);
  try {
    const reply = await fetch(path, {
      method: fields ? "POST" : "GET",
      body: fields && new URLSearchParams(fields),
      mode: "same-origin",
      cache: "no-store",
      signal: stop.signal,
    });
    return { status: reply.status, html: await reply.text() };
  } finally {
    clearTimeout(timer);
  }
}

function tokenOf(html) {
  return /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(html)?.[1] ?? "";
}

function withToken(fields, token) {
  return fields.map(([name, value]) => [name, name === "csrfmiddlewaretoken" ? token : value]);
}

// Only a page of ours that names this very sending counts: a sign-in page of some network also answers 200.
function outcomeOf({ status, html }, fields) {
  const id = new Map(fields).get("client_id");
  if (status === 200 && html.includes(`data-arrived="${id}"`)) return ARRIVED;
  if ([404, 409, 410].includes(status) && html.includes(" data-over")) return OVER;
  if (status === 422 || status === 403) return LOOK;
  return WAITING;
}
