/** The way down the trees in WebAssembly: the module of `emit-scorer.ts`, and the trees in the form that it reads. */
import { emitScorer, NODE_BYTES, type ScorerShape, scorerLayout } from './emit-scorer.ts'
import type { Forest } from './forest.ts'
import { BLOCK_ROWS, type Descent } from './score-rows.ts'

/** A module is 2 KB and depends on two small numbers; when there are this many, they are all made anew. */
const MAX_MODULES = 64
const modules = new Map<string, object>()

/** What of it is used: Node's types name no more than that it exists. */
interface WasmApi {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object) => { exports: ScorerExports }
}

interface ScorerExports {
  memory: { buffer: ArrayBuffer }
  run(bytesOfSums: number): void
}

const wasm = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly

export function createWasmDescent(forest: Forest): Descent {
  const shape = { features: forest.features, levels: forest.levels, blockRows: BLOCK_ROWS }
  const layout = scorerLayout(shape)
  const { memory, run } = new wasm.Instance(moduleFor(shape)).exports
  const bytes = new Uint8Array(memory.buffer)
  const sums = new Int32Array(memory.buffer, layout.sumsAt, BLOCK_ROWS)
  const images = Array.from({ length: forest.trees }, (_, tree) => treeImage(forest, tree))
  return {
    block: new Float64Array(memory.buffer, layout.rowsAt, BLOCK_ROWS * forest.features),
    sum: (count) => {
      sums.fill(0)
      for (const image of images) {
        // Each tree is copied to where the instructions expect it: 5 KB for thousands of rows.
        bytes.set(image)
        run(count * Int32Array.BYTES_PER_ELEMENT)
      }
      return sums
    },
  }
}

function moduleFor(shape: ScorerShape): object {
  const key = `${shape.features}/${shape.levels}`
  const known = modules.get(key)
  if (known !== undefined) return known
  if (modules.size >= MAX_MODULES) modules.clear()
  const made = new wasm.Module(emitScorer(shape))
  modules.set(key, made)
  return made
}

/** Nodes, then the lengths of the leaves. */
function treeImage({ levels, lengths, splits, thresholds }: Forest, tree: number): Uint8Array {
  const nodes = 1 << levels
  const image = new DataView(new ArrayBuffer(nodes * NODE_BYTES + nodes * 4))
  for (let node = 1; node < nodes; node++) {
    const from = (tree << levels) + node
    image.setFloat64(node * NODE_BYTES, thresholds[from]!, true)
    image.setInt32(node * NODE_BYTES + 8, splits[from]! * 8, true)
  }
  const leaves = (tree << (levels + 1)) + nodes
  for (let leaf = 0; leaf < nodes; leaf++)
    image.setInt32(nodes * NODE_BYTES + leaf * 4, lengths[leaves + leaf]!, true)
  return new Uint8Array(image.buffer)
}
