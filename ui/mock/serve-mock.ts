/**
 * For looking at the page alone. Development only.
 *   npx vite build ui && node --import tsx ui/mock/serve-mock.ts   (PORT, 4680 by default)
 */
import { startMock } from './start-mock.ts'

await startMock(Number(process.env.PORT ?? 4_680))
