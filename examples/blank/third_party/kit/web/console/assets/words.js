// How two texts differ, word by word.
"use strict";

// Words that are compared as one; of Chinese, Japanese and Korean each character.
const tokens = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[\p{L}\p{M}]+|\p{N}+(?:[.,]\p{N}+)*|\s+|./gu;

// The longest run of words that both texts keep, and what is gone or new between.
function differences(before, after) {
  const a = before.match(tokens) ?? [];
  const b = after.match(tokens) ?? [];
  if (a.length * b.length > 250_000) return [["del", before], ["ins", after]];
  const long = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) long[i][j] = a[i] === b[j] ? long[i + 1][j + 1] + 1 : Math.max(long[i + 1][j], long[i][j + 1]);
  }
  const parts = [];
  const add = (kind, text) => (parts.at(-1)?.[0] === kind ? (parts.at(-1)[1] += text) : parts.push([kind, text]));
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add("same", a[i++]); j++; }
    else if (j >= b.length || (i < a.length && long[i + 1][j] >= long[i][j + 1])) add("del", a[i++]);
    else add("ins", b[j++]);
  }
  return parts;
}

// What was wrong with a field's value is not said of the next one.
function fine(row) {
  row.classList.remove("has-problem");
  $(".bad-text", row).textContent = "";
}
