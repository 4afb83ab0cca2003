import Foundation
import Support
import Testing

private let enter = "\u{1b}[?1049h\u{1b}[?25l"
private let leave = "\u{1b}[?25h\u{1b}[?1049l"

/// The watch on a terminal, after its first frame.
private func watch(
  _ options: [String] = [], columns: UInt16 = 80, rows: UInt16 = 24
) throws -> (program: TerminalProgram, modes: [tcflag_t]) {
  let program = try TerminalProgram(
    ["watch", "--interval", "100ms", "--no-owners"] + options, columns: columns, rows: rows)
  try #require(program.wait { $0.contains("quit") && $0.hasSuffix("[?2026l") })
  return (program, program.modesBefore)
}

private struct Quit: Sendable, CustomTestStringConvertible {
  var name: String
  var status: Int32
  var act: @Sendable (TerminalProgram) -> Void
  var testDescription: String { name }
}

private let ways = [
  Quit(name: "q", status: 0) { $0.type("q") },
  Quit(name: "Ctrl-C", status: 128 + SIGINT) { $0.type("\u{3}") },
  Quit(name: "SIGINT", status: 128 + SIGINT) { $0.send(SIGINT) },
  Quit(name: "SIGTERM", status: 128 + SIGTERM) { $0.send(SIGTERM) },
  Quit(name: "SIGHUP", status: 128 + SIGHUP) { $0.send(SIGHUP) },
  Quit(name: "SIGTERM while it stands still", status: 128 + SIGTERM) {
    $0.type("p")
    $0.send(SIGTERM)
  },
  Quit(name: "SIGTERM while it is stopped", status: 128 + SIGTERM) {
    $0.send(SIGSTOP)
    $0.send(SIGTERM)
    $0.send(SIGCONT)
  },
]

@Test(arguments: ways)
private func theTerminalIsAsBefore(_ way: Quit) throws {
  let (program, modes) = try watch()
  #expect(program.modes != modes, "keys come singly and are not shown")
  way.act(program)
  #expect(try program.end() == way.status)
  #expect(program.written.contains(enter))
  #expect(program.written.hasSuffix(leave))
  #expect(program.modes == modes)
}

@Test func theLastSampleEndsTheScreen() throws {
  let (program, modes) = try watch(["--count", "3"])
  #expect(try program.end() == 0)
  #expect(program.written.hasSuffix(leave))
  #expect(program.modes == modes)
}

@Test func aClosedWindowEndsIt() throws {
  let (program, _) = try watch()
  program.closeWindow()
  #expect(try program.end() == 128 + SIGHUP)
}

@Test func anotherSizeIsDrawn() throws {
  let (program, _) = try watch()
  program.resize(columns: 140, rows: 40)
  #expect(program.wait { $0.contains("[2J") && $0.contains("[40;1H\u{1b}[K") })
  program.resize(columns: 30, rows: 8)
  #expect(
    program.wait { $0.contains("[2J") && $0.contains("[8;1H\u{1b}[K") && !$0.contains("[9;1H") })
  program.type("q")
  #expect(try program.end() == 0)
}

@Test func keysChangeTheView() throws {
  let (program, _) = try watch()
  program.type("s")
  #expect(program.wait { $0.contains("sort: drops") })
  program.type("p")
  #expect(program.wait { $0.contains("paused") })
  program.type("p")
  #expect(program.wait { $0.contains(" pause  ") })
  program.type("xyz\u{1b}[A")
  program.type("q")
  #expect(try program.end() == 0)
}

/// Stopped and continued by somebody else, it takes the screen again.
@Test func itGoesOnAfterAStop() throws {
  let (program, modes) = try watch()
  program.send(SIGSTOP)
  program.send(SIGCONT)
  #expect(program.wait { $0.contains(enter) && $0.contains("quit") })
  // Ctrl-Z: nobody would continue a session's leader, so the kernel does not stop it; the screen is
  // given back all the same, and taken again.
  program.type("\u{1a}")
  #expect(
    program.wait { text in
      guard let back = text.range(of: leave) else { return false }
      return text[back.upperBound...].contains(enter)
    })
  program.type("q")
  #expect(try program.end() == 0)
  #expect(program.modes == modes)
}

/// A terminal that can show nothing else, and no terminal, get lines.
@Test func linesWhereThereIsNoScreen() throws {
  let program = try TerminalProgram(
    ["watch", "--interval", "100ms", "--count", "2"], columns: 80, rows: 24,
    environment: ["TERM=dumb"])
  #expect(try program.end() == 0)
  #expect(!program.written.contains("\u{1b}"))
  #expect(program.written.split(separator: "\r\n").count >= 2)
  let piped = try BuiltProgram.run(["watch", "--interval", "100ms", "--count", "2"])
  #expect(piped.status == 0)
  #expect(piped.output.split(separator: "\n").count >= 2)
}

/// The locale says whether the terminal shows more than ASCII.
@Test(
  arguments: [
    (["LC_ALL=C", "LANG=C.UTF-8"], false), (["LANG=en_GB.utf8"], true), ([], false),
    (["LC_ALL=", "LC_CTYPE=de_DE.UTF-8"], true), (["LANG=de_DE@euro"], false),
  ])
func theLocaleChoosesTheCharacters(_ locale: [String], _ isUnicode: Bool) throws {
  let program = try TerminalProgram(
    ["watch", "--interval", "100ms", "--count", "2"], columns: 80, rows: 24,
    environment: ["TERM=xterm"] + locale)
  #expect(try program.end() == 0)
  #expect(program.written.contains(" · ") == isUnicode)
  #expect(program.written.utf8.allSatisfy { $0 < 0x80 } == !isUnicode)
}

@Test func jsonIsOneObjectOnALine() throws {
  let piped = try BuiltProgram.run(
    ["watch", "--interval", "100ms", "--count", "3", "--format", "json"])
  let lines = piped.output.split(separator: "\n")
  #expect(lines.count == 3)
  for (number, line) in lines.enumerated() {
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["sample"] as? Int == number + 1)
  }
}

@Test func aReaderThatGoesAwayEndsIt() throws {
  let result = try BuiltProgram.run(["watch", "--interval", "100ms"], output: .brokenPipe)
  #expect(result.status == 128 + SIGPIPE)
  #expect(result.errors.isEmpty)
}

@Test(
  arguments: [
    (["--interval", "50ms"], "--interval: expected a time from 100ms to 1h as in '10s'"),
    (["--interval", "5"], "--interval: expected a time"),
    (["--count", "0"], "--count: expected a whole number"),
    (["--walk", "auto"], "--walk: expected never, always, found 'auto'"),
    (["--set", "somaxconn"], "--set: expected KEY=VALUE"),
    (["80"], "watch: expected an option, found '80'"),
  ])
func wrongOptionsEndItAtOnce(_ options: [String], _ words: String) throws {
  let result = try BuiltProgram.run(["watch"] + options)
  #expect(result.status == 2)
  #expect(result.output.isEmpty)
  #expect(result.errors.contains(words), "\(result.errors)")
}
