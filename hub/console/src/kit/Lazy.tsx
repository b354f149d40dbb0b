/** A screen that is fetched when it is first opened, so that the inbox need not wait for it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failed, Skeleton } from "./States";

/** A component, and a way to fetch it before it is wanted: when a hand comes near its link. */
export type Later<P extends object> = ComponentType<P> & { fetch: () => void };

export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  let ready: ComponentType<P> | null = null;
  const fetch = (): void => void load().then((part) => (ready = part)).catch(() => undefined); // told when it is opened
  function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => ready);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Part) return;
      load().then(
        (part) => setPart(() => (ready = part)),
        () => setFailed(true),
      );
    }, []);
    if (Part) return <Part {...props} />;
    return (
      <div class="pane grow">
        {failed ? (
          <Failed
            title="This screen did not load"
            problem="The console may be newer than this page. Nothing you wrote is lost."
            onRetry={() => location.reload()}
          />
        ) : (
          <Skeleton rows={6} />
        )}
      </div>
    );
  }
  return Object.assign(Lazy, { fetch });
}
