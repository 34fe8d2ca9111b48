import type { ArgumentSpec, OptionSpec } from '../command-spec.ts'
import type { CommandLine } from '../completion.ts'
import { type Offer, offerOf, optionsOf, quoted } from './command-line.ts'

/** Works as a file `_prescale` on the function path, and sourced after `compinit`. */
export function zshCompletion(line: CommandLine): string {
  const { commands } = line
  return `#compdef prescale
# zsh completion of prescale: put it as _prescale into a folder of $fpath, or source it after compinit
_prescale_names() {
  local -a names
  names=("\${(@f)$(prescale __complete $1 2>/dev/null)}")
  [[ -n $names[1] ]] && compadd -- "\${names[@]}"
}
_prescale_commands() {
  local -a commands
  commands=(
${commands.map((command) => `    ${quoted(`${command.name}:${command.summary}`)}`).join('\n')}
  )
  _describe command commands
}
_prescale() {
  local curcontext="$curcontext" state
  local -A opt_args
  _arguments -C ${quoted('--help[print help]')} '1: :_prescale_commands' '*:: :->arguments'
  [[ $state == arguments ]] || return
  case $words[1] in
${commands
  .map(
    (command) => `    ${command.name})
      _arguments \\
${[...optionsOf(command, line).flatMap(optionSpecs), ...command.arguments.map(argumentSpec)].map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`,
  )
  .join('\n')}
  esac
}
if [[ $funcstack[1] == _prescale ]]; then
  _prescale "$@"
else
  compdef _prescale prescale
fi
`
}

function optionSpecs(option: OptionSpec): readonly string[] {
  const value = option.value === undefined ? '' : `:${escaped(option.value)}:${action(offerOf(option))}`
  const summary = `[${escaped(option.summary)}]`
  // without the star it would no longer be offered once it is there
  const long = quoted(`${option.repeats === undefined ? '' : '*'}--${option.long}${option.value === undefined ? '' : '='}${summary}${value}`)
  return option.short === undefined ? [long] : [long, quoted(`-${option.short}${summary}${value}`)]
}

function argumentSpec(argument: ArgumentSpec, index: number): string {
  const separator = argument.required === 'required' ? ':' : '::'
  return quoted(`${index + 1}${separator}${escaped(argument.name)}:${action(offerOf(argument))}`)
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`
    case 'names':
      // In braces it gets these words alone; without, the description's options come before them.
      return `{_prescale_names ${offer.of}}`
    case 'files':
      return '_files'
    case 'directories':
      return '_files -/'
    case 'nothing':
      return ' '
    default:
      return offer satisfies never
  }
}

/** Colons and brackets divide the parts of a specification. */
function escaped(text: string): string {
  return text.replace(/[:[\]\\]/g, '\\$&')
}
