// What was typed and is not saved at the service yet is kept in this browser, a
// week at most.
"use strict";

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // broken, or storage is off: as if it were not there
  }
}

function tidyStore() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("edits:") && !(stored(key)?.at > Date.now() - 7 * 864e5)) localStorage.removeItem(key);
    }
  } catch {} // storage is off: there is nothing to tidy
}
