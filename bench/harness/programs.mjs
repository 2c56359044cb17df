import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { freshBuild } from '../../scripts/fresh-build.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const harness = join(root, 'test/e2e/harness')

/** What the benchmarks take from the sources directly: the store port of SQLite, and the driver with the same pragmas. */
const PARTS = `
  export { openSqliteStore } from './src/store/sqlite/index.ts'
  export { openFile } from './src/store/sqlite/open-file.ts'
  export { channelsOf } from './src/bus/address.ts'
`

/** The end-to-end suite's real Claude Code client, its sandbox and its scripted model. */
const REAL_CLIENT = `
  export { StreamSession, TerminalSession } from './client.ts'
  export { placesOf } from './model-request.ts'
  export { script } from './model-script.ts'
  export { Sandbox } from './sandbox.ts'
`

/** The program as it stands in the sources, and what measures it. */
export async function preparePrograms() {
  const main = freshBuild()
  // Inside the repo, where Node finds the dependencies.
  const folder = join(root, '.cache', `bench-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const partsFile = join(folder, 'parts.mjs')
  await bundle(PARTS, root, partsFile)
  const clientFile = join(dirname(main), 'client.js')
  const { connect } = await import(pathToFileURL(clientFile).href)
  let realClient
  return {
    ...(await import(pathToFileURL(partsFile).href)),
    partsFile,
    main,
    clientFile,
    connect,
    /** Bundled only for the benchmarks that drive it. */
    realClient() {
      realClient ??= (async () => {
        const file = join(folder, 'real-client.mjs')
        await bundle(REAL_CLIENT, harness, file)
        return await import(pathToFileURL(file).href)
      })()
      return realClient
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function bundle(contents, resolveDir, outfile) {
  await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    loader: { '.sql': 'text' },
    external: ['@photostructure/sqlite'],
    // The harness finds its own programs, and the cache of the client, beside its sources.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(resolveDir, 'bundled.mjs')).href) },
    logLevel: 'warning',
  })
}
