/**
 * Draws the countries of the world for the map of a wall: `npx tsx ui/world/draw-world.ts` writes countries.json, which is
 * kept, so that the page needs neither the atlas nor a projection. Source: Natural Earth 1:110m (public domain) by the
 * package world-atlas.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { codeOfCountry } from '../src/layout/asked/country-code.ts'

export interface DrawnWorld {
  width: number
  height: number
  /** By ISO 3166 alpha-2: an SVG path in whole units. */
  countries: Record<string, string>
}

interface Topology {
  transform: { scale: Point; translate: Point }
  arcs: Point[][]
  objects: { countries: { geometries: Geometry[] } }
}
type Point = [number, number]
type Geometry = { properties: { name: string } } & (
  | { type: 'Polygon'; arcs: number[][] }
  | { type: 'MultiPolygon'; arcs: number[][][] }
)

const FILE = fileURLToPath(new URL('../src/layout/asked/countries.json', import.meta.url))
const WIDTH = 1_000
/** Nobody orders there, and it would take a sixth of the height. */
const LEFT_OUT = 'Antarctica'
/** Smaller ones are a speck; as a dot of so many units they can be seen, and pointed at. */
const LEAST_UNITS = 3

export function drawWorld(): DrawnWorld {
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json')
  const atlas = JSON.parse(readFileSync(path, 'utf8')) as Topology
  const arcs = atlas.arcs.map((arc) => decodeArc(arc, atlas.transform))
  const shown = atlas.objects.countries.geometries.filter(({ properties }) => properties.name !== LEFT_OUT)
  const shapes = shown.map((geometry) => ({
    name: geometry.properties.name,
    rings: ringsOf(geometry, arcs).map(unwrap),
  }))
  const all = shapes.flatMap(({ rings }) => rings.flat()).map(project)
  const [left, right] = extent(all.map(([x]) => x))
  const [bottom, top] = extent(all.map(([, y]) => y))
  const unit = WIDTH / (right - left)
  const place = ([x, y]: Point): Point => [Math.round((x - left) * unit), Math.round((top - y) * unit)]
  const countries: Record<string, string> = {}
  for (const { name, rings } of shapes) {
    const code = codeOfCountry(name)
    // Disputed parts without a code of their own are land that no order names.
    const key = code ?? `~${name}`
    const drawn = rings.map((ring) => ring.map((point) => place(project(point)))).map(pathOf)
    countries[key] = (countries[key] ?? '') + drawn.join('')
  }
  return { width: WIDTH, height: Math.round((top - bottom) * unit), countries }
}

/** TopoJSON: deltas of integers on a grid. */
function decodeArc(arc: Point[], { scale, translate }: Topology['transform']): Point[] {
  let [x, y] = [0, 0]
  return arc.map(([dx, dy]) => {
    x += dx
    y += dy
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
  })
}

/** A negative number is an arc backwards; each begins where the one before it ends. */
function ringsOf(geometry: Geometry, arcs: Point[][]): Point[][] {
  const polygons = geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs
  return polygons.flat().map((ring) =>
    ring.flatMap((at, i) => {
      const arc = at < 0 ? arcs[~at]!.toReversed() : arcs[at]!
      return i === 0 ? arc : arc.slice(1)
    }),
  )
}

const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796]
const M = Math.sqrt(3) / 2

/** Between Chukotka and Alaska: the map is cut where hardly a country is. */
const EDGE = -169

/** In one piece: from EDGE on to the east, where the first point is; an island on the edge juts out over it. */
function unwrap(ring: Point[]): Point[] {
  const turn = (degrees: number) => ((degrees % 360) + 360) % 360
  const first = EDGE + turn(ring[0]![0] - EDGE)
  return ring.map(([degrees, latitude]) => [first + turn(degrees - first + 180) - 180, latitude])
}

/** Equal Earth (Šavrič, Patterson and Jenny 2018): a country's area on the map is its area on the globe. Degrees. */
function project([degrees, latitude]: Point): Point {
  const radians = Math.PI / 180
  const longitude = degrees - EDGE - 180
  const t = Math.asin(M * Math.sin(latitude * radians))
  const t2 = t * t
  const t6 = t2 ** 3
  const x = (longitude * radians * Math.cos(t)) / (M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)))
  return [x, t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))]
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

function pathOf(ring: Point[]): string {
  const points = ring.filter(([x, y], i) => i === 0 || x !== ring[i - 1]![0] || y !== ring[i - 1]![1])
  const [x, y] = points[0]!
  const [width, height] = [0, 1].map((axis) => {
    const [least, most] = extent(points.map((point) => point[axis]!))
    return most - least
  }) as Point
  if (width < LEAST_UNITS && height < LEAST_UNITS) return `M${x} ${y}h3v3h-3z`
  const steps = points
    .slice(1, -1)
    .map((point, i) => `${point[0] - points[i]![0]} ${point[1] - points[i]![1]}`)
  return `M${x} ${y}l${steps.join(' ')}z`.replaceAll(' -', '-')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(FILE, `${JSON.stringify(drawWorld(), null, 2)}\n`)
