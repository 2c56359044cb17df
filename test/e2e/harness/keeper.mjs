// The keeper of one sandbox. Usage: node keeper.mjs <sandbox folder> <namespaced: 1|0>
//
// It is the first process inside the sandbox's network namespace and holds it open. Over stdin it takes paths of unix
// sockets, one per line, and answers with a loopback port that leads to each: a unix socket has a path and so crosses
// network namespaces, which lets the model server stay in the test process while the client can reach only loopback.
//
// Its stdin ends when the test disposes the sandbox, and also when the test process dies in any way. Then it ends
// everything that still runs in the sandbox, waits until it is gone, removes the folder, and goes: that is why the
// clean-up stands here and not in the tests.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [, , folder, namespaced] = process.argv
const ownNamespace = readlinkSync('/proc/self/ns/net')

function expose(socketPath) {
  const server = createServer(inside => {
    const outside = connect(socketPath)
    inside.pipe(outside).pipe(inside)
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
    inside.on('close', () => outside.destroy())
    outside.on('close', () => inside.destroy())
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
}

/** Processes of this sandbox: whatever is in its namespace or, where there is none, whatever has its folder as HOME. */
function inhabitants() {
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      if (namespaced === '1') return readlinkSync(`/proc/${pid}/ns/net`) === ownNamespace
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${folder}/home`)
    } catch {
      return false // gone, a zombie, or not ours to read
    }
  })
}

/** Background sessions (`--bg`, `/fork`) have a daemon, whose sockets no environment variable moves out of /tmp. */
function removeDaemonFolder() {
  try {
    const ofUser = `/tmp/cc-daemon-${statSync(`${folder}/home`).uid}`
    const ofHome = createHash('sha256').update(`${folder}/home/.claude`).digest('hex').slice(0, 8)
    rmSync(`${ofUser}/${ofHome}`, { recursive: true, force: true })
    rmdirSync(ofUser)
  } catch {
    // there was none, or it is still in use by another HOME
  }
}

function end() {
  const left = inhabitants()
  for (const pid of left) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // already gone
    }
  }
  // Again until a look finds nobody: a process may have started a child between the look and the kill.
  // biome-ignore lint/plugin: it looks until a condition holds.
  if (left.length > 0) return setTimeout(end, 20)
  removeDaemonFolder()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
}

process.stdout.on('error', () => {})
process.on('SIGINT', () => {}) // Ctrl-C reaches the whole group; the end of stdin says when to go
process.on('SIGTERM', end)
createInterface({ input: process.stdin }).on('line', expose).on('close', end)
