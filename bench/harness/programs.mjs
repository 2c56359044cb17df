import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

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

/**
 * The built program, in a copy: a build that somebody runs meanwhile must not take the files away from under a
 * measurement. The copy lies inside the repo, where Node finds the dependencies.
 */
export async function preparePrograms() {
  if (isStale()) execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  const folder = join(root, '.cache', `bench-${process.pid}`)
  await mkdir(folder, { recursive: true })
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  const partsFile = join(folder, 'parts.mjs')
  await bundle(PARTS, root, partsFile)
  const clientFile = join(folder, 'dist/client.js')
  const { connect } = await import(pathToFileURL(clientFile).href)
  let realClient
  return {
    ...(await import(pathToFileURL(partsFile).href)),
    partsFile,
    main: join(folder, 'dist/main.js'),
    plugin: join(root, 'plugin'),
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

function isStale() {
  const built = join(root, 'dist/main.js')
  return !existsSync(built) || newest(join(root, 'src')) > statSync(built).mtimeMs
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
}
