// The editor of strategies and texts: line numbers, keys, where faults are. The page works without this file.
"use strict";
(() => {
  const form = document.getElementById("editor");
  const area = document.getElementById("text");
  if (!form || !area) return;
  const gutter = form.querySelector(".gutter");
  let saved = area.value;
  let sent = saved;

  function number() {
    if (!gutter) return; // prose has no line numbers
    const faults = new Set([...document.querySelectorAll("#checked [data-line]")].map((a) => +a.dataset.line));
    const lines = area.value.split("\n").length;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, n) => {
      const line = document.createElement("span");
      line.textContent = `${n + 1}\n`;
      if (faults.has(n + 1)) line.className = "fault";
      return line;
    }));
    gutter.scrollTop = area.scrollTop;
  }

  function mark() {
    const note = form.querySelector("[data-unsaved]");
    if (note) note.hidden = area.value === saved;
  }

  function goTo(line) {
    const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = area.value.indexOf("\n", before);
    area.focus();
    area.setSelectionRange(before, end < 0 ? area.value.length : end);
    const height = area.scrollHeight / area.value.split("\n").length;
    area.scrollTop = Math.max(0, (line - 4) * height);
  }

  area.addEventListener("input", () => { number(); mark(); });
  function select(first, after) {
    const signs = [...area.value]; // places are counted in characters, some of which are two here
    const start = signs.slice(0, first).join("").length;
    area.focus();
    area.setSelectionRange(start, start + signs.slice(first, after).join("").length);
  }

  function insert(words) {
    area.focus();
    area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  area.addEventListener("scroll", () => { if (gutter) gutter.scrollTop = area.scrollTop; });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#checked [data-line]");
    if (link) { event.preventDefault(); goTo(+link.dataset.line); }
    const found = event.target.closest("#checked [data-start]");
    if (found) { event.preventDefault(); select(+found.dataset.start, +found.dataset.end); }
    const figure = event.target.closest("[data-figure]");
    if (figure) insert(`{${figure.dataset.figure}}`);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const name = event.key === "Enter" ? "[data-submit]" : event.key.toLowerCase() === "s" ? "[data-save]" : "";
    if (!name) return;
    event.preventDefault();
    form.querySelector(name).click(); // a click, so that the name of the button goes with the form
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === form) sent = area.value;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "checked") number();
    // What was refused, in whatever words, is not saved.
    else if (event.detail.requestConfig?.elt === form && !form.querySelector("#saved .late")) saved = sent;
    mark();
  });
  let leaves = false;
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaves = true;
  });
  addEventListener("beforeunload", (event) => { if (!leaves && area.value !== saved) event.preventDefault(); });
  number();
})();
