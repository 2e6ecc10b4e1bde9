// Is there only a phone's room?
import { useEffect, useState } from "preact/hooks";

export function useNarrow(): boolean {
  const query = "(max-width: 720px)";
  const [narrow, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => set(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return narrow;
}
