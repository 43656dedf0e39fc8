// Disqus, https://disqus.com: starts its embed, which is a page of its own in a frame. isso.js says
// what an adapter is given and what it promises.

export function start({ place, load, say }) {
  const { script, thread } = place.dataset;
  const title = document.querySelector("h1").textContent;
  if (!document.getElementById("disqus_thread")) {
    const box = document.createElement("div");
    box.id = "disqus_thread";
    place.append(box);
  }
  return new Promise((resolve, reject) => {
    // Disqus calls this with its own object as `this`.
    window.disqus_config = function () {
      Object.assign(this.page, { identifier: thread, title, url: location.href.split("#")[0] });
      this.callbacks.onReady = [
        () => {
          say("");
          document.getElementById("replies-list").replaceChildren();
          resolve();
        },
      ];
    };
    load("script", { src: script, "data-timestamp": Date.now() }).catch(reject);
  });
}
