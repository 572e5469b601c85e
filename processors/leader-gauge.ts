/** A number that only who leads knows; every other process says 0. It is reckoned when it is scraped. */
import { Gauge, type Registry } from 'prom-client'

export interface LeaderGauge {
  lead(read: () => number | Readonly<Record<string, number>>): void
  leave(): void
}

/** `label`: what the numbers are told by, where there are several. */
export function leaderGauge(
  registry: Registry,
  { name, help, label }: { name: string; help: string; label?: string },
): LeaderGauge {
  let read: (() => number | Readonly<Record<string, number>>) | undefined
  new Gauge({
    ...{ name, help: `${help} 0 where another process leads.`, registers: [registry] },
    labelNames: label === undefined ? [] : [label],
    collect() {
      this.reset()
      const told = read?.() ?? {}
      if (typeof told === 'number') this.set(told)
      else for (const [of, value] of Object.entries(told)) this.set({ [label!]: of }, value)
    },
  })
  return {
    lead(given) {
      read = given
    },
    leave() {
      read = undefined
    },
  }
}
