import { styleText } from 'node:util'
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command-spec.ts'
import { commandTable, globalOptions } from './commands.ts'

const bold = (text: string): string => styleText('bold', text, { stream: process.stdout })

/** @returns the overview that `prescale --help` prints */
export function overview(): string {
  return [
    'prescale forecasts demand and keeps cloud capacity ahead of it',
    '',
    `${bold('usage')}  prescale <command> [options]`,
    '',
    bold('commands'),
    ...columns(commandTable.map((command) => [command.name, command.summary])),
    '',
    bold('options of every command'),
    ...columns(globalOptions.map((option) => [optionText(option), option.summary])),
    '',
    bold('exit codes'),
    '  0 done, nothing to change   1 error   2 changes present (--detailed-exitcode)',
    '  3 partly done   4 refused by a guard   5 lock held   6 stale plan',
    '  7 bad input   8 demand is short   9 short after a failure   130 interrupted',
    '',
    'prescale <command> --help says more; `prescale demo` shows it all at work',
    '',
  ].join('\n')
}

/** @returns the page that `prescale <command> --help` prints */
export function commandHelp(command: CommandSpec): string {
  const options = [...command.options, ...globalOptions]
  return [
    ...fold(`prescale ${command.name}: ${command.summary}`, widest),
    '',
    `${bold('usage')}  prescale ${[command.name, ...command.arguments.map(argumentText)].join(' ')} [options]`,
    ...(command.arguments.length > 0 ? ['', bold('arguments'), ...columns(command.arguments.map((argument) => [argument.name, argument.summary]))] : []),
    '',
    bold('options'),
    ...columns(options.map((option) => [optionText(option), option.choices === undefined ? option.summary : `${option.summary}: ${option.choices.join(', ')}`])),
    '',
    `${bold('example')}  ${command.example}`,
    '',
  ].join('\n')
}

function argumentText(argument: ArgumentSpec): string {
  return argument.required === 'required' ? `<${argument.name}>` : `[${argument.name}]`
}

function optionText(option: OptionSpec): string {
  return `${option.short === undefined ? '' : `-${option.short}, `}--${option.long}${option.value === undefined ? '' : ` <${option.value}>`}`
}

const widest = 80

/** Two columns; the second is folded so that lines stay within 80 characters. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.flatMap(([left, right]) => fold(right, widest - width - 4).map((line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`))
}

function fold(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
