// Isso, https://isso-comments.de: starts its embed, puts our form in the place of the embed's own
// and says in words what the embed leaves unsaid. Isso still fetches, shows and sends the replies.
//
// An adapter exports `start({ place, load, say, linked })`. `place` is the element whose data-*
// attributes the provider's template wrote, `load(tag, attributes)` adds an element to the head,
// `say(text)` announces, `linked` is whether the visitor followed a link to one reply. Its promise
// resolves when a reply can be written, and is rejected when it cannot. It may be called again.

const STORE = "reply";
const DAYS = 90;
const TIMEOUT = 30000;
const SAID = {
  text: "Write your comment",
  long: (most) => `Shorten your comment to ${most.toLocaleString("en")} characters`,
  author: "Enter a name; a made-up one is fine",
  email: "Enter an email address like name@example.com",
  website: "Enter a web address like https://example.com, or leave it empty",
  down: "The comment server cannot be reached. What you wrote is still here.",
  sending: "Sending your reply…",
  slow: "Sending takes longer than usual. Please keep this page open.",
  202: "Thank you. Your reply waits for approval: it appears here once an editor has read it.",
  201: "Thank you. Your reply is published.",
  none: "No replies yet.",
  gone: "This reply is not here. It may wait for approval, or it was taken down.",
  more: "The other replies cannot be reached just now. Please try again in a while.",
  deleted: "This reply was deleted.",
};

const list = document.getElementById("replies-list");
const root = make("div", "", { id: "isso-root" });
const requests = new Set();
let place, say, opened, dressed, total;
let forms = 0;
let sending, more;

export function start(given) {
  ({ place, say } = given);
  requests.forEach((request) => request.abort());
  return new Promise((resolve, reject) => {
    opened = { resolve, reject, linked: given.linked };
    if (window.Isso) {
      Isso.init();
      Isso.fetchComments();
    } else begin(given.load).catch(reject);
  });
}

async function begin(load) {
  const { endpoint, thread, sheets, embed, most } = place.dataset;
  const title = document.querySelector("h1").textContent;
  if (!dressed) {
    list.append(root);
    place.append(make("div", "", { id: "isso-thread", "data-isso-id": thread, "data-title": title }));
    dressed = new MutationObserver(dress);
    for (const part of [place, root]) dressed.observe(part, { childList: true, subtree: true });
    listen(endpoint);
  }
  forget();
  await Promise.all([
    ...sheets.split(" ").map((href) => load("link", { rel: "stylesheet", href })),
    load("script", {
      src: embed,
      "data-isso": endpoint,
      "data-isso-css": false,
      "data-isso-avatar": false,
      "data-isso-vote": false,
      "data-isso-lang": "en",
      "data-isso-max-comments-top": most,
      "data-isso-max-comments-nested": most,
      "data-isso-reveal-on-click": most,
      "data-isso-page-author-hashes": "site",
      "data-isso-comment-page-author-suffix-text-en": "Editor",
      "data-isso-comment-close-text-en": "Cancel reply",
      "data-isso-comment-hidden-text-en": "Show one more reply\\nShow {{ n }} more replies",
      "data-isso-comment-deleted-text-en": SAID.deleted,
    }),
  ]);
}

// The embed does not report how its requests end, so they are watched.
function listen(endpoint) {
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    open.call(this, method, url, ...rest);
    if (!url.startsWith(endpoint)) return;
    this.timeout = TIMEOUT;
    requests.add(this);
    this.onloadend = () => {
      requests.delete(this);
      if (method === "POST") sent(this);
      else if (more) setTimeout(shown, 20, this.status);
      else if (this.status !== 200) opened.reject();
      else if (/[?]/.test(url)) arrived(JSON.parse(this.response));
    };
  };
}

