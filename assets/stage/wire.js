/**
 * The wire format: what Python sends; what the browser reports is in events.js. Types only; nothing here runs.
 *
 * `Still` is what a drag leaves as it is (the map, the words, the controls). It is sent once and named by `still_id`, a
 * hash of all that it depends on. Everything else in an `Update` may change with every pointer move.
 *
 * Places are in map cells: cell j spans [j, j + 1]. Many numbers travel as one text, because a text of digits is shorter
 * and quicker to read than a list: a `Row` is numbers between spaces, a `Table` is rows between commas.
 */

/** @typedef {string} Row  "1 2.5 3" */
/** @typedef {string} Table  "1 2,3 4": rows between commas */
/** @typedef {string} Digits  numbers in base 36, one or two digits each, with nothing between them */
/** @typedef {[cells: number, least: number, most?: number]} Size  follows the map cells, between two numbers of pixels */
/** @typedef {[number, number, number, number]} Box  x1, y1, x2, y2 in map cells */
/** @typedef {[number, number]} Point  y, x in map cells */
/** @typedef {{ row: number, column: number, sample: number }} Focus  a bin, and which of its sample points */
/** @typedef {[row: number, column: number, sample: number]} PackedFocus */
/** @typedef {"hidden" | "unknown" | "dim" | "shown" | "lit"} Emphasis  what a step does with a role; `unknown`: a "?" in its place */
/** @typedef {Record<string, Emphasis>} Emphases  by role */
/** @typedef {"lesson" | "pair" | "point" | "quiz" | "plain"} Kind  which stage a page has */
/** @typedef {[value: string, label: string]} Choice */
/** @typedef {[name: string, label: string, address: string]} PageLink */
/** @typedef {{ page: PageLink, take: boolean, small: boolean }} WayOn  to the next page; `take`: the map and the box go
 * along; `small`: the small map comes */

// ---- what Python sends --------------------------------------------------------------------------------------------

/**
 * The sample points of one panel. Their places are references to the few distinct rows and columns of the lattice.
 *
 * @typedef {object} PackedSamples
 * @property {Table} y  the distinct rows: y, the neighbouring cell above, the one below
 * @property {Table} x  the distinct columns: x, the neighbouring cell on the left, the one on the right
 * @property {Digits} y_at  of each sample point, which row: one digit where there are at most 36 rows, else two
 * @property {Digits} x_at  of each sample point, which column
 * @property {Table} bin  runs of sample points: row and column of their bin, and how many there are
 * @property {Digits} [weights]  four weights a sample point, in thousandths, two digits each
 * @property {Row} [values]  the value read at each sample point, as it is shown
 * @property {Row} [wins]  which sample points give a maximum
 * @property {true} [whole]  they are whole cells, nothing is interpolated
 * @property {number} [first]  the number of the first of them in the trace, where it is not 0
 */

/** @typedef {[pixel: number, path: string]} PackedOutline  how many cells a pixel is wide; a path in pixels */

