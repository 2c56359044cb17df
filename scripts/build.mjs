// Builds dist/: one bundle with lazy chunks for the program, one file for the typed client, and its types. Into another
// folder, where one is named, it builds without the types.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [, , otherFolder] = process.argv
const folder = otherFolder ?? `${root}dist`

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minifySyntax: true,
  // Parsing is a good part of a short command's time.
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  loader: { '.sql': 'text', '.md': 'text', '.bash': 'text', '.zsh': 'text', '.fish': 'text', '.ps1': 'text' },
  // Node has no `require` in ES modules; some bundled CommonJS dependencies ask for built-ins with it.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  define: {
    __VERSION__: JSON.stringify((await import('../package.json', { with: { type: 'json' } })).default.version),
  },
}

/**
 * Puts the evaluated catalog in the place of its module, so that programs that must start fast do not load the
 * schemas' library to say what they can do.
 */
const evaluatedCatalog = {
  name: 'evaluated-catalog',
  setup(build) {
    build.onLoad({ filter: /[\\/]operations[\\/]catalog\.ts$/ }, async ({ path }) => {
      const outfile = `${folder}/.catalog.mjs`
      await import('esbuild').then(({ build }) =>
        build({ ...common, entryPoints: [path], outfile, banner: common.banner }),
      )
      const { catalog } = await import(`${pathToFileURL(outfile).href}?${Date.now()}`)
      rmSync(outfile)
      return { contents: `export const catalog = ${JSON.stringify(catalog)}`, loader: 'js' }
    })
  },
}

/**
 * The MCP SDK brings a JSON Schema compiler for tools that declare output schemas and for elicitation. We use neither,
 * and it is a third of what the session process would load: 11 ms and 5 MB beside every session.
 */
const withoutSchemaCompiler = {
  name: 'without-schema-compiler',
  setup(build) {
    build.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ path }) => ({ path, namespace: 'shims' }))
    build.onLoad({ filter: /.*/, namespace: 'shims' }, () => ({
      contents: `
        export { default as process } from 'node:process'
        export class DefaultJsonSchemaValidator {
          getValidator() {
            throw new Error('this build has no JSON Schema compiler')
          }
        }`,
    }))
  },
}

/**
 * The session process is bundled by itself: a chunk shared with the hub would hold all that the hub uses of the schemas'
 * library and the MCP SDK, 1.1 MB to load at each start where the session needs 0.5 (112 ms of processor time against 94).
 */
const sessionApart = {
  name: 'session-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/session\/index\.ts$/ }, () => ({ path: './session.js', external: true }))
  },
}

const bundles = [
  { entryPoints: { main: 'src/main.ts', client: 'src/client/index.ts' }, chunks: 'chunks/', plugins: [sessionApart] },
  {
    entryPoints: { session: 'src/session/index.ts' },
    chunks: 'chunks/session-',
    plugins: [],
    // A third less to parse while the user's first prompt waits. Elsewhere names stay, for stack traces.
    minifyIdentifiers: true,
  },
]

rmSync(folder, { recursive: true, force: true })
for (const { entryPoints, chunks, plugins, minifyIdentifiers = false } of bundles) {
  await build({
    ...common,
    entryPoints,
    outdir: folder,
    splitting: true,
    minifyIdentifiers,
    chunkNames: `${chunks}[name]-[hash]`,
    plugins: [...plugins, evaluatedCatalog, withoutSchemaCompiler],
  })
}
chmodSync(`${folder}/main.js`, 0o755)
// SQLite for Nodes without one: its loader, in a chunk, looks for the binaries in the folder above its own. Beside the
// program they need no install: a client that unpacks the package as a plugin fetches no dependencies.
const sqlite = `${root}node_modules/@photostructure/sqlite`
cpSync(`${sqlite}/prebuilds`, `${folder}/prebuilds`, { recursive: true })
cpSync(`${sqlite}/LICENSE`, `${folder}/prebuilds/LICENSE`)
if (otherFolder === undefined) {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' })
}