// The live list takes the place of the one in the page before the embed, in its next task, fills it.
function arrived({ replies, total_replies }) {
  total = total_replies - replies.filter(({ mode }) => mode === 4).length;
  // Hidden until it is dressed, and only scrolled to when that is on the screen: else the page shifts.
  root.hidden = true;
  list.replaceChildren(root);
  count();
  setTimeout(() => {
    dress();
    root.hidden = false;
    opened.resolve();
    say("");
    if (opened.linked) requestAnimationFrame(() => setTimeout(lead));
    else place.querySelector("textarea").focus();
  }, 20);
}

function lead() {
  focus(document.getElementById(location.hash.slice(1)) ?? say(SAID.gone));
}

function count() {
  list.querySelector(".count")?.remove();
  const text = total === 1 ? "1 reply" : `${total} replies`;
  root.before(total ? make("h3", text, { class: "count" }) : make("p", SAID.none, { class: "count" }));
}

// The embed removes its link immediately, whether more replies come or not.
function shown(status) {
  const { loader, home, last } = more;
  more = null;
  if (status === 200) return focus(last.nextElementSibling);
  home.append(loader);
  focus(say(SAID.more));
}

function focus(element) {
  element.tabIndex = -1;
  element.focus();
}

function dress() {
  each(place, ".isso-thread-heading", (heading) => heading.remove());
  each(document, ".isso-postbox:not(.ours)", dressForm);
  each(root, ".isso-comment:not([role])", dressReply);
  each(root, ".isso-reply, .isso-load-hidden", dressLink);
}

function dressReply(reply) {
  reply.role = "article";
  reply.ariaLabel = `Reply by ${author(reply)}`;
  each(reply, "time", (time) => time.removeAttribute("title"));
  each(reply, "a[rel]", (link) => (link.rel = "ugc nofollow noopener"));
  each(reply, ".isso-spacer, .isso-edit, .isso-delete", (extra) => extra.remove());
  if (reply.querySelector(".isso-note").textContent === SAID.deleted) {
    reply.ariaLabel = SAID.deleted;
    each(reply.firstChild, ".isso-author, .isso-text, .isso-comment-footer", (empty) => empty.remove());
  }
}

// A link that does something is shown as a button; the embed goes on working its own link.
function dressLink(link) {
  const text = link.textContent;
  const isReply = link.matches(".isso-reply");
  let button = link.nextElementSibling;
  if (!button) {
    button = make("button", "", { type: "button", class: "plain" });
    button.onclick = () => {
      const loader = link.parentNode;
      if (!isReply) more = { loader, home: loader.parentNode, last: loader.previousElementSibling };
      link.click();
    };
    link.hidden = true;
    link.after(button);
  }
  if (button.textContent === text) return;
  button.textContent = text;
  if (isReply) button.ariaLabel = `${text} to ${author(link)}`;
}

function dressForm(box) {
  const number = `-${++forms}`;
  const old = box.firstChild;
  const form = parse(place.querySelector("noscript").textContent).forms[0];
  const reply = box.closest(".isso-comment");
  // The embed reads its fields by their names when it sends them, so ours take their place.
  each(old, "textarea, .isso-input-wrapper", (field) => field.remove());
  each(old, ".isso-comment", (preview) => (preview.className = ""));
  each(old, "[style]", (section) => section.removeAttribute("style"));
  old.hidden = true;
  box.classList.add("ours");
  box.append(form);
  each(form, "[id]", (field) => (field.labels[0].htmlFor = field.id += number));
  each(form, "textarea", (text) => text.classList.add("isso-textarea"));
  form.noValidate = true;
  form.ariaLabel = reply ? `Reply to ${author(reply)}` : "Your reply";
  form.onsubmit = (event) => {
    event.preventDefault();
    send(form, box.querySelector("[type=submit]"));
  };
  const check = make("label", "", { class: "check" });
  check.append(
    make("input", "", { type: "checkbox", name: "remember" }),
    ` Remember my name, email and website on this device for ${DAYS} days`,
  );
  form.lastElementChild.before(check);
  form.append(make("p", "", { role: "status" }));
  recall(form);
  if (reply) form.text.focus();
}

