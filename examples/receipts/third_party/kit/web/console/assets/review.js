// The review page: fields and evidence point at each other, changes are shown
// as they are made and kept in this browser, the lease is renewed.
"use strict";

{
  const form = $("#review");
  const rows = $$("[data-row]", form);
  const mine = form.dataset.stand === "mine";
  const store = `edits:${document.body.dataset.user}:${form.dataset.review}`;
  const inputOf = (row) => $("[data-input]", row);
  const baseOf = (row) => $("[data-base]", row).value;
  const valueOf = (row) => {
    const input = inputOf(row);
    return input.type === "checkbox" ? String(input.checked) : input.value;
  };
  const day = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: lang === "en" ? "short" : "long", year: "numeric", timeZone: "UTC" });
  const wordOf = (row) => {
    const input = inputOf(row);
    if (input.type === "checkbox") return input.checked ? form.dataset.yes : form.dataset.no;
    if (input.type === "date" && input.valueAsDate) return day.format(input.valueAsDate);
    if (input.inputMode === "decimal") return input.value.replace(/^-?\d+(?=(\.\d+)?$)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
    return input.selectedOptions?.[0]?.text ?? input.value;
  };
  const changed = (row) => valueOf(row) !== baseOf(row);

  // What was changed is shown before and after, until it is decided.
  function show(row) {
    const is = changed(row);
    const value = wordOf(row);
    $("[data-was]", row).hidden = !is;
    $("[data-mine]", row).hidden = !is;
    $("[data-now]", row).textContent = value;
    const preview = $("[data-preview]", row);
    preview.textContent = value || form.dataset.empty;
    preview.classList.toggle("none", !value);
  }
  function sum() {
    const n = rows.filter(changed).length;
    const plain = $("[data-plain]", form);
    if (!plain) return;
    plain.hidden = n > 0;
    $("[data-edited]", form).hidden = n === 0;
  }

  // Typing is kept in this browser until the review is decided.
  function keep() {
    const edits = Object.fromEntries(rows.filter(changed).map((row) => [inputOf(row).name, valueOf(row)]));
    try {
      if (Object.keys(edits).length) localStorage.setItem(store, JSON.stringify({ at: Date.now(), subject: form.dataset.subject, edits }));
      else localStorage.removeItem(store);
    } catch {} // storage is off or full: the form still has all of it
  }
  function stored(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null; // broken: as if it were not there
    }
  }
  function tidyStore() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith("edits:") && !(stored(key)?.at > Date.now() - 7 * 864e5)) localStorage.removeItem(key);
      }
    } catch {} // storage is off: there is nothing to tidy
  }
  function restore() {
    const kept = stored(store);
    if (!mine || !kept?.edits || kept.subject !== form.dataset.subject || rows.some(changed)) return;
    for (const row of rows) {
      const input = inputOf(row);
      if (!(input.name in kept.edits)) continue;
      if (input.type === "checkbox") input.checked = kept.edits[input.name] === "true";
      else input.value = kept.edits[input.name];
      row.open = true;
      show(row);
    }
    if (rows.some(changed)) note(form.dataset.wordsKept);
  }
  function note(words) {
    const box = $("[data-note]", form);
    box.textContent = words;
    box.hidden = false;
  }

  // A field and its evidence light up together.
  function light(row, scroll) {
    for (const other of rows) other.classList.toggle("on", other === row);
    let first = null;
    for (const ev of $$(".ev", form)) {
      const on = !!row && ev.dataset.rows.split(" ").includes(row.id);
      ev.classList.toggle("on", on);
      if (on && !first && ev.checkVisibility()) first = ev;
    }
    if (first && scroll) ($("mark, rect", first) ?? first).scrollIntoView({ block: "center", inline: "nearest" });
  }
  function go(row, into) {
    if (!row) return;
    $("#pane-fields").checked = true;
    if (into) row.open = true;
    const target = into ? inputOf(row) : $("summary", row);
    target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (into && target.matches("input:not([type=date], [type=checkbox])")) target.select();
    if (into && target.matches("textarea")) target.setSelectionRange(target.value.length, target.value.length);
  }
  const here = () => rows.find((row) => row.contains(document.activeElement)) ?? rows.find((row) => row.classList.contains("on"));
  const step = (by) => go(rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(here()) + by))]);
  const confirm = (row) => {
    const next = rows[rows.indexOf(row) + 1];
    if (next) go(next, next.open);
    else { inputOf(row).blur(); light(row, false); }
  };

  for (const row of rows) {
    const input = inputOf(row);
    if (!mine && "readOnly" in input) input.readOnly = true;
    row.addEventListener("focusin", () => light(row, true));
    input.addEventListener("input", () => { show(row); sum(); keep(); row.scrollIntoView({ block: "nearest" }); });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey || input.classList.contains("json")) return;
      event.preventDefault();
      confirm(row);
    });
    const tidy = () => { $("summary", row).tabIndex = row.open ? -1 : 0; };
    row.addEventListener("toggle", tidy);
    tidy();
  }
  for (const ev of $$(".ev", form)) ev.tabIndex = -1; // Tab goes through the fields; each leads to its evidence
  form.addEventListener("click", (event) => {
    const ev = event.target.closest?.(".ev");
    if (ev) {
      event.preventDefault();
      const ids = ev.dataset.rows.split(" ");
      const at = ids.indexOf(here()?.id);
      go($("#" + ids[(at + 1) % ids.length]), true);
      return;
    }
    const link = event.target.closest?.("[data-ev]");
    if (link) {
      event.preventDefault();
      $("#pane-source").checked = true;
      const row = link.closest("[data-row]");
      light(row, true);
      if ($$(".ev.on", form).some((on) => on.checkVisibility())) return;
      $("#view-text")?.click(); // a PDF shows no marks: its text does
      light(row, true);
    }
  });

  keys.j = () => step(1);
  keys.k = () => step(-1);
  keys.ownsEnter = () => !!document.activeElement?.closest("[data-row] > summary");
  keys.Enter = () => go(here() ?? rows[0], true);
  keys.Escape = () => {
    const box = $("details.because[open]");
    if (box) { box.open = false; $("summary", box).focus(); return; }
    const row = here();
    if (row && row.contains(document.activeElement)) $("summary", row).focus();
  };
  keys["/"] = () => {
    $("#view-text")?.click();
    $("#pane-source").checked = true;
    $("[data-find] input", form)?.focus();
  };
  for (let n = 1; n <= 9; n++) {
    keys[n] = () => $(`details.because[open] [data-reason="${n}"]`)?.click();
  }
  for (const box of $$("details.because", form)) {
    box.addEventListener("toggle", () => { if (box.open && !box.matches(":has(.because-box :focus)")) $(".reason", box).focus({ preventScroll: true }); });
    // "Other" needs words: it asks for them, and Enter sends them.
    const words = $("textarea", box);
    const other = $("[data-other]", box);
    other.addEventListener("click", (event) => {
      if (words.value.trim()) return;
      event.preventDefault();
      words.focus();
    });
    words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
      event.preventDefault();
      other.click();
    });
  }
  document.addEventListener("click", (event) => {
    for (const box of $$("details.because[open]")) if (!box.contains(event.target)) box.open = false;
  });

  // Find in the text: each Enter goes to the next place.
  const find = $("[data-find] input", form);
  const paper = $(".paper", form);
  let after = 0;
  function seek() {
    CSS.highlights?.clear();
    const wanted = find.value.toLowerCase();
    const text = paper.textContent.toLowerCase();
    if (!wanted || !CSS.highlights) return;
    let from = text.indexOf(wanted, after);
    if (from < 0) from = text.indexOf(wanted);
    if (from < 0) return;
    after = from + 1;
    const range = document.createRange();
    const walk = document.createTreeWalker(paper, NodeFilter.SHOW_TEXT);
    for (let seen = 0, node; (node = walk.nextNode()); seen += node.length) {
      if (from >= seen && from < seen + node.length) range.setStart(node, from - seen);
      if (from + wanted.length <= seen + node.length) {
        range.setEnd(node, from + wanted.length - seen);
        break;
      }
    }
    CSS.highlights.set("found", new Highlight(range));
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
  }
  find?.addEventListener("input", () => { after = 0; seek(); });
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    seek();
  });

  // Zoom of the scan.
  const zoom = $("[data-zoom]", form);
  const sheets = $$(".sheet", form);
  if (zoom && sheets.length) {
    zoom.hidden = false;
    let wide = 1;
    zoom.addEventListener("click", (event) => {
      const by = Number(event.target.closest("button")?.value);
      if (!by) return;
      wide = Math.min(4, Math.max(0.5, wide * (by > 0 ? 1.25 : 0.8)));
      for (const sheet of sheets) { sheet.style.maxWidth = `${640 * wide}px`; sheet.style.width = wide > 1 ? `${100 * wide}%` : ""; }
    });
  }

  // A PDF that was clicked takes every key: leaving it gives them back.
  const pdf = $(".pdf", form);
  pdf?.addEventListener("mouseleave", () => {
    if (document.activeElement === pdf) { pdf.blur(); window.focus(); }
  });

  // What is lost is said, and can be claimed again with all that was typed.
  function lost(words) {
    note(words);
    $("[data-note]", form).classList.replace("info", "warn");
    for (const el of [$("[data-lease]", form), ...$$(".decide > *", form)]) el.hidden = !("again" in el.dataset);
  }

  // The lease is renewed while the page is looked at. A server that went away
  // is asked again until it is back.
  async function renew(wait) {
    await new Promise((done) => setTimeout(done, wait * 1000));
    if (document.hidden) return renew(5);
    let next = 5;
    try {
      const body = new URLSearchParams({ epoch: form.elements.epoch.value });
      const answer = await fetch(`/reviews/${form.dataset.review}/renew`, { method: "POST", body, headers: { Accept: "application/json" } });
      offline(false);
      const said = await answer.json();
      if (answer.status === 409 || answer.status === 401) {
        if (answer.status === 409) lost(said.message);
        else note(said.message);
        return;
      }
      if (answer.ok) {
        next = Math.max(1, (new Date(said.expires_at) - Date.now()) / 3000);
        const time = $("[data-lease] time", form);
        if (time) { time.dateTime = said.expires_at; localise(time.parentElement); }
      }
    } catch {
      offline(true);
    }
    return renew(next);
  }

  // A server that went away is noticed soon, and so is that it is back.
  async function pulse() {
    await new Promise((done) => setTimeout(done, 10_000));
    if (!document.hidden) await reachable();
    return pulse();
  }

  tidyStore();
  restore();
  sum();
  pulse();
  go(rows.find((row) => row.classList.contains("has-problem")), true);
  if (mine && form.dataset.renew) renew(Number(form.dataset.renew));
}
