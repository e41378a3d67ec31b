// Keys. Everything here can be done without it; whatever a key does, a link or a button does too.
"use strict";
(() => {
  const OFF = "abm-keys-off";
  const pages = { q: "/queue", a: "/accounts", p: "/playbooks", c: "/calendar", o: "/ops", m: "/me", t: "/team" };
  let going = false;

  const writing = (at) => at.closest("input, textarea, select, [contenteditable]");
  const first = (what) => document.querySelector(what);

  function open(details) {
    details.open = true;
    details.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
  }

  function move(by) {
    const items = [...document.querySelectorAll(".list a.item")];
    const at = items.findIndex((item) => item.hasAttribute("aria-current"));
    items[Math.min(Math.max(at + by, 0), items.length - 1)]?.click();
  }

  function press(key) {
    if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
    const found = first(`[data-key~="${CSS.escape(key)}"]`);
    if (!found) return undefined;
    if (found.matches("details")) return open(found);
    if (found.matches("input, textarea, select")) return found.focus();
    if (found.matches("dialog")) return found.open ? found.close() : found.showModal();
    return found.click();
  }

  // Enter in a field of what was opened means the button beside it, not the form's first one.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("details input")) return;
    const button = event.target.closest("details").querySelector("button[formaction]");
    if (button) { event.preventDefault(); button.click(); }
  });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Escape" && writing(target)) { target.blur(); return; }
    if (writing(target) || localStorage.getItem(OFF)) return;
    if (first("dialog[open]") && key !== "?") return;
    if (going) {
      going = false;
      if (pages[key]) { event.preventDefault(); location.href = pages[key]; }
      return;
    }
    if (key === "g") { going = true; setTimeout(() => { going = false; }, 1500); return; }
    if (!/^[a-z0-9/?]$/.test(key)) return;
    if (first(`[data-key~="${CSS.escape(key)}"]`) || "jk".includes(key)) event.preventDefault();
    press(key);
  });

  const box = first("#keys-off");
  if (box) {
    box.checked = Boolean(localStorage.getItem(OFF));
    box.addEventListener("change", () => {
      if (box.checked) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens]");
    if (button) document.getElementById(button.dataset.opens)?.showModal();
    const copy = event.target.closest("[data-copies]");
    if (copy) {
      const text = document.getElementById(copy.dataset.copies)?.textContent ?? "";
      navigator.clipboard.writeText(text.trim()).then(() => { copy.textContent = "Copied"; });
    }
  });
  // A form is sent once, however often somebody clicks.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
  // After a task has ended the next one is read out, and keys work at once.
  if (first("[data-focus]")) first("[data-focus]").focus();
  document.querySelectorAll(".only-script").forEach((one) => { one.hidden = false; });
})();