// What the visitor wants remembered, and nothing else.
function recall(form) {
  try {
    const { until, ...kept } = JSON.parse(localStorage.getItem(STORE));
    if (until < Date.now()) return localStorage.removeItem(STORE);
    for (const name in kept) form[name].value = kept[name];
    form.remember.checked = true;
  } catch {}
}

function remember({ remember, author, email, website }) {
  try {
    localStorage.removeItem(STORE);
    const kept = { author: author.value, email: email.value, website: website.value };
    if (remember.checked) localStorage.setItem(STORE, JSON.stringify({ ...kept, until: Date.now() + DAYS * 864e5 }));
  } catch {}
}

// The embed keeps these unasked.
function forget() {
  try {
    for (const name of ["author", "email", "website"]) localStorage.removeItem(`isso-${name}`);
  } catch {}
}

function* faults({ text, author, email, website }) {
  for (const field of [author, email, website]) field.value = field.value.trim();
  if (website.value && !website.value.includes(":")) website.value = `https://${website.value}`;
  const { length } = [...text.value.trim()];
  const { min, max } = text.dataset;
  if (length < min) yield [SAID.text, text];
  if (length > max) yield [SAID.long(+max), text];
  for (const field of [author, email, website]) if (!field.validity.valid) yield [SAID[field.name], field];
}

function send(form, submit) {
  if (sending) return;
  each(form, ".wrong, .summary", (old) => old.remove());
  each(form, "[aria-invalid]", (field) => (field.ariaInvalid = null));
  const found = [...faults(form)];
  if (found.length) return complain(form, found);
  const status = form.lastChild;
  status.textContent = SAID.sending;
  sending = { form, status, slow: setTimeout(() => (status.textContent = SAID.slow), 8000) };
  remember(form);
  // After a failure the embed leaves its button disabled for good.
  submit.disabled = false;
  submit.click();
  forget();
}

function sent({ status, response }) {
  if (!sending) return;
  const { form } = sending;
  clearTimeout(sending.slow);
  sending.status.textContent = "";
  sending = null;
  if (SAID[status]) return setTimeout(thank, 20, status);
  const { message, field } = status && status < 500 ? reason(response) : { message: SAID.down };
  complain(form, [[message, form[field]]], !form[field]);
}

// Our server gives its reason as JSON, Isso itself as a page.
function reason(response) {
  try {
    return JSON.parse(response);
  } catch {
    return { message: parse(response).querySelector("p")?.textContent ?? SAID.down };
  }
}

function thank(status) {
  dress();
  const number = (reply) => reply.id.slice(place.dataset.anchor.length);
  const newest = [...root.querySelectorAll(".isso-comment")].sort((a, b) => number(b) - number(a))[0];
  each(list, "p.count", (none) => none.remove());
  if (status === 201 && ++total) count();
  each(newest, ".isso-comment-footer, .isso-note", (extra) => extra.remove());
  const note = make("p", SAID[status], { class: "box told" });
  newest.prepend(note);
  focus(note);
}

function complain(form, found, again) {
  const summary = make("div", "", { class: "summary" });
  const lines = make("ul");
  summary.append(make("h3", "Your reply has not been sent"), lines);
  for (const [message, field] of found) {
    const line = make("li");
    lines.append(line);
    if (!field?.labels) line.append(message);
    else {
      line.append(make("a", message, { href: `#${field.id}` }));
      field.labels[0].append(make("span", `Error: ${message}`, { class: "wrong" }));
      field.ariaInvalid = true;
    }
  }
  if (again) summary.append(make("button", "Try again"));
  form.prepend(summary);
  focus(summary);
}

function author(inside) {
  return inside.closest(".isso-comment").querySelector(".isso-author").textContent;
}

function parse(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

function each(within, selector, act) {
  within.querySelectorAll(selector).forEach(act);
}

function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return element;
}
