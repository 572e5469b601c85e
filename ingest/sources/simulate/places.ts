/** Where customers live. The currency tells the country that most of them live in. */

export interface Place {
  country: string
  region: string
  state: string
  /** On top of the lines, hundredths of a percent. */
  taxBp: number
  /** To the shop's own country, to others: currency units × 100. */
  shippingCents: number
}

type Regions = Record<string, readonly string[]>

const COUNTRIES: readonly { country: string; currency: string; taxBp: number; regions: Regions }[] = [
  {
    country: 'United Kingdom',
    currency: 'GBP',
    taxBp: 2_000,
    regions: {
      England: ['Greater London', 'Kent', 'Essex', 'Lancashire', 'Devon', 'Norfolk'],
      Scotland: ['Edinburgh', 'Fife', 'Highland'],
      Wales: ['Cardiff', 'Powys'],
      'Northern Ireland': ['Antrim', 'Down'],
    },
  },
  {
    country: 'United States',
    currency: 'USD',
    taxBp: 725,
    regions: {
      West: ['California', 'Washington', 'Oregon'],
      South: ['Texas', 'Florida', 'Georgia', 'Virginia'],
      Midwest: ['Illinois', 'Ohio', 'Michigan'],
      Northeast: ['New York', 'Massachusetts', 'Pennsylvania'],
    },
  },
  {
    country: 'Brazil',
    currency: 'BRL',
    taxBp: 1_700,
    regions: {
      Sudeste: ['São Paulo', 'Rio de Janeiro', 'Minas Gerais'],
      Sul: ['Paraná', 'Santa Catarina', 'Rio Grande do Sul'],
      Nordeste: ['Bahia', 'Pernambuco', 'Ceará'],
      Norte: ['Amazonas', 'Pará'],
    },
  },
  {
    country: 'Germany',
    currency: 'EUR',
    taxBp: 1_900,
    regions: {
      Nord: ['Hamburg', 'Niedersachsen', 'Bremen'],
      Süd: ['Bayern', 'Baden-Württemberg'],
      West: ['Nordrhein-Westfalen', 'Hessen'],
      Ost: ['Berlin', 'Sachsen', 'Brandenburg'],
    },
  },
  {
    country: 'France',
    currency: 'EUR',
    taxBp: 2_000,
    regions: {
      'Île-de-France': ['Paris', 'Yvelines'],
      Bretagne: ['Finistère', 'Morbihan'],
      Occitanie: ['Gard', 'Hérault'],
    },
  },
  { country: 'Ireland', currency: 'EUR', taxBp: 2_300, regions: { Leinster: ['Dublin'], Munster: ['Cork'] } },
]

const HOME_SHARE = 0.82
const HOME_SHIPPING_CENTS = 495
const ABROAD_SHIPPING_CENTS = 1_490

/** Draws a place from a fraction in [0, 1); the same fraction is the same place. */
export function createPlaces(currency: string): (fraction: number) => Place {
  const home = COUNTRIES.find((each) => each.currency === currency) ?? COUNTRIES[0]!
  const placesOf = (abroad: boolean) =>
    COUNTRIES.filter((each) => (each !== home) === abroad).flatMap(({ country, taxBp, regions }) =>
      Object.entries(regions).flatMap(([region, states]) =>
        states.map((state): Place => {
          const shippingCents = abroad ? ABROAD_SHIPPING_CENTS : HOME_SHIPPING_CENTS
          return { country, region, state, taxBp, shippingCents }
        }),
      ),
    )
  const near = placesOf(false)
  const far = placesOf(true)
  return (fraction) => {
    if (fraction < HOME_SHARE) return at(near, fraction / HOME_SHARE)
    return at(far, (fraction - HOME_SHARE) / (1 - HOME_SHARE))
  }
}

/** Earlier ones are likelier: a capital has more customers than a county. */
function at(places: readonly Place[], fraction: number): Place {
  return places[Math.floor(fraction * fraction * places.length)]!
}
