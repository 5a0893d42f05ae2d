// The page of a blind review: the fields are gone through by keys, what is
// typed is saved, and the lease is renewed while the page is looked at.
"use strict";

{
  const form = $("#blind");
  const inputs = $$("[data-input]", form);
  const mine = form.dataset.stand === "mine";

  const go = (input) => {
    if (!input) return;
    input.focus();
    input.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => go(inputs[Math.min(inputs.length - 1, Math.max(0, inputs.indexOf(document.activeElement) + by))] ?? inputs[0]);
  keys.j = () => step(1);
  keys.k = () => step(-1);
  keys.Enter = () => go(inputs[0]);
  keys.Escape = () => document.activeElement?.blur();
  keys["/"] = () => $("[data-find] input", form)?.focus();
  for (const [at, input] of inputs.entries()) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey || input.classList.contains("json")) return;
      event.preventDefault();
      go(inputs[at + 1] ?? $(".blind-acts .primary", form));
    });
  }
  go(inputs.find((input) => input.closest(".has-problem")));

  const note = (words) => {
    const box = $("[data-note]", form);
    box.textContent = words;
    box.hidden = false;
  };
  async function post(path, body) {
    const answer = await fetch(`/reviews/${form.dataset.review}/${path}`, { method: "POST", body, headers: { Accept: "application/json" } });
    offline(false);
    const said = await answer.json();
    if (answer.status === 409 || answer.status === 401) note(said.message);
    return answer.ok && said;
  }

  let timer = 0;
  for (const input of inputs) {
    input.addEventListener("input", () => {
      clearTimeout(timer);
      $("[data-kept]", form).hidden = true;
      timer = setTimeout(save, 600);
    });
  }
  async function save() {
    try {
      if (await post("edits", new URLSearchParams(new FormData(form)))) $("[data-kept]", form).hidden = false;
    } catch {
      offline(true);
    }
  }

  async function renew(wait) {
    await new Promise((done) => setTimeout(done, wait * 1000));
    if (document.hidden) return renew(5);
    try {
      const said = await post("renew", new URLSearchParams({ epoch: form.elements.epoch.value }));
      if (!said) return;
      const time = $("[data-lease] time", form);
      time.dateTime = said.expires_at;
      localise(time.parentElement);
      return renew(Math.max(1, (new Date(said.expires_at) - Date.now()) / 3000));
    } catch {
      offline(true);
      return renew(5);
    }
  }
  if (mine) renew(Number(form.dataset.renew));
}
