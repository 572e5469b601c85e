/** The sentences about orders, in the languages of the wall. Whoever adds a language adds a member here. */
export interface OrderPhrases {
  amountAboveCustomer(times: string): string
  amountBelowCustomer(part: string): string
  amountAboveTenant(times: string): string
  amountBelowTenant(part: string): string
  items(units: number): string
  discount(percent: number): string
  hour(clock: string): string
  region(name: string): string
  velocity(nth: number, minutes: number, of: 'customer' | 'card' | 'address'): string
  newCustomer: string
  priceAbove(times: string): string
  priceBelow(part: string): string
  nothing: string
}

export type Language = 'en' | 'pt-BR'

export const ORDER_PHRASES: Record<Language, OrderPhrases> = {
  en: {
    amountAboveCustomer: (times) => `${times}× this customer's usual amount`,
    amountBelowCustomer: (part) => `${part} of this customer's usual amount`,
    amountAboveTenant: (times) => `${times}× the shop's usual amount`,
    amountBelowTenant: (part) => `${part} of the shop's usual amount`,
    items: (units) => (units === 1 ? '1 unit' : `${units} units`),
    discount: (percent) => `${percent}% discount`,
    hour: (clock) => `at ${clock}`,
    region: (name) => `to ${name}, unusual for this customer`,
    velocity: (nth, minutes, of) =>
      `${ordinalEn(nth)} order ${OF_EN[of]}in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`,
    newCustomer: 'first order of this customer',
    priceAbove: (times) => `a price ${times}× the catalogue's`,
    priceBelow: (part) => `a price ${part} of the catalogue's`,
    nothing: 'an unusual combination',
  },
  'pt-BR': {
    amountAboveCustomer: (times) => `${times}× o valor habitual deste cliente`,
    amountBelowCustomer: (part) => `${part} do valor habitual deste cliente`,
    amountAboveTenant: (times) => `${times}× o valor habitual da loja`,
    amountBelowTenant: (part) => `${part} do valor habitual da loja`,
    items: (units) => (units === 1 ? '1 unidade' : `${units} unidades`),
    discount: (percent) => `${percent}% de desconto`,
    hour: (clock) => `às ${clock}`,
    region: (name) => `para ${name}, incomum para este cliente`,
    velocity: (nth, minutes, of) =>
      `${ordinalPt(nth)} pedido ${OF_PT[of]}em ${minutes === 1 ? '1 minuto' : `${minutes} minutos`}`,
    newCustomer: 'primeiro pedido deste cliente',
    priceAbove: (times) => `preço ${times}× o do catálogo`,
    priceBelow: (part) => `preço de ${part} do catálogo`,
    nothing: 'uma combinação incomum',
  },
}

const OF_EN = { customer: '', card: 'with this card ', address: 'to this address ' }
const OF_PT = { customer: '', card: 'com este cartão ', address: 'para este endereço ' }
const WORDS_EN = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
]
const WORDS_PT = [
  ...['primeiro', 'segundo', 'terceiro', 'quarto', 'quinto', 'sexto', 'sétimo', 'oitavo', 'nono', 'décimo'],
]

function ordinalEn(nth: number): string {
  const word = WORDS_EN[nth - 1]
  if (word !== undefined) return word
  const teens = nth % 100 >= 11 && nth % 100 <= 13
  const ending = teens ? 'th' : (['th', 'st', 'nd', 'rd'][nth % 10] ?? 'th')
  return `${nth}${ending}`
}

function ordinalPt(nth: number): string {
  return WORDS_PT[nth - 1] ?? `${nth}º`
}
