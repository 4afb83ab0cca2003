import Facts
import Rendering

/// The program's words about itself, made from the table of commands.
enum Help {
  /// What `tcptune` alone prints.
  static let start = """
    tcptune \(ToolIdentity.version): a host's TCP limits, which one binds, what to change
      tcptune audit                                findings, listeners, limits
      tcptune explain somaxconn                    a tunable: here, why, since when
      tcptune diff                                 the remedies as a patch
      tcptune apply --profile high-conn --dry-run  a plan, key by key
      tcptune help                                 every command and option

    """

  /// Every command, one line each.
  static var all: String {
    let width = Command.all.map { usage($0).count }.max() ?? 0
    var text = "usage: tcptune COMMAND [OPTION...]\n\n"
    for command in Command.all {
      let usage = usage(command)
      text += row(usage, width, command.summary)
    }
    text += "\n  tcptune help COMMAND tells a command's options; tcptune --version the version.\n"
    text += """

      Exit status: 0 done; 1 findings, differences or a disagreement; 2 usage or bad
      input, nothing touched; 3 refused, nothing changed; 4 failed or put back, the
      host is as before; 5 uncertain, each key named; 6 stored state damaged; 7 busy;
      8 confirmed too late. A signal ends it with 128 + its number.

      """
    return text
  }

  /// One command with its options.
  static func of(_ command: Command) -> String {
    var text = "usage: tcptune \(usage(command)) [OPTION...]\n\n\(command.summary)\n\n"
    let names = command.options.map {
      [$0.name, $0.value].compactMap { $0 }.joined(separator: " ")
    }
    let width = names.map(\.count).max() ?? 0
    for (option, name) in zip(command.options, names) {
      text += row(name, width, option.help)
    }
    return text
  }

  /// As wide as a terminal is at least.
  private static let columns = 80

  /// A name and what it means, which goes on in the next lines where it does not fit.
  private static func row(_ name: String, _ width: Int, _ meaning: String) -> String {
    var rows = ["  \(name)\(spaces(width - name.count))  "]
    var isFirst = true
    for word in meaning.split(separator: " ") {
      let last = rows.count - 1
      if !isFirst, rows[last].count + 1 + word.count > columns {
        rows.append(spaces(width + 4) + word)
      } else {
        rows[last] += (isFirst ? "" : " ") + word
      }
      isFirst = false
    }
    return rows.joined(separator: "\n") + "\n"
  }

  private static func usage(_ command: Command) -> String {
    command.operands.isEmpty ? command.name : "\(command.name) \(command.operands)"
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
