import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The wall, and what is shown before it: whoever signs in loads nothing of the wall.
    rolldownOptions: { input: ['index', 'door'].map((name) => join(import.meta.dirname, `${name}.html`)) },
  },
})
