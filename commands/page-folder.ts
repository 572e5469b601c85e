/** Where `npm run build` puts the page. A file of its own, so that who only asks for it loads no server. */
import { fileURLToPath } from 'node:url'

export const PAGE_FOLDER = fileURLToPath(new URL('../ui/dist', import.meta.url))
