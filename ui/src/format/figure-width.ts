import type { Figure } from './format-number.ts'

// Widths in em of the widest fonts of the stack (DejaVu Sans Bold is the widest that a Linux screen falls back to).
const DIGIT = 0.65
const SEPARATOR = 0.33

/**
 * How wide a figure is, in em of its large type. The page divides the room by it, so that a number which grows from
 * five to seven digits shrinks before it would wrap, with no measuring and no second layout.
 */
export function figureWidthEm(figure: Figure, fractionScale: number): number {
  return textWidth(figure.whole) + textWidth(figure.fraction) * fractionScale
}

function textWidth(text: string): number {
  let width = 0
  for (const character of text) width += /[.,\s]/.test(character) ? SEPARATOR : DIGIT
  return width
}
