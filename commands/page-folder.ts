/** Where `npm run build` puts the page. A file of its own, so that who only asks for it loads no server. */
import { join } from 'node:path'
import { ROOT } from '../core/runtime/program.ts'

export const PAGE_FOLDER = join(ROOT, 'ui', 'dist')
