/** What a room sends (`roialign_lab/classroom/hub.py`), as types: nothing of this is served. */

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Point} Point */
/** @typedef {import("./wire.js").Focus} Focus */
/** @typedef {import("./wire.js").Size} Size */
/** @typedef {import("./wire.js").Table} Table */

/** @typedef {{ page: string, path: string, address: string, step?: string, elsewhere?: boolean }} RoomShow  what students follow;
 * `elsewhere`: its map is of a file that another process of the server has */
/** @typedef {{ page: string, address: string, done: { box?: Box, point?: Point, focus?: Focus, step?: string } }} RoomAsked */
/** @typedef {{ number: number, round: number, phase: "ask" | "shown" | "talk" | "revealed", is_choice: boolean, about: string, show: RoomAsked }} RoomQuestion
 * `about`: what is asked besides what the step asks */
/** @typedef {{ code: string, paused: boolean, gathered: number, question: RoomQuestion | null, stop: number }} RoomState  `stop` of the plan, or -1 */
/** @typedef {{ part: number, page: string, path: string, address: string, step: string, asks: boolean }} PlanStop */
/** @typedef {{ title: string, minutes: number, say: string, asks: string }} PlanPart */
/** @typedef {{ title: string, own: boolean, parts: PlanPart[], stops: PlanStop[] }} RoomPlan  for the lecturer alone */
/** @typedef {{ question: number, round: number, guess?: Point[], answer?: number }} RoomVote */

/**
 * What was answered, for the lecturer.
 *
 * @typedef {object} RoomAnswers
 * @property {number[]} counts  votes of each round
 * @property {{ label: string, counts: number[], right?: boolean, why?: string }[]} bars
 * @property {{ mark: "cell" | "place" | "region" | "weight", size: Size, rounds: Table[] }} [cloud]  of each round x and y; of cells also
 * how often, of weights how much; of regions both corners
 * @property {string} [distance]  how far off half of the room is, as a sentence
 */

export {};
