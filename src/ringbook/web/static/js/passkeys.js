/* Passkeys: asks the browser for one and sends what it says with the form around the button.

   data-passkey on a form: "create" a key, "use" one that is known, or "sign-in" with any of this site.
   The options are JSON in the element that data-options names; for "sign-in" they are fetched when asked for. */

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function readable(options) {
  const key = options.publicKey;
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const name of ["allowCredentials", "excludeCredentials"])
    if (key[name]) key[name] = key[name].map((known) => ({ ...known, id: bytes(known.id) }));
  return options;
}

function written(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (made.response[name]) response[name] = text(made.response[name]);
  if (made.response.getTransports) response.transports = made.response.getTransports();
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response,
  };
}

const asks = {
  create: async (form) => {
    const options = readable(given(form).creation_options);
    Object.assign(options.publicKey.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
    return navigator.credentials.create(options);
  },
  use: async (form) => navigator.credentials.get(readable(given(form).request_options)),
  "sign-in": async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return navigator.credentials.get(readable((await answer.json()).request_options));
  },
};

const given = (form) => JSON.parse(document.getElementById(form.dataset.options).textContent);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-passkey-problem]");
    if (problem) problem.hidden = true;
    try {
      const made = await asks[form.dataset.passkey](form);
      form.elements.credential.value = JSON.stringify(written(made));
      form.submit();
    } catch (error) {
      if (!problem) return;
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}
