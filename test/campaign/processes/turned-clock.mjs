// Loaded into a role before its program: its clock goes wrong by as many milliseconds as stand in a file. ClickHouse, a
// program that is not JavaScript, keeps the right one.
import { readFileSync } from 'node:fs'

const LOOK_MS = 100
const file = process.env.CAMPAIGN_CLOCK
const RightDate = Date
let wrongBy = 0

function look() {
  try {
    wrongBy = Number(readFileSync(file, 'utf8'))
  } catch {
    // It is right where nobody has turned it.
    wrongBy = 0
  }
}

if (file !== undefined) {
  look()
  setInterval(look, LOOK_MS).unref()
  globalThis.Date = class TurnedDate extends RightDate {
    constructor(...args) {
      if (args.length === 0) super(RightDate.now() + wrongBy)
      else super(...args)
    }

    static now() {
      return RightDate.now() + wrongBy
    }
  }
}
