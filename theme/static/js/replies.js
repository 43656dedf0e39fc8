// Leave a Reply: asks for nothing before the visitor presses the button or follows a link to a reply.
// Then it starts the provider's adapter, a module; see isso.js for what one does.
const place = document.getElementById("reply");
const button = place.querySelector("button");
const status = place.querySelector("[role=status]");
let adapter, busy;
let attempt = 0;

const say = (text) => {
  status.textContent = text;
  return status;
};

const load = (tag, attributes) =>
  new Promise((resolve, reject) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });

async function open() {
  if (busy) return;
  const mine = ++attempt;
  const ready = (waiting) => {
    busy = waiting;
    button.ariaDisabled = waiting;
  };
  const offer = (text) => {
    if (mine !== attempt) return;
    say(text);
    // A visitor who follows a link sees the top of the page until the reply is there: nothing shifts.
    if (linked()) place.scrollIntoView();
    button.textContent = "Try again";
    ready(false);
  };
  ready(true);
  say("Loading the replies…");
  const slow = setTimeout(offer, 8000, "Loading takes longer than usual. You can wait, or try again.");
  try {
    // Browsers remember a module that failed, so the next try asks under another name.
    adapter ??= await import(new URL(place.dataset.adapter + (mine > 1 ? `?${mine}` : ""), document.baseURI));
    await adapter.start({ place, load, say, linked: linked() });
    if (mine === attempt) button.parentNode.remove();
  } catch {
    offer("The replies cannot be reached just now. Please try again in a while.");
  }
  clearTimeout(slow);
}

const linked = () => new RegExp(`^#${place.dataset.anchor}\\d+$`).test(location.hash);
const follow = () => linked() && !attempt && open();
button.onclick = open;
addEventListener("hashchange", follow);
follow();
