/** Requests to the server: the CSRF header for htmx and for `post`, and a clear word when one fails. */

import { say } from "./boot.js";
import { toast } from "./toast.js";

export function token() {
  return document.body.dataset.csrf ?? "";
}

/** Posts fields (an object or FormData) to an address of our own; the answer, whatever its status. */
export function post(url, fields = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token() }, credentials: "same-origin" });
}

/** What a failed answer means to the one who waits for it. */
export function explain(status) {
  if (status === 0) return say("offline");
  if (status === 401) return say("signed-out");
  if (status === 403) return say("forbidden");
  if (status === 413) return say("too-large");
  return say("failed");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
});
document.addEventListener("htmx:responseError", (event) => toast(explain(event.detail.xhr.status), { tone: "bad" }));
document.addEventListener("htmx:sendError", () => toast(explain(0), { tone: "bad" }));
document.addEventListener("htmx:beforeRequest", (event) => {
  const submitter = event.detail.requestConfig?.triggeringEvent?.submitter;
  submitter?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const submitter = event.detail.requestConfig?.triggeringEvent?.submitter;
  submitter?.removeAttribute("aria-busy");
});
