// The inbox's script: ticking rows by key, and how many are ticked.
"use strict";

const picks = () => $$("[name=review]:enabled").filter((box) => box.checkVisibility());

function countPicked() {
  const n = $$("[name=review]:checked").length;
  const told = $("[data-picked]");
  if (told) {
    told.dataset.words ??= told.textContent;
    told.textContent = told.dataset.words.replace("{n}", n);
    told.hidden = !n;
  }
  const all = $("[data-pick-all]");
  if (!all) return;
  all.checked = n > 0 && n === picks().length;
  all.indeterminate = n > 0 && !all.checked;
}

keys.x = () => $("tr.on [name=review]")?.click();
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of picks()) box.checked = event.target.checked;
  if (event.target.matches("[data-pick-all], [name=review]")) countPicked();
});
// Lists that follow along come with their boxes anew.
new MutationObserver(() => { for (const all of $$("[data-pick-all][hidden]")) all.hidden = false; }).observe(document.body, { childList: true, subtree: true });
for (const all of $$("[data-pick-all]")) all.hidden = false;
countPicked();
