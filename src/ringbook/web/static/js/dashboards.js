/** The bar over a dashboard: it asks again when a choice is made, and shows the fields that a choice needs (`data-when="period=dates"`). */

import { behave } from "./boot.js";
import "./fullscreen.js";

behave("[data-board-filters]", (form) => {
  const apply = form.querySelector("[data-board-apply]");
  const dependent = [...form.querySelectorAll("[data-when]")];
  const needs = (field) => {
    const [name, value] = field.dataset.when.split("=");
    return form.elements[name].value === value;
  };
  const show = () => { for (const field of dependent) field.hidden = !needs(field); };
  const complete = () => dependent.every((field) => field.hidden || [...field.querySelectorAll("input")].every((input) => input.value));

  form.addEventListener("change", (event) => {
    show();
    if (event.target.type === "search" || event.target.type === "text") return;
    if (complete()) form.requestSubmit();
    else dependent.find((field) => !field.hidden && [...field.querySelectorAll("input")].some((input) => !input.value))?.querySelector("input").focus();
  });
  // What is as usual does not stand in the address; a kept dashboard has a usual of its own, so that what is empty is said, too.
  form.addEventListener("submit", () => {
    if (form.dataset.boardFilters !== "stated") for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    for (const field of dependent) if (field.hidden) for (const input of field.querySelectorAll("input")) input.disabled = true;
  });
  addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; show(); });
  if (!form.querySelector("input:not([type='hidden'])")) apply.hidden = true;
});

/** A slider and its number say the same; the number may go beyond the slider's ends. */
behave("[data-sliders]", (form) => {
  for (const slide of form.querySelectorAll("[data-slide]")) {
    const number = form.querySelector(`[data-number="${slide.dataset.slide}"]`);
    slide.addEventListener("input", () => { number.value = slide.value; });
    number.addEventListener("input", () => { slide.value = number.value; });
  }
});
