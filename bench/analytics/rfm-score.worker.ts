/** The thread that scores a range of customers, for the bench. */
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { buffersOf, runScoreTask, type ScoreTask } from '../../processors/rfm/score-in-ranges.ts'

export default function score(task: ScoreTask): unknown {
  const answer = runScoreTask(task)
  return move({ [transferableSymbol]: buffersOf(answer), [valueSymbol]: answer })
}
