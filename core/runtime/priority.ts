/**
 * Who goes first on a full machine, as nice values (Linux): what a person waits for, then orders, then what nobody waits for.
 * Without a load beside it nobody is any slower for it.
 */
import { setPriority } from 'node:os'

export const PRIORITY = {
  /** ClickHouse and the computing of batches: a browser on this machine, and what sends frames to it, go before. */
  orders: 5,
  /** Queries of analysts. */
  analysts: 10,
  /** An order is to touch its customer within two seconds, and to be seen before. */
  segments: 17,
  /** Forecasts, anomalies, what a customer is worth. */
  analytics: 19,
} as const

/** The thread that calls it, and those that it makes; nothing where the priority would be all of the process's. */
export function giveWay(nice: number): void {
  if (process.platform === 'linux') setPriority(nice)
}
