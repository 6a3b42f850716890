// The register on a phone. Each tap is kept on this phone until the academy has taken it, so that a lost connection
// loses nothing; the academy keeps the later of two marks, so that sending one again changes nothing.  Without this
// script the page's own buttons save the form.
const RETRY = 15_000; // milliseconds, while there is something to send
const PAUSE = 600; // after a tap, so that several go together
const PREFIX = "register ";

const plural = (count) => `${count} mark${count === 1 ? "" : "s"}`;

// What is kept for one register: {booking: [mark, when it was made]}. In memory, where the browser keeps nothing.
const memory = {};
const kept = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key)) || {};
  } catch {
    return memory[key] || {};
  }
};
const keep = (key, marks) => {
  memory[key] = marks;
  try {
    if (Object.keys(marks).length) localStorage.setItem(key, JSON.stringify(marks));
    else localStorage.removeItem(key);
  } catch {} // full or switched off: memory has it
};

class Register {
  constructor(form) {
    this.form = form;
    this.key = `${PREFIX}${form.dataset.register} ${new URL(form.action).pathname}`;
    this.status = form.querySelector("[data-kept]");
    this.sending = null;
    form.addEventListener("change", ({ target }) => this.tapped(target));
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    this.show(kept(this.key));
    this.say();
    this.send();
  }

  radios(booking) {
    return [...this.form.querySelectorAll(`[name="mark-${booking}"]`)];
  }

  tapped(radio) {
    if (radio.type !== "radio") return;
    keep(this.key, { ...kept(this.key), [radio.name.replace("mark-", "")]: [radio.value, Date.now()] });
    this.soon(PAUSE);
    this.say();
  }

  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  // Send all that is kept. One at a time; whoever asks meanwhile waits for the one under way.
  send() {
    clearTimeout(this.timer);
    this.sending ||= this.deliver().finally(() => { this.sending = null; });
    return this.sending;
  }

  async deliver() {
    const marks = kept(this.key);
    if (!Object.keys(marks).length) return this.say();
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.form.elements.csrfmiddlewaretoken.value });
    for (const [booking, [mark, made]] of Object.entries(marks)) {
      body.set(`mark-${booking}`, mark);
      body.set(`age-${booking}`, Math.max(0, Date.now() - made) / 1000);
    }
    const headers = { Accept: "application/json" }, signal = AbortSignal.timeout(20_000);
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers, signal, redirect: "manual" });
      if (answer.ok) this.taken(marks, (await answer.json()).marks);
      else if (answer.status === 409) return this.say((await answer.json()).refused, true);
      else if (answer.status < 500) return this.say("Load this page again, and sign in if you are asked to.");
    } catch {} // no connection: tried again
    if (Object.keys(kept(this.key)).length) this.soon(RETRY);
    this.say();
  }

  // Forget what was sent, unless it was tapped again meanwhile; and show what the academy has.
  taken(sent, now) {
    const left = Object.entries(kept(this.key)).filter(([booking, [, made]]) => sent[booking]?.[1] !== made);
    keep(this.key, Object.fromEntries(left));
    for (const [booking, mark] of Object.entries(now)) {
      const was = this.form.elements[`was-${booking}`];
      if (was) was.value = mark;
    }
    this.show(Object.fromEntries(Object.entries(now).map(([booking, mark]) => [booking, [mark]])));
    this.show(kept(this.key));
  }

  show(marks) {
    for (const [booking, [mark]] of Object.entries(marks)) {
      for (const radio of this.radios(booking)) radio.checked = radio.value === mark;
    }
  }

  say(trouble = "", refused = false) {
    const count = Object.keys(kept(this.key)).length;
    if (count) this.hasKept = true;
    const words = count ? `${plural(count)} kept on this phone, not sent yet. ${trouble}` : this.hasKept ? "All marks are saved." : "";
    if (this.status.firstChild?.data !== words) this.status.replaceChildren(words);
    this.status.classList.toggle("ac-kept--waiting", count > 0);
    if (count && refused) this.status.append(this.forgetting());
  }

  forgetting() {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "ac-link-button" });
    button.textContent = "Forget these marks";
    button.addEventListener("click", () => { keep(this.key, {}); location.reload(); });
    return button;
  }

  // Save, or mark everyone else: first what was tapped goes the way it can wait; then the page is loaded anew.
  async submitted(event) {
    event.preventDefault();
    if (event.submitter?.name === "rest") this.markRest(event.submitter.value);
    await this.sending;
    await this.send();
    if (!Object.keys(kept(this.key)).length) this.form.submit();
  }

  markRest(mark) {
    const marks = kept(this.key);
    for (const radio of this.form.querySelectorAll(`input[type=radio][value="${mark}"]`)) {
      if (this.radios(radio.name.replace("mark-", "")).some(({ checked }) => checked)) continue;
      radio.checked = true;
      marks[radio.name.replace("mark-", "")] = [mark, Date.now()];
    }
    keep(this.key, marks);
  }
}

// On the list of registers: which of them still have marks on this phone.
const remind = (place) => {
  const start = `${PREFIX}${place.dataset.keptElsewhere} `;
  const paths = Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  for (const path of paths) {
    const link = Object.assign(document.createElement("a"), { className: "govuk-link", href: path.replace(/\d+\/$/, "") });
    link.textContent = `${plural(Object.keys(kept(start + path)).length)} kept on this phone, not sent yet: open the register to send`;
    const line = document.createElement("p");
    line.className = "govuk-inset-text";
    line.append(link);
    place.append(line);
  }
};

for (const form of document.querySelectorAll("form[data-register]")) new Register(form);
for (const place of document.querySelectorAll("[data-kept-elsewhere]")) remind(place);
