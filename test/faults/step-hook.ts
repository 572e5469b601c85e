/** Something that happens at one place of the batch protocol. */
import type { Step, StepHook } from '../../processors/orders/partition-loop.ts'

export interface StepPlace {
  step: Step
  phase: 'before' | 'after'
  /** The how-manieth time that a processor comes by, over its partitions; from 1. */
  nth: number
}

export const STEPS: readonly Step[] = ['take', 'compute', 'insert', 'settle', 'apply']
export const PHASES = ['before', 'after'] as const

export function atStep(place: StepPlace, act: () => void | Promise<void>): StepHook {
  let seen = 0
  return async (step, phase) => {
    if (step !== place.step || phase !== place.phase) return
    seen += 1
    if (seen === place.nth) await act()
  }
}

export const describePlace = ({ step, phase, nth }: StepPlace) => `${phase} ${step}, time ${nth}`
