import UPlot from 'uplot'
import { amountAxis, axisStyle, COLOURS, type Size, yRange } from '../chart/create-plot.ts'
import { formatDay } from '../format/format-time.ts'
import type { OutlookColumns, Step } from './outlook.ts'

const BAND80 = 'rgb(92 207 255 / 22%)'
const BAND95 = 'rgb(92 207 255 / 10%)'
const TICKS: Record<Step, number[]> = { day: [7, 14, 28], week: [4, 8, 13] }
/** As uPlot numbers series: the days are the first. */
const [HIGH95, LOW95, HIGH80, LOW80] = [1, 2, 3, 4]

/** The bands lie under the lines. */
export function outlookData(columns: OutlookColumns): UPlot.AlignedData {
  const { days, high95, low95, high80, low80, past, expected } = columns
  return [days.map((_, at) => at), high95, low95, high80, low80, past, expected]
}

export function createOutlookPlot(
  box: HTMLElement,
  { width, height, unit }: Size,
  columns: OutlookColumns,
  step: Step,
): UPlot {
  const { days } = columns
  const edge = { points: { show: false }, width: 0 }
  const line = { points: { show: false }, spanGaps: true }
  return new UPlot(
    {
      width,
      height,
      padding: [14 * unit, 0, 0, 10 * unit],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false }, y: { range: (_plot, low, high) => yRange(low, high) } },
      axes: [
        {
          ...axisStyle(unit),
          size: 40 * unit,
          space: 130 * unit,
          incrs: TICKS[step],
          grid: { show: false },
          // A word at the very left would be cut off.
          values: (_plot, splits) =>
            splits.map((at) => (at > 0 && days[at] !== undefined ? formatDay(days[at], 'short') : '')),
        },
        amountAxis(unit),
      ],
      series: [
        {},
        ...[edge, edge, edge, edge],
        { ...line, stroke: COLOURS.yesterday, width: 2 * unit },
        { ...line, stroke: COLOURS.today, width: 3 * unit },
      ],
      bands: [
        { series: [HIGH95, LOW95], fill: BAND95 },
        { series: [HIGH80, LOW80], fill: BAND80 },
      ],
    },
    outlookData(columns),
    box,
  )
}
