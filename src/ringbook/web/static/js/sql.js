/** The SQL door: Ctrl + Enter runs the statement, an example takes its place, a file has all its rows. */

const form = document.getElementById("sql-form");
const field = document.getElementById("sql-statement");

field?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  document.getElementById("sql-run").click();
});
const file = document.getElementById("sql-file");
file?.addEventListener("submit", () => { file.elements.statement.value = field.value; });
for (const button of document.querySelectorAll("[data-statement]")) {
  button.addEventListener("click", () => {
    field.value = button.dataset.statement;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    form.requestSubmit(document.getElementById("sql-run"));
  });
}
