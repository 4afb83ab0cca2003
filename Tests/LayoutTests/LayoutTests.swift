import Foundation
import Support
import Testing

/// Every file below a folder of the package whose name ends so.
private func files(_ folder: String, _ suffix: String) throws -> [String] {
  let root = Fixtures.package.appending(path: folder)
  let walker = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
  return (walker?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }
    .map { "\(folder)/\($0)" }.sorted()
}

@Test func theTopLevelIsAsPromised() throws {
  let entries = try FileManager.default.contentsOfDirectory(
    atPath: Fixtures.package.path(percentEncoded: false))
  let visible = entries.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }.sorted()
  #expect(visible == ["Package.swift", "Profiles", "README.md", "Rules", "Sources", "Tests"])
}

/// What ships uses the C library only; the plugin and the tool run at build time.
///
/// Foundation would cost a static program megabytes and half of its start.
@Test func whatShipsDoesWithoutFoundation() throws {
  for file in try files("Sources", ".swift") where !file.hasPrefix("Sources/Tools/") {
    let text = try Fixtures.text(file)
    #expect(!text.contains("import Foundation"), "\(file)")
  }
}

@Test func noPackageDependencies() throws {
  let manifest = try Fixtures.text("Package.swift")
  #expect(!manifest.contains(".package("))
  #expect(manifest.hasPrefix("// swift-tools-version: 6.2\n"))
}

/// A file holds one idea; beyond this many lines it holds two.
@Test func filesAreOfReadableSize() throws {
  for file in try files("Sources", ".swift") + files("Tests", ".swift") {
    let lines = try Fixtures.text(file).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 500, "\(file)")
  }
}

/// Only the program's output, made by Rendering, and its command line know about colour.
@Test func escapesStandInFewPlaces() throws {
  for file in try files("Sources", ".swift") {
    let text = try Fixtures.text(file)
    let places = ["Sources/Rendering/TextStyle.swift", "Sources/Rendering/ScreenCodes.swift"]
    #expect(!text.contains("u{1B}[") || places.contains(file), "\(file)")
  }
}

// MARK: README

private func help(_ command: String) throws -> Set<String> {
  let output = try BuiltProgram.run(["help", command]).output
  return Set(
    output.split(separator: "\n").compactMap { line in
      line.hasPrefix("  --") ? String(line.dropFirst(2).prefix { $0 != " " }) : nil
    })
}

/// The README's commands exist, with the options it gives them.
@Test func theReadmeIsTrue() throws {
  let readme = try Fixtures.text("README.md")
  let commands = [
    "audit", "explain", "queues", "limits", "watch", "files", "diff", "apply", "prove", "snapshot",
    "rules", "profiles",
  ]
  for command in commands { #expect(readme.contains("`\(command)"), "\(command)") }
  for line in readme.split(separator: "\n") {
    let words = line.split(separator: " ").map { $0.filter { $0 != "`" } }
    guard let at = words.firstIndex(of: "tcptune"), at + 1 < words.count,
      commands.contains(words[at + 1])
    else { continue }
    let known = try help(words[at + 1])
    for word in words[(at + 2)...].prefix(while: { !$0.hasPrefix("#") && $0 != "|" })
    where word.hasPrefix("--") {
      #expect(known.contains(String(word.prefix { $0 != "=" })), "\(line)")
    }
  }
}

/// Every option of every command stands in the README.
@Test func theReadmeNamesEveryOption() throws {
  let readme = try Fixtures.text("README.md")
  for command in [
    "audit", "explain", "queues", "limits", "watch", "files", "diff", "apply", "prove", "snapshot",
    "rules", "confirm", "rollback", "status", "history", "profiles",
  ] {
    for option in try help(command) {
      #expect(readme.contains("`\(option)"), "\(command) \(option)")
    }
  }
}
