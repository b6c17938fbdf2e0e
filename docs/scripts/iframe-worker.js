// A browser starts no worker for a page that it opened from a folder. There, and only there, the search runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.loaded = new Promise((resolve) => frame.addEventListener("load", () => resolve(frame.contentWindow)));
      window.addEventListener("message", (event) => {
        if (event.source === frame.contentWindow) this.dispatchEvent(new MessageEvent("message", { data: event.data }));
      });
      const script = new URL(url, location.href).href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      frame.srcdoc =
        "<!doctype html><script>self.postMessage = (data) => parent.postMessage.call(parent, data, '*')</script>" +
        `<script src="${script}"></script>`;
      // Once: a frame that is moved loads anew, and forgets.
      if (document.body) document.body.append(frame);
      else document.addEventListener("DOMContentLoaded", () => document.body.append(frame), { once: true });
    }

    postMessage(data) {
      this.loaded.then((inside) => inside.dispatchEvent(new inside.MessageEvent("message", { data })));
    }
  };
}
