// Passkeys: hands the server's question to the browser and the authenticator's answer back, in a form's hidden field.
// Source: W3C Web Authentication Level 3, sections 5.1.3 and 5.1.4 (creating and asking), 5.1.8 (JSON forms)
(() => {
  "use strict";

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (descriptors) => descriptors.map((each) => ({ ...each, id: toBytes(each.id) }));

  // By hand: `parseCreationOptionsFromJSON` and `toJSON` are missing in browsers that offices still have.
  async function create(asked) {
    const user = { ...asked.user, id: toBytes(asked.user.id) };
    const made = await navigator.credentials.create({
      publicKey: { ...asked, user, challenge: toBytes(asked.challenge), excludeCredentials: named(asked.excludeCredentials) },
    });
    return answer(made, {
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  }

  async function get(asked) {
    const shown = await navigator.credentials.get({
      publicKey: { ...asked, challenge: toBytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
    });
    return answer(shown, {
      authenticatorData: toText(shown.response.authenticatorData),
      signature: toText(shown.response.signature),
    });
  }

  const answer = (credential, response) => ({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  });

  async function question(part, form) {
    if (part.dataset.options) return JSON.parse(part.dataset.options);
    const body = new URLSearchParams({ csrf: form.elements.csrf?.value ?? "" });
    const response = await fetch(part.dataset.ask, { method: "POST", body });
    if (!response.headers.get("content-type")?.startsWith("application/json")) throw new Error(`${response.status}`);
    return response.json();
  }

  // A form may ask for a code too: whoever shows a passkey need not type one.
  function isFilled(form) {
    const code = form.elements.code;
    if (code) code.required = false;
    const filled = form.reportValidity();
    if (code) code.required = true;
    return filled;
  }

  // Whoever comes back to a page finds the form as they left it: the answer in it was good once.
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("[data-passkey] input[name=passkey]")) field.value = "";
  });

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.closest("form");
    const button = part.querySelector("button");
    const failed = part.querySelector("[data-failed]");
    const fail = (text) => {
      failed.textContent = text;
      failed.hidden = false;
      button.disabled = false;
    };
    if (location.origin !== part.dataset.origin) {
      part.querySelector("[data-elsewhere]").hidden = false;
      continue;
    }
    if (!window.PublicKeyCredential) {
      part.querySelector("[data-unsupported]").hidden = false;
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!isFilled(form)) return;
      failed.hidden = true;
      button.disabled = true;
      try {
        const asked = await question(part, form);
        if (asked.refused) return fail(asked.refused);
        form.elements.passkey.value = JSON.stringify(await (asked.create ? create(asked.create) : get(asked.get)));
        form.submit();
      } catch (error) {
        fail(error.name === "InvalidStateError" ? failed.dataset.twice : failed.dataset.failed);
      }
    });
  }
})();
