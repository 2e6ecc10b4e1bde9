// One stop of the tab key for a whole table of links; the arrow keys, Home and End go on from there.

const kSteps: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const linkIn = (cell: Element | undefined) => cell?.querySelector<HTMLElement>("a") ?? undefined;

export function moveInGrid(event: KeyboardEvent): void {
  const cell = (event.target as Element).closest("td, th");
  const row = cell?.closest("tr");
  const table = cell?.closest("table");
  if (!cell || !row || !table) return;
  const rows = [...table.rows];
  let line = rows.indexOf(row);
  let column = [...row.cells].indexOf(cell as HTMLTableCellElement);
  const step = event.key === "Home" ? [0, -1] : event.key === "End" ? [0, 1] : kSteps[event.key];
  if (!step) return;
  event.preventDefault();
  // Cells without a link are passed over.
  let found: HTMLElement | undefined;
  const far = event.key === "Home" || event.key === "End";
  for (;;) {
    line += step[0] ?? 0;
    column += step[1] ?? 0;
    const next = rows[line]?.cells[column];
    if (!next) break;
    found = linkIn(next) ?? found;
    if (found && !far) break;
  }
  if (!found) return;
  table.querySelectorAll("a[tabindex='0']").forEach((other) => other.setAttribute("tabindex", "-1"));
  found.setAttribute("tabindex", "0");
  found.focus();
  found.scrollIntoView({ block: "nearest", inline: "nearest" });
}
