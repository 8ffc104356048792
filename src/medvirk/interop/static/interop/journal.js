// That a summary was copied is written down, as it is for a file. Without this the page itself is in the log.
"use strict";

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copied]");
  if (copier) fetch(copier.dataset.copied, { method: "POST", body: new FormData(copier.form) });
});
