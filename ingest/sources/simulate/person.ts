/** Names of people who do not exist. */
const FIRST = [
  ...['Ada', 'Ben', 'Carla', 'Dev', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Keiko', 'Liam'],
  ...['Mara', 'Noah', 'Olga', 'Paulo', 'Quinn', 'Rosa', 'Sven', 'Tara', 'Uma', 'Vera', 'Wim', 'Yara'],
]
const LAST = [
  ...['Abbott', 'Bauer', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hughes', 'Ito', 'Jensen'],
  ...['Khan', 'Lima', 'Moreau', 'Nowak', 'Okafor', 'Patel', 'Quist', 'Rossi', 'Silva', 'Turner'],
]

export function nameOf(hash: number): string {
  return `${FIRST[hash % FIRST.length]} ${LAST[Math.floor(hash / FIRST.length) % LAST.length]}`
}
