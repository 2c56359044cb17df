import { readFileSync } from 'node:fs'

interface HookGroup {
  readonly matcher?: string
  readonly hooks: readonly { readonly type: string; readonly tool?: string; readonly input?: Record<string, string> }[]
}

const { hooks: GROUPS } = JSON.parse(
  readFileSync(new URL('../../plugin/hooks/hooks.json', import.meta.url), 'utf8'),
) as { hooks: Record<string, readonly HookGroup[]> }

/** What the client knows at an event, e.g. `session_id`, `tool_input.command`. */
export type HookFields = Readonly<Record<string, string>>

/** The inputs with which the plugin's `mcp_tool` hooks are called at an event, as the client fills them in. */
export function hookInputs(event: string, fields: HookFields): Record<string, string>[] {
  const subject = fields.tool_name ?? fields.source ?? ''
  return (GROUPS[event] ?? [])
    .filter(({ matcher }) => matcher === undefined || new RegExp(`^(?:${matcher})$`).test(subject))
    .flatMap(group => group.hooks)
    .filter(hook => hook.type === 'mcp_tool')
    .map(({ input = {} }) =>
      Object.fromEntries(Object.entries(input).map(([name, template]) => [name, filled(template, fields)])),
    )
}

function filled(template: string, fields: HookFields): string {
  return template.replace(/\$\{([\w.]+)\}/g, (_, name: string) => fields[name] ?? '')
}
