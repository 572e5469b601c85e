/** The story of a world: it sells, things go wrong, calm comes, all that was sold is taken, and everybody goes home. */
import type { RereadOrder } from '../../../core/contracts/commands.ts'
import { TOPIC } from './house.ts'
import type { World } from './world.ts'

/** So much time has a calm world to do what is left. */
const CALM_MS = 240_000
const MAX_ANSWER_ROUNDS = 5

export async function live(world: World): Promise<void> {
  const { plan, sales, scheduler, chance } = world
  if (plan.takesLog) sell(world, chance.int(1, plan.appendRecords))
  for (let slot = 1; slot <= plan.processes; slot++) {
    world.keepHouse(slot)
    await scheduler.sleep(chance.next() * 30)
  }
  // A new table on a new log: had the log any records before, the marks would not be opened by themselves.
  if (!plan.takesLog) await until(world, 'the marks are opened', () => areMarksOpen(world))
  const troubles = trouble(world)
  while (sales.left > 0) {
    await scheduler.sleep(chance.next() * plan.appendEveryMs)
    sell(world, plan.appendRecords)
  }
  await scheduler.sleep(chance.next() * 3_000)
  troubles.end()
  await comeToRest(world)
}

function sell({ sales, log, scheduler }: World, records: number): void {
  log.append(TOPIC, sales.next(records, scheduler.now))
}

/** What goes wrong, each by its own chance, until the end. */
function trouble(world: World): { end: () => void } {
  const { plan, scheduler, chance, server, group } = world
  let isOver = false
  const nowAndThen = async (everyMs: number, act: () => void) => {
    while (everyMs !== Number.POSITIVE_INFINITY) {
      await scheduler.sleep(-Math.log(1 - chance.next()) * everyMs)
      if (isOver) return
      act()
    }
  }
  world.network.isFlaky = true
  world.log.isFlaky = true
  server.isFaulty = true
  const someLife = () => chance.pick([...world.lives.values(), undefined])
  nowAndThen(plan.killEveryMs, () => someLife()?.killAfter(chance.int(1, 40)))
  nowAndThen(plan.pauseEveryMs, () => someLife()?.pause(chance.pick([100, 1_000, 4_000])))
  nowAndThen(plan.rebalanceEveryMs, () => group.rebalance())
  nowAndThen(plan.crashEveryMs, () => {
    if (!server.isDown) crash(world)
  })
  nowAndThen(plan.auditEveryMs, () => auditAll(world))
  nowAndThen(plan.trimEveryMs, () => trim(world))
  nowAndThen(plan.stopEveryMs, () => stopOne(world))
  return {
    end: () => {
      isOver = true
      calm(world)
    },
  }
}

function crash({ server, chance, scheduler, counts, houses }: World): void {
  counts.crashes += 1
  server.crash()
  scheduler.after(chance.pick([30, 400, 2_500]), () => {
    if (!server.isDown) return
    server.start()
    for (const house of houses.values()) house.serverRestarted()
  })
}

function auditAll(world: World): void {
  const house = world.chance.pick([...world.houses.values(), undefined])
  house?.reconciler
    .auditAll({ mend: true })
    .catch((error: unknown) => world.faults.push(`audit: ${String(error)}`))
}

/** Retention: of what is in the table already, and what nobody needs any more who is only slow. */
function trim({ plan, chance, log, server }: World): void {
  const partition = chance.int(0, plan.partitions - 1)
  const mark = server.tables.lastMark(TOPIC, partition)
  if (mark === undefined || mark.markLast < KEPT_RECORDS) return
  log.trim(TOPIC, partition, chance.int(0, Math.min(mark.markLast - KEPT_RECORDS, mark.markFirst)))
}

const KEPT_RECORDS = 20

function stopOne(world: World): void {
  const [slot, house] = world.chance.pick([...world.houses, [0, undefined] as const])
  if (house === undefined || house.life.isDead) return
  world.trace.note(house.life.name, 'is stopped')
  world.houses.delete(slot)
  house.stop(world.lives.size === 1).then(() => house.life.end())
}

function calm(world: World): void {
  const { server, network, log, lives, houses } = world
  world.trace.note('world', 'calm')
  network.isFlaky = false
  log.isFlaky = false
  server.isFaulty = false
  server.habits.slow = 0
  if (server.isDown) server.start()
  for (const life of lives.values()) {
    life.killAfter(Number.POSITIVE_INFINITY)
    life.wake()
  }
  for (const house of houses.values()) house.serverRestarted()
}

/** All is taken, every question is answered, every audit that is owed is done; then all stop. */
async function comeToRest(world: World): Promise<void> {
  const asked = new Set<string>()
  for (let round = 0; ; round++) {
    await until(world, 'the table has all that the log has', () => isCaughtUp(world))
    if (!answerAll(world, asked)) break
    if (round === MAX_ANSWER_ROUNDS) throw new Error('re-reads: an answer caused a question, again and again')
  }
  const orders = new Set([...asked].map((id) => JSON.parse(id).orderId as string))
  for (const orderId of world.sales.conflicts())
    if (!orders.has(orderId)) world.faults.push(`re-reads: nobody asked for ${orderId}`)
  // What an insert leaves apart is known when it is over.
  await until(world, 'no insert runs any more', () => world.server.isIdle)
  await until(world, 'every audit that is owed is done', () => areAuditsDone(world))
  const [house] = world.houses.values()
  if (world.isRoundOwed)
    await until(world, 'the whole audit is done', isSettled(house?.reconciler.auditAll({ mend: true })))
  world.isOver = true
  await Promise.all([...world.houses.values()].map((each) => each.stop(false)))
}

async function until(world: World, what: string, isSo: () => boolean): Promise<void> {
  const end = world.scheduler.now + CALM_MS
  while (!isSo()) {
    if (world.faults.length > 0) throw new Error(world.faults[0])
    if (world.scheduler.now > end) throw new Error(`not in ${CALM_MS / 1_000} s: ${what}`)
    await world.scheduler.sleep(100)
  }
}

function isSettled(promise: Promise<unknown> | undefined): () => boolean {
  let isOver = false
  const end = () => {
    isOver = true
  }
  promise?.then(end, end)
  return () => isOver || promise === undefined
}

function areMarksOpen({ plan, server }: World): boolean {
  return server.tables.topics().length === plan.partitions
}

function isCaughtUp({ plan, server, log }: World): boolean {
  for (let partition = 0; partition < plan.partitions; partition++) {
    const last = server.tables.lastMark(TOPIC, partition)?.markLast
    if (last !== log.bounds(TOPIC, partition).next - 1) return false
  }
  return true
}

/** True where there was something to answer. */
function answerAll({ log, sales, scheduler }: World, asked: Set<string>): boolean {
  let isAny = false
  for (const { value } of log.everything('commands', 0)) {
    const command = JSON.parse(Buffer.from(value).toString('utf8')) as RereadOrder
    const id = JSON.stringify({ commandId: command.commandId, orderId: command.orderId })
    if (asked.has(id)) continue
    asked.add(id)
    const answer = sales.answer(command, scheduler.now)
    if (answer === undefined) throw new Error(`re-reads: asked for ${command.orderId}, which has no conflict`)
    log.append(TOPIC, answer)
    isAny = true
  }
  return isAny
}

function areAuditsDone({ houses, plan }: World): boolean {
  const open = [...houses.values()]
  return open.length === plan.processes && open.every(({ reconciler }) => !reconciler.verifying())
}
