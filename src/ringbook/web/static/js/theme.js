/** Light, dark or as the device: at once on the page, kept for the person, and in a cookie for the page to sign in. */

import { post } from "./net.js";

function set(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
  for (const choice of document.querySelectorAll("[data-theme-set][aria-checked]")) choice.setAttribute("aria-checked", String(choice.dataset.themeSet === theme));
  for (const choice of document.querySelectorAll("[data-theme-set][aria-pressed]")) choice.setAttribute("aria-pressed", String(choice.dataset.themeSet === theme));
  document.dispatchEvent(new CustomEvent("theme", { detail: { theme } }));
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-set]");
  if (!choice) return;
  set(choice.dataset.themeSet);
  document.cookie = `theme=${choice.dataset.themeSet}; path=/; max-age=31536000; samesite=lax`;
  const url = document.body.dataset.themeUrl;
  if (url) post(url, { theme: choice.dataset.themeSet }).catch(() => {});
});
