// The review page: fields and evidence point at each other, changes are shown
// as they are made and saved as they are typed, and the lease is renewed.
"use strict";

// A page of a review lives until another takes its place.
let life = new AbortController();

function openReview(form) {
  life.abort();
  life = new AbortController();
  const { signal } = life;
  const rows = $$("[data-row]", form);
  const mine = form.dataset.stand === "mine";
  const store = `edits:${document.body.dataset.user}:${form.dataset.review}`;
  const inputOf = (row) => $("[data-input]", row);
  const sureOf = (row) => $("[data-sure]", row);
  const baseOf = (row) => $("[data-base]", row).value;
  const valueOf = (row) => {
    const input = inputOf(row);
    return input.type === "checkbox" ? String(input.checked) : input.value;
  };
  const setValue = (row, value) => {
    const input = inputOf(row);
    if (input.type === "checkbox") input.checked = value === "true";
    else input.value = value;
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
  const did = (row) => {
    if (changed(row)) return valueOf(row).trim() ? "changed" : "cleared";
    return sureOf(row).checked ? "confirmed" : "";
  };
  const settled = (row) => "set" in row.dataset || !!did(row);

  // What was done with a field is shown, before and after, until it is decided.
  function show(row) {
    const is = changed(row);
    const value = wordOf(row);
    if (is) sureOf(row).checked = false;
    sureOf(row).closest("label").hidden = is;
    for (const badge of $$("[data-did]", row)) badge.hidden = badge.dataset.did !== did(row);
    $("[data-was]", row).hidden = !is;
    const clear = $("[data-clear]", row);
    if (clear) clear.hidden = !mine || !valueOf(row);
    const never = $("[data-never]", row);
    if (never) never.hidden = !mine || !!valueOf(row);
    $("[data-revert]", row).hidden = !mine || !is;
    if (is) compare(row, value);
    const preview = $("[data-preview]", row);
    preview.textContent = value || form.dataset.empty;
    preview.classList.toggle("none", !value);
  }
  function compare(row, value) {
    const box = $("[data-diff]", row);
    const draft = box.dataset.draft;
    const parts = draft && value ? differences(draft, value) : [["del", draft || form.dataset.empty], ["ins", value || form.dataset.empty]];
    box.replaceChildren(...parts.flatMap(([kind, text], i) => {
      if (kind === "same") return [text];
      const el = document.createElement(kind);
      const said = document.createElement("span");
      said.className = "sr";
      said.textContent = form.dataset[kind] + " ";
      el.append(said, text);
      return i && parts[i - 1][0] === "del" && kind === "ins" ? [" ", el] : [el];
    }));
  }
  let chose = false; // the person chose what is to be drafted anew
  function sum() {
    const n = rows.filter(changed).length;
    const progress = $("p [data-progress]", form);
    if (progress) progress.textContent = form.dataset.progress.replace("{n}", rows.filter(settled).length).replace("{of}", rows.length);
    if (!chose) for (const box of $$("[data-redraft]:enabled", form)) box.checked = !settled($("#" + box.dataset.redraft));
    const plain = $("[data-plain]", form);
    if (!plain) return;
    plain.hidden = n > 0;
    $("[data-edited]", form).hidden = n === 0;
  }
  function update(row) {
    show(row);
    sum();
    keep();
  }

  // Typing is saved at the service a moment later, and until then in this
  // browser: what a crash or a server that is away leaves here is found again.
  let timer = 0;
  let sending = null;
  const body = () => new URLSearchParams(new FormData(form));
  const doings = () => ({
    fields: Object.fromEntries(rows.filter(changed).map((row) => [inputOf(row).name, valueOf(row)])),
    sure: rows.filter((row) => did(row) === "confirmed").map((row) => sureOf(row).name),
    words: Object.fromEntries($$(".because textarea", form).filter((box) => box.value).map((box) => [box.name, box.value])),
  });
  function keep() {
    if (!mine) return;
    $("[data-kept]", form)?.setAttribute("hidden", "");
    try {
      localStorage.setItem(store, JSON.stringify({ at: Date.now(), subject: form.dataset.subject, ...doings() }));
    } catch {} // storage is off or full: the service has it in a moment
    clearTimeout(timer);
    timer = setTimeout(save, 600);
  }
  async function save() {
    clearTimeout(timer);
    timer = 0;
    if (sending) {
      await sending;
      if (timer) return;
    }
    const local = stored(store)?.at;
    sending = (async () => {
      try {
        const answer = await fetch(`/reviews/${form.dataset.review}/edits`, { method: "POST", body: body(), headers: { Accept: "application/json" }, keepalive: true });
        offline(false);
        if (answer.status === 409) {
          const said = await answer.json();
          if (!signal.aborted && !form.dataset.sent) lost(said.message);
        }
        if (!answer.ok) return;
        if (stored(store)?.at === local) forget();
        if (!timer) $("[data-kept]", form)?.removeAttribute("hidden");
      } catch {
        offline(true);
      }
    })();
    await sending;
    sending = null;
  }
  const forget = () => {
    try {
      localStorage.removeItem(store);
    } catch {} // storage is off: nothing was kept
  };
  function restore() {
    const kept = stored(store);
    if (!mine || !kept?.fields || kept.subject !== form.dataset.subject) return;
    for (const row of rows) {
      const name = inputOf(row).name;
      setValue(row, kept.fields[name] ?? baseOf(row));
      sureOf(row).checked = !!kept.sure?.includes(sureOf(row).name);
      row.open ||= changed(row);
      show(row);
    }
    for (const [name, words] of Object.entries(kept.words ?? {})) if (form.elements[name]) form.elements[name].value = words;
    const back = $("[data-back]", form);
    if (rows.some((row) => did(row)) && back?.hidden) back.hidden = false;
    keep();
  }
  function note(words) {
    const box = $("[data-note]", form);
    box.textContent = words;
    box.hidden = false;
  }
  $("[data-back] button", form)?.addEventListener("click", () => { clearTimeout(timer); forget(); });

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
  // Confirming a field says that it is right, and leads to the next.
  const confirm = (row, into) => {
    if (mine && !changed(row)) sureOf(row).checked = true;
    update(row);
    const next = rows[rows.indexOf(row) + 1];
    if (next) go(next, into && next.open);
    else { inputOf(row).blur(); $("summary", row).blur(); light(row, false); }
  };

  for (const row of rows) {
    const input = inputOf(row);
    if (!mine) {
      if ("readOnly" in input) input.readOnly = true;
      sureOf(row).disabled = true;
    }
    row.addEventListener("focusin", () => light(row, true));
    input.addEventListener("input", () => { fine(row); update(row); row.scrollIntoView({ block: "nearest" }); });
    sureOf(row).addEventListener("change", () => update(row));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey || input.classList.contains("json")) return;
      event.preventDefault();
      confirm(row, true);
    });
    const put = (value) => { fine(row); setValue(row, value); update(row); go(row, true); };
    $("[data-clear]", row)?.addEventListener("click", () => put(""));
    $("[data-revert]", row).addEventListener("click", () => put(baseOf(row)));
    const tidy = () => { $("summary", row).tabIndex = row.open ? -1 : 0; };
    row.addEventListener("toggle", tidy);
    tidy();
    show(row);
  }
  for (const box of $$("[data-redraft]", form)) box.addEventListener("change", () => { chose = true; });
  for (const box of $$(".because textarea", form)) box.addEventListener("input", keep);
  for (const ev of $$(".ev", form)) ev.tabIndex = -1; // Tab goes through the fields; each leads to its evidence

  // A value that somebody else decided on is taken into its field.
  function take(button) {
    const row = $("#" + button.dataset.take);
    setValue(row, button.dataset.value);
    sureOf(row).checked = !changed(row);
    row.open = true;
    update(row);
    light(row, true);
    for (const other of $$(`[data-take="${row.id}"]`, form)) other.setAttribute("aria-pressed", other === button);
  }
  form.addEventListener("click", (event) => {
    const taken = event.target.closest?.("[data-take]");
    if (taken) {
      event.preventDefault();
      return take(taken);
    }
    const to = event.target.closest?.("[data-to]");
    if (to) {
      event.preventDefault();
      return go($("#" + to.dataset.to), true);
    }
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
      $("#view-text")?.click(); // a scan may show no marks: its text does
      light(row, true);
    }
  });

  keys.j = () => step(1);
  keys.k = () => step(-1);
  keys.y = () => { if (mine && here()) confirm(here(), false); };
  keys.e = () => { const clear = here() && $("[data-clear]", here()); if (clear && !clear.hidden) clear.click(); };
  keys.v = () => { $("#pane-fields").checked = true; $("#versions")?.focus(); $("#versions")?.scrollIntoView({ block: "nearest" }); };
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
  const nth = (n) => $(`details.because[open] [data-reason="${n}"]`) ?? (here() && $(`[data-take="${here().id}"][data-n="${n}"]`, form));
  for (let n = 1; n <= 9; n++) keys[n] = () => nth(n)?.click();
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
  }, { signal });

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
    if (signal.aborted) return;
    if (document.hidden) return renew(5);
    let next = 5;
    try {
      const body = new URLSearchParams({ epoch: form.elements.epoch.value });
      const answer = await fetch(`/reviews/${form.dataset.review}/renew`, { method: "POST", body, headers: { Accept: "application/json" }, signal });
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
      if (signal.aborted) return;
      offline(true);
    }
    return renew(next);
  }

  // A server that went away is noticed soon, and so is that it is back.
  async function pulse() {
    await new Promise((done) => setTimeout(done, 10_000));
    if (signal.aborted) return;
    if (!document.hidden) await reachable();
    return pulse();
  }

  // What the next review shows is fetched while this one is looked at. Nothing
  // is claimed by that, and which review comes is told by the service alone.
  async function warm() {
    await new Promise((done) => setTimeout(done, 500));
    if (signal.aborted || !mine) return;
    try {
      const answer = await fetch(`/reviews/${form.dataset.review}/next`, { headers: { Accept: "application/json" }, signal });
      if (!answer.ok) return;
      for (const address of (await answer.json()).pictures) new Image().src = address;
    } catch {} // it is fetched when it is needed
  }

  // A decision is sent from the page, and the next review takes this one's
  // place. It falls back on the plain form.
  form.send = async (button) => {
    const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
    if (!button || !/\/(decide|reviews\/claim)$/.test(address)) return false;
    clearTimeout(timer);
    const sent = body();
    if (button.name) sent.append(button.name, button.value);
    try {
      const answer = await fetch(address, { method: "POST", body: sent, headers: { Accept: "application/json, text/html" } });
      offline(false);
      if (answer.status === 401) location.assign(`/signin?next=${encodeURIComponent(address)}`);
      else if ((answer.headers.get("Content-Type") ?? "").startsWith("text/html")) await turn(answer, location.pathname);
      else await follow(answer);
    } catch {
      offline(true);
      keep();
    }
    return true;
  };
  async function follow(answer) {
    const said = await answer.json();
    if (!answer.ok) return note(said.message);
    forget();
    if (!said.turn) return location.assign(said.next);
    const next = await fetch(said.next, { headers: { Accept: "text/html" } });
    if (!next.ok || next.redirected) return location.assign(said.next);
    return turn(next, said.next);
  }

  tidyStore();
  openSource(form);
  restore();
  sum();
  pulse();
  warm();
  go(rows.find((row) => row.classList.contains("has-problem")), true);
  if (mine && form.dataset.renew) renew(Number(form.dataset.renew));
  requestAnimationFrame(() => { form.dataset.ready = "1"; });
}

openReview($("#review"));
