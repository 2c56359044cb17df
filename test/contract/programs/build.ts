import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Bundles the programs beside this file, inside the repo so that they find the SQLite package. Returns their folder. */
export async function buildPrograms(...names: string[]): Promise<string> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const outdir = mkdtempSync(join(root, '.cache/store-programs-'))
  await build({
    absWorkingDir: root,
    entryPoints: names.map(name => `test/contract/programs/${name}.ts`),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    loader: { '.sql': 'text' },
    external: ['@photostructure/sqlite'],
    banner: {
      js: "import { createRequire as __require } from 'node:module'; const require = __require(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outdir
}
