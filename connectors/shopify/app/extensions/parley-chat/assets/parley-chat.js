/*
 * Parley on a storefront: fetches the chat from your hub and tells it who is logged in.
 *
 * Whatever the page says of its customer is only a reason to ask. The shop's app proxy signs the
 * answer, and the hub turns it into a ticket that works once. Nothing here can break the page: a hub
 * that does not answer is a page without a chat.
 */
(() => {
  "use strict";

  const box = document.getElementById("parley-chat");
  if (!box || box.dataset.taken) return;
  const { hub, appId, proxy, customer, editing } = box.dataset;
  if (!/^https?:\/\/[^/]+$/.test(hub) || !appId) return;
  box.dataset.taken = "1"; // the theme editor may run this twice

  const PATIENCE = 5000; // for the proxy; then the chat starts without knowing anybody
  const FRESH = 60000; // a ticket is good for 90 s
  const AGAIN = 30000; // between two looks at who is logged in when somebody comes back to the tab
  const WHO = `parley:customer:${appId}`; // whom this browser's chat was proven to be
  const SEEN = "parley:seen";

  const chat = (window.SoftbetChat =
    window.SoftbetChat ||
    function stub() {
      (stub.q = stub.q || []).push(arguments);
    });
  const say = (...call) => window.SoftbetChat(...call);

  let ticket = null; // {user_id, user_token, at}, not yet passed on
  let proven = ""; // the customer whose ticket this page has passed on
  let asked = 0; // when the proxy last answered
  let asking = null;
  let isOpen = false;

  // Storage may be forbidden or full: then this browser remembers nobody.

  function recall(key, store = "localStorage") {
    try {
      return window[store].getItem(key) || "";
    } catch {
      return "";
    }
  }

  function keep(key, value, store = "localStorage") {
    try {
      if (value) window[store].setItem(key, value);
      else window[store].removeItem(key);
      return true;
    } catch {
      return false;
    }
  }

  /** Through the shop's own address: Shopify adds who is logged in, and signs it. */
  async function post(path) {
    const answer = await fetch(`${proxy}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ url: (location.origin + location.pathname).slice(0, 2000) }),
      redirect: "error", // a shop behind a password sends everyone to it
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    if (!answer.ok) throw answer.status;
    return answer.json();
  }

  /** Learn who is logged in. Never fails; without an answer everything stays as it was. */
  function ask() {
    asking ??= post("session")
      .then(learn)
      .catch(() => {})
      .finally(() => (asking = null));
    return asking;
  }

  function learn(answer) {
    if (answer.app_id !== appId) return; // of another workspace than this page was made for
    asked = Date.now();
    keep(SEEN, "1", "sessionStorage"); // the hub has noted the page with this question
    const before = proven || recall(WHO);
    const now = answer.user_id || "";
    if (before && before !== now) leave();
    ticket = now && now !== proven ? { ...answer, at: asked } : null;
  }

  /** Somebody else sits there, or nobody: the chat of the one before ends. */
  function leave() {
    say("logout");
    keep(WHO, "");
    proven = "";
  }

  /** Pass the ticket on, once there is a chat that will use it at once. */
  function prove() {
    if (!ticket || !(isOpen || isTalking())) return;
    const { user_id, user_token } = ticket;
    ticket = null;
    proven = user_id;
    keep(WHO, user_id);
    say("identify", { user_id, user_token });
  }

  /** The widget's own note: with an open conversation its frame is built with the page. */
  const isTalking = () => recall(`parley:${appId}`)[0] === "2";

  function opened() {
    isOpen = true;
    if (editing || proven) return;
    if (ticket && Date.now() - ticket.at < FRESH) prove();
    else ask().then(prove);
  }

  /** Back in this tab, or back by the browser's button: who is logged in may have changed meanwhile. */
  function back() {
    if (document.hidden || !(proven || recall(WHO)) || Date.now() - asked < AGAIN) return;
    ask().then(prove);
  }

  function load() {
    const script = document.createElement("script");
    script.src = `${hub}/widget.js`;
    script.async = true;
    for (const name of ["appId", "position", "offsetX", "offsetY", "theme", "locale"]) {
      if (box.dataset[name]) script.dataset[name] = box.dataset[name];
    }
    document.head.append(script);
  }

  /** “The embed is running”, once a session and when the page has nothing better to do. */
  function beat() {
    if (editing || recall(SEEN, "sessionStorage") || !keep(SEEN, "1", "sessionStorage")) return;
    post("seen").catch(() => {});
  }

  async function start() {
    // Whoever was proven here before may have gone: first the answer, then the chat.
    if (!editing && (recall(WHO) || (customer && isTalking()))) await ask().then(prove);
    load();
    setTimeout(beat, 2000);
  }

  chat("on", "open", opened);
  chat("on", "close", () => (isOpen = false));
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pageshow", (event) => event.persisted && back());
  if (document.readyState === "complete") void start();
  else window.addEventListener("load", start, { once: true });
})();
