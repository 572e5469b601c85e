/** Shapes that frames and REST answers share. */
import { z } from 'zod'

export const text = z.string()
/** A sum of money or quantities as a decimal string; sums have no bound on their digits. */
export const decimalSum = z.string().regex(/^-?\d+(\.\d{1,4})?$/)
