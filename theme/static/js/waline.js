// Waline, https://waline.js.org: starts the client that the owner has put on this site. Avatars,
// stickers and pictures are left off, because they would come from other companies. isso.js says
// what an adapter is given and what it promises.

// Waline's colors, by the names of ours: so it follows the page into the dark.
const COLOURS = {
  "theme-color": "petrol",
  "active-color": "ink",
  color: "ink",
  "bg-color": "paper",
  "bg-color-light": "panel",
  "bg-color-hover": "panel",
  "border-color": "edge",
  "info-color": "quiet",
  "info-bg-color": "panel",
  "light-grey": "quiet",
  "dark-grey": "quiet",
  white: "paper",
};

export async function start({ place, load }) {
  const { endpoint, thread, script, sheet, lang } = place.dataset;
  // The client would show an empty space if its server were down, so that is asked first.
  const answer = await fetch(`${endpoint}/api/comment?path=${encodeURIComponent(thread)}&pageSize=1`);
  if (!answer.ok) throw answer.status;
  await load("link", { rel: "stylesheet", href: sheet });
  const { init } = await import(new URL(script, document.baseURI));
  const box = document.createElement("div");
  for (const name in COLOURS) box.style.setProperty(`--waline-${name}`, `var(--${COLOURS[name]})`);
  place.append(box);
  init({
    el: box,
    serverURL: new URL(endpoint, document.baseURI).href,
    path: thread,
    lang,
    requiredMeta: ["nick", "mail"],
    login: "disable",
    pageSize: 20,
    emoji: false,
    search: false,
    imageUploader: false,
    highlighter: false,
    texRenderer: false,
    reaction: false,
    pageview: false,
    noCopyright: true,
    noRss: true,
  });
  place.querySelector("[role=status]").textContent = "";
  document.getElementById("replies-list").replaceChildren();
}
