import { readFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import { BusError } from '../bus/errors.ts'

/**
 * Settings of the hub, from `config.toml`:
 *
 *   [hub]
 *   port = 7420                 # 0: any free one
 *   [retention]                 # default: keep everything
 *   max_age_days = 90
 *   max_events = 1000000
 */
export interface Config {
  readonly hub: {
    /** Loopback port. Where it is taken (another home's hub, say) any free one serves. */
    readonly port: number
  }
  readonly retention: { readonly maxAgeDays?: number; readonly maxEvents?: number }
}

/** Unassigned by IANA, and outside the ranges from which systems draw ports for outgoing connections. */
export const DEFAULT_PORT = 7420

/** The environment is stronger than the file. Whatever is malformed is refused with its place, not passed over. */
export async function loadConfig(configFile: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = await readToml(configFile)
  const [hub, retention] = [table(file, 'hub', configFile), table(file, 'retention', configFile)]
  const port = env.SWITCHBOARD_PORT === undefined ? hub.port : Number(env.SWITCHBOARD_PORT)
  const maxAgeDays = number(retention, 'max_age_days', configFile)
  const maxEvents = number(retention, 'max_events', configFile)
  return {
    hub: { port: number({ port }, 'port', 'SWITCHBOARD_PORT or [hub]') ?? DEFAULT_PORT },
    retention: {
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
    },
  }
}

async function readToml(path: string): Promise<Record<string, unknown>> {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new BusError('invalid_input', `${path}: ${(error as Error).message}`, { next: 'Mend the file or remove it.' })
  }
}

function table(file: Record<string, unknown>, name: string, path: string): Record<string, unknown> {
  const value = file[name] ?? {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new BusError('invalid_input', `${path}: expected [${name}] to be a table, got ${typeof value}`)
}

function number(values: Record<string, unknown>, name: string, place: string): number | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new BusError('invalid_input', `${place}: expected ${name} to be a number from 0, got ${JSON.stringify(value)}`)
}
