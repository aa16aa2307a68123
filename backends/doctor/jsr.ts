/**
 * Whether packages of JSR can be had. Deno only.
 *
 * @module
 */

/** How long an answer from JSR is waited for: a firewall may drop what it does not let through. */
const PATIENCE_MS = 10_000;

/** Whether Deno can load a package, from the network, from its cache or as a member of the workspace in `cwd`. */
export async function canLoad(specifier: string, { cwd }: { cwd?: string } = {}): Promise<boolean> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", ...(cwd === undefined ? ["--no-config"] : []), specifier],
    ...(cwd === undefined ? {} : { cwd }),
    stderr: "null",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  if (!success) return false;
  const { modules = [] } = JSON.parse(new TextDecoder().decode(stdout)) as { modules?: { error?: string }[] };
  return modules.length > 0 && modules.every(({ error }) => error === undefined);
}
