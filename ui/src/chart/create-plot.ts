import UPlot from 'uplot'
import { formatCompact } from '../format/format-number.ts'
import { formatMinuteOfDay } from '../format/format-time.ts'

export const COLOURS = {
  text: '#8490a1',
  grid: '#1d2530',
  today: '#5ccfff',
  todayFill: 'rgb(92 207 255 / 12%)',
  band: 'rgb(92 207 255 / 13%)',
  yesterday: '#8490a1',
  lastWeek: '#5d6878',
}
/** Where no line is drawn at all; no day's own is so little. */
const NOTHING_TOP = 0.01
const TICK_MINUTES = [60, 120, 180, 240, 360, 720]
const LABEL_PX = 22

/** `unit` is CSS pixels per pixel of the 1080p design. Series in the order of drawing: the band, last week, yesterday, what is ahead, today. */
export type Size = { width: number; height: number; unit: number }

export function createPlot(
  box: HTMLElement,
  { width, height, unit }: Size,
  xRange: () => [number, number],
  onSpan: ((from: number, to: number) => void) | null,
  onDrawn: (plot: UPlot) => void = () => {},
): UPlot {
  const axis = axisStyle(unit)
  const edge = { points: { show: false }, width: 0 }
  const line = { points: { show: false }, spanGaps: true }
  return new UPlot(
    {
      width,
      height,
      padding: [14 * unit, 0, 0, 10 * unit],
      cursor:
        onSpan === null
          ? { show: false }
          : { x: false, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      legend: { show: false },
      scales: { x: { time: false, range: xRange }, y: { range: (_plot, low, high) => yRange(low, high) } },
      axes: [
        {
          ...axis,
          size: 40 * unit,
          space: 130 * unit,
          incrs: TICK_MINUTES,
          grid: { show: false },
          // A word at the very left would be cut off.
          values: (plot, splits) =>
            splits.map((minute) => (minute > (plot.scales.x?.min ?? 0) ? formatMinuteOfDay(minute) : '')),
        },
        amountAxis(unit),
      ],
      series: [
        {},
        ...[edge, edge],
        { ...line, stroke: COLOURS.lastWeek, width: 2 * unit, dash: [7 * unit, 6 * unit] },
        { ...line, stroke: COLOURS.yesterday, width: 2.5 * unit },
        { ...line, stroke: COLOURS.today, width: 2.5 * unit, dash: [2 * unit, 7 * unit] },
        { ...line, stroke: COLOURS.today, width: 4 * unit, fill: COLOURS.todayFill },
      ],
      // As uPlot numbers series: the minutes are the first.
      bands: [{ series: [1, 2], fill: COLOURS.band }],
      hooks: {
        draw: [(plot) => drawTip(plot, 8 * unit), onDrawn],
        setSelect: [(plot) => tellSpan(plot, onSpan)],
      },
    },
    [[], [], [], [], [], [], []],
    box,
  )
}

export function axisStyle(unit: number) {
  // A whole number: uPlot scales it for dense screens with a pattern that knows no decimals.
  const font = `500 ${Math.round(LABEL_PX * unit)}px Inter, system-ui, sans-serif`
  return { stroke: COLOURS.text, font, ticks: { show: false }, gap: 10 * unit }
}

export function amountAxis(unit: number): UPlot.Axis {
  return {
    ...axisStyle(unit),
    side: 1,
    size: (_plot, labels) => labelWidth(labels ?? []) * unit,
    space: 46 * unit,
    grid: { stroke: COLOURS.grid, width: Math.max(1, unit) },
    // Zero is the baseline itself and needs no word; nor does the height of a day that has nothing.
    values: (plot, splits) =>
      splits.map((value) => (value === 0 || plot.scales.y?.max === NOTHING_TOP ? '' : formatCompact(value))),
  }
}

/** "75k" and "75 mil" both whole: half of a word is another number. */
const labelWidth = (labels: readonly string[]): number =>
  Math.max(74, 16 + 14 * Math.max(0, ...labels.map(({ length }) => length)))

/** Zero is always in sight, and the room above is enough that a growing day does not rescale at every order. */
export function yRange(low: number | null, high: number | null): [number, number] {
  const top = Math.max(high ?? 0, 0)
  const bottom = Math.min(low ?? 0, 0)
  return top === 0 && bottom === 0 ? [0, NOTHING_TOP] : [bottom * 1.08, top * 1.08]
}

/** What was dragged over, which is then shown no more. */
function tellSpan(plot: UPlot, onSpan: ((from: number, to: number) => void) | null): void {
  const { left, width } = plot.select
  if (width === 0) return
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onSpan?.(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
}

/** The dot at now. */
function drawTip(plot: UPlot, radius: number): void {
  const [minutes] = plot.data
  const today = plot.data.at(-1)
  const at = today?.findLastIndex((value) => value != null) ?? -1
  const x = minutes?.[at]
  const y = today?.[at]
  if (x == null || y == null) return
  plot.ctx.beginPath()
  plot.ctx.arc(
    plot.valToPos(x, 'x', true),
    plot.valToPos(y, 'y', true),
    radius * UPlot.pxRatio,
    0,
    2 * Math.PI,
  )
  plot.ctx.fillStyle = COLOURS.today
  plot.ctx.fill()
}
