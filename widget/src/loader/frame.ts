/** The frame the app lives in: built when somebody wants it, believed only from our origin and our window. */

import { listen, tell, type Init, type ToApp, type ToPage } from "../bridge";
import type { Tag } from "./tag";

const PATIENCE = 15_000; // an app that has not spoken by then will not come

export interface Frame {
  element: HTMLIFrameElement;
  /** Tell the app now, or as soon as it is there. */
  tell(message: ToApp): void;
  drop(): void;
}

export function buildFrame(
  panel: Element,
  tag: Tag,
  name: string,
  first: () => Init,
  hear: (message: ToPage) => void,
  lost: () => void,
): Frame {
  const element = document.createElement("iframe");
  const timer = setTimeout(lost, PATIENCE);
  const waiting: ToApp[] = [];
  let ready = false;

  const say = (message: ToApp): void => {
    if (ready) tell(element.contentWindow!, tag.hub, message);
    else waiting.push(message);
  };
  const answer = (message: ToPage): void => {
    if (message.type === "ready") {
      // The app is there: for the first time, or after it has loaded itself anew.
      clearTimeout(timer);
      ready = true;
      say(first());
      waiting.splice(0).forEach(say);
    }
    hear(message);
  };
  listen<ToPage>(() => element.contentWindow, tag.hub, answer);

  element.title = name;
  // The fragment says who may be believed in there; it never reaches a server.
  element.src = `${tag.hub}/widget/app?id=${tag.id}#${location.origin}`;
  panel.append(element);
  return {
    element,
    tell: say,
    drop() {
      clearTimeout(timer);
      element.remove();
    },
  };
}
