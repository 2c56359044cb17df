import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What the benchmarks take from the sources directly: the store port of SQLite, and the driver with the same pragmas. */
const PARTS = `
  export { openSqliteStore } from './src/store/sqlite/index.ts'
  export { openFile } from './src/store/sqlite/open-file.ts'
  export { channelsOf } from './src/bus/address.ts'
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
  await build({
    absWorkingDir: root,
    stdin: { contents: PARTS, resolveDir: root, loader: 'ts' },
    outfile: join(folder, 'parts.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    loader: { '.sql': 'text' },
    external: ['@photostructure/sqlite'],
    logLevel: 'warning',
  })
  const clientFile = join(folder, 'dist/client.js')
  const { connect } = await import(pathToFileURL(clientFile).href)
  const partsFile = join(folder, 'parts.mjs')
  return {
    ...(await import(pathToFileURL(partsFile).href)),
    partsFile,
    main: join(folder, 'dist/main.js'),
    clientFile,
    connect,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
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
