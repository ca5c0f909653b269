/** The wallboard: fetches itself anew every few seconds while it is seen, says when it cannot, and goes dark or light at a touch. */

import "./fullscreen.js";

const board = document.querySelector("[data-wallboard]");
const state = document.getElementById("wallboard-state");

async function refresh() {
  try {
    const answer = await fetch(board.dataset.wallboard, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.status === 404) { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    board.innerHTML = await answer.text();
    state.textContent = "";
    document.body.classList.remove("lost");
  } catch {
    state.textContent = state.dataset.lost;
    document.body.classList.add("lost");
  }
}

const theme = document.querySelector("[data-wallboard-theme]");
if (theme) {
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("color-scheme").trim() === "dark"
      || (document.documentElement.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
}

if (board) {
  setInterval(() => { if (!document.hidden) refresh(); }, Number(board.dataset.every) * 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}
