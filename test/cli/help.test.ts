import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VARIABLES } from '../../core/runtime/env.ts'
import { runRevwall } from './run-revwall.ts'

const COMMANDS = [
  'up',
  'migrate',
  'replay',
  'audit',
  'sql',
  'doctor',
  'ingest',
  'process',
  'api',
  'dead-letters',
  'backup',
  'restore',
  'move',
  'analyst',
  'keys',
  'users',
  'screens',
  'shares',
  'rates',
  'simulate',
  'runs',
  'partitions',
  'views',
  'segments',
  'endpoints',
  'deliveries',
  'asyncapi',
]

describe('revwall --help', () => {
  it('lists every command and every variable', async () => {
    const [help, nothing] = await Promise.all([runRevwall(['--help']), runRevwall([])])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(nothing.stdout).toBe(help.stdout)
    for (const name of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
    for (const { name } of VARIABLES) expect(help.stdout).toContain(name)
    const widest = Math.max(...help.stdout.split('\n').map((line) => line.length))
    expect(widest).toBeLessThanOrEqual(120)
    console.log(
      `help: ${COMMANDS.length} commands, ${VARIABLES.length} variables, at most ${widest} columns, ${help.ms.toFixed()} ms`,
    )
  })

  it.each(COMMANDS)('of %s says how it is used and tells all its options', async (name) => {
    const { code, stdout, stderr } = await runRevwall([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: revwall ${name}`))
    const options = optionsOf(name)
    const [usage = ''] = stdout.split('\n')
    for (const option of options) {
      expect(usage, 'usage').toContain(`--${option}`)
      expect(stdout, 'explanation').toMatch(new RegExp(`^  --${option}.*\\S`, 'm'))
    }
    console.log(
      `${name} --help: ${stdout.trim().split('\n').length} lines, options ${options.join() || 'none'}`,
    )
  })

  it('prints the version', async () => {
    const { code, stdout } = await runRevwall(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    console.log(`version ${stdout.trim()}`)
  })
})

/** Out of the program's text, so that an option that is added and not told is found. */
function optionsOf(name: string): string[] {
  const text = readFileSync(new URL(`../../commands/${name}.ts`, import.meta.url), 'utf8')
  return [...text.matchAll(/'?([\w-]+)'?: \{ type: '(?:string|boolean)' \}/g)].map((match) => match[1]!)
}
