/* The set-up form: chooses the time zone of this browser, unless somebody chose already. */

const zones = document.querySelector("select[data-zone-here]");
if (zones && zones.value === "UTC") {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zones.options].some((option) => option.value === here)) zones.value = here;
}
