// Finds a unit or a person by part of the name, with or without marks.
import { useState } from "preact/hooks";
import { useCity } from "./city";
import { useSpeech } from "./i18n";
import { link } from "./route";

const kFoundMax = 12;

export function Search() {
  const city = useCity();
  const { t } = useSpeech();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const found = city.search(typed, kFoundMax);
  const go = (node: string | undefined) => {
    if (!node) return;
    location.hash = link(city.pageOf(node), [node]);
    setTyped("");
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") go(found[at]);
    else if (event.key === "Escape") setTyped("");
    else return;
    event.preventDefault();
  };
  const open = typed.trim() !== "";
  return (
    <div class="search">
      <input
        type="text"
        role="combobox"
        aria-label={t.search}
        placeholder={t.search}
        value={typed}
        autocomplete="off"
        spellcheck={false}
        aria-expanded={open && found.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        {...(open && found[at] ? { "aria-activedescendant": `found-${at}` } : {})}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keys}
        onBlur={() => setTimeout(() => setTyped(""), 200)}
      />
      <ul id="found" role="listbox" aria-label={t.search} hidden={!open || found.length === 0}>
        {found.map((node, i) => (
          <li key={node} id={`found-${i}`} role="option" aria-selected={i === at} onMouseDown={() => go(node)}>
            {city.name(node)}{" "}
            <small>
              {city
                .path(node)
                .slice(0, -1)
                .map((above) => city.name(above))
                .join(" › ")}
            </small>
          </li>
        ))}
      </ul>
      <span class="sr" role="status">
        {open ? (found.length > 0 ? t.searchCount(found.length) : t.searchNone) : ""}
      </span>
      {open && found.length === 0 && <p class="none">{t.searchNone}</p>}
    </div>
  );
}
