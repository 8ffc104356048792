// Passkeys: asks the machine for one and sends what it gave. Buttons that cannot work stay hidden.
"use strict";

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential || !window.webauthnJSON) return;
  form.hidden = false;
  const options = () => JSON.parse(document.getElementById(form.dataset.options).textContent);

  async function credential() {
    if (form.dataset.passkey === "create") {
      const wanted = options().creation_options;
      // One that the machine can offer by itself, and that asks for a finger, a face or a PIN: two factors in one.
      Object.assign(wanted.publicKey.authenticatorSelection, {
        residentKey: "required", requireResidentKey: true, userVerification: "required",
      });
      return window.webauthnJSON.create(wanted);
    }
    if (form.dataset.passkey === "use") return window.webauthnJSON.get(options().request_options);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return window.webauthnJSON.get((await answer.json()).request_options);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fault = form.querySelector("[data-fault]");
    fault.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await credential());
    } catch {
      fault.hidden = false;
      return;
    }
    form.querySelectorAll("[data-copies]").forEach((field) => {
      field.value = document.querySelector(field.dataset.copies).checked ? "on" : "";
    });
    form.submit();
  });
});
