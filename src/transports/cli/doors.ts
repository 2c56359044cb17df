/** Programs of their own that this one starts in its place, in the same process. */
export interface Doors {
  /** Runs the hub; gives its exit code. */
  hub(env: NodeJS.ProcessEnv): Promise<number>
  /** Runs the MCP server of one session; ends the process. */
  mcp(): Promise<never>
}
