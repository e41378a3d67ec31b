// News: new tasks and moments of interest are told in one line. The list itself never moves.
"use strict";
(() => {
  const line = document.getElementById("news");
  if (!line || !window.EventSource) return;
  let tasks = 0, source = null;

  function tell(address, words) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = words;
    line.hidden = false;
    line.replaceChildren(link);
  }

  function listen() {
    if (source) return;
    source = new EventSource("/live");
    source.addEventListener("message", () => { line.dataset.listening = ""; });
    source.addEventListener("task", (event) => {
      tasks += JSON.parse(event.data).number;
      tell("/queue", `${tasks} new ${tasks === 1 ? "task" : "tasks"}: show`);
    });
    source.addEventListener("moment", (event) => {
      const { account, id, text } = JSON.parse(event.data);
      tell(`/accounts/${id}`, `${account}: ${text}`);
    });
  }

  // A browser has few connections to one house: a tab that nobody looks at gives its own back.
  function turn() {
    if (!document.hidden) return listen();
    source?.close();
    source = null;
    return undefined;
  }
  document.addEventListener("visibilitychange", turn);
  addEventListener("pagehide", () => { source?.close(); source = null; });
  addEventListener("pageshow", turn);
})();
