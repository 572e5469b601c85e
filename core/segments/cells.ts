/** The cells of R × F × M, five scores each: what a customer is before somebody divides the cells into segments. */
export const CELL_COUNT = 125

/** Scores of 1 to 5 each, 5 the best, to the number of their cell. */
export function cellOf(recency: number, frequency: number, monetary: number): number {
  return (recency - 1) * 25 + (frequency - 1) * 5 + (monetary - 1)
}

export function scoresOf(cell: number): { recency: number; frequency: number; monetary: number } {
  return {
    recency: 1 + Math.floor(cell / 25),
    frequency: 1 + (Math.floor(cell / 5) % 5),
    monetary: 1 + (cell % 5),
  }
}
