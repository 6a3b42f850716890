// Runs before the page is drawn, so that what scripts will change does not jump.  Every page works without it.
(() => {
  const { scripts } = document.currentScript.dataset;
  document.body.classList.add("js-enabled", "govuk-frontend-supported");

  // On a narrow screen the filters start closed, unless they are in use.
  const turnsPages = (name) => name === "page" || name === "month";
  const closeFilters = () => {
    const filters = document.querySelector(".ac-filter");
    if (filters && [...new URLSearchParams(location.search).keys()].every(turnsPages) && matchMedia("(max-width: 40em)").matches) filters.open = false;
  };

  // A list with boxes to tick: [data-select-all] in its head, [data-row] in its rows, [data-ticked] says how many.
  const rowsOf = (form) => [...form.querySelectorAll("[data-row]")];
  const countTicked = (form) => {
    const rows = rowsOf(form);
    const ticked = rows.filter((box) => box.checked).length;
    const all = form.querySelector("[data-select-all]");
    const count = form.querySelector("[data-ticked]");
    if (all) all.checked = ticked > 0 && ticked === rows.length;
    if (all) all.indeterminate = ticked > 0 && ticked < rows.length;
    if (count) count.textContent = `${ticked} selected`;
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-select-all], [data-row]")) return;
    if (target.matches("[data-select-all]")) for (const box of rowsOf(target.form)) box.checked = target.checked;
    countTicked(target.form);
  });

  // [data-print] prints the page.
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
  });

  // [data-copy=id] copies the words of that element; where it may not, it selects them. The element after it says so.
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const told = button.nextElementSibling;
    try {
      await navigator.clipboard.writeText(source.innerText);
      told.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      told.textContent = "Selected: copy it with your keyboard";
    }
  });

  document.addEventListener("DOMContentLoaded", async () => {
    closeFilters();
    for (const control of document.querySelectorAll("[data-needs-script]")) control.hidden = false;
    const { initAll } = await import(scripts);
    initAll();
    document.body.addEventListener("htmx:afterSettle", ({ detail }) => initAll({ scope: detail.elt }));
  });
})();
