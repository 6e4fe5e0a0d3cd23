// Notes in the page when things happened, by performance.now(). `live_drag.py` runs it before the page's own scripts.
{
  const now = () => performance.now();
  const afterFrames = (many, then) => requestAnimationFrame(() => (many > 1 ? afterFrames(many - 1, then) : then()));
  const output = () => [...document.querySelectorAll(".roi-out")].at(-1); // RoI Align's, with its caption
  const outputs = () => output()?.textContent;
  const probe = (globalThis.probe = { moves: [], answers: [], follows: [] });
  const asked = new Map(); // by a request's sequence number, the time of the newest pointer event when it was sent
  let newest = 0, stage;

  probe.clear = () => Object.assign(probe, { moves: [], answers: [], follows: [] });
  addEventListener("pointermove", () => probe.moves.push((newest = now())), true);

  const answered = (sequence) => {
    const answer = { event: asked.get(sequence), arrived: now() };
    if (answer.event) afterFrames(2, () => probe.answers.push({ ...answer, painted: now() }));
  };

  // A request is a text on the stage's own WebSocket or, where that is not, a trigger of Streamlit.
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const sequence = typeof data === "string" && /"seq":(\d+)/.exec(data);
    if (sequence) asked.set(Number(sequence[1]), newest);
    return send.call(this, data);
  };
  Object.defineProperty(globalThis, "roiStage", {
    get: () => stage,
    set: (inner) => {
      stage = (component) => inner({ ...component, setTriggerValue: (name, event) => {
        asked.set(event.seq, newest);
        component.setTriggerValue(name, event);
      } });
    },
  });

  /** When the text of the output has changed: `data-ack` says which request that answers. */
  probe.watchOutput = () => {
    const host = document.querySelector("[data-ack]");
    let before = outputs();
    new MutationObserver(() => {
      if (outputs() !== before) answered(Number(host.dataset.ack));
      before = outputs();
    }).observe(output(), { childList: true, characterData: true, subtree: true });
  };

  /** When the outline of the box has moved: the first frame after its attributes changed. */
  probe.watchBox = () =>
    new MutationObserver(() => {
      const event = newest;
      afterFrames(1, () => probe.follows.push(now() - event));
    }).observe(document.querySelector(".roi-frame"), { attributes: true, attributeFilter: ["x", "y"] });

  /** The floor: the same pointer over an empty sheet, 100 bytes to the bare WebSocket, a kilobyte back into a text. */
  probe.openFloor = async () => {
    const sheet = document.createElement("div");
    sheet.style.cssText = "position: fixed; inset: 0; z-index: 999999; overflow: hidden; background: Canvas";
    document.body.append(sheet);
    const socket = new WebSocket(`ws://${location.host}/echo`);
    let sequence = 1e6; // apart from the stage's own
    socket.onmessage = ({ data }) => {
      sheet.textContent = data;
      answered(parseInt(data));
    };
    sheet.addEventListener("pointermove", () => {
      asked.set(++sequence, newest);
      socket.send(`${sequence} `.padEnd(100, "-"));
    });
    await new Promise((opened) => (socket.onopen = opened));
  };

  /** From the next key to the paint of the next picture; `pictured` holds the promise. */
  probe.awaitPicture = () => {
    const image = () => document.querySelector("[data-testid=stImage] img");
    const before = image().src;
    probe.pictured = new Promise((painted) => {
      addEventListener("keydown", () => {
        const event = now();
        const look = () => { // once a frame, so this frame is the first after the change
          const { src, complete, naturalWidth } = image() ?? {};
          const changed = src && src !== before && complete && naturalWidth > 0;
          afterFrames(1, changed ? () => painted(now() - event) : look);
        };
        afterFrames(1, look);
      }, { capture: true, once: true });
    });
  };
}
