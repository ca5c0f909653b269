/** Buttons that show a part of the page on the whole screen (`data-fullscreen`: its id) or print the page (`data-print`); hidden without scripts. */

import { behave } from "./boot.js";

behave("[data-fullscreen]", (button) => {
  if (!document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.getElementById(button.dataset.fullscreen)?.requestFullscreen();
  });
});

behave("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
