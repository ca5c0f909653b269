// Rows of numbers in the form of a contact: one more, one less. Without this, one empty row is always there.

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-number-add]");
  if (add) {
    const rows = add.closest("[data-numbers]").querySelectorAll("[data-number-row]");
    const last = rows[rows.length - 1];
    const row = last.cloneNode(true);
    const input = row.querySelector("input");
    input.value = "";
    last.after(row);
    input.focus();
  }
  const remove = event.target.closest("[data-number-remove]");
  if (remove) {
    const group = remove.closest("[data-numbers]");
    const row = remove.closest("[data-number-row]");
    if (group.querySelectorAll("[data-number-row]").length > 1) row.remove();
    else row.querySelector("input").value = "";
    group.querySelector("[data-number-row] input").focus();
  }
});
