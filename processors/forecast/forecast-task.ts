/** What goes to a forecasting thread: a ForecastRequest whose calendars are tables, as functions do not travel. */
import type { HolidayCalendar } from './calendar.ts'
import type { ForecastRequest, SeriesForecast, SeriesInput } from './forecast-request.ts'
import { forecastSeries } from './forecast-series.ts'

/** Names by day, `YYYY-MM-DD`; for the years of the history and of the horizon. */
export type DayNames = Record<string, string>

export interface ForecastTask extends Omit<ForecastRequest, 'series' | 'holidays'> {
  series: readonly (Omit<SeriesInput, 'promotions'> & { promotions?: DayNames })[]
  holidays?: DayNames
}

export function runForecastTask({ series, holidays, ...rest }: ForecastTask): SeriesForecast[] {
  return forecastSeries({
    ...rest,
    holidays: calendarOf(holidays),
    series: series.map((one) => ({ ...one, promotions: calendarOf(one.promotions) })),
  })
}

function calendarOf(names: DayNames | undefined): HolidayCalendar | undefined {
  return names && ((day) => (Object.hasOwn(names, day) ? names[day]! : null))
}
