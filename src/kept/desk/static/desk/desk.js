// The keys of the desk, and small comforts. Every page works without this file.
"use strict";
(() => {
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
  const rowLinks = () => [...document.querySelectorAll("[data-rows] .row-link")];

  function step(by) {
    const links = rowLinks();
    if (!links.length) return;
    const row = (link) => link.closest("tr, [data-request]");
    const here = links.findIndex((link) => row(link).contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
    if (next >= links.length) document.querySelector("#more a")?.click();
    const link = links[Math.min(Math.max(next, 0), links.length - 1)];
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  }

  const follow = (selector) => document.querySelector(selector)?.click();

  // To the page behind a link; on that page, to the field it begins with.
  function into(selector) {
    const link = document.querySelector(selector);
    if (link) link.click();
    else document.querySelector("main [data-first]")?.focus();
  }

  // Opens what is folded and begins in its first field; whether it is there.
  function unfold(selector) {
    const folded = document.querySelector(selector);
    if (!folded) return false;
    folded.open = true;
    (folded.querySelector("[data-pays]") ?? folded.querySelector("select, input:not([type=hidden])"))?.focus();
    return true;
  }

  // The request of an approval that has the focus, or else the first one.
  const request = () => document.activeElement.closest("[data-request]")
    ?? document.querySelector("[data-request]");

  function refuse() {
    const reason = request()?.querySelector("[data-reason]");
    if (reason?.value.trim()) request().querySelector("[data-no]").click();
    else reason?.focus();
  }

  function showKeys() {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  // Of a list to tick: the row that has the focus, or all of the page.
  function tick() {
    const box = document.activeElement.closest("tr")?.querySelector("[data-tick]");
    if (box) box.checked = !box.checked;
  }

  const keys = {
    s: tick,
    j: () => step(1),
    k: () => step(-1),
    n: () => (document.querySelector("ol [data-request]") ? step(1) : follow("a[data-next]")),
    y: () => (request() ? request().querySelector("[data-yes]")?.click() : unfold("[data-payment]")),
    r: () => (unfold("[data-reverses]") ? undefined : follow("a[data-paid]")),
    o: () => into("a[data-documents]"),
    x: refuse,
    d: () => follow("button[data-done]"),
    w: () => into("a[data-waiver]"),
    l: () => into("a[data-plan]"),
    p: () => document.querySelector("form[data-promise] [data-first]")?.select(),
    u: () => follow("a[data-up]"),
    "/": () => document.getElementById("find")?.select(),
    "?": showKeys,
  };

  let afterG = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
      if (typing(event.target)) {
        event.target.blur();
        event.target.closest("[data-request]")?.querySelector(".row-link")?.focus();
      }
      return;
    }
    if (event.key === "Enter" && event.target.matches("select[data-first]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (afterG) {
      afterG = false;
      const link = [...document.querySelectorAll(".nav a")].find((a) => a.dataset.key === event.key);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { afterG = true; setTimeout(() => { afterG = false; }, 1200); return; }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", (event) => {
    const quick = event.target.closest("button[data-day]");
    if (quick) {
      const day = quick.form.elements.due_on;
      day.value = quick.dataset.day;
      quick.form.querySelector("button:not([type])").focus();
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) { opener.closest("details")?.removeAttribute("open"); showKeys(); }
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A form that is only a filter needs no button; the way to the next task keeps its filters.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-ticks-all]")) {
      for (const box of event.target.form.querySelectorAll("[data-tick]")) {
        box.checked = event.target.checked;
      }
    }
    const form = event.target.closest("form[data-submits]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    if (event.detail.elt.id === "filters") {
      for (const name of [...asked.keys()]) if (asked.get(name) === "") asked.delete(name);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "results") return;
    const query = new URLSearchParams(location.search);
    query.delete("cursor");
    const next = document.querySelector("a[data-next]");
    if (next) next.search = query.toString();
    const clear = document.querySelector("[data-clear]");
    if (clear) clear.hidden = query.size === 0;
  });
})();
