import { cpSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Client, ConnectOptions } from '../../src/client/index.ts'
import { DIST } from '../program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Programs of one test in a folder of their own. A client starts the `main.js` that lies beside it. */
export interface Programs extends AsyncDisposable {
  readonly hub: string
  readonly publisher: string
  readonly dyingCaller: string
  /** The client as it is built and shipped; it starts `hub`. */
  connect(options?: ConnectOptions): Client
}

/** The built program, or in its place a hub with a bug (a file in `fixtures/`), beside the programs that call it. */
export async function preparePrograms(plantedBug?: string): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-programs-'))
  const [hub, publisher, dyingCaller] = ['main', 'publisher', 'dying-caller'].map(name => join(folder, `${name}.js`))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  cpSync(DIST, folder, { recursive: true })
  await build({
    entryPoints: {
      publisher: join(root, 'test/crash/publisher.ts'),
      'dying-caller': join(root, 'test/crash/fixtures/dying-caller.ts'),
      ...(plantedBug === undefined ? {} : { main: join(root, 'test/crash/fixtures', plantedBug) }),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    loader: { '.sql': 'text', '.md': 'text' },
    banner: { js: "import { createRequire as __r } from 'node:module';const require = __r(import.meta.url);" },
    define: { __VERSION__: '"0.0.0-test"' },
    external: ['@photostructure/sqlite'],
  })
  const client = (await import(
    pathToFileURL(join(folder, 'client.js')).href
  )) as typeof import('../../src/client/index.ts')
  return {
    hub: hub!,
    publisher: publisher!,
    dyingCaller: dyingCaller!,
    connect: client.connect,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
