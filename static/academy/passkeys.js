// Forms marked [data-passkey=get|create] ask the browser for a passkey before they are sent.  What to ask for stands
// in the page, [data-passkey-options], or is fetched from the form's address.  Without this script they stay hidden.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

  const ask = async (form) => {
    const field = form.querySelector("[data-passkey-options]") || document.querySelector("[data-passkey-options]");
    if (field) return JSON.parse(field.value);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    return (await answer.json()).request_options;
  };

  const ways = {
    async get({ publicKey }) {
      const options = { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) };
      const made = await navigator.credentials.get({ publicKey: options });
      const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
      return [made, { clientDataJSON, authenticatorData, signature, userHandle }];
    },
    async create({ publicKey }) {
      const user = { ...publicKey.user, id: bytes(publicKey.user.id) };
      const excluded = known(publicKey.excludeCredentials);
      const options = { ...publicKey, challenge: bytes(publicKey.challenge), user, excludeCredentials: excluded };
      const made = await navigator.credentials.create({ publicKey: options });
      const { clientDataJSON, attestationObject } = made.response;
      return [made, { clientDataJSON, attestationObject }];
    },
  };

  const written = ([made, parts]) => JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part ? text(part) : null])),
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    const trouble = document.querySelector("[data-passkey-trouble]");
    trouble.hidden = true;
    try {
      form.elements.credential.value = written(await ways[form.dataset.passkey](await ask(form)));
      HTMLFormElement.prototype.submit.call(form); // a button called 'submit' hides the form's own
    } catch {
      trouble.hidden = false;
    }
  });
})();
