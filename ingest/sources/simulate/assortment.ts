/** What a product may be: sections of the shop, and the words that names are made of. */

export interface Section {
  /** From the widest to the narrowest category. */
  path: readonly string[]
  nouns: readonly string[]
  /** Price of a usual product, currency units. */
  price: number
  /** Sold by weight, in thousandths. */
  byWeight?: true
}

export const SECTIONS: readonly Section[] = [
  section(['Home', 'Kitchen', 'Cake stands'], 24, ['Cake Stand', 'Cake Tins', 'Mixing Bowl']),
  section(['Home', 'Kitchen', 'Cutlery'], 14, ['Bread Knife', 'Spoon Set', 'Peeler']),
  section(['Home', 'Kitchen', 'Cups'], 7, ['Tea Cup', 'Mug', 'Egg Cup']),
  section(['Home', 'Light', 'Lamps'], 48, ['Table Lamp', 'Floor Lamp', 'Lantern']),
  section(['Home', 'Light', 'Candles'], 6, ['Candle', 'T-Light Holder', 'Wick Set']),
  section(['Home', 'Textiles', 'Cushions'], 19, ['Cushion', 'Throw', 'Doormat']),
  section(['Home', 'Textiles', 'Towels'], 12, ['Towel', 'Bath Mat', 'Napkins']),
  section(['Garden', 'Tools', 'Hand tools'], 16, ['Trowel', 'Secateurs', 'Rake']),
  section(['Garden', 'Plants', 'Pots'], 11, ['Planter', 'Herb Pot', 'Saucer']),
  section(['Garden', 'Plants', 'Seeds'], 3, ['Seed Box', 'Bulbs', 'Wild Flower Mix']),
  section(['Fashion', 'Bags', 'Shopping bags'], 9, ['Jumbo Bag', 'Lunch Bag', 'Tote']),
  section(['Fashion', 'Bags', 'Suitcases'], 95, ['Suitcase', 'Trolley', 'Weekender']),
  section(['Fashion', 'Warm', 'Scarves'], 21, ['Scarf', 'Hand Warmer', 'Hat']),
  section(['Toys', 'Wood', 'Blocks'], 18, ['Building Blocks', 'Train', 'Puzzle']),
  section(['Toys', 'Soft', 'Animals'], 15, ['Bear', 'Rabbit', 'Owl']),
  section(['Paper', 'Cards', 'Greetings'], 3, ['Birthday Card', 'Thank-You Card', 'Postcards']),
  section(['Paper', 'Wrap', 'Gift wrap'], 4, ['Gift Wrap', 'Ribbon', 'Tissue']),
  section(['Office', 'Desk', 'Notebooks'], 8, ['Notebook', 'Planner', 'Memo Board']),
  section(['Office', 'Clocks', 'Alarm clocks'], 17, ['Alarm Clock', 'Wall Clock', 'Egg Timer']),
  { ...section(['Food', 'Tea', 'Loose tea'], 38, ['Green Tea', 'Black Tea', 'Rooibos']), byWeight: true },
  { ...section(['Food', 'Sweets', 'By weight'], 17, ['Fudge', 'Liquorice', 'Almonds']), byWeight: true },
]

export const ADJECTIVES = [
  ...['Red', 'Blue', 'Ivory', 'Vintage', 'Retro', 'Woodland', 'Regency', 'Small', 'Large', 'Nordic'],
  ...['Striped', 'Spotty', 'Botanical', 'Enamel', 'Ceramic', 'Linen', 'Oak', 'Brass', 'Travel', 'Party'],
]

function section(path: string[], price: number, nouns: string[]): Section {
  return { path, price, nouns }
}
