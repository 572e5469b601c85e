/** What the campaign and its child processes say to each other. */
export type SeedTask =
  | { type: 'seeds'; from: number; count: number }
  /** By its place in the list of mutants. */
  | { type: 'mutant'; index: number }

export interface RedSeed {
  seed: number
  said: string[]
}

export type SeedAnswer =
  | { type: 'seeds'; count: number; red: RedSeed[]; steps: number; counts: Record<string, number> }
  | { type: 'mutant'; index: number; isFound: boolean; line: string }
