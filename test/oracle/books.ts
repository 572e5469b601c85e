/** Books of account: postings as fine as any view wants them, and the ledgers that are made of them. */
import { Ledger, type LedgerKey, type LedgerSums } from './ledger.ts'

export interface Posting extends LedgerKey, LedgerSums {
  isGuest: boolean
}

export class Books {
  readonly #postings: Posting[] = []
  readonly #lines: Posting[] = []

  /** Money and orders. */
  post(posting: Posting): void {
    this.#postings.push(posting)
  }

  /** Amounts of lines, as products are summed. */
  postLine(posting: Posting): void {
    this.#lines.push(posting)
  }

  ledger(): Ledger {
    return ledgerOf(this.#postings)
  }

  /** Without guests. */
  customerLedger(): Ledger {
    return ledgerOf(this.#postings.filter((posting) => !posting.isGuest))
  }

  lineLedger(): Ledger {
    return ledgerOf(this.#lines)
  }

  merge(other: Books): this {
    this.#postings.push(...other.#postings)
    this.#lines.push(...other.#lines)
    return this
  }
}

function ledgerOf(postings: readonly Posting[]): Ledger {
  const ledger = new Ledger()
  for (const posting of postings) ledger.add(posting, posting)
  return ledger
}
