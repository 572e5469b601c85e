/** A house for one seed: roles as real processes on one folder, with all that faults take hold of around them. */
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FIRST_RUN } from '../../../clickhouse/runs/run.ts'
import { startTestBroker, type TestBroker } from '../../../core/log/kafka/testing/test-broker.ts'
import { claimOwner } from '../../../core/runtime/claim.ts'
import { type EngineHost, startEngineHost } from '../../faults/engine-host.ts'
import { type FaultProxy, startProxy } from '../../faults/proxy.ts'
import { type House, openHouse } from '../../kafka/house.ts'
import { NORTH } from '../../oracle/shops.ts'
import type { Pace } from './pace.ts'
import { ROLES, Roles } from './roles.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

export interface Layout {
  log: 'embedded' | 'kafka'
  /** Hosted by a role, or a server of its own behind a proxy. */
  clickhouse: 'hosted' | 'apart'
  hasSmallDisk: boolean
}

export interface ProcessWorld {
  readonly layout: Layout
  readonly pace: Pace
  readonly house: House
  readonly roles: Roles
  /** Where they are not hosted, or not in the folder: the server and the way to it. */
  readonly apart: { host: EngineHost; road: FaultProxy } | undefined
  readonly kafka: { broker: TestBroker; road: FaultProxy } | undefined
  readonly disk: SmallDisk | undefined
  /** Of another version of the program, and whether the house has come to it. */
  readonly newerRoot: string | undefined
  /** What pushes orders must know. */
  readonly key: string
  /** Of all roles; 0 is right. */
  turnClock(byMs: number): void
  /** The role that hosts ClickHouse now. */
  hostOfClickhouse(): (typeof ROLES)[number] | undefined
  dispose(): Promise<void>
}

export const PARTITIONS = 4
const CLOCK = fileURLToPath(new URL('turned-clock.mjs', import.meta.url))

export async function openProcessWorld(
  layout: Layout,
  pace: Pace,
  newerRoot: string | undefined,
): Promise<ProcessWorld> {
  const ends: (() => Promise<void> | void)[] = []
  const dispose = async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    return await open(layout, pace, newerRoot, ends, dispose)
  } catch (error) {
    await dispose()
    throw error
  }
}

async function open(
  layout: Layout,
  pace: Pace,
  newerRoot: string | undefined,
  ends: (() => Promise<void> | void)[],
  dispose: () => Promise<void>,
): Promise<ProcessWorld> {
  const disk = layout.hasSmallDisk ? mountSmallDisk('campaign-disk') : undefined
  const clock = join(tmpdir(), `revwall-campaign-clock-${process.pid}`)
  ends.push(() => rmSync(clock, { force: true }))
  const apart = layout.clickhouse === 'apart' ? await openApart(ends) : undefined
  const kafka = layout.log === 'kafka' ? await openKafka(ends) : undefined
  const { engine } = apart?.host ?? {}
  const house = openHouse({
    ...{ name: 'campaign', partitions: PARTITIONS, folder: disk },
    broker: kafka?.road.url.replace('http://', ''),
    clickhouse: apart && { url: apart.road.url, user: engine!.user, password: engine!.password },
    env: { NODE_OPTIONS: `--import ${CLOCK}`, CAMPAIGN_CLOCK: clock },
  })
  ends.push(() => house.dispose())
  const roles = new Roles(house)
  const { stdout, stderr } = await house.run(['keys', 'add', '--tenant', NORTH.id])
  const key = /rvw_\S+/.exec(stdout)?.[0]
  if (key === undefined) throw new Error(`there is no key: ${stderr}`)
  try {
    // One first: several that make the topics of a new broker at once trip over each other.
    for (const name of ROLES) {
      roles.start(name)
      if (name === 'api') await house.of(name).page()
    }
    await roles.areReady()
  } catch (error) {
    console.log(house.told())
    throw error
  }
  await house.openLog()
  return {
    ...{ layout, pace, house, roles, apart, kafka, disk, newerRoot, key, dispose },
    turnClock: (byMs) => writeFileSync(clock, String(byMs)),
    hostOfClickhouse: () => {
      const pid = claimOwner(house.folder, 'engine')?.pid
      return ROLES.find((name) => house.of(name).pid === pid)
    },
  }
}

async function openApart(ends: (() => Promise<void> | void)[]) {
  const host = await startEngineHost()
  ends.push(() => host.stop())
  const road = await startProxy(() => host.engine.url)
  ends.push(() => road.close())
  return { host, road }
}

/** The broker tells its clients that it is where the proxy listens: else they would go past it. */
async function openKafka(ends: (() => Promise<void> | void)[]) {
  let address = ''
  const road = await startProxy(() => `http://${address}`)
  ends.push(() => road.close())
  const advertised = `PLAINTEXT://${road.url.replace('http://', '')}`
  const broker = await startTestBroker({ 'advertised.listeners': advertised })
  ends.push(() => broker.stop())
  address = broker.address
  return { broker, road }
}

export const DATABASE = FIRST_RUN.database
