import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BusError } from '../../../../bus/errors.ts'
import type { HomePaths } from '../../../../home/paths.ts'
import { homeFault, privateFolder } from '../../../../home/private-files.ts'

/** As seen from dist/chunks/ and from the sources. */
const PLACES = ['../..', '../../../../..']

/** What of the package a plugin needs; `package.json` says that the program is of ES modules. */
const PARTS = ['.claude-plugin', 'bin', 'dist', 'package.json', 'plugin']
/** For those who write programs. */
const LEFT_OUT = join('dist', 'types')

/**
 * A copy of this program, which is its plugin, where the client can read it for good: in the data folder, under a name made
 * of its content. Where the program lies may be a clone that is built anew or moved, or the cache of a package runner that
 * is emptied: sessions find their copy whole all the same. Older clients (2.1.200) also copy the folder that they are given;
 * of a clone that would be its whole history and all its packages.
 */
export async function copyPlugin(paths: HomePaths): Promise<string> {
  await privateFolder(copies(paths))
  const folder = await copyPlace(paths)
  if (existsSync(folder)) return folder
  const root = packageFolder()
  try {
    const beside = await mkdtemp(`${folder}.`)
    try {
      for (const part of partsIn(root)) {
        await cp(join(root, part), join(beside, part), { recursive: true, filter: path => isNeeded(root, path) })
      }
      await pointAtItself(beside)
      // Another set-up may have made the same at the same time.
      await rename(beside, folder).catch(error => {
        if (!existsSync(folder)) throw error
      })
    } finally {
      await rm(beside, { recursive: true, force: true })
    }
  } catch (error) {
    throw homeFault(folder, error)
  }
  return folder
}

/** Where the copy of this very program is, or would be. */
export async function copyPlace(paths: HomePaths): Promise<string> {
  const root = packageFolder()
  const hash = createHash('sha256')
  for (const path of await filesIn(root)) hash.update(`${path}\0`).update(await readFile(join(root, path)))
  return join(copies(paths), hash.digest('hex').slice(0, 16))
}

/** Removes the copies but those that are named, or all of them. */
export async function removeCopies(paths: HomePaths, { but = [] }: { but?: readonly string[] } = {}): Promise<boolean> {
  const folder = copies(paths)
  const names = existsSync(folder) ? await readdir(folder) : []
  const unused = names.map(name => join(folder, name)).filter(path => !but.includes(path))
  for (const path of unused) await rm(path, { recursive: true, force: true })
  if (unused.length === names.length) await rm(folder, { recursive: true, force: true })
  return unused.length > 0
}

function copies({ data }: HomePaths): string {
  return join(data, 'plugin')
}

function packageFolder(): string {
  const found = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(folder =>
    existsSync(join(folder, '.claude-plugin')),
  )
  if (found === undefined) throw new BusError('internal', 'expected a plugin beside this program, got none')
  return found
}

/** A checkout that was not built has no `dist`; its plugin runs an installed program. */
function partsIn(root: string): string[] {
  return PARTS.filter(part => existsSync(join(root, part)))
}

function isNeeded(root: string, path: string): boolean {
  return !`${relative(root, path)}${sep}`.startsWith(LEFT_OUT + sep)
}

async function filesIn(root: string): Promise<string[]> {
  const found = await Promise.all(
    partsIn(root).map(async part => {
      const entries = await readdir(join(root, part), { recursive: true, withFileTypes: true }).catch(() => undefined)
      if (entries === undefined) return [part]
      return entries.filter(each => each.isFile()).map(each => relative(root, join(each.parentPath, each.name)))
    }),
  )
  return found
    .flat()
    .filter(path => isNeeded(root, join(root, path)))
    .sort()
}

/** The package's marketplace names the registry as the plugin's source; the copy's names the copy. */
async function pointAtItself(folder: string): Promise<void> {
  const file = join(folder, '.claude-plugin', 'marketplace.json')
  const marketplace = JSON.parse(await readFile(file, 'utf8')) as { plugins: { name: string; source: unknown }[] }
  const plugins = marketplace.plugins.map(plugin =>
    typeof plugin.source === 'string' ? plugin : { ...plugin, source: './' },
  )
  await writeFile(file, `${JSON.stringify({ ...marketplace, plugins }, undefined, 2)}\n`)
}
