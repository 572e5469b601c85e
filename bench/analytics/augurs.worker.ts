/** The rival of forecasts: AutoETS of `@bsull/augurs` (Rust in WebAssembly), in a thread or where it is called. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AutoETS, initSync } from '@bsull/augurs/ets'

export interface AugursTask {
  series: readonly Float64Array[]
  horizon: number
}

/** Any error, any trend, no season: two years are too short for one of 52 weeks. */
const SPEC = 'ZZN'
const LEVEL = 0.95

let isLoaded = false

export default function forecastAugurs({ series, horizon }: AugursTask): Float64Array[] {
  if (!isLoaded) {
    const folder = dirname(createRequire(import.meta.url).resolve('@bsull/augurs/ets'))
    initSync({ module: readFileSync(join(folder, 'ets_bg.wasm')) })
    isLoaded = true
  }
  return series.map((values) => {
    const model = new AutoETS(1, SPEC)
    try {
      model.fit(values)
      return Float64Array.from(model.predict(horizon, LEVEL).point)
    } finally {
      model.free()
    }
  })
}
