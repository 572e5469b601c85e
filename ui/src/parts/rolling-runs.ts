/** Neighbouring glyphs of a number that rolled in together, or that stand still. */
export interface Run {
  /** Another one where it has to roll anew. */
  key: string
  glyphs: string[]
  /** What stood there, as many; undefined: it stands still. */
  was?: string[] | undefined
}

interface Place {
  glyph: string
  was?: string | undefined
  /** Which change it came with; 0: it stands still. */
  change: number
}

/**
 * Runs of a number from one text to the next. Each that rolls is a layer of the screen's own, so that digits side by side are
 * one. They are told apart from the right: when 99,999 becomes 100,000 the old ones stay where they are.
 */
export function createWheels(): (text: string) => Run[] {
  let places: Place[] = []
  let change = 0
  let runs: Run[] = []
  return (text) => {
    if (text === places.map(({ glyph }) => glyph).join('')) return runs
    change += 1
    const before = places
    places = [...text].map((glyph, at, all) => placeOf(glyph, before.at(at - all.length), change))
    const rolling = new Set(runs.map(({ key, glyphs }) => `${key}/${glyphs.length}`))
    // What is left of a run of which a part rolls on to something else stands still: it cannot be cut while it moves.
    for (const [from, to] of groups(places)) {
      const { key, glyphs } = runOf(places, from, to)
      if (places[from]!.change === change || rolling.has(`${key}/${glyphs.length}`)) continue
      for (const place of places.slice(from, to)) Object.assign(place, STILL)
    }
    runs = groups(places).map(([from, to]) => runOf(places, from, to))
    return runs
  }
}

const STILL = { was: undefined, change: 0 }
const isDigit = (one: string) => /^\d$/.test(one)

function placeOf(glyph: string, before: Place | undefined, change: number): Place {
  if (before === undefined) return { glyph, change: 0 }
  if (before.glyph === glyph) return { ...before }
  // The dash of a number that is not known yet, or a sign, is on no wheel.
  const rolls = isDigit(glyph) && isDigit(before.glyph)
  return rolls ? { glyph, was: before.glyph, change } : { glyph, change: 0 }
}

/** Where neighbours of one change begin and end. */
function groups(places: readonly Place[]): [number, number][] {
  const starts = places.flatMap(({ change }, at) => (places[at - 1]?.change === change ? [] : [at]))
  return starts.map((from, at) => [from, starts[at + 1] ?? places.length])
}

function runOf(places: readonly Place[], from: number, to: number): Run {
  const { change } = places[from]!
  const some = places.slice(from, to)
  return {
    key: `${places.length - to}/${change}`,
    glyphs: some.map(({ glyph }) => glyph),
    was: change === 0 ? undefined : some.map(({ was }) => was!),
  }
}
