export interface Measurement {
  name: string
  value: number
  unit: 's' | 'ms' | 'lines/s'
  /** What it should reach; null where nobody has said. */
  aim: number | null
  lowerIsBetter: boolean
}
