/** The agents' console: starts the theme, the addresses and the session, then draws. */

import { render } from "preact";
import "./styles/tokens.css";
import "./styles/kit.css";
import "./styles/page.css";
import { App } from "./screens/App";
import { startRouter } from "./router";
import { startSession } from "./session";
import { paint, preference } from "./theme";

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(preference()));
startRouter();
void startSession();
render(<App />, document.getElementById("root")!);
