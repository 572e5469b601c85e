import { describe, expect, it } from 'vitest'
import { readConfig } from './env.ts'

describe('what is called unusual', () => {
  it('has defaults', () => {
    expect(readConfig({}).anomaly).toEqual({ engine: 'own', contamination: 0.002, dailyBudget: 20 })
  })

  it('is read from the environment', () => {
    const env = {
      REVWALL_ANOMALY_ENGINE: 'isolation-forest',
      REVWALL_ANOMALY_SHARE: '0.05',
      REVWALL_ANOMALY_DAILY_BUDGET: '0',
    }
    const anomaly = { engine: 'isolation-forest', contamination: 0.05, dailyBudget: 0 }
    expect(readConfig(env).anomaly).toEqual(anomaly)
  })

  it.each([
    ['REVWALL_ANOMALY_ENGINE', 'forest', 'own or isolation-forest'],
    ['REVWALL_ANOMALY_SHARE', 'few', 'a number'],
    ['REVWALL_ANOMALY_SHARE', '0', 'above 0'],
    ['REVWALL_ANOMALY_SHARE', '0.6', 'at most 0.5'],
    ['REVWALL_ANOMALY_DAILY_BUDGET', 'many', 'a whole number'],
    ['REVWALL_ANOMALY_DAILY_BUDGET', '2.5', 'a whole number'],
    ['REVWALL_ANOMALY_DAILY_BUDGET', '-1', 'at least 0'],
    ['REVWALL_ANOMALY_DAILY_BUDGET', '10001', 'at most 10000'],
  ])('refuses %s=%s with a sentence that says what it takes', (name, value, sentence) => {
    expect(() => readConfig({ [name]: value })).toThrow(`${name}: ${sentence}`)
  })

  it('tells all that is wrong with it at once', () => {
    const env = { REVWALL_ANOMALY_SHARE: '2', REVWALL_ANOMALY_DAILY_BUDGET: '-1' }
    expect(() => readConfig(env)).toThrow(/REVWALL_ANOMALY_SHARE: [\s\S]*REVWALL_ANOMALY_DAILY_BUDGET: /)
  })
})
