// Prints the path of a Node 24 for the suites that run on both ends of our range; --install fetches it into the cache.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const VERSION = '24.21.0'
const folder = fileURLToPath(new URL(`../.cache/node-${VERSION}`, import.meta.url))
// The leaf package holds the binary and runs no script; `node` itself would run one.
const leaf = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const binary = `${folder}/node_modules/${leaf}/bin/node`

if (process.argv.includes('--install') && !existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  execFileSync('npm', ['install', '--no-save', '--prefix', folder, `${leaf}@${VERSION}`], { stdio: 'inherit' })
}
console.log(binary)
