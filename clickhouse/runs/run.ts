/** A run: one life of the tables. A deliberate replay fills another one beside it. */
export interface Run {
  /** `r2`; ids of all its inserts begin with `r2:`. */
  run: string
  database: string
}

export const FIRST_RUN: Run = { run: 'r1', database: 'revwall_r1' }

/** The run of that number. */
export const runOf = (number: number): Run => ({ run: `r${number}`, database: `revwall_r${number}` })

export const numberOf = ({ run }: Run): number => Number(run.slice(1))
