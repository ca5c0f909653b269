/** Uploading with progress: a form with `data-upload` is sent by the page, which shows how far it is. Without this, the browser sends it. */

import { behave } from "./boot.js";

behave("form[data-upload]", (form) => {
  form.addEventListener("submit", (event) => {
    const state = form.querySelector("[data-upload-state]");
    const bar = state?.querySelector("progress");
    const text = state?.querySelector("[data-upload-text]");
    if (!bar || !text) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    state.hidden = false;
    form.querySelector("button").disabled = true;
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      bar.value = Math.round(100 * sent.loaded / sent.total);
      text.textContent = `${bar.value} %`;
    });
    request.addEventListener("load", () => {
      if (request.status < 300 && request.responseURL !== location.href) { location.assign(request.responseURL); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const told = page.querySelector("form[data-upload] .callout, main p");
      failed(told?.textContent?.trim() || String(request.status));
    });
    request.addEventListener("error", () => failed(""));
    request.send(new FormData(form));

    function failed(why) {
      form.querySelector("button").disabled = false;
      text.textContent = why;
      text.classList.add("error");
    }
  });
});
