/** Parts that come later: their place is held, and one that does not come can be asked for again. */

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { later } from "../src/app/parts/later";
import { moment } from "./page";

it("W24 a part is fetched once, when it is first shown; while it does not come one may try again", async () => {
  const outcomes = [Promise.reject(new Error("offline")), Promise.resolve(({ name }: { name: string }) => <b>{name}</b>)];
  outcomes[0]!.catch(() => {});
  let asked = 0;
  const Part = later<{ name: string }>(
    () => outcomes[asked++] as Promise<(props: { name: string }) => preact.JSX.Element>,
    () => <i>…</i>,
    (retry) => <button onClick={retry}>Again</button>,
  );
  document.body.innerHTML = "<div></div>";
  const place = document.querySelector("div")!;
  expect(asked).toBe(0);
  await act(() => render(<Part name="here" />, place));
  await act(moment);
  expect(place.innerHTML).toBe("<button>Again</button>");
  await act(() => place.querySelector("button")!.click());
  await act(moment);
  expect(place.innerHTML).toBe("<b>here</b>");
  await act(() => render(<p><Part name="there" /></p>, place));
  expect(place.innerHTML).toBe("<p><b>there</b></p>");
  expect(asked).toBe(2);
});
