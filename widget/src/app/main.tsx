/** The app in the frame: who is around it, what they may ask for, and the first drawing. */

import { effect } from "@preact/signals";
import { render } from "preact";
import { listen, tell, type Init, type Says, type ToApp, type ToPage } from "../bridge";
import { Chat } from "./chat";
import { counted, few } from "./format";
import { Panel } from "./panel";
import { preview } from "./preview";
import { listenForGesture } from "./sound";
import * as state from "./state";
import "./styles/tokens.css";
import "./styles/widget.css";
import "./styles/app.css";
import { followBrand, followLanguage, followTheme } from "./theme";
import { ReachContext } from "./use";
import { fill, speech, spoken } from "./words";

const query = new URLSearchParams(location.search);
const widget = query.get("id") ?? "";

function draw(chat: Chat, close: () => void, still = false): void {
  followBrand();
  followLanguage();
  render(
    <ReachContext.Provider value={{ chat, close }}>
      <Panel still={still} />
    </ReachContext.Provider>,
    document.getElementById("app")!,
  );
}

/** The loader wrote its origin into the fragment; anyone else who frames us is told nothing and believed nothing. */
function embedded(page: Window, origin: string): void {
  const tellPage = (message: ToPage): void => tell(page, origin, message);
  const close = (): void => tellPage({ type: "close" });
  const chat = new Chat(widget, tellPage);

  listen<ToApp>(() => page, origin, (message) => {
    switch (message.type) {
      case "init":
        return void begin(chat, message);
      case "open":
        return chat.opened();
      case "close":
        return chat.closed();
      case "new":
        return chat.showNew(message.text);
      case "identify":
        return chat.identify(message.identity);
      case "logout":
        return chat.logout();
      case "article":
        return chat.showArticle(message.slug);
      case "page":
        return chat.moved(message.page);
    } // a newer loader may know more
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
  });
  effect(() => {
    const note = chat.note();
    tellPage({ type: "state", unread: state.unread.value, online: state.online.value, note, says: says() });
  });
  setInterval(() => (state.minute.value = Date.now()), 60_000);
  listenForGesture();
  draw(chat, close);
  tellPage({ type: "ready" });
}

/** Nothing is drawn before its words are there: no language flashes by in another. */
async function begin(chat: Chat, init: Init): Promise<void> {
  followTheme(init.theme);
  const locale = spoken([...init.locales, init.appearance.locale]);
  chat.begin(init, locale);
  state.language.value = await speech(locale);
  state.appearance.value = init.appearance;
}

/** The words on the page itself. */
function says(): Says {
  const said = state.words();
  const unread = state.unread.value;
  const count = few(unread);
  return {
    open: said.open + (unread ? fill(said.unread, { count }) : ""),
    close: said.close,
    count: unread ? count : "",
    dialog: fill(said.dialog, { shop: state.appearance.value?.name ?? "" }),
    flash: counted(said.flash, unread),
  };
}

if (query.has("preview")) {
  followTheme("light");
  draw(new Chat(widget, () => {}), () => {}, true);
  preview(widget);
} else if (window.parent !== window && location.hash.length > 1) {
  embedded(window.parent, location.hash.slice(1));
}
