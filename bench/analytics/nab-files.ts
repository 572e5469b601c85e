/** NAB's realKnownCause with its label windows (MIT), beside the repository. */
import { readdirSync, readFileSync } from 'node:fs'
import type { NabWindow } from './nab-score.ts'
import { sharedFile } from './outlier-sets.ts'

export interface NabFile {
  name: string
  /** Milliseconds; the files' times have no zone and are read as UTC. */
  times: Float64Array
  values: Float64Array
  windows: NabWindow[]
}

/** First and last time of each window, as the benchmark writes them. */
export type NabLabels = readonly (readonly [from: string, to: string])[]

/** Undefined where the folder is not there. */
export function readNabFiles(): NabFile[] | undefined {
  const folder = sharedFile('nab/realKnownCause')
  const labels = sharedFile('nab/combined_windows.json')
  if (folder === undefined || labels === undefined) return undefined
  const windows = JSON.parse(readFileSync(labels, 'utf8')) as Record<string, NabLabels>
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => {
      const text = readFileSync(`${folder}/${name}`, 'utf8')
      return parseNabFile(name.replace('.csv', ''), text, windows[`realKnownCause/${name}`] ?? [])
    })
}

export function parseNabFile(name: string, text: string, labels: NabLabels): NabFile {
  const lines = text.trimEnd().split('\n').slice(1)
  const times = Float64Array.from(lines, (line) => timeOf(line.slice(0, line.indexOf(','))))
  const values = Float64Array.from(lines, (line) => Number(line.slice(line.indexOf(',') + 1)))
  const windows = labels.map(([from, to]) => ({
    from: times.findIndex((time) => time >= timeOf(from)),
    to: times.findLastIndex((time) => time <= timeOf(to)),
  }))
  return { name, times, values, windows }
}

function timeOf(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)
}
