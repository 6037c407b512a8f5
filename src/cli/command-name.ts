/** Returns how the user called soakd, for commands that a message suggests: as a script of a checkout, or as a program. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return env.npm_lifecycle_event === 'soakd' ? 'npm run -s soakd --' : 'soakd';
}
