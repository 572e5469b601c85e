export interface Measurement {
  name: string
  value: number
  unit:
    | 's'
    | 'ms'
    | 'µs/order'
    | 'lines/s'
    | 'orders/s'
    | 'orders'
    | 'MB'
    | 'KB'
    | 'clients'
    | 'messages/s'
    | 'µs/message'
    | 'parts'
    | 'minutes'
    | 'frames/s'
    | 'tiles'
    | 'nodes'
    | 'difference'
    | 'ratio'
    | 'score'
    | 'log-likelihood'
  /** What it should reach; null where nobody has said. */
  aim: number | null
  lowerIsBetter: boolean
}