/**
 * What a drag changes in one panel. Roles that the step hides are left out, except bins and sample points.
 *
 * @typedef {object} PanelMoving
 * @property {Table} [bin]
 * @property {Table} [area]  the four areas of bilinear interpolation
 * @property {Table} [read]
 * @property {Table} [snapped]
 * @property {Table} [reach]
 * @property {Table} [square]
 * @property {Table} [part]  a region, then the heights of its lines, then their places across
 * @property {Table} [split]  the same
 * @property {Table} [pixels]  the same, of image pixels in one cell
 * @property {Box} [shrink]  where the image lies before it is seen to shrink onto the map
 * @property {string} [error]  arrows: side, x and y of both ends; between commas
 * @property {string} [slope]  the same
 * @property {Table} [gradient]  x1, y1, x2, y2 of a cell, or of cells that share a level, and the level 0…100
 * @property {PackedOutline} [mask_pool]  of the mask that a network draws
 * @property {PackedOutline} [mask_align]
 * @property {Table} [lerp_x]  x, y of the ends of a linear interpolation along x
 * @property {Table} [lerp_y]
 * @property {Record<string, PackedWords>} words  what is written on the map, by role
 * @property {Row} [output]  the numbers of the output in reading order, as they are shown
 * @property {Row} [output_levels]  0…100 for the colour of each, "-" where there is none
 * @property {number} [output_columns]
 * @property {PackedSamples} [samples]
 * @property {Size} [cross]  of a × from end to end
 * @property {boolean} [many]  so many × that those of other bins are faint
 * @property {string} [corners]  row and column of a cell whose number leaves the top left corner, and the corner (`lb`,
 * `rt`, `rb`), between commas; of a closer look all cells that have one
 * @property {Box} [extent]  what of the map is visible, where a drag changes that
 * @property {string} [nothing_read]  in place of the caption of a closer look, where the point has no neighbours
 */

/**
 * What is written for one role: texts between commas, each with its spots: `+0.45|1 3 lc;2 3 rc` may stand with the middle
 * of its left end at x = 1, y = 3, or else with the middle of its right end at 2, 3. Letters: l c r, then t c b. A last
 * part, as in `Q₁₁|1 3 rc|q11`, is the ink of this text alone.
 *
 * @typedef {object} PackedWords
 * @property {Size} size
 * @property {string} each  a line each: the text, "|", its spots between semicolons, perhaps "|" and an ink
 * @property {boolean} [pill]  it stands in one
 * @property {number} [gap]  pixels that it keeps from its spot
 * @property {number} [legible]  pixels: smaller it is not written
 */

/**
 * One map as it stays while the box is dragged.
 *
 * @typedef {object} PanelStill
 * @property {Box} extent  what of the map is visible
 * @property {number} rows
 * @property {number} columns
 * @property {Row} labels  the number of each cell in reading order, as it is shown
 * @property {Row} levels  0…100 for the colour of each cell, "-" where there is none
 * @property {boolean} numbered  are the cells large enough for their numbers?
 * @property {number} letters  the size of the numbers, in cells
 * @property {string} caption
 * @property {string} label  for a screen reader
 * @property {string} [output_caption]
 * @property {string[]} [names]  what the bins are called, row by row
 * @property {Emphases} [emphasis]  on pages without steps
 * @property {string} [image]  the address of a photo that stands in the place of the cells
 * @property {[width: number, height: number]} [image_size]  in map cells
 * @property {PackedOutline} [truth]  of the true masks
 * @property {Table} [image_lines]  the image pixels under the map, as lines: a region, their heights, their places across
 */

/**
 * The rules of placement that hold on every map; lengths in cells where nothing else is said.
 *
 * @typedef {object} Placement
 * @property {string} unknown  in the place of what is not explained yet
 * @property {number} inset  from the edge of a cell to the frame round it
 * @property {[x: number, y: number]} corner  from the corner of a cell to its number
 * @property {number} digits  how high a digit is, as a share of the size of its text
 * @property {number} chosen  the least size of the × that is looked at, in pixels
 * @property {number} faint  the opacity of × that are many
 * @property {number} disc  the radius of the disc of a neighbour that has all the weight
 * @property {number} corner_dot  the radius of that of one of the four neighbours of a point, dimmed
 * @property {Size} dot  the radius of the end of a linear interpolation
 * @property {Record<"error" | "slope", number>} heads  pixels that the head of an arrow is long at most
 * @property {number} head_aside  half its width, by its length
 * @property {number} letter  how wide a letter is, by the size of the text
 * @property {number} line  how high a line is
 * @property {[aside: number, line: number]} pill  by the size of the text: both margins of a pill, and its height
 */

