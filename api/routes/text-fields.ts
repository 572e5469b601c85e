/** Texts that a question filters by. Control characters and halves of characters are in no text that is stored. */
import { currency, externalId, label, source } from '../../core/contracts/fields.ts'

export const idField = externalId
export const sourceField = source

export const currencyField = currency.optional().describe('Default: the tenant’s.')

/** A value that an order must have; empty: it is not told. */
export function equalField(what: string) {
  return label
    .regex(/^[^\ud800-\udfff]*$/u, 'no halves of characters')
    .optional()
    .describe(`${what}; empty: not told. Without it: any.`)
}

export function searchField(what: string) {
  return externalId.optional().describe(`Part of ${what}, whatever its case.`)
}
