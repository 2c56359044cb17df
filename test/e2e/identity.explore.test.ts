import { expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalSession, runPrint } from './harness/client.ts'
import { waitFor } from './harness/wait.ts'
import { Switchboard } from './support/switchboard.ts'

test('explore', { timeout: 120_000 }, async () => {
  await using bus = await Switchboard.create()
  const s = await TerminalSession.start(bus.sandbox, bus.launch)
  await s.prompt('first words')
  const id = await s.sessionId()
  const projects = join(bus.sandbox.home, '.claude/projects')
  const show = (label: string) => {
    for (const d of readdirSync(projects)) for (const f of readdirSync(join(projects, d))) {
      if (!f.endsWith('.jsonl')) continue
      const text = readFileSync(join(projects, d, f), 'utf8')
      console.log(label, f, text.split('\n').slice(0, 6).map(l => l.slice(0, 600)).join('\n   '), '\n FORK?', [...text.matchAll(/.{0,20}[fF]ork.{0,150}/g)].slice(0,3).map(m => m[0]))
    }
  }
  show('ONE')
  console.log('FILE', readFileSync(join(bus.sandbox.home, '.claude/sessions', `${s.pid}.json`), 'utf8'))
  await s.submit('/branch')
  const st = await s.waitForStatus('new id', it => it.sessionId !== id)
  console.log('BRANCH', JSON.stringify(st))
  await s.prompt('in the branch')
  show('TWO')
  console.log(JSON.stringify(await bus.sessions(), null, 1))
  const f = await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: id, fork: true })
  console.log('CMD', readFileSync(`/proc/${f.pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
  console.log('FILE', readFileSync(join(bus.sandbox.home, '.claude/sessions', `${f.pid}.json`), 'utf8'))
  show('FORKED before prompt')
  await f.prompt('in the fork')
  show('FORKED')
})