/**
 * @typedef {object} Step
 * @property {string} key
 * @property {string} title
 * @property {string} sentence
 * @property {Emphases} emphasis
 * @property {"shrink" | "read" | "join"} [motion]  what is seen to happen when it is opened
 * @property {MapQuestion} [predict]
 * @property {Question} [withheld]  where the lesson link leaves the answer out: until a tap on the output
 */

/** @typedef {{ sentence: string, emphasis: Emphases }} Question  asked before a step shows what it is about */
/** @typedef {Question & { mark: "cell" | "place" | "region" | "weight", each: boolean, of: "bin" | "region", words?: Record<string, string> }} MapQuestion
 * what is tapped, a cell of the map or a place on it, once or for `each` neighbour; or dragged, a region or a weight; `of`: what
 * has to be on the map for it */
/** @typedef {{ right: boolean, sentence: string }} Verdict  on a prediction */

/**
 * @typedef {object} Control
 * @property {string} name
 * @property {string} label
 * @property {string} title
 * @property {boolean} buttons  a row of buttons, else one menu for each part
 * @property {Choice[][]} parts
 * @property {string[]} now  what is chosen, one value for each part
 * @property {boolean} idle  it would change nothing, so it cannot be chosen
 * @property {boolean} more  it stands under *More*
 * @property {boolean} changed  another value is chosen than at the beginning
 * @property {Record<string, [most: number, label: string, short: string]>} [numbered]  choices that take a number
 * @property {number | null} [number]
 */

/**
 * @typedef {object} Inks  colours for a light and a dark page
 * @property {[string, string]} low
 * @property {[string, string]} high
 * @property {[string, string]} on_low
 * @property {[string, string]} on_high
 * @property {[number, number]} switch_level  from which level on numbers take `on_high`
 */

/**
 * @typedef {object} QuizStill
 * @property {string[]} choices  none at the end
 * @property {string} score
 * @property {string} onward  the words of the way to the next question
 * @property {number} seed  of the questions
 * @property {Record<string, string>} labels  what was answered, by question: for the browser to keep
 * @property {QuizSummary} [summary]  at the end
 * @property {string} [check]  the name of the button that checks the box, where a box is to be drawn
 * @property {number} [chosen]  once it is answered, with the three that follow; -1 for both where there are no choices
 * @property {number} [right]
 * @property {string} [verdict]
 * @property {string} [reason]
 */

/** @typedef {{ sentence: string, questions: string[], page: PageLink, step: string }} ToLookUp  what is so, and where */
/** @typedef {{ rows: ToLookUp[], unanswered: string[], friendly: string, words: Record<string, string> }} QuizSummary */

/**
 * @typedef {object} Still
 * @property {Record<string, string>} words
 * @property {string} page
 * @property {string} map  the name of the map in whose cells the places of this stage are
 * @property {{ title: string, lead: string, position: string, pages: PageLink[], further: string[], next: WayOn[],
 * before: PageLink | null, languages: Choice[] }} bar  `position`: "2 / 9", or that it has none; `further`: those of the pages that can be
 * left out; `next`, `before`: along the path
 * @property {Control[]} controls
 * @property {string[]} figures  file formats of the figure
 * @property {string[]} hidden  parts of the stage that a lesson link left out
 * @property {boolean} presenting
 * @property {number} [recorded]  cells from one place of a slider to the next where nobody computes: nothing else is moved
 * @property {Choice[]} parts  what a lesson link can leave out
 * @property {string[]} left_out  what it does leave out
 * @property {Inks} inks
 * @property {Placement} placement
 * @property {Record<string, [low: number, high: number]>} limits  of every slider, in map cells
 * @property {boolean} sampled
 * @property {Record<string, "bin" | "sample">} [deep]  what one level deeper goes through, by step
 * @property {PanelStill[]} panels
 * @property {Step[]} steps
 * @property {Record<string, MapQuestion & { title: string, step: string }>} [questions]  what a room can ask besides, and the
 * step that shows it
 * @property {string} [cost_from]  the step from which on what rounding costs is known
 * @property {string[]} [corners]  what the four neighbours of a point are called
 * @property {string} [sentence]
 * @property {Record<"label" | "pool" | "align" | "grip", string>} [chart]
 * @property {QuizStill} [quiz]
 * @property {Stakes} [stakes]
 * @property {{ side: string, by: number, returns: boolean }} [nudged]  the side of the box that the button moves, by how
 * many cells; `returns`: the next time back
 * @property {string} [nudge]  what the button asks for
 */

