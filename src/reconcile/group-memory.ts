import { readdirSync, readFileSync } from 'node:fs'

/** Kernel pages, in bytes: 4 KiB on every platform that the engine's programs run on but some ARM servers, where this says too little. */
const pageBytes = 4096

/**
 * Memory of a process group, from the kernel. Pages that its processes share are counted for each.
 * @param group  id of the group's leader
 * @returns MiB; undefined where there is no /proc
 */
export function groupMemoryMib(group: number): number | undefined {
  let bytes = 0
  let names: readonly string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return undefined
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // after the command's name: state, parent, group, …; resident pages are field 24 of the whole line
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(fields[2]) === group) bytes += Number(fields[21]) * pageBytes
    } catch {
      // ended since the folder was read
    }
  }
  return bytes / 2 ** 20
}
