// The screen is handed over: what other tabs still show is not for the one who holds it.
"use strict";

new BroadcastChannel("handed over").postMessage(true);
