// The console: what surrounds the pages, and which page is shown.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "./api";
import { City, CityContext, loadCity } from "./city";
import { time } from "./format";
import { firstLanguage, speechIn, SpeechContext, useSpeech, type Language } from "./i18n";
import { show, useShown } from "./live";
import { Choice, Heading, Loading, Wrong } from "./parts";
import { Alerts } from "./pages/alerts";
import { Board } from "./pages/board";
import { FigurePage } from "./pages/figure";
import { Health } from "./pages/health";
import { Officer } from "./pages/officer";
import { Ranking } from "./pages/ranking";
import { Report } from "./pages/report";
import { link, useRoute, type Route } from "./route";
import { Search } from "./search";

const kAgainMs = 2000;
type Theme = "auto" | "light" | "dark";

function wear(theme: Theme): Theme {
  document.documentElement.dataset["theme"] = theme;
  return theme;
}

// Before anything is drawn, and kept at once: the page may be left right after.
function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState<Theme>(() => wear((localStorage.getItem("theme") as Theme | null) ?? "auto"));
  return [
    theme,
    (chosen) => {
      localStorage.setItem("theme", chosen);
      set(wear(chosen));
    },
  ];
}

function useCityOf(): { city: City | undefined; problem: Problem | undefined } {
  const [loaded, set] = useState<{ city: City | undefined; problem: Problem | undefined }>({
    city: undefined,
    problem: undefined,
  });
  useEffect(() => {
    let timer: number | undefined;
    const load = () =>
      loadCity().then(
        ({ city, asOf, complete }) => {
          show({ asOf, complete });
          set({ city, problem: undefined });
        },
        (problem: Problem) => {
          show({ link: "lost" });
          set({ city: undefined, problem });
          timer = window.setTimeout(load, kAgainMs);
        },
      );
    void load();
    return () => clearTimeout(timer);
  }, []);
  return loaded;
}

function PageOf({ route }: { route: Route }) {
  const { t } = useSpeech();
  switch (route.page) {
    case "board":
      return <Board route={route} />;
    case "figure":
      return <FigurePage route={route} />;
    case "officer":
      return <Officer route={route} />;
    case "alerts":
      return <Alerts route={route} />;
    case "ranking":
      return <Ranking route={route} />;
    case "report":
      return <Report route={route} />;
    case "health":
      return <Health />;
    default:
      return <Heading>{t.notFound}</Heading>;
  }
}

function Standing() {
  const { t, language } = useSpeech();
  const { link: state, asOf, complete } = useShown();
  return (
    <div class="standing">
      <span class={`link ${state}`} role="status">
        <span class="dot" aria-hidden="true">
          {state === "live" ? "●" : state === "lost" ? "✕" : "○"}
        </span>
        {t[state]}
      </span>
      {asOf && (
        <span class="as-of">
          {t.asOf} <time dateTime={asOf}>{time(asOf, language)}</time>
        </span>
      )}
      {!complete && (
        <strong class="incomplete" role="alert">
          {t.incomplete}
        </strong>
      )}
    </div>
  );
}

function Console() {
  const route = useRoute();
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [theme, setTheme] = useTheme();
  const { city, problem } = useCityOf();
  const speech = speechIn(language);
  const { t } = speech;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [route.page, route.words.join("/")]);
  const speak = (to: Language) => {
    localStorage.setItem("language", to);
    setLanguage(to);
  };
  const pages: [string, string][] = [
    ["board", t.board],
    ["alerts", t.alerts],
    ["report", t.report],
    ["health", t.health],
  ];
  return (
    <SpeechContext.Provider value={speech}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("main")?.focus();
        }}
      >
        {t.skip}
      </a>
      <CityContext.Provider value={city ?? new City([], [], [])}>
        <header>
          <a class="brand" href="#/">
            {city ? city.name(city.root) : "Slipstream"}
          </a>
          <nav aria-label={t.menu}>
            {pages.map(([page, text]) => (
              <a key={page} href={link(page)} aria-current={route.page === page ? "page" : undefined}>
                {text}
              </a>
            ))}
          </nav>
          <Search />
          <span class="settings">
            <Choice
              label={t.language}
              value={language}
              choose={speak}
              of={[
                ["vi", "Tiếng Việt"],
                ["en", "English"],
              ]}
            />
            <Choice
              label={t.theme}
              value={theme}
              choose={setTheme}
              of={[
                ["auto", t.auto],
                ["light", t.light],
                ["dark", t.dark],
              ]}
            />
          </span>
        </header>
        <Standing />
        <main tabIndex={-1}>
          {city ? (
            <PageOf key={`${route.page}/${route.words.join("/")}`} route={route} />
          ) : problem ? (
            <Wrong problem={problem} />
          ) : (
            <Loading />
          )}
        </main>
      </CityContext.Provider>
    </SpeechContext.Provider>
  );
}

render(<Console />, document.getElementById("app") as HTMLElement);
