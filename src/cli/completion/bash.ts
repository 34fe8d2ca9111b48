import type { OptionSpec } from '../command-spec.ts'
import type { CommandLine } from '../completion.ts'
import { type Offer, offerOf, optionsOf, quoted, spellings } from './command-line.ts'

/** Works with bash 3.2 and up, without the bash-completion package. */
export function bashCompletion(line: CommandLine): string {
  const { commands } = line
  const withValue = (command: string, options: readonly OptionSpec[]): { place: string; offer: Offer }[] =>
    options
      .filter((option) => option.value !== undefined)
      .flatMap((option) => spellings(option).map((spelling) => ({ place: `${command}:${spelling}`, offer: offerOf(option) })))
  const valued = [...withValue('*', line.globalOptions), ...commands.flatMap((command) => withValue(command.name, command.options))]
  const places = commands.flatMap((command) =>
    command.arguments.map((argument, index) => ({ place: `${command.name}:${index}`, offer: offerOf(argument) })),
  )
  const words = commands.map((command) => ({
    command: command.name,
    options: optionsOf(command, line).map((option) => `--${option.long}`),
  }))
  return `# bash completion of prescale: source it, or put it into a folder that bash-completion reads
_prescale_words() {
  local word
  for word in "$@"; do [[ $word == "$current"* ]] && COMPREPLY+=("$word"); done
}
_prescale_names() {
  local name
  while IFS= read -r name; do [[ $name == "$current"* ]] && COMPREPLY+=("$name"); done < <(prescale __complete "$1" 2>/dev/null)
}
_prescale_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$current")
}
_prescale_takes_value() {
  case $1 in
    ${valued.map(({ place }) => place).join(' | ')}) return 0 ;;
  esac
  return 1
}
_prescale() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= position=0 index word
  COMPREPLY=()
  if [[ $current == '=' ]]; then current=
  elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -z $command ]]; then
      [[ $word != -* ]] && command=$word
    elif [[ $word == -* ]]; then
      if _prescale_takes_value "$command:$word"; then
        [[ \${COMP_WORDS[index + 1]} == '=' ]] && ((index++))
        ((index++))
      fi
    elif [[ $word != '=' ]]; then
      ((position++))
    fi
  done
  if [[ -z $command ]]; then
    _prescale_words ${commands.map((command) => command.name).join(' ')} --help
    return
  fi
  if _prescale_takes_value "$command:$before"; then
    case $command:$before in
${cases(valued)}
    esac
    return
  fi
  if [[ $current == -* ]]; then
    case $command in
${words.map(({ command, options }) => `      ${command}) _prescale_words ${options.join(' ')} ;;`).join('\n')}
    esac
    return
  fi
  case $command:$position in
${cases(places)}
  esac
}
complete -F _prescale prescale
`
}

function cases(places: readonly { readonly place: string; readonly offer: Offer }[]): string {
  const byOffer = new Map<string, string[]>()
  for (const { place, offer } of places) {
    const command = offering(offer)
    if (command !== undefined) byOffer.set(command, [...(byOffer.get(command) ?? []), place])
  }
  return [...byOffer].map(([command, matching]) => `      ${matching.join(' | ')}) ${command} ;;`).join('\n')
}

function offering(offer: Offer): string | undefined {
  switch (offer.kind) {
    case 'words':
      return `_prescale_words ${offer.words.map(quoted).join(' ')}`
    case 'names':
      return `_prescale_names ${offer.of}`
    case 'files':
      return '_prescale_paths -f'
    case 'directories':
      return '_prescale_paths -d'
    case 'nothing':
      return undefined
    default:
      return offer satisfies never
  }
}
