import { expect, it } from 'vitest'
import { userCredential } from '../../src/home/credentials.ts'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { Door } from './door.ts'
import { buildHubProgram, startHubProcess } from './hub-process.ts'
import { type TempHome, tempHome } from './test-hub.ts'

it('a hub that meets a damaged row says so to the caller and in its log, and the next one goes on without it', async () => {
  await using program = await buildHubProgram()
  await using home = await tempHome()
  const { storeFile } = home.paths
  {
    await using first = startHubProcess(program, home.folder)
    expect(await first.isServing).toBe(true)
    for (const key of ['a', 'b']) await call(home, 'set_state', { key, value: 'kept' })
    first.child.kill('SIGTERM')
    await first.exit
  }
  const sql = new Sql(await openDatabase(storeFile), storeFile)
  sql.exec("UPDATE state SET entry = replace(entry, 'kept', 'kepd') WHERE key = 'a'")
  sql.close()
  {
    await using hub = startHubProcess(program, home.folder)
    expect(await hub.isServing).toBe(true)
    expect((await call(home, 'get_state', { key: 'b' })).text).toContain('kept')
    const refusal = (await call(home, 'get_state', { key: 'a' })).text
    expect(refusal).toContain('store_unavailable')
    expect(refusal).toContain(`a row of state in ${storeFile} is damaged`)
    expect(await hub.exit).toMatchObject({ code: 6 })
    expect(hub.lines.map(line => line.msg)).toContainEqual(
      `${storeFile} was damaged on the disk, in state; rows were taken out: 1 of state`,
    )
  }
  await using next = startHubProcess(program, home.folder)
  expect(await next.isServing).toBe(true)
  expect((await call(home, 'get_state', { key: 'a' })).text).not.toContain('kepd')
  expect((await call(home, 'get_state', { key: 'b' })).text).toContain('kept')
})

async function call(home: TempHome, operation: string, input: object) {
  const door = new Door({ socketPath: home.paths.socket })
  try {
    return await door.call(operation, input, await userCredential(home.paths))
  } finally {
    door.close()
  }
}
