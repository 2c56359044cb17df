import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { Sandbox } from '../harness/sandbox.ts'

interface Version {
  readonly name: string
  readonly version: string
  readonly dist: { readonly tarball: string; readonly integrity: string }
}

/**
 * A registry of packages on the sandbox's loopback, as far as `npm view`, `npm pack`, `npm install` and `npx` ask one: each
 * package's versions with the manifest of each, and the tarballs.
 */
export class Registry implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #versions: Version[] = []
  readonly #tarballs = new Map<string, Buffer>()

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async open(sandbox: Sandbox): Promise<Registry> {
    const server = createServer()
    const socket = join(sandbox.root, 'registry.sock')
    server.listen(socket)
    await once(server, 'listening')
    const registry = new Registry(server, `http://127.0.0.1:${await sandbox.network.expose(socket)}/`)
    server.on('request', ({ url = '/' }, response) => {
      const path = decodeURIComponent(url.slice(1).split('?')[0]!)
      const found = registry.#tarballs.get(path) ?? registry.#packument(path)
      response.writeHead(found === undefined ? 404 : 200).end(found ?? '{}')
    })
    return registry
  }

  /** As `npm publish` does, but that nobody asks who it is. */
  async publish(tarball: string): Promise<void> {
    const { stdout } = await promisify(execFile)('tar', ['-xOzf', tarball, 'package/package.json'])
    const manifest = JSON.parse(stdout) as { name: string; version: string }
    const bytes = await readFile(tarball)
    const path = `${manifest.name}/-/${basename(tarball)}`
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    this.#tarballs.set(path, bytes)
    this.#versions.push({ ...manifest, dist: { tarball: `${this.url}${path}`, integrity } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #packument(name: string): string | undefined {
    const versions = this.#versions.filter(each => each.name === name)
    const latest = versions.at(-1)?.version
    if (latest === undefined) return undefined
    return JSON.stringify({
      name,
      'dist-tags': { latest },
      versions: Object.fromEntries(versions.map(each => [each.version, each])),
    })
  }
}

/** The tarball that `npm publish` would send of a folder. */
export async function pack(folder: string, into: string): Promise<string> {
  const args = ['pack', folder, '--ignore-scripts', '--pack-destination', into, '--json']
  const { stdout } = await promisify(execFile)('npm', args, { cwd: into, maxBuffer: 16 * 1024 * 1024 })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  return join(into, filename)
}
