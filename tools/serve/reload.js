// In pages of a preview only: shows the page anew when there is a newer one, which browsers do at
// the place that was read, and shows over the page what is wrong with what was saved.
"use strict";
(() => {
  const { at } = document.currentScript.dataset;
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; position: fixed; inset: auto 0 0; z-index: 2147483647; color-scheme: dark; }
    section { max-height: 70vh; overflow: auto; padding: 16px 20px; font: 16px/1.5 system-ui, sans-serif;
      color: CanvasText; background: Canvas; border-top: 4px solid; }
    div { display: flex; justify-content: space-between; align-items: start; gap: 16px; }
    h2 { margin: 0; font: bold 18px/1.5 system-ui, sans-serif; }
    button { min-height: 44px; padding: 0 16px; font: inherit; color: inherit; background: none;
      border: 2px solid; border-radius: 4px; cursor: pointer; }
    button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
    ol { margin: 8px 0 0; padding: 0; list-style: none; }
    li { margin: 0 0 16px; }
    b, pre { font-family: ui-monospace, monospace; }
    pre { margin: 4px 0; padding: 8px; overflow: auto; font-size: 15px; color: FieldText; background: Field; }
    p { margin: 0; }
  `);
  let panel, source;

  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    made.textContent = text;
    made.append(...children);
    return made;
  };

  const item = ({ path, line, col, what, fix, text }) => {
    const place = [path, line, col].filter(Boolean).join(":");
    const shown = element("li", "", element("p", "", element("b", place), `: ${what}`));
    if (text) shown.append(element("pre", text));
    if (fix) shown.append(element("p", `To do: ${fix}`));
    return shown;
  };

  const show = (errors) => {
    panel?.remove();
    panel = undefined;
    if (!errors.length) return;
    const count = `${errors.length} error${errors.length > 1 ? "s" : ""}`;
    const hide = element("button", "Hide");
    hide.type = "button";
    hide.onclick = () => panel.remove();
    const kept = at ? ". You see the last good page." : "";
    const head = element("div", "", element("h2", count + kept), hide);
    const section = element("section", "", head, element("ol", "", ...errors.map(item)));
    section.setAttribute("role", "alert");
    panel = document.createElement("div");
    panel.id = "errors";
    const shadow = panel.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [style];
    shadow.append(section);
    document.body.append(panel);
  };

  const listen = () => {
    if (source || document.hidden) return;
    source = new EventSource("/_serve/events");
    source.onmessage = ({ data }) => {
      const news = JSON.parse(data);
      if (news.at !== at) location.reload();
      else show(news.errors);
    };
  };

  // A browser opens six connections to a server at most: hidden pages must hold none.
  const leave = () => {
    source?.close();
    source = undefined;
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", listen);
  listen();
})();
