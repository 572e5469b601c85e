/** Hours of the clock on the wall where the TV hangs; 22 to 6 goes over midnight. */
export interface Night {
  fromHour: number
  toHour: number
}

/** "22-6"; null where it is nothing of the kind. */
export function parseNight(text: string | null): Night | null {
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(text ?? '') ?? []
  const night = { fromHour: Number(from), toHour: Number(to) }
  const isHour = (hour: number) => hour >= 0 && hour <= 24
  return isHour(night.fromHour) && isHour(night.toHour) ? night : null
}

export function isNight({ fromHour, toHour }: Night, hour: number): boolean {
  return fromHour <= toHour ? fromHour <= hour && hour < toHour : fromHour <= hour || hour < toHour
}