/**
 * A face, its box and the region that RoI Pooling reads instead, in pixels of the picture.
 *
 * @typedef {object} Stakes
 * @property {string} image  its address
 * @property {[width: number, height: number]} size
 * @property {Box} box
 * @property {Box} read
 * @property {Box[]} lost  of the box, outside the region
 * @property {Box[]} foreign  of the region, outside the box
 * @property {string} ask
 * @property {string} answer
 * @property {string} short  the answer where there is little room
 * @property {string} alt
 */

/**
 * What a nudge changed.
 *
 * @typedef {object} Trail
 * @property {Row[]} before  the outputs before it, a panel each
 * @property {number} looked  the output that the sentence is about
 * @property {string} sentence
 * @property {Sweep} [chart]  from where the side was to where it is
 */

/**
 * Every output while one side of the box moves across a few cells. Heights are 0…1295, two digits each.
 *
 * @typedef {object} Sweep
 * @property {string} side
 * @property {number} at  where the side is, 0…1 across the chart
 * @property {[first: number, last: number]} across  the ends of the chart in map cells
 * @property {number} positions  how many there are, from end to end
 * @property {string} [few]  why there are few
 * @property {string} pool  lines between commas: position and height of every stair, in digits
 * @property {string} align  lines between commas: the height at every position, in digits
 * @property {[label: string, at: number][]} x  ticks, 0…1
 * @property {[label: string, at: number][]} y
 */

/**
 * @typedef {object} Update
 * @property {Kind} kind
 * @property {string} still_id
 * @property {Still} [still]  when the browser does not have it
 * @property {number} [ack]  the `seq` of the newest event that it answers
 * @property {string} [address]  where the page stands, as a query string; only from Streamlit
 * @property {Box} [box]
 * @property {Point} [point]
 * @property {string} step
 * @property {PackedFocus} focus
 * @property {PackedFocus} [pinned]  the bin that was clicked, while another is pointed at
 * @property {PanelMoving[]} panels
 * @property {Record<string, string>} [values]  what the sentence has room for
 * @property {string} [sentence]  where it is not the usual sentence of the step
 * @property {string[]} [formula]
 * @property {Record<string, string>} [cost]
 * @property {Row} [other]  the output with the other way to join a bin
 * @property {Row} [signs]  of each bin, `=` or `≈` between its values as they are written and its output
 * @property {{ wy: Table, wx: Table } | null} [factors]  of each row, cells and their weights in turn; null: there are none
 * @property {Sweep} [sweep]
 * @property {boolean} [reveal]  something below the stage opened this: the stage comes into view
 * @property {Trail} [trail]  of the nudge in the event that it answers
 * @property {Verdict} [verdict]  on the prediction in the event that it answers
 * @property {string} [tried]  why the box, which was checked, does not answer the question
 * @property {(Shared & { site?: Shared }) | { problem: string }} [share]  `site`: the same page without a server, where
 *   there is one; `problem`: why no link would open it
 * @property {{ name: string, type: string, content: string }} [download]  `content` in base 64
 * @property {number | "full" | "failed"} [figure]  how many figures are before this one, or why there is none
 */

/** @typedef {{ link: string, code: string }} Shared  with its QR code */
/** @typedef {{ refused: true, ack: number | null }} Refusal  the socket leaves the event to Streamlit */
/** @typedef {Update | Refusal} Answer */

export {};
