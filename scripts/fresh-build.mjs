// The program, built from the sources as they are: `.cache/builds/<hash of the sources>` holds `dist/` and what else the
// package does. A build is made beside and renamed into place, and never changed after that: a program that uses one is
// not disturbed by a run that makes another.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const builds = join(root, '.cache', 'builds')
/** What the package holds beside the program. */
const BESIDE = ['.claude-plugin', 'bin', 'plugin', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
const SOURCES = ['src', 'scripts/build.mjs', 'package-lock.json', ...BESIDE]
/** A build that was not used for so long belongs to sources that have changed since. */
const KEPT_MS = 24 * 60 * 60_000

/** Gives the path of its `dist/main.js`; takes a second where no run has built these sources before. */
export function freshBuild() {
  const folder = join(builds, hashOfSources())
  if (existsSync(folder)) utimesSync(folder, new Date(), new Date())
  else make(folder)
  removeOld()
  return join(folder, 'dist', 'main.js')
}

function hashOfSources() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesIn).sort()) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

function filesIn(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path)).flatMap(name => filesIn(join(path, name)))
}

function make(folder) {
  const beside = `${folder}.${process.pid}`
  mkdirSync(beside, { recursive: true })
  try {
    const script = join(root, 'scripts', 'build.mjs')
    execFileSync(process.execPath, [script, join(beside, 'dist')], { stdio: ['ignore', 'inherit', 'inherit'] })
    for (const part of BESIDE) cpSync(join(root, part), join(beside, part), { recursive: true })
    renameSync(beside, folder)
  } catch (error) {
    rmSync(beside, { recursive: true, force: true })
    // Another run has built the same at the same time.
    if (!existsSync(folder)) throw error
  }
}

function removeOld() {
  for (const name of readdirSync(builds)) {
    const folder = join(builds, name)
    const usedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (usedAt < Date.now() - KEPT_MS) rmSync(folder, { recursive: true, force: true })
  }
}
