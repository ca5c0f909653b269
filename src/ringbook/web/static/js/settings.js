/** Business hours: spans of a day that are empty wait behind a button. Without this, all of them are shown. */

import { behave } from "./boot.js";

behave("[data-more-hours]", (button) => {
  const spares = () => [...button.parentElement.querySelectorAll("[data-spare][hidden]")];
  for (const spare of button.parentElement.querySelectorAll("[data-spare]")) spare.hidden = true;
  button.hidden = spares().length === 0;
  button.addEventListener("click", () => {
    const next = spares()[0];
    if (!next) return;
    next.hidden = false;
    next.querySelector("input").focus();
    button.hidden = spares().length === 0;
  });
});
